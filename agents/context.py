"""The context compiler: what a chapter's agents are told, under a budget, with a trace of what went in and why.

A context is a pure function of the novel so far. Tiers go in by rank: the contract, the people on stage, the facts it
gives away and the end of the previous chapter always; then open promises; then what the points of view know, the
latest learned first; then summaries, the latest first; then what story memory recalls: how those on stage stand to
others, and passages of earlier chapters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from agents.recall import MOST_EXCERPTS, Gap, Recalled, Recollection, Stated, withheld
from agents.requests import ChapterContext, Contract, Fact, PersonState, Reference
from story.base import Value, digest
from story.canon import Canon, Point, State, knowledge
from story.cast import Character, secret_of
from story.novel import Novel
from story.outline import ChapterPlan, Promise

ENDING_WORDS = 220
"""At least so many words of the previous chapter's end are given, in whole paragraphs."""

CHARACTERS_PER_TOKEN = 4
"""English text in the tokenisers of today; a rule of thumb, on the safe side for JSON."""

DEFAULT_BUDGET = 6_000
"""Tokens of context a chapter gets beside the bible; a chapter needs about 2,500 at any length of book."""


FACTS_SHARE = 0.4
"""The share of what protected tier and promises leave that known facts may take."""

SUMMARIES_SHARE = 0.5
"""The share of what facts leave that summaries may take where story memory has something to say, too."""

BONDS_SHARE = 0.3
"""The share of what summaries leave that bonds may take; excerpts get the rest."""

V = TypeVar("V", bound=Value)


class Entry(Value):
    """One piece that was considered for a context."""

    tier: str
    key: str
    tokens: int
    included: bool
    why: str


class Compiled(Value):
    """A context and the trace of how it came about."""

    context: ChapterContext
    trace: tuple[Entry, ...]


def compile_context(
    novel: Novel, plan: ChapterPlan, recalled: Recalled | None = None, budget: int = DEFAULT_BUDGET
) -> Compiled:
    """What is known just before a planned chapter, at most ``budget`` tokens unless the protected tier needs more.

    ``recalled`` is what story memory has to say; what holds or states the words in which the book gave away something
    that no point of view of the chapter knows is left out.
    """
    recalled = recalled or Recalled()
    position = len(novel.chapters) + 1
    canon = novel.canon.as_of(Point(position))
    revealed = _revealed(plan, canon)
    protected = _protected(novel, plan, canon, position, revealed)
    shelf = _Shelf(budget - tokens(protected))
    shelf.trace.append(
        Entry(tier="protected", key=plan.id, tokens=tokens(protected), included=True, why="always, whatever it takes")
    )
    touched = {getattr(effect, "promise", "") for effect in plan.effects}
    promises = shelf.take("promise", [(one.id, one) for one in _promises(novel, canon, touched)], always=touched)
    facts = shelf.take("fact", [(one.id, one) for one in _known(plan, canon, revealed)], share=FACTS_SHARE)
    left = SUMMARIES_SHARE if recalled.bonds or recalled.recollections else 1.0
    summaries = shelf.take("summary", [(one.id, one) for one in _summaries(novel)], share=left)
    untold = _untold(plan, canon, revealed)
    ties, secret_ties = withheld(recalled.bonds, untold)
    bonds = shelf.take("bond", [(one.key, one.bond) for one in ties], share=BONDS_SHARE)
    passages, secret_passages = withheld(recalled.recollections, untold)
    excerpts = shelf.take("excerpt", [(one.key, one.excerpt) for one in passages[:MOST_EXCERPTS]])
    shelf.trace += [*map(_secret, secret_ties), *map(_secret, secret_passages), *map(_missing, recalled.gaps)]
    given = tuple(sorted((*protected.facts, *facts), key=lambda one: one.id))
    context = protected.model_copy(
        update={
            "facts": given,
            "states": _states(protected.people, canon, frozenset(one.id for one in given)),
            "promises": promises,
            "so_far": tuple(one.text for one in reversed(summaries)),
            "bonds": tuple(sorted(bonds, key=lambda one: (one.of, one.to, one.how))),
            "excerpts": tuple(sorted(excerpts, key=lambda one: (one.chapter, one.text))),
        }
    )
    return Compiled(context=context, trace=tuple(shelf.trace))


def basis_of(novel: Novel) -> str:
    """A digest of everything in a novel that a context is compiled from."""
    return digest(novel.model_dump(mode="json", include={"premise", "world", "cast", "outline", "chapters"}))


class _Shelf:
    """What is left of a budget, in tokens, and the trace of what it was spent on."""

    def __init__(self, left: int) -> None:
        self._left = max(left, 0)
        self.trace: list[Entry] = []

    def take(
        self, tier: str, pieces: list[tuple[str, V]], always: Collection[str] = (), share: float = 1.0
    ) -> tuple[V, ...]:
        """The pieces that fit into a share of what is left, in order of rank; those named in ``always`` in any case."""
        left, taken = int(self._left * share), []
        for key, piece in pieces:
            size = tokens(piece)
            included = key in always or size <= left
            why = "this chapter's" if key in always else "fits" if included else f"{size} tokens, {left} left"
            self.trace.append(Entry(tier=tier, key=key, tokens=size, included=included, why=why))
            if included:
                taken.append(piece)
                left = max(left - size, 0)
                self._left = max(self._left - size, 0)
        return tuple(taken)


def tokens(value: Value) -> int:
    """About how many tokens a value takes in a prompt."""
    return len(value.model_dump_json()) // CHARACTERS_PER_TOKEN + 1


def _protected(
    novel: Novel, plan: ChapterPlan, canon: Canon, position: int, revealed: frozenset[str]
) -> ChapterContext:
    assert novel.premise and novel.world and novel.cast and novel.outline
    on_stage = tuple(one for key in plan.concerned if (one := novel.cast.get(key)))
    knows = revealed | _known_to_views(plan, canon)
    places = {scene.place for scene in plan.scenes}
    state = canon.state()
    items = {effect.item for effect in plan.effects if hasattr(effect, "item")} | {
        item for item, who in state.holders.items() if who in plan.concerned
    }
    act = next(act for act in novel.outline.acts if plan in act.chapters)
    return ChapterContext(
        contract=Contract(
            number=position,
            of=novel.planned_chapters,
            act=act.title,
            title=plan.title,
            purpose=plan.purpose,
            words=novel.premise.words,
            scenes=plan.scenes,
        ),
        people=tuple(_sheet(one, knows) for one in on_stage),
        states=_states(on_stage, canon, revealed),
        places=tuple(place for place in novel.world.places if place.id in places),
        items=tuple(item for item in novel.world.items if item.id in items),
        facts=tuple(_fact(key, canon) for key in sorted(revealed)),
        roster=_roster(novel),
        ending=ending(novel.chapters[-1].text) if novel.chapters else "",
    )


def _revealed(plan: ChapterPlan, canon: Canon) -> frozenset[str]:
    """The facts that the chapter is to give away."""
    return frozenset(fact for effect in plan.effects for _, fact in knowledge(effect)) & canon.facts.keys()


def _known_to_views(plan: ChapterPlan, canon: Canon) -> frozenset[str]:
    """The facts that some point of view of the chapter knows."""
    return frozenset(fact for scene in plan.scenes for fact in canon.knows(scene.pov)) & canon.facts.keys()


def _known(plan: ChapterPlan, canon: Canon, revealed: frozenset[str]) -> list[Fact]:
    """What the points of view know beside it: the latest learned first, then what they know from the start."""
    learned = [fact for one in canon.told for _, fact in knowledge(one.change)]
    latest = {fact: n for n, fact in enumerate(learned)}
    known = _known_to_views(plan, canon) - revealed
    return [_fact(key, canon) for key in sorted(known, key=lambda key: (-latest.get(key, -1), key))]


def _untold(plan: ChapterPlan, canon: Canon, revealed: frozenset[str]) -> frozenset[str]:
    """The words in which the book gave away what no point of view of the chapter knows and it does not reveal."""
    allowed = revealed | _known_to_views(plan, canon)
    told = (one.change for one in canon.told)
    return frozenset(one.quote for one in told for _, fact in knowledge(one) if fact not in allowed)


def _secret(one: Recollection | Stated) -> Entry:
    tier, piece = ("bond", one.bond) if isinstance(one, Stated) else ("excerpt", one.excerpt)
    why = "tells what no point of view of the chapter knows"
    return Entry(tier=tier, key=one.key, tokens=tokens(piece), included=False, why=why)


def _missing(gap: Gap) -> Entry:
    return Entry(tier=gap.tier, key="", tokens=0, included=False, why=gap.why)


def _fact(key: str, canon: Canon) -> Fact:
    return Fact(id=key, text=canon.facts[key], told=key in canon.reader_knows)


def _summaries(novel: Novel) -> list[Fact]:
    """A line about each earlier chapter, the latest first."""
    numbered = reversed(list(enumerate(novel.chapters, start=1)))
    return [Fact(id=one.id, text=f"{number}. {one.title}: {one.chronicle.summary}") for number, one in numbered]


def _sheet(one: Character, known: frozenset[str]) -> Character:
    return one if secret_of(one.id) in known else one.model_copy(update={"secret": ""})


def _states(people: tuple[Character, ...], canon: Canon, facts: frozenset[str]) -> tuple[PersonState, ...]:
    state = canon.state()
    return tuple(_person(one, state, canon, facts) for one in people)


def _person(one: Character, state: State, canon: Canon, facts: frozenset[str]) -> PersonState:
    return PersonState(
        character=one.id,
        alive=one.id not in state.dead,
        place=state.places.get(one.id, ""),
        holds=tuple(sorted(item for item, who in state.holders.items() if who == one.id)),
        injuries=state.injuries.get(one.id, ()),
        knows=tuple(sorted(canon.knows(one.id) & facts)),
    )


def _roster(novel: Novel) -> tuple[Reference, ...]:
    assert novel.world and novel.cast
    named: Iterable[tuple[str, str]] = (
        *((one.id, ", ".join(one.names)) for one in novel.cast.characters),
        *((place.id, place.name) for place in novel.world.places),
        *((item.id, item.name) for item in novel.world.items),
    )
    return tuple(Reference(id=key, name=name) for key, name in named)


def _promises(novel: Novel, canon: Canon, touched: set[str]) -> tuple[Promise, ...]:
    """Open promises and those this chapter opens: this chapter's first, then by how soon they are due."""
    assert novel.outline
    open_now = {promise.id for promise in canon.open_promises}
    wanted = [promise for promise in novel.outline.promises if promise.id in open_now | touched]
    return tuple(sorted(wanted, key=lambda one: (one.id not in touched, one.due_chapter, one.id)))


def ending(text: str) -> str:
    """The last whole paragraphs of a text that together have at least ``ENDING_WORDS`` words."""
    taken: list[str] = []
    for paragraph in reversed(text.split("\n\n")):
        taken.insert(0, paragraph)
        if sum(len(one.split()) for one in taken) >= ENDING_WORDS:
            break
    return "\n\n".join(taken)
