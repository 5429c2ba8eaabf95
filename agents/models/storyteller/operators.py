"""Operators: what can happen in a book beside the search itself, when it can, how tense it is, and what it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agents.models.storyteller.casting import short_name
from agents.models.storyteller.lexicon import strings, table
from agents.models.storyteller.plot import Plot
from story.cast import Character, secret_of
from story.changes import (
    Change,
    Dies,
    Heals,
    Injured,
    Learns,
    Loses,
    OpensPromise,
    PaysPromise,
    Relates,
    Takes,
    Tells,
)
from story.outline import Beat, ScenePlan

SAME, NEAR, OWED = 0.5, 0.25, 0.35
"""How much more an operator weighs that has been used, that came just before, and how much less one that is owed."""


@dataclass(frozen=True)
class Operator:
    """One kind of thing that can happen: ``tension`` from 0 (rest) to 1 (death)."""

    name: str
    tension: float
    possible: Callable[[Plot], bool]
    plan: Callable[[Plot], ScenePlan]


def chosen(plot: Plot, target: float) -> Operator:
    """The possible operator that is nearest to a wanted tension and least worn."""

    def cost(one: Operator) -> float:
        worn = SAME * plot.happened.count(one.name) / max(1.0, plot.of / 8) + NEAR * (one.name in plot.happened[-2:])
        late = OWED if one.name == "side" and 0 < plot.side_stage < len(_STAGES) * plot.progress else 0.0
        return abs(one.tension - target) + worn - late + 0.1 * plot.chance.random()

    return min((one for one in OPERATORS if one.possible(plot)), key=cost)


def _scene(
    plot: Plot,
    name: str,
    place: str,
    others: tuple[Character, ...],
    goal: str,
    obstacle: str,
    outcome: str,
    effects: tuple[Change, ...] = (),
    detail: str = "",
) -> ScenePlan:
    return plot.scene(
        place, others, goal, obstacle, outcome, (Beat(summary=f"{name}: {detail or goal}", effects=effects),)
    )


# --- talk with a friend ----------------------------------------------------------------------------------------------


def _untold(plot: Plot) -> list[str]:
    return [key for key in plot.learned if key not in plot.known[plot.helper.id]]


def _can_confer(plot: Plot) -> bool:
    return bool(_untold(plot)) and not plot.estranged and plot.alive(plot.helper)


def _confer(plot: Plot) -> ScenePlan:
    hero, helper = plot.hero, plot.helper
    effects: list[Change] = [Tells(character=hero.id, listener=helper.id, fact=key) for key in _untold(plot)[-2:]]
    if injury := plot.injury:
        effects.append(Heals(character=hero.id, injury=injury))
    name = short_name(helper.name)
    return _scene(
        plot,
        "Confer",
        helper.home,
        (helper,),
        f"tell {name} what has come out and hear what it means",
        f"{name} sees what does not fit",
        f"{name} knows it now too",
        tuple(effects),
    )


def _can_quarrel(plot: Plot) -> bool:
    return (
        plot.progress > 0.3
        and not plot.estranged
        and not plot.quarrelled
        and bool(plot.helper.secret)
        and plot.alive(plot.helper)
    )


def _quarrel(plot: Plot) -> ScenePlan:
    hero, helper = plot.hero, plot.helper
    name = short_name(helper.name)
    effects = (
        Learns(character=hero.id, fact=secret_of(helper.id)),
        Relates(character=helper.id, other=hero.id, relation="estranged"),
    )
    return _scene(
        plot,
        "Quarrel",
        helper.home,
        (helper,),
        f"have the truth from {name}",
        f"{name} has kept something back",
        "they part in anger",
        effects,
    )


def _can_mend(plot: Plot) -> bool:
    return plot.estranged > 0 and plot.number >= plot.estranged + 2 and plot.alive(plot.helper)


def _mend(plot: Plot) -> ScenePlan:
    hero, helper = plot.hero, plot.helper
    name = short_name(helper.name)
    effects = (Relates(character=helper.id, other=hero.id, relation="reconciled"),)
    return _scene(
        plot,
        "Mend",
        helper.home,
        (helper,),
        f"make peace with {name}",
        "neither wants to speak first",
        "they are friends again, and both know what it cost",
        effects,
    )


# --- the rival -------------------------------------------------------------------------------------------------------


def _can_threaten(plot: Plot) -> bool:
    return bool(plot.learned) and plot.happened.count("threat") < 1 + plot.of // 7


def _threat(plot: Plot) -> ScenePlan:
    rival = plot.rival
    name = short_name(rival.name)
    first = "threat" not in plot.happened
    effects: tuple[Change, ...] = (OpensPromise(promise="threat"),) if first else ()
    plot.promise("threat", f"What {name} will do.", first)
    return _scene(
        plot,
        "Threat",
        plot.place.id,
        (rival,),
        f"get past {name} without giving anything away",
        f"{name} knows how much has been found",
        f"{name} leaves a warning",
        effects,
    )


def _can_steal(plot: Plot) -> bool:
    return (
        plot.progress > 0.2
        and plot.progress < 0.7
        and plot.holds(plot.item)
        and "theft" not in plot.happened
        and plot.of > 3
    )


def _theft(plot: Plot) -> ScenePlan:
    effects = (Loses(character=plot.hero.id, item=plot.item.id), OpensPromise(promise="stolen"))
    plot.promise("stolen", f"Where {plot.item.name} has gone.", True)
    return _scene(
        plot,
        "Theft",
        plot.hero.home,
        (),
        f"keep {plot.item.name} safe",
        "somebody has been there before",
        f"{plot.item.name} is gone",
        effects,
    )


def _can_recover(plot: Plot) -> bool:
    return "theft" in plot.happened and not plot.holds(plot.item) and plot.number >= plot.when("theft") + 2


def _recover(plot: Plot) -> ScenePlan:
    effects = (Takes(character=plot.hero.id, item=plot.item.id), PaysPromise(promise="stolen"))
    return _scene(
        plot,
        "Recover",
        plot.lair.id,
        (),
        f"take back {plot.item.name}",
        f"{plot.lair.name} is {short_name(plot.rival.name)}’s own ground",
        f"{plot.item.name} is back in the right hands",
        effects,
    )


def _can_strike(plot: Plot) -> bool:
    return (
        plot.progress > 0.25 and not plot.injury and plot.happened.count("strike") < 1 + plot.of // 14 and plot.of > 2
    )


def _strike(plot: Plot) -> ScenePlan:
    injury = plot.chance.choice(strings("plot", "words", "injuries"))
    effects = (Injured(character=plot.hero.id, injury=injury),)
    return _scene(
        plot,
        "Strike",
        plot.place.id,
        (),
        "get away whole",
        f"somebody has been paid by {short_name(plot.rival.name)}",
        f"it ends with {injury}",
        effects,
        injury,
    )


# --- lesser lines ----------------------------------------------------------------------------------------------------

_STAGES = ("hint", "grow", "turn", "done")


def _can_side(plot: Plot) -> bool:
    who, stage = plot.side, plot.side_stage
    return (
        stage < len(_STAGES)
        and plot.alive(who)
        and (stage == 0 or plot.number > plot.when(f"side-{stage - 1}"))
        and (stage == 0 or plot.of > 3)
        and (stage > 0 or plot.progress < 0.6)
        and plot.of > 4
    )


def _side(plot: Plot) -> ScenePlan:
    who, stage = plot.side, plot.side_stage
    name = short_name(who.name)
    effects: tuple[Change, ...] = ()
    if stage == 0:
        plot.promise("side", f"What becomes of {name} and {plot.trouble}.", True)
        effects = (OpensPromise(promise="side"),)
    if stage == len(_STAGES) - 1:
        effects = (PaysPromise(promise="side"), Relates(character=who.id, other=plot.hero.id, relation="ally"))
    plot.happened.append(f"side-{stage}")
    plot.stages[f"side-{stage}"] = plot.number
    plot.side_stage += 1
    goal = (
        f"hear what troubles {name}",
        f"see what can be done about {plot.trouble}",
        f"stand by {name}",
        f"see the end of {plot.trouble}",
    )[stage]
    return _scene(
        plot,
        "Side",
        who.home,
        (who,),
        goal,
        f"{plot.trouble} will not wait",
        f"{name} is {'not alone with it' if stage < 3 else 'free of it'}",
        effects,
        f"{_STAGES[stage]}, {plot.trouble}",
    )


def _can_set(plot: Plot) -> bool:
    return plot.of > 2 and plot.progress > 0.15 and len(plot.sets) > 0


def _set(plot: Plot) -> ScenePlan:
    number = plot.sets.pop(0)
    one = table(plot.genre)["set"][number]
    other = plot.chance.choice(
        [
            who
            for who in (*plot.witnesses, plot.helper)
            if plot.alive(who) and not (who == plot.helper and plot.estranged)
        ]
        or [plot.rival]
    )
    place = plot.chance.choice(
        [place for place in plot.world.places if place not in (plot.place, plot.lair)] or list(plot.world.places)
    )
    goal, obstacle, outcome = (plot.past.said(one[key], O=other, L=place) for key in ("goal", "obstacle", "outcome"))
    effects = (Relates(character=other.id, other=plot.hero.id, relation="trusted"),)
    return _scene(
        plot,
        "Set",
        place.id,
        (other,),
        goal.removeprefix("to "),
        obstacle,
        outcome,
        effects,
        f"{one['name']}; {outcome}",
    )


def _always(plot: Plot) -> bool:
    return True


def _alone(plot: Plot) -> ScenePlan:
    effects = (Heals(character=plot.hero.id, injury=plot.injury),) if plot.injury else ()
    return _scene(
        plot,
        "Alone",
        plot.hero.home,
        (),
        "think it through, and choose",
        "nothing is certain yet",
        "there is only one way left",
        effects,
    )


OPERATORS = (
    Operator("alone", 0.15, _always, _alone),
    Operator("confer", 0.25, _can_confer, _confer),
    Operator("mend", 0.35, _can_mend, _mend),
    Operator("side", 0.35, _can_side, _side),
    Operator("set", 0.55, _can_set, _set),
    Operator("threat", 0.5, _can_threaten, _threat),
    Operator("quarrel", 0.65, _can_quarrel, _quarrel),
    Operator("theft", 0.6, _can_steal, _theft),
    Operator("recover", 0.65, _can_recover, _recover),
    Operator("strike", 0.8, _can_strike, _strike),
)


def lost(plot: Plot, source: Character, fact: str) -> tuple[Change, ...]:
    """The death of a witness who has said the last that is needed."""
    return (Tells(character=source.id, listener=plot.hero.id, fact=fact), Dies(character=source.id))
