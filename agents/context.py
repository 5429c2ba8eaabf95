"""The context compiler: what a chapter's agents are told, under a budget, with a trace of what went in and why.

A context is a pure function of the novel so far. Tiers go in by rank: the contract, the people on stage, the facts of
the point of view and the end of the previous chapter always; then open promises; then summaries, the latest first.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents.requests import ChapterContext, Contract, Fact, PersonState, Reference
from story.base import Value
from story.canon import Canon, Point, State, knowledge
from story.cast import Character, secret_of
from story.changes import actors
from story.novel import Novel
from story.outline import ChapterPlan, Promise

ENDING_WORDS = 220
"""At least so many words of the previous chapter's end are given, in whole paragraphs."""

CHARACTERS_PER_TOKEN = 4
"""English text in the tokenisers of today; a rule of thumb, on the safe side for JSON."""

DEFAULT_BUDGET = 6_000
"""Tokens of context a chapter gets beside the bible; a chapter needs about 2,500 at any length of book."""


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


def compile_context(novel: Novel, plan: ChapterPlan, budget: int = DEFAULT_BUDGET) -> Compiled:
    """What is known just before a planned chapter, at most ``budget`` tokens unless the protected tier needs more."""
    position = len(novel.chapters) + 1
    canon = novel.canon.as_of(Point(position))
    protected = _protected(novel, plan, canon, position)
    spent = tokens(protected)
    trace = [Entry(tier="protected", key=plan.id, tokens=spent, included=True, why="always")]
    promises, summaries = [], []
    touched = {getattr(effect, "promise", "") for effect in plan.effects}
    for promise in _promises(novel, canon, touched):
        mine = promise.id in touched
        entry = _consider("promise", promise.id, promise, budget - spent, always="this chapter's" if mine else "")
        trace.append(entry)
        if entry.included:
            promises.append(promise)
            spent += entry.tokens
    for number, chapter in reversed(list(enumerate(novel.chapters, start=1))):
        line = f"{number}. {chapter.title}: {chapter.chronicle.summary}"
        entry = _consider("summary", chapter.id, Fact(id=chapter.id, text=line), budget - spent)
        trace.append(entry)
        if entry.included:
            summaries.append(line)
            spent += entry.tokens
    context = protected.model_copy(update={"promises": tuple(promises), "so_far": tuple(reversed(summaries))})
    return Compiled(context=context, trace=tuple(trace))


def tokens(value: Value) -> int:
    """About how many tokens a value takes in a prompt."""
    return len(value.model_dump_json()) // CHARACTERS_PER_TOKEN + 1


def _consider(tier: str, key: str, value: Value, left: int, always: str = "") -> Entry:
    size = tokens(value)
    fits = size <= left
    return Entry(
        tier=tier,
        key=key,
        tokens=size,
        included=bool(always) or fits,
        why=always or ("fits" if fits else f"{size} tokens, {max(left, 0)} left"),
    )


def _protected(novel: Novel, plan: ChapterPlan, canon: Canon, position: int) -> ChapterContext:
    assert novel.premise and novel.world and novel.cast and novel.outline
    on_stage = tuple(one for key in _on_stage(plan) if (one := novel.cast.get(key)))
    facts = _facts(plan, canon)
    places = {scene.place for scene in plan.scenes}
    state = canon.state()
    items = {effect.item for effect in plan.effects if hasattr(effect, "item")} | {
        item for item, who in state.holders.items() if who in _on_stage(plan)
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
        people=tuple(_sheet(one, facts) for one in on_stage),
        states=tuple(_person(one, state, canon, facts) for one in on_stage),
        places=tuple(place for place in novel.world.places if place.id in places),
        items=tuple(item for item in novel.world.items if item.id in items),
        facts=tuple(Fact(id=key, text=canon.facts[key], told=key in canon.reader_knows) for key in facts),
        roster=_roster(novel),
        ending=ending(novel.chapters[-1].text) if novel.chapters else "",
    )


def _on_stage(plan: ChapterPlan) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*plan.characters, *(who for effect in plan.effects for who in actors(effect)))))


def _facts(plan: ChapterPlan, canon: Canon) -> tuple[str, ...]:
    """Facts that some point of view of the chapter knows, or that the chapter gives away."""
    known = {fact for scene in plan.scenes for fact in canon.knows(scene.pov)}
    revealed = {fact for effect in plan.effects for _, fact in knowledge(effect)}
    return tuple(sorted((known | revealed) & set(canon.facts)))


def _sheet(one: Character, facts: tuple[str, ...]) -> Character:
    return one if secret_of(one.id) in facts else one.model_copy(update={"secret": ""})


def _person(one: Character, state: State, canon: Canon, facts: tuple[str, ...]) -> PersonState:
    return PersonState(
        character=one.id,
        alive=one.id not in state.dead,
        place=state.places.get(one.id, ""),
        holds=tuple(sorted(item for item, who in state.holders.items() if who == one.id)),
        injuries=state.injuries.get(one.id, ()),
        knows=tuple(sorted(canon.knows(one.id) & set(facts))),
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
