"""Plotting: a hidden truth as a ladder of questions, and operators that climb it, each with its typed effects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from agents.models.storyteller.casting import Parts, parts, pronoun, short_name
from agents.models.storyteller.grammar import listed
from agents.models.storyteller.lexicon import genre, table
from agents.models.storyteller.premise import luck, reading
from agents.models.storyteller.worldmaking import kind_of
from story.base import slug
from story.canon import State
from story.cast import Cast, Character, secret_of
from story.changes import (
    Change,
    Dies,
    Gives,
    Heals,
    Injured,
    Learns,
    Loses,
    Meets,
    Moves,
    OpensPromise,
    PaysPromise,
    Relates,
    Takes,
    Tells,
)
from story.outline import Act, Beat, ChapterPlan, Outline, Promise, ScenePlan, Thread, Truth
from story.premise import Premise
from story.world import Item, Place, World

SHORT = 450
"""Below so many words a chapter is one scene."""

TERSE = 260
"""Below so many words a chapter shows only what it changes."""


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: how, from whom and where an answer is had, the question, and the answer."""

    how: str
    who: Character
    place: Place
    question: str
    answer: str
    fact: str


@dataclass
class _Plot:
    """The story while it is planned."""

    state: State
    known: dict[str, set[str]]
    sighted: set[str]
    day: int = 1
    estranged: int = 0
    wounded: tuple[int, str] | None = None
    quarrelled: bool = False
    stolen: int = 0
    threats: int = 0
    opened: dict[str, str] = field(default_factory=dict)

    def apply(self, effects: tuple[Change, ...]) -> tuple[Change, ...]:
        for effect in effects:
            self.state = self.state.after(effect)
            if isinstance(effect, Learns):
                self.known.setdefault(effect.character, set()).add(effect.fact)
            if isinstance(effect, Tells):
                self.known.setdefault(effect.listener, set()).add(effect.fact)
        return effects


def outline(premise: Premise, world: World, cast: Cast) -> Outline:
    """The plan of a book."""
    return _Architect(premise, world, cast).outline()


class _Architect:
    def __init__(self, premise: Premise, world: World, cast: Cast) -> None:
        self.premise, self.world = premise, world
        self.roles: Parts = parts(cast)
        self.cast = cast
        self.chance = luck(premise, "plot")
        self.words = table("plot")
        self.hero = self.roles.hero
        self.item = next((item for item in world.items if item.id in self.hero.holds), None) or _some_item(world)
        self.second = next((item for item in world.items if item.id != self.item.id), self.item)
        self.night = self._night()
        self.slots = self._slots()
        self.truth = self._truth()
        self.chapters = premise.chapters
        self.terse = premise.words < TERSE
        self.rungs = self._rungs()
        self.titles: set[str] = set()
        self.plot = _Plot(
            state=State(
                places={one.id: one.home for one in cast.characters if one.home},
                holders={item: one.id for one in cast.characters for item in one.holds},
            ),
            known={},
            sighted=set(),
        )
        self.promises: dict[str, Promise] = {}

    # --- the hidden truth ------------------------------------------------------------------------------------------

    def _night(self) -> str:
        told = re.search(r"gone since (.+)$", self.roles.gone.role) if self.roles.gone else None
        return told[1] if told else self.chance.choice(genre(reading(self.premise).genre)["nights"])

    def _slots(self) -> dict[str, str]:
        gone = self.roles.gone
        names = [short_name(one.name) for one in self.roles.witnesses]
        outer = [place for place in self.world.places if place.id != self.roles.rival.home] or list(self.world.places)
        inside = next((place for place in outer[1:] if kind_of(place.name) in _INSIDE), outer[-1])
        outer = [one for one in outer if one is not inside] or outer
        self.spots = [outer[0], inside, outer[1 % len(outer)]]
        persons = {"P": self.hero, "C": self.roles.rival, "B": self.roles.between, "V": gone or self.hero}
        slots = {"{V}": self._gone_name(), "{X}": self.item.name, "{Y}": self.second.name, "{night}": self.night}
        slots |= {f"{{L{n}}}": place.name for n, place in enumerate(self.spots, start=1)}
        slots |= {f"{{W{n}}}": names[(n - 1) % len(names)] for n in (1, 2, 3)}
        for key, one in persons.items():
            she = pronoun(one) == "she"
            slots.setdefault(f"{{{key}}}", short_name(one.name))
            slots |= {
                f"{{{key}.he}}": "she" if she else "he",
                f"{{{key}.his}}": "her" if she else "his",
                f"{{{key}.him}}": "her" if she else "him",
                f"{{{key}.self}}": "herself" if she else "himself",
            }
        return slots

    def _gone_name(self) -> str:
        if self.roles.gone:
            return short_name(self.roles.gone.name)
        taken = {word for one in self.cast.characters for word in one.name.split()}
        pool: list[str] = table("names")["plain"]["she"].split()
        return next(name for name in self.chance.sample(pool, len(pool)) if name not in taken)

    def _fill(self, text: str, **more: str) -> str:
        for slot, value in (self.slots | {f"{{{key}}}": value for key, value in more.items()}).items():
            text = text.replace(slot, value)
        return text[:1].upper() + text[1:] if text.endswith(".") else text

    def _truth(self) -> dict[str, object]:
        name = reading(self.premise).genre
        fit = [one for one in table("truths")["truth"] if name in one["genres"]] or table("truths")["truth"]
        chosen: dict[str, object] = self.chance.choice(fit)
        return chosen

    # --- the ladder ------------------------------------------------------------------------------------------------

    def _rungs(self) -> list[Rung]:
        clues = list(self.truth["clues"])  # type: ignore[call-overload]  # a list of tables
        wanted = max(1, self.chapters - 2) if self.chapters > 1 else 1
        if wanted < len(clues):
            kept = sorted({round(n * (len(clues) - 1) / max(1, wanted - 1)) for n in range(wanted)})
            return [self._rung(clues[n], n) for n in kept]
        rungs = [self._rung(clue, n) for n, clue in enumerate(clues)]
        traces = self._traces(wanted - len(rungs), len(rungs))
        return self._woven(rungs, traces)

    @staticmethod
    def _woven(rungs: list[Rung], traces: list[Rung]) -> list[Rung]:
        total = len(rungs) + len(traces)
        at = {round(n * (total - 1) / (len(rungs) - 1)): rung for n, rung in enumerate(rungs)}
        rest = iter(traces)
        return [at[n] if n in at else next(rest) for n in range(total)]

    def _rung(self, clue: dict[str, str], number: int) -> Rung:
        who = {"C": self.roles.rival, "B": self.roles.between}.get(clue["by"])
        if who is None and clue["by"]:
            who = self.roles.witnesses[(int(clue["by"][1]) - 1) % len(self.roles.witnesses)]
        place = self._rival_place() if clue["at"] == "LC" else self.spots[int(clue["at"][1]) - 1]
        return Rung(
            clue["how"],
            who or self.roles.helper,
            place,
            self._fill(clue["q"]),
            self._fill(clue["a"]),
            _fact_id(number, clue["np"]),
        )

    def _rival_place(self) -> Place:
        return next((place for place in self.world.places if place.id == self.roles.rival.home), self.spots[-1])

    def _traces(self, count: int, first: int) -> list[Rung]:
        source = table("truths")["traces"]
        made: list[Rung] = []
        seen: set[str] = set()
        ways = ("ask", "search", "ask", "bargain", "ask", "follow")
        tries = 0
        while len(made) < count:
            n = len(made)
            index = (n + tries) % len(source["asks"])
            who = self.roles.witnesses[self.chance.randrange(len(self.roles.witnesses))]
            place = self.world.places[self.chance.randrange(len(self.world.places))]
            slots = {"W": short_name(who.name), "L": place.name, "W.his": "her" if pronoun(who) == "she" else "his",
                     "W.him": "her" if pronoun(who) == "she" else "him", "W.he": pronoun(who)}  # fmt: skip
            answer = self._fill(chosen(source["answers"][index], self.chance), **slots)
            tries += 1
            if answer in seen and tries < 40 * count:
                continue
            seen.add(answer)
            question = self._fill(source["asks"][index], **slots)
            key = _fact_id(first + n, source["nps"][index])
            made.append(Rung(ways[n % len(ways)], who, place, question, answer, key))
        return made

    # --- the book --------------------------------------------------------------------------------------------------

    def outline(self) -> Outline:
        self.main = self._fill(str(self.truth["whose"]))
        plans = self._with_names([self._chapter(number) for number in range(1, self.chapters + 1)])
        return Outline(
            title=self.premise.title or self._title(),
            logline=self._logline(),
            acts=self._acts(plans),
            threads=(
                Thread(id="truth", name="The old wrong", description=f"The truth is {self.main}."),
                Thread(id="rivals", name="The rivals", description=f"{self.hero.name} and "
                       f"{self.roles.rival.name} both want "
                       f"{self.item.name}."),
            ),
            promises=tuple(self.promises.values()),
            truths=self._truths(),
        )  # fmt: skip

    def _with_names(self, plans: list[ChapterPlan]) -> list[ChapterPlan]:
        """The plans, with those whom the author gave and whom no scene brings on stage at least named."""
        seen = {one.name for one in self.cast.characters if one.id in self.plot.sighted}
        left = [one.name for one in self.premise.characters if one.name not in seen]
        room = max(1, self.premise.words // 150)
        for number, plan in enumerate(plans):
            ahead = len(plans) - number
            share = min(room, -(-len(left) // ahead))
            beats = [Beat(summary=f"Name: {name} is named.") for name in left[:share]]
            left = left[share:]
            if left and ahead == 1:
                beats.append(Beat(summary=f"Roll: {listed(tuple(left))} are listed."))
            if beats:
                first, *rest = plan.scenes
                at = next((n for n, beat in enumerate(first.beats) if not beat.summary.startswith(_ENTRY)), 0)
                woven = (*first.beats[:at], *beats, *first.beats[at:])
                plans[number] = plan.model_copy(update={"scenes": (first.model_copy(update={"beats": woven}), *rest)})
        return plans

    def _logline(self) -> str:
        return (f"{self.hero.name} must find out {self.main}, before {self._term()}, against {self.roles.rival.name}, "
                f"who wants {self.item.name} too.")  # fmt: skip

    def _title(self) -> str:
        patterns = self.words["book"]["titles"]
        last = (self.hero.role or "seeker").split()[-1].split(",")[0]
        bare = re.sub(r"^the ", "", self.item.name)
        slots = {
            "Xcap": _titled(self.item.name),
            "Xlow": _titled(self.item.name),
            "roleP": _titled(last),
            "L1": _titled(self.spots[0].name),
            "L2": _titled(self.spots[1].name),
            "night": _titled(self.night),
        }
        text = self.chance.choice(patterns)
        for key, value in slots.items():
            text = text.replace(f"{{{key}}}", value)
        text = self._fill(text) if bare else text
        return re.sub(r"(?<=\w )The (?=\w)", "the ", text)

    def _term(self) -> str:
        if not hasattr(self, "_term_text"):
            self._term_text = reading(self.premise).term or self.chance.choice(
                genre(reading(self.premise).genre)["terms"]
            )
        return self._term_text

    def _truths(self) -> tuple[Truth, ...]:
        rival, between = self.roles.rival.id, self.roles.between.id
        keepers = {"ask", "bargain", "die"}
        clues = [
            Truth(
                id=rung.fact,
                text=rung.answer,
                known_by=(rung.who.id,) if rung.how in keepers | {"confess"} else (rival,),
            )
            for rung in self.rungs
        ]
        final = Truth(
            id="the-truth", text=self._fill(str(self.truth["truth"])), known_by=tuple(dict.fromkeys((rival, between)))
        )
        gone = Truth(id="the-gone", text=self._gone_fact(), known_by=(self.hero.id,))
        return (gone, *clues, final)

    def _gone_fact(self) -> str:
        return self._fill(str(self.truth["gone"]) + ".")

    def _acts(self, plans: list[ChapterPlan]) -> tuple[Act, ...]:
        count = 1 if len(plans) < 3 else 3 if len(plans) < 40 else 5
        names, purposes = self.words["acts"]["names"], self.words["acts"]["purposes"]
        edges = [round(n * len(plans) / count) for n in range(count + 1)]
        order = [0, 1, 2] if count <= 3 else [0, 1, 4, 7, 9]
        return tuple(
            Act(
                title=names[order[n]],
                purpose=purposes[min(n * 3 // count, 2)],
                chapters=tuple(plans[edges[n] : edges[n + 1]]),
            )
            for n in range(count)
        )

    # --- a chapter -------------------------------------------------------------------------------------------------

    def _chapter(self, number: int) -> ChapterPlan:
        self.number = number
        self.plot.day = self._day(number)
        scenes = list(self._scenes(number))
        rung = self.rungs[min(max(0, number - 2), len(self.rungs) - 1)]
        kind = "hook" if number == 1 else "confront" if number == self.chapters else self._how(number, rung)
        return ChapterPlan(
            title=self._chapter_title(kind, rung), purpose=self._purpose(number, rung), scenes=tuple(scenes)
        )

    def _day(self, number: int) -> int:
        return 1 + (number - 1) * (1 if self.chapters > 30 else 2)

    def _how(self, number: int, rung: Rung) -> str:
        late = 0.55 < number / self.chapters < 0.85
        third = self.roles.witnesses[-1]
        dying = late and rung.how == "ask" and rung.who is third and len(self.roles.witnesses) > 2
        later = any(one.who is rung.who and one.how in ("ask", "bargain") for one in self.rungs[number - 1 :])
        return "die" if dying and not later and rung.who.id not in self.plot.state.dead else rung.how

    def _scenes(self, number: int) -> Iterator[ScenePlan]:
        if self.chapters == 1:
            yield self._hook(with_next=False)
            if self.premise.words >= SHORT:
                yield self._main(self.rungs[0], 1, last=True)
            yield self._confront()
        elif number == 1:
            yield self._hook(with_next=self.premise.words < SHORT)
            if self.premise.words >= SHORT:
                yield self._report_or_alone(0, self._next(1))
        elif number == self.chapters:
            yield self._confront()
        else:
            yield from self._middle(number)

    def _middle(self, number: int) -> Iterator[ScenePlan]:
        rung = self.rungs[number - 2]
        several = self.premise.words >= SHORT
        yield self._main(rung, number, last=not several)
        if several or self._untold() is not None:
            yield from self._turns(number)

    def _turns(self, number: int) -> Iterator[ScenePlan]:
        extra = 1 + (self.premise.words >= 2_600) + (self.premise.words >= 4_500) + (self.premise.words >= 7_000)
        made = [self._turn(number, n) for n in range(extra)]
        following = self._next(number)
        for n, make in enumerate(made):
            yield make(following if n == extra - 1 else "")

    def _next(self, number: int) -> str:
        if number >= self.chapters:
            return ""
        if number + 1 == self.chapters:
            return self._words("next", "confront", here=self._final_place().name)
        rung = self.rungs[number - 1]
        return self._words("next", self._how(number + 1, rung), who=rung.who, here=rung.place.name, q=rung.question)

    def _words(self, section: str, key: str, who: Character | None = None, here: str = "", q: str = "") -> str:
        text: str | list[str] = self.words[section].get(key, "")
        text = text if isinstance(text, str) else self.chance.choice(text)
        one = who or self.roles.helper
        return self._fill(text, O=short_name(one.name), here=here, q=q, o_his="her" if pronoun(one) == "she" else "his",
                          item=self.item.name)  # fmt: skip

    def _final_place(self) -> Place:
        return self.spots[1]

    def _purpose(self, number: int, rung: Rung) -> str:
        hero, rival = short_name(self.hero.name), short_name(self.roles.rival.name)
        start = f"{hero} has to know {rung.question}." if number > 1 else f"{hero} is drawn in: {self._gone_fact()}"
        left = self._day(self.chapters) - self._day(number)
        days = f" Left: {_count(left)} before {self._term()}." if 0 < left <= 30 else ""
        return f"{start} Rival: {rival}. Gone: {self.slots['{V}']}. Sought: {self.item.name}.{days}"

    def _chapter_title(self, kind: str, rung: Rung) -> str:
        pool = self.words["titles"].get(kind) or self.words["titles"]["ask"]
        slots = {"O": short_name(rung.who.name), "Here": _titled(rung.place.name), "Xcap": _titled(self.item.name),
                 "kin": "Kindness", "Prop": "Paper", "C": short_name(self.roles.rival.name)}  # fmt: skip
        for pattern in self.chance.sample(pool, len(pool)):
            title: str = pattern
            for key, value in slots.items():
                title = title.replace(f"{{{key}}}", value)
            title = re.sub(r"(?<=\w )The (?=\w)", "the ", title)
            if title not in self.titles:
                self.titles.add(title)
                return title
        title = f"{slots['Here']}, {_ordinal(self.number)} Day"
        self.titles.add(title)
        return title

    # --- scenes ----------------------------------------------------------------------------------------------------

    def _scene(
        self, place: Place, people: tuple[Character, ...], goal: str, obstacle: str, outcome: str, beats: list[Beat]
    ) -> ScenePlan:
        present = tuple(dict.fromkeys((self.hero.id, *(one.id for one in people))))
        return ScenePlan(
            place=place.id, day=self.plot.day, pov=self.hero.id, characters=present, goal=goal, obstacle=obstacle,
            outcome=outcome, beats=tuple(beats),
        )  # fmt: skip

    def _enter(self, place: Place, *people: Character) -> list[Beat]:
        beats = []
        for one in dict.fromkeys((self.hero, *people)):
            name = short_name(one.name)
            moves = self.plot.state.places.get(one.id) != place.id
            effects: tuple[Change, ...] = (Moves(character=one.id, place=place.id),) if moves else ()
            beats.append(self._beat("Arrive", f"{name} {'comes to' if moves else 'is at'} {place.name}.", *effects))
            if one.id not in self.plot.sighted and not self.terse:
                self.plot.sighted.add(one.id)
                beats.append(self._beat("Sight", f"{name} is seen for the first time."))
        return [beat for beat in beats if beat.effects or not self.terse]

    def _beat(self, label: str, text: str, *effects: Change) -> Beat:
        return Beat(summary=f"{label}: {text}", effects=self.plot.apply(effects))

    def _free(self, fallback: Place, *avoid: str) -> Place:
        options = [place for place in self.world.places if place.id not in avoid] or [fallback]
        return options[self.chance.randrange(len(options))]

    def _alive(self, one: Character) -> bool:
        return one.id not in self.plot.state.dead

    def _raise(self, question: str, due: int) -> list[Beat]:
        key = f"promise-{len(self.promises) + 1}"
        self.promises[key] = Promise(id=key, text=f"The reader is to learn {question}.", due_chapter=due)
        self.plot.opened[question] = key
        return [self._beat("Raise", f"the question is {question}.", OpensPromise(promise=key))]

    def _settle(self, question: str) -> list[Beat]:
        key = self.plot.opened.pop(question, "")
        return [self._beat("Settle", f"it is answered {question}.", PaysPromise(promise=key))] if key else []

    def _decide(self, following: str) -> list[Beat]:
        return [self._beat("Decide", f"{short_name(self.hero.name)} decides to {following}.")] if following else []

    def _foreshadow(self, number: int) -> list[Beat]:
        """A question that a later rung answers, raised when the book has room for it."""
        ahead = min(len(self.rungs) - 1, number + self.chance.choice((1, 2)))
        busy = len(self.plot.opened) > 2 or self.terse or self.chapters < 4 or number >= self.chapters - 2
        rung = self.rungs[ahead]
        if busy or rung.question in self.plot.opened or ahead + 2 >= self.chapters or number % 3 != 2:
            return []
        return self._raise(rung.question, ahead + 2)

    def _early(self) -> list[Beat]:
        """A second question beside the main one, answered half way."""
        ahead = len(self.rungs) // 2
        if self.terse or self.chapters < 5 or self.rungs[ahead].question == self.main:
            return []
        return self._raise(self.rungs[ahead].question, ahead + 2)

    def _hook(self, with_next: bool) -> ScenePlan:
        place = next((one for one in self.world.places if one.id == self.hero.home), self.spots[0])
        helper = self.roles.helper
        people = (helper,) if helper is not self.hero and not self.terse else ()
        beats = self._enter(place, *people)
        beats.append(self._beat("Premise", f"it begins with {self.item.name}."))
        beats += [*self._raise(self.main, self.chapters), *self._early()]
        if people:
            beats.append(
                self._beat(
                    "Talk", f"{short_name(self.hero.name)} and {short_name(helper.name)} talk of {self.slots['{V}']}."
                )
            )
        beats += self._decide(self._next(1) if with_next else "")
        want = re.sub(r"^to ", "", self.hero.want) or f"know the truth about {self.item.name}"
        outcome = f"Nothing can go on as it was: {self._gone_fact()}"
        return self._scene(place, people, want, "Nobody wants the old matter opened", outcome, beats)

    def _main(self, rung: Rung, number: int, last: bool) -> ScenePlan:
        how = self._how(number, rung)
        who = rung.who if self._alive(rung.who) else self.roles.helper
        if who is not rung.who and how in ("ask", "bargain", "follow", "die"):
            how = "search"
        if how in ("ask", "bargain", "follow", "confess", "die") and who is self.hero:
            how = "search"
        maker: Callable[[Rung, Character], tuple[tuple[Character, ...], list[Beat]]] = getattr(self, f"_op_{how}")
        people, beats = maker(rung, who)
        beats += self._settle(rung.question)
        if last and self.chapters > 1:
            beats += self._decide(self._next(number))
        goal = self._words("goals", how, who=who, here=rung.place.name, q=rung.question)
        obstacle = self._words("obstacles", how if how != "die" else "ask", who=who, here=rung.place.name)
        return self._scene(rung.place, people, goal, obstacle, f"Yes, but it costs: {rung.answer}", beats)

    def _met(self, one: Character) -> list[Beat]:
        pair = frozenset((self.hero.id, one.id))
        known = {self.roles.helper.id, self.roles.rival.id, self.roles.between.id}
        if pair in self.plot.state.met or one.id in known or len(pair) < 2 or self.terse:
            return []
        text = f"{short_name(self.hero.name)} and {short_name(one.name)} meet."
        return [self._beat("Meet", text, Meets(character=self.hero.id, other=one.id))]

    def _tell(self, label: str, one: Character, listener: Character, fact: str, text: str) -> Beat:
        told = f"{short_name(one.name)} tells {short_name(listener.name)} this: {text}"
        return self._beat(label, told, Tells(character=one.id, listener=listener.id, fact=fact))

    def _op_ask(self, rung: Rung, who: Character) -> tuple[tuple[Character, ...], list[Beat]]:
        hero = short_name(self.hero.name)
        beats = [*self._enter(rung.place, who), *self._met(who)]
        beats.append(self._beat("Ask", f"{hero} asks {short_name(who.name)} {rung.question}."))
        beats.append(self._tell("Tell", who, self.hero, rung.fact, rung.answer))
        return (who,), beats

    def _op_search(self, rung: Rung, _who: Character) -> tuple[tuple[Character, ...], list[Beat]]:
        hero = short_name(self.hero.name)
        beats = self._enter(rung.place)
        beats.append(self._beat("Search", f"{hero} searches {rung.place.name} to see {rung.question}."))
        effects: list[Change] = [Learns(character=self.hero.id, fact=rung.fact)]
        beats.append(self._beat("Find", f"{hero} finds it: {rung.answer}", *effects))
        if self.second.name in rung.answer and self.second.id not in self.plot.state.holders and not self.terse:
            beats.append(
                self._beat(
                    "Take", f"{hero} takes {self.second.name}.", Takes(character=self.hero.id, item=self.second.id)
                )
            )
        return (), beats

    def _op_follow(self, rung: Rung, who: Character) -> tuple[tuple[Character, ...], list[Beat]]:
        hero = short_name(self.hero.name)
        beats = self._enter(rung.place, who)
        beats.append(self._beat("Follow", f"{hero} follows {short_name(who.name)} to see {rung.question}."))
        beats.append(
            self._beat("Overhear", f"{hero} learns it: {rung.answer}", Learns(character=self.hero.id, fact=rung.fact))
        )
        return (who,), beats

    def _op_bargain(self, rung: Rung, who: Character) -> tuple[tuple[Character, ...], list[Beat]]:
        people, beats = self._op_ask(rung, who)
        held = [item for item in self.world.items if self.plot.state.holders.get(item.id) == self.hero.id]
        spare = next((item for item in held if item.id != self.item.id), None)
        if spare is not None and not self.terse:
            text = f"{short_name(self.hero.name)} gives {spare.name} to {short_name(who.name)}."
            trade = self._beat("Bargain", text, Gives(character=self.hero.id, receiver=who.id, item=spare.id))
            beats.insert(len(beats) - 1, trade)
        return people, beats

    def _op_take(self, rung: Rung, who: Character) -> tuple[tuple[Character, ...], list[Beat]]:
        _, beats = self._op_search(rung, who)
        if self.plot.state.holders.get(self.item.id) == self.roles.rival.id:
            text = f"{short_name(self.hero.name)} takes back {self.item.name}."
            beats.append(self._beat("Take", text, Takes(character=self.hero.id, item=self.item.id)))
        return (), beats

    def _op_confess(self, rung: Rung, who: Character) -> tuple[tuple[Character, ...], list[Beat]]:
        beats = self._enter(rung.place, who)
        beats.append(self._beat("Accuse", f"{short_name(self.hero.name)} asks {short_name(who.name)} {rung.question}."))
        beats.append(self._tell("Confess", who, self.hero, rung.fact, rung.answer))
        return (who,), beats

    def _op_die(self, rung: Rung, who: Character) -> tuple[tuple[Character, ...], list[Beat]]:
        beats = [*self._enter(rung.place, who), *self._met(who)]
        beats.append(self._tell("Last", who, self.hero, rung.fact, rung.answer))
        beats.append(self._beat("Die", f"{short_name(who.name)} dies.", Dies(character=who.id)))
        return (who,), beats

    # --- what follows from an answer -------------------------------------------------------------------------------

    def _turn(self, number: int, nth: int) -> Callable[[str], ScenePlan]:
        done = number / self.chapters
        hero, rival, helper = self.hero, self.roles.rival, self.roles.helper
        mine = self.plot.state.holders.get(self.item.id) == hero.id
        options: list[tuple[bool, Callable[[str], ScenePlan]]] = [
            (self.plot.estranged > 0 and number - self.plot.estranged >= 2, self._mend),
            (self._untold() is not None, self._confide),
            (0.3 < done < 0.6 and mine and self.plot.stolen == 0 and rival is not hero, self._steal),
            (0.45 < done < 0.9 and self.plot.wounded is None and number % 4 == 3, self._wound),
            (
                0.4 < done < 0.75 and not self.plot.quarrelled and bool(helper.secret) and helper is not hero,
                self._quarrel,
            ),
            (self.plot.wounded is not None and number - self.plot.wounded[0] >= 2, self._heal),
            (rival is not hero and (number % 5 == 3) and nth == 0, self._threat),
        ]
        if nth:
            options = options[1:2]
        fit = next((make for ready, make in options if ready), None)
        return fit or (lambda following: self._report_or_alone(number + nth, following))

    def _untold(self) -> Character | None:
        """Somebody whose own secret the author gave and nobody has told yet, once the book is far enough for it."""
        known = self.plot.known.get(self.hero.id, set())
        theirs = {one.name for one in self.premise.characters if one.secret}
        special = {self.hero.id, self.roles.rival.id}
        waiting = [one for one in self.cast.characters if one.name in theirs and one.id not in special
                   and secret_of(one.id) not in known and self._alive(one)]  # fmt: skip
        due = waiting and self.chapters - self.number <= 2 * len(waiting)
        return waiting[0] if due and not self.terse else None

    def _last_news(self) -> str:
        told = self.plot.known.get(self.roles.helper.id, set())
        mine = sorted(fact for fact in self.plot.known.get(self.hero.id, set()) if fact.startswith("clue-"))
        current = [
            rung.fact for rung in self.rungs[: max(0, self.number - 1)] if rung.fact in mine and rung.fact not in told
        ]
        return current[-1] if current else ""

    def _report_or_alone(self, number: int, following: str) -> ScenePlan:
        helper, fact = self.roles.helper, self._last_news()
        apart = self.plot.estranged or helper is self.hero or not self._alive(helper)
        if apart or (number and (number % 3 == 1 or not fact)):
            return self._alone(following)
        place = next((one for one in self.world.places if one.id == helper.home), self.spots[0])
        beats = self._enter(place, helper)
        if fact:
            text = next(rung.answer for rung in self.rungs if rung.fact == fact)
            beats.append(self._tell("News", self.hero, helper, fact, text))
        else:
            beats.append(self._beat("Talk", f"{short_name(self.hero.name)} and {short_name(helper.name)} talk."))
        beats += [*self._foreshadow(self.number), *self._decide(following)]
        goal = self._words("goals", "report", who=helper)
        return self._scene(place, (helper,), goal, "Walls have ears", f"{short_name(helper.name)} is with it.", beats)

    def _alone(self, following: str) -> ScenePlan:
        place = next((one for one in self.world.places if one.id == self.hero.home), self.spots[0])
        beats = self._enter(place)
        beats.append(self._beat("Alone", f"{short_name(self.hero.name)} thinks it through."))
        beats += [*self._foreshadow(self.number), *self._decide(following)]
        return self._scene(
            place, (), self._words("goals", "alone"), "Nothing is certain yet", "A choice is made.", beats
        )

    def _threat(self, following: str) -> ScenePlan:
        rival, hero = self.roles.rival, self.hero
        place = self._free(self.spots[0], rival.home)
        beats = self._enter(place, rival)
        relation = ("a warned enemy", "an open enemy", "the one who must be stopped")[min(self.plot.threats, 2)]
        effects: tuple[Change, ...] = ()
        if self.plot.threats < 3:
            effects = (Relates(character=rival.id, other=hero.id, relation=relation),)
        self.plot.threats += 1
        text = f"{short_name(rival.name)} wants {self.item.name}, and threatens {short_name(hero.name)}."
        beats.append(self._beat("Threat", text))
        beats.append(self._beat("Turn", f"{short_name(rival.name)} is now {relation}.", *effects))
        beats += self._decide(following)
        outcome = f"{short_name(hero.name)} gives {short_name(rival.name)} nothing."
        return self._scene(
            place, (rival,), self._words("goals", "threat"), f"{short_name(rival.name)} bars the way", outcome, beats
        )

    def _steal(self, following: str) -> ScenePlan:
        self.plot.stolen = self.number
        place = next((one for one in self.world.places if one.id == self.hero.home), self.spots[0])
        hero, rival = short_name(self.hero.name), short_name(self.roles.rival.name)
        beats = self._enter(place)
        beats.append(
            self._beat(
                "Lose",
                f"{self.item.name} is gone from {hero}'s keeping.",
                Loses(character=self.hero.id, item=self.item.id),
            )
        )
        beats.append(
            self._beat(
                "Stolen",
                f"{rival} has taken {self.item.name}.",
                Takes(character=self.roles.rival.id, item=self.item.id),
            )
        )
        beats.append(self._beat("Alone", f"{hero} thinks it through."))
        beats += self._decide(following)
        return self._scene(
            place, (), f"keep {self.item.name} safe", f"{rival} was quicker", f"{rival} has {self.item.name}.", beats
        )

    def _wound(self, following: str) -> ScenePlan:
        injury = self.chance.choice(table("narration")["wound"]["injuries"])
        self.plot.wounded = (self.number, injury)
        place = self._free(self.spots[0], self.plot.state.places.get(self.hero.id, ""))
        hero = short_name(self.hero.name)
        beats = self._enter(place)
        beats.append(
            self._beat("Wound", f"{hero} is attacked: a {injury}.", Injured(character=self.hero.id, injury=injury))
        )
        beats.append(self._beat("Alone", f"{hero} gets away and thinks."))
        beats += self._decide(following)
        return self._scene(
            place, (), "get home unseen", "Somebody is waiting", f"{hero} gets away with a {injury}.", beats
        )

    def _heal(self, following: str) -> ScenePlan:
        assert self.plot.wounded
        injury = self.plot.wounded[1]
        self.plot.wounded = (10**6, injury)
        place = next((one for one in self.world.places if one.id == self.hero.home), self.spots[0])
        hero = short_name(self.hero.name)
        beats = self._enter(place)
        beats.append(self._beat("Heal", f"the {injury} of {hero} mends.", Heals(character=self.hero.id, injury=injury)))
        beats.append(self._beat("Alone", f"{hero} thinks it through."))
        beats += self._decide(following)
        return self._scene(place, (), "be fit to go on", "The body keeps its own time", f"{hero} can go on.", beats)

    def _quarrel(self, following: str) -> ScenePlan:
        helper, hero = self.roles.helper, self.hero
        self.plot.quarrelled, self.plot.estranged = True, self.number
        place = next((one for one in self.world.places if one.id == helper.home), self.spots[0])
        beats = self._enter(place, helper)
        beats.append(
            self._beat(
                "Quarrel", f"{short_name(hero.name)} and {short_name(helper.name)} quarrel over what was kept back."
            )
        )
        beats.append(self._tell("Own", helper, hero, secret_of(helper.id), helper.secret))
        beats.append(
            self._beat(
                "Turn",
                f"{short_name(helper.name)} is a friend no longer.",
                Relates(character=helper.id, other=hero.id, relation="a friend no longer"),
            )
        )
        beats += self._decide(following)
        goal = self._words("goals", "quarrel", who=helper)
        return self._scene(place, (helper,), goal, "Neither will say it first", "They part in anger.", beats)

    def _mend(self, following: str) -> ScenePlan:
        helper, hero = self.roles.helper, self.hero
        self.plot.estranged = 0
        place = next((one for one in self.world.places if one.id == hero.home), self.spots[0])
        beats = self._enter(place, helper)
        beats.append(self._beat("Mend", f"{short_name(helper.name)} comes back, and they make peace."))
        beats.append(self._beat("Turn", f"{short_name(helper.name)} is a friend again.",
                                Relates(character=helper.id, other=hero.id, relation="a friend again")))  # fmt: skip
        beats += self._decide(following)
        goal = self._words("goals", "mend", who=helper)
        return self._scene(place, (helper,), goal, "Pride", "They go on together.", beats)

    def _confide(self, following: str) -> ScenePlan:
        one = self._untold()
        if one is None:
            return self._alone(following)
        place = next((spot for spot in self.world.places if spot.id == one.home), self.spots[0])
        beats = [*self._enter(place, one), *self._met(one)]
        beats.append(self._beat("Talk", f"{short_name(self.hero.name)} and {short_name(one.name)} talk."))
        beats.append(self._tell("Own", one, self.hero, secret_of(one.id), one.secret))
        beats += self._decide(following)
        goal = self._words("goals", "quarrel", who=one)
        return self._scene(place, (one,), goal, "Shame", f"{short_name(one.name)} has said it.", beats)

    def _confront(self) -> ScenePlan:
        rival, between, hero = self.roles.rival, self.roles.between, self.hero
        place = self._final_place()
        cast = tuple(dict.fromkeys(one for one in (rival, between) if one is not hero and self._alive(one)))
        people = cast[-1:] if self.terse else cast
        beats = self._enter(place, *people)
        if people and rival in people:
            beats.append(self._beat("Confront", f"{short_name(hero.name)} asks {short_name(rival.name)} {self.main}."))
        final = self._fill(str(self.truth["truth"]))
        if people:
            beats.append(self._tell("Witness", people[-1], hero, "the-truth", final))
        else:
            beats.append(
                self._beat("Find", f"{hero.name} finds it: {final}", Learns(character=hero.id, fact="the-truth"))
            )
        own = any(one.name == rival.name and one.secret for one in self.premise.characters)
        if own and rival in people and not self.terse:
            beats.append(self._tell("Own", rival, hero, secret_of(rival.id), rival.secret))
        mine = any(one.name == hero.name and one.secret for one in self.premise.characters)
        if mine and people and not self.terse:
            beats.append(self._tell("Own", hero, people[-1], secret_of(hero.id), hero.secret))
        holder = self.plot.state.holders.get(self.item.id)
        if holder == rival.id and rival in people and not self.terse:
            text = f"{short_name(rival.name)} gives {self.item.name} to {short_name(hero.name)}."
            beats.append(self._beat("Yield", text, Gives(character=rival.id, receiver=hero.id, item=self.item.id)))
        for question in list(self.plot.opened):
            beats += self._settle(question)
        beats.append(self._beat("Close", f"{short_name(hero.name)} has it, and pays for it."))
        outcome = f"{short_name(hero.name)} knows {self.main}."
        return self._scene(
            place,
            people,
            self._words("goals", "confront", q=self.main),
            f"{short_name(rival.name)} denies it",
            outcome,
            beats,
        )


def _fact_id(number: int, name: str) -> str:
    return f"clue-{number:03d}-{slug(name.removeprefix('the '))}"


def chosen(text: str, chance: Random) -> str:
    """The text with one of each bracket's alternatives."""
    while found := re.search(r"\[([^\[\]]*)\]", text):
        text = text[: found.start()] + chance.choice(found[1].split("|")) + text[found.end() :]
    return text


def _some_item(world: World) -> Item:
    return world.items[0] if world.items else Item(id="the-proof", name="the proof")


def _titled(name: str) -> str:
    small = {"of", "the", "and", "a", "in", "at", "to", "was", "did", "not"}
    words = name.split()
    return " ".join(word if n and word in small else word[:1].upper() + word[1:] for n, word in enumerate(words))


_ENTRY = ("Arrive", "Sight")

_INSIDE = ("home", "tavern", "office", "sanctum", "ship", "hall", "workshop", "cellar", "tower", "sick")
"""Kinds of place that have a door to bar and things to hide behind it."""

_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "twenty-one",
    "twenty-two",
    "twenty-three",
    "twenty-four",
    "twenty-five",
    "twenty-six",
    "twenty-seven",
    "twenty-eight",
    "twenty-nine",
    "thirty",
)


def _count(days: int) -> str:
    number = _NUMBERS[days] if days < len(_NUMBERS) else str(days)
    return f"{number} {'day is' if days == 1 else 'days are'} left"


def _ordinal(number: int) -> str:
    return f"the {number}{'th' if 10 <= number % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


__all__ = ["Rung", "chosen", "kind_of", "outline"]
