"""Continuity rules: what a draft may not do to canon. Each rule is pure and names the words that prove it.

When in doubt a rule does not object: hearsay, lies and flashbacks are told in words, but only typed changes and
scene records, which a chronicler vouches for with a quote, are judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from story.base import Value, word_count
from story.canon import Canon, Point, Told, knowledge
from story.changes import Change, Dies, Gives, Learns, Loses, Moves, OpensPromise, PaysPromise, Relates, Tells, actors
from story.chapter import Chronicle
from story.finding import Finding
from story.outline import ChapterPlan, Outline

LENGTH_TOLERANCE = 0.25
"""How far a chapter may be from the asked number of words, as a share of it."""


class Draft(Value):
    """A chapter's text with what is said about it, before it is accepted at that position (from 1)."""

    position: int
    plan: ChapterPlan
    asked_words: int
    text: str
    chronicle: Chronicle


Rule = Callable[[Canon, Draft, Outline], Iterator[Finding]]


def dead_do_not_act(canon: Canon, draft: Draft, outline: Outline) -> Iterator[Finding]:
    """Nobody acts from the day of their death on, once it has been told."""
    for change, canon_before, day in _steps(canon, draft):
        for who in _acting(change):
            died = canon_before.died_on(who)
            if died is not None and died <= day:
                yield Finding(
                    rule="dead-do-not-act",
                    severity="block",
                    message=f"{who} died on day {died} and acts on day {day}",
                    quote=change.quote,
                )


def one_place_at_a_time(canon: Canon, draft: Draft, outline: Outline) -> Iterator[Finding]:
    """Two scenes of one chapter on one day do not share a person in two places unless the person moves between."""
    moved = {(one.scene, one.character) for one in draft.chronicle.changes if isinstance(one, Moves)}
    scenes = sorted(draft.chronicle.scenes, key=lambda scene: scene.number)
    for before, after in pairwise(scenes):
        if before.day != after.day or not before.place or not after.place or before.place == after.place:
            continue
        for who in sorted(set(before.characters) & set(after.characters)):
            if not moved & {(before.number, who), (after.number, who)}:
                yield Finding(
                    rule="one-place-at-a-time",
                    message=f"{who} is at {before.place} and then at {after.place} without having gone there",
                )


def hands_hold_what_they_give(canon: Canon, draft: Draft, outline: Outline) -> Iterator[Finding]:
    """Nobody gives or loses an item that somebody else is known to hold."""
    for change, before, day in _steps(canon, draft):
        if isinstance(change, Gives | Loses):
            holder = before.state(day).holders.get(change.item)
            if holder is not None and holder != change.character:
                yield Finding(
                    rule="hands-hold-what-they-give",
                    message=f"{change.character} parts with {change.item}, which {holder} holds",
                    quote=change.quote,
                )


def learned_before_told(canon: Canon, draft: Draft, outline: Outline) -> Iterator[Finding]:
    """Nobody tells a fact of the story that they have not come to know."""
    before = canon.as_of(Point(draft.position))
    learned: set[tuple[str, str]] = set()
    for change in _in_order(draft):
        if isinstance(change, Tells) and change.fact in canon.facts:
            pair = (change.character, change.fact)
            if pair not in learned and change.fact not in before.knows(change.character):
                yield Finding(
                    rule="learned-before-told",
                    message=f"{change.character} tells {change.fact} without knowing it",
                    quote=change.quote,
                )
        learned.update(knowledge(change))


def opened_before_paid(canon: Canon, draft: Draft, outline: Outline) -> Iterator[Finding]:
    """A promise is paid only after it was opened."""
    changes = [one.change for one in canon.as_of(Point(draft.position)).told]
    opened = {one.promise for one in changes if isinstance(one, OpensPromise)}
    for change in _in_order(draft):
        if isinstance(change, OpensPromise):
            opened.add(change.promise)
        if isinstance(change, PaysPromise) and change.promise not in opened:
            yield Finding(
                rule="opened-before-paid", message=f"{change.promise} is paid but never opened", quote=change.quote
            )


def due_promises_are_paid(canon: Canon, draft: Draft, outline: Outline) -> Iterator[Finding]:
    """A promise whose last chapter this is, is paid in it or was paid before."""
    paid_here = {one.promise for one in draft.chronicle.changes if isinstance(one, PaysPromise)}
    for promise in canon.as_of(Point(draft.position)).open_promises:
        if promise.due_chapter <= draft.position and promise.id not in paid_here:
            yield Finding(rule="due-promises-are-paid", message=f"{promise.id} was due here: {promise.text}")


def planned_reveals_happen(canon: Canon, draft: Draft, outline: Outline) -> Iterator[Finding]:
    """What the outline means a character to learn or hear in this chapter is learned or heard in it."""
    before = canon.as_of(Point(draft.position))
    happened = {pair for change in draft.chronicle.changes for pair in knowledge(change)}
    for effect in draft.plan.effects:
        if isinstance(effect, Learns | Tells):
            for who, fact in knowledge(effect):
                if (who, fact) not in happened and fact not in before.knows(who):
                    yield Finding(rule="planned-reveals-happen", message=f"{who} was to come to know {fact}")


def asked_length(canon: Canon, draft: Draft, outline: Outline) -> Iterator[Finding]:
    """The text is as long as asked, within ``LENGTH_TOLERANCE``."""
    words = word_count(draft.text)
    if abs(words - draft.asked_words) > LENGTH_TOLERANCE * draft.asked_words:
        yield Finding(rule="asked-length", message=f"{words} words where {draft.asked_words} were asked")


RULES: tuple[Rule, ...] = (
    dead_do_not_act,
    one_place_at_a_time,
    hands_hold_what_they_give,
    learned_before_told,
    opened_before_paid,
    due_promises_are_paid,
    planned_reveals_happen,
    asked_length,
)


def check(canon: Canon, draft: Draft, outline: Outline) -> tuple[Finding, ...]:
    """What all the rules object to in a draft."""
    return tuple(finding for rule in RULES for finding in rule(canon, draft, outline))


def _acting(change: Change) -> tuple[str, ...]:
    """Whom a change needs alive: one may mourn the dead, and a death is told again when a body is found."""
    match change:
        case Dies():
            return ()
        case Relates():
            return (change.character,)
        case _:
            return actors(change)


def _in_order(draft: Draft) -> list[Change]:
    return sorted(draft.chronicle.changes, key=lambda change: change.scene)


def _day(draft: Draft, scene: int) -> int:
    days = {record.number: record.day for record in draft.chronicle.scenes}
    return days.get(scene, max(days.values(), default=draft.position))


def _steps(canon: Canon, draft: Draft) -> Iterator[tuple[Change, Canon, int]]:
    """Each change of the draft with canon just before it and the story day on which it happens."""
    before = canon.as_of(Point(draft.position))
    for change in _in_order(draft):
        day = _day(draft, change.scene)
        yield change, before, day
        told = Told(change=change, chapter=draft.position, day=day)
        before = before.model_copy(update={"told": (*before.told, told)})
