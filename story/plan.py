"""The plan of a book to be looked at: how far its acts, threads and promises reach, and who knows what when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from story.base import Value
from story.canon import Canon
from story.cast import Cast
from story.changes import (
    Change,
    Dies,
    Gives,
    Heals,
    Injured,
    Learns,
    Loses,
    OpensPromise,
    PaysPromise,
    Takes,
    Tells,
)
from story.outline import ChapterPlan, Outline, ScenePlan
from story.reading.mentions import mentions
from story.world import World

BEFORE = 0
"""The number of the chapter in which stands what is so when the book begins."""

TurnKind = Literal["knows", "learns", "is told", "holds", "gets", "gives up", "is hurt", "heals", "dies"]

_NAMED = 2
"""How many of those whom a thread or promise names have to be in a scene that touches it."""


class Part(Value):
    """An act, with the numbers of its first and last chapter."""

    title: str
    first: int
    last: int


class Strand(Value):
    """A thread or promise: the chapters that touch it, and where a promise is opened, paid, and due."""

    kind: Literal["thread", "promise"]
    name: str
    touched: tuple[int, ...] = ()
    opened: int | None = None
    paid: int | None = None
    due: int | None = None


class Turn(Value):
    """What a chapter changes for a person; ``what`` is the id of a fact or item, or an injury in words."""

    chapter: int
    kind: TurnKind
    what: str = ""


class Course(Value):
    """A person's way through the book: the chapters in which they are on stage, and what these change for them."""

    id: str
    name: str
    on_stage: tuple[int, ...] = ()
    turns: tuple[Turn, ...] = ()


class Plan(Value):
    """What an outline says of each chapter, by lines that run through the book.

    ``chapters`` are titles. ``facts`` are those that not everybody knows, in the order in which they come out;
    ``items`` those that change hands. Both are texts by id.
    """

    title: str
    chapters: tuple[str, ...]
    acts: tuple[Part, ...]
    strands: tuple[Strand, ...]
    people: tuple[Course, ...]
    facts: dict[str, str]
    items: dict[str, str]

    @classmethod
    def of(cls, outline: Outline, cast: Cast | None = None, world: World | None = None) -> Plan:
        """The plan of an outline; cast and world give the names, and what is known and held at the start."""
        canon = Canon.of(world, cast, outline, ())
        turns = list(_turns(canon, outline.chapters))
        facts = _facts(canon, outline, [turn for _, turn in turns])
        items = _items(world, [turn for _, turn in turns])
        turns = [*_at_the_start(canon, facts, items), *turns]
        return cls(
            title=outline.title,
            chapters=tuple(chapter.title for chapter in outline.chapters),
            acts=tuple(_parts(outline)),
            strands=tuple(_strands(outline, _names(cast, world))),
            people=tuple(_courses(cast, outline.chapters, turns)),
            facts=facts,
            items=items,
        )


def _parts(outline: Outline) -> Iterator[Part]:
    first = 1
    for act in outline.acts:
        yield Part(title=act.title, first=first, last=first + len(act.chapters) - 1)
        first += len(act.chapters)


def _turns(canon: Canon, chapters: Sequence[ChapterPlan]) -> Iterator[tuple[str, Turn]]:
    """Who is changed by what, in the order of telling; nobody learns what they know, or takes what they hold."""
    known = {(who, fact) for who, facts in canon.known_at_start.items() for fact in facts}
    holders = dict(canon.start.holders)
    for number, chapter in enumerate(chapters, start=1):
        for change in chapter.effects:
            for who, kind, what in _turned(change, holders):
                if kind in {"learns", "is told"}:
                    if (who, what) in known:
                        continue
                    known.add((who, what))
                elif kind == "gets":
                    holders[what] = who
                elif kind == "gives up":
                    holders.pop(what, None)
                yield who, Turn(chapter=number, kind=kind, what=what)


def _turned(change: Change, holders: Mapping[str, str]) -> Iterator[tuple[str, TurnKind, str]]:
    match change:
        case Learns():
            yield change.character, "learns", change.fact
        case Tells():
            yield change.listener, "is told", change.fact
        case Takes() if holders.get(change.item) != change.character:
            if before := holders.get(change.item):
                yield before, "gives up", change.item
            yield change.character, "gets", change.item
        case Gives():
            yield change.character, "gives up", change.item
            yield change.receiver, "gets", change.item
        case Loses():
            yield change.character, "gives up", change.item
        case Injured():
            yield change.character, "is hurt", change.injury
        case Heals():
            yield change.character, "heals", change.injury
        case Dies():
            yield change.character, "dies", ""


def _facts(canon: Canon, outline: Outline, turns: Iterable[Turn]) -> dict[str, str]:
    """The truths, and what else somebody comes to know: a secret that never comes out would say nothing."""
    told = [turn.what for turn in turns if turn.kind in {"learns", "is told"}]
    keys = dict.fromkeys((*told, *(truth.id for truth in outline.truths)))
    return {key: canon.facts.get(key, key) for key in keys}


def _items(world: World | None, turns: Iterable[Turn]) -> dict[str, str]:
    names = {one.id: one.name for one in (world.items if world else ())}
    moved = dict.fromkeys(turn.what for turn in turns if turn.kind in {"gets", "gives up"})
    return {key: names.get(key, key) for key in moved}


def _at_the_start(canon: Canon, facts: Iterable[str], items: Iterable[str]) -> Iterator[tuple[str, Turn]]:
    for fact in facts:
        for who in (who for who, known in canon.known_at_start.items() if fact in known):
            yield who, Turn(chapter=BEFORE, kind="knows", what=fact)
    for item in items:
        if who := canon.start.holders.get(item, ""):
            yield who, Turn(chapter=BEFORE, kind="holds", what=item)


def _courses(cast: Cast | None, chapters: Sequence[ChapterPlan], turns: Sequence[tuple[str, Turn]]) -> Iterator[Course]:
    """The cast in its order and whoever else is in the plan; those of whom it says nothing are left out."""
    names = {one.id: one.name for one in (cast.characters if cast else ())}
    on_stage = [(who, number) for number, one in enumerate(chapters, start=1) for who in one.characters]
    for who in dict.fromkeys((*names, *(who for who, _ in on_stage), *(who for who, _ in turns))):
        seen = tuple(number for one, number in on_stage if one == who)
        changed = tuple(turn for one, turn in turns if one == who)
        if seen or any(turn.chapter != BEFORE for turn in changed):
            yield Course(id=who, name=names.get(who, who), on_stage=seen, turns=changed)


def _names(cast: Cast | None, world: World | None) -> dict[str, tuple[str, ...]]:
    """What everybody and everything is called, by id."""
    people = {one.id: one.names for one in (cast.characters if cast else ())}
    places = {one.id: (one.name,) for one in (world.places if world else ())}
    items = {one.id: (one.name,) for one in (world.items if world else ())}
    return items | places | people


def _strands(outline: Outline, names: Mapping[str, Sequence[str]]) -> Iterator[Strand]:
    there = [[_there(scene, names) for scene in chapter.scenes] for chapter in outline.chapters]
    opened = _firsts(outline, OpensPromise)
    paid = _firsts(outline, PaysPromise)

    def touched(key: str, text: str) -> tuple[int, ...]:
        about = _named(text, names)
        scenes = {n for n, found in enumerate(there, start=1) if any(_touches(about, one) for one in found)}
        # A promise with the id of a thread is that thread's own.
        return tuple(sorted(scenes | {one[key] for one in (opened, paid) if key in one}))

    for thread in outline.threads:
        chapters = touched(thread.id, f"{thread.name}. {thread.description}")
        yield Strand(kind="thread", name=thread.name, touched=chapters)
    for promise in outline.promises:
        first, last = opened.get(promise.id), paid.get(promise.id)
        # What is said of its people before it is opened, or after it is paid, is not about the promise.
        within = range(first or 1, (last or len(there)) + 1)
        yield Strand(
            kind="promise",
            name=promise.text,
            touched=tuple(n for n in touched(promise.id, promise.text) if first and n in within),
            opened=first,
            paid=last,
            due=min(promise.due_chapter, len(there)),
        )


def _firsts(outline: Outline, kind: type[OpensPromise | PaysPromise]) -> dict[str, int]:
    """By promise, the first chapter with such a change of it."""
    found: dict[str, int] = {}
    for number, chapter in enumerate(outline.chapters, start=1):
        for effect in chapter.effects:
            if isinstance(effect, kind):
                found.setdefault(effect.promise, number)
    return found


def _touches(about: frozenset[str], there: frozenset[str]) -> bool:
    """Whether a scene is about a thread or promise; one that names nobody we know is touched by none."""
    return bool(about) and len(about & there) >= min(_NAMED, len(about))


def _there(scene: ScenePlan, names: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Who and what is in a scene or named in its plan."""
    text = ". ".join((scene.goal, scene.obstacle, scene.outcome, *(beat.summary for beat in scene.beats)))
    return _named(text, names) | {scene.place, scene.pov, *scene.characters}


def _named(text: str, names: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset(one.key for one in mentions(text, names))
