"""Canon: what is true in a novel, and who knows it, before a given point of its telling.

Two orders are kept apart. *Story time* is the day on which something happens; *telling* is the order of chapters
and scenes. The state of the world at a moment follows story time, so that a flashback may hold the dead; what
the reader and the characters know follows the order of telling.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from story.base import Value
from story.cast import Cast, secret_of
from story.changes import (
    Change,
    Dies,
    Gives,
    HasAttribute,
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
    TimePasses,
)
from story.chapter import Chapter
from story.outline import Outline, Promise
from story.world import World


class Point(NamedTuple):
    """A place in the telling: before the scene of that number in the chapter at that position, both from 1."""

    chapter: int
    scene: int = 1


class Told(Value):
    """A change with its place in the telling and in story time."""

    change: Change
    chapter: int
    day: int

    @property
    def point(self) -> Point:
        """The scene that tells it."""
        return Point(self.chapter, self.change.scene)


class State(Value):
    """What is true at one moment: who is where, who holds what, who lives, who is hurt, how people stand."""

    places: dict[str, str] = {}
    holders: dict[str, str] = {}
    dead: frozenset[str] = frozenset()
    injuries: dict[str, tuple[str, ...]] = {}
    relations: dict[str, dict[str, str]] = {}
    attributes: dict[str, dict[str, str]] = {}
    met: frozenset[frozenset[str]] = frozenset()
    hours: int = 0

    def after(self, change: Change) -> State:
        """The state once the change has happened; knowledge and promises are not part of it."""
        match change:
            case Moves():
                return self._with(places=self.places | {change.character: change.place})
            case Takes():
                return self._with(holders=self.holders | {change.item: change.character})
            case Gives():
                return self._with(holders=self.holders | {change.item: change.receiver})
            case Loses():
                return self._with(holders={item: who for item, who in self.holders.items() if item != change.item})
            case Dies():
                return self._with(dead=self.dead | {change.character})
            case Injured():
                injuries = (*self.injuries.get(change.character, ()), change.injury)
                return self._with(injuries=self.injuries | {change.character: injuries})
            case Heals():
                left = tuple(one for one in self.injuries.get(change.character, ()) if one != change.injury)
                return self._with(injuries=self.injuries | {change.character: left})
            case Meets():
                return self._with(met=self.met | {frozenset((change.character, change.other))})
            case Relates():
                mine = self.relations.get(change.character, {}) | {change.other: change.relation}
                return self._with(relations=self.relations | {change.character: mine})
            case HasAttribute():
                mine = self.attributes.get(change.entity, {}) | {change.attribute: change.value}
                return self._with(attributes=self.attributes | {change.entity: mine})
            case TimePasses():
                return self._with(hours=self.hours + change.hours)
            case _:
                return self

    def _with(self, **fields: object) -> State:
        return self.model_copy(update=fields)


class Canon(Value):
    """Everything told so far, over what world and cast begin with. ``as_of`` narrows it to a point of the telling."""

    start: State = State()
    known_at_start: dict[str, frozenset[str]] = {}
    facts: dict[str, str] = {}
    promises: tuple[Promise, ...] = ()
    told: tuple[Told, ...] = ()

    @classmethod
    def of(
        cls, world: World | None, cast: Cast | None, outline: Outline | None, chapters: tuple[Chapter, ...]
    ) -> Canon:
        """Canon after these chapters, in the order of telling."""
        people = cast.characters if cast else ()
        truths = outline.truths if outline else ()
        secrets = {secret_of(one.id): one.secret for one in people if one.secret}
        known = {one.id: frozenset({secret_of(one.id)} if one.secret else ()) for one in people}
        for truth in truths:
            known |= {who: known.get(who, frozenset()) | {truth.id} for who in truth.known_by}
        return cls(
            start=State(
                places={one.id: one.home for one in people if one.home},
                holders={item: one.id for one in people for item in one.holds},
                relations={one.id: {rel.other: rel.kind for rel in one.relations} for one in people if one.relations},
            ),
            known_at_start=known,
            facts={f"world-{n}": fact for n, fact in enumerate(world.facts if world else (), start=1)}
            | secrets
            | {truth.id: truth.text for truth in truths},
            promises=outline.promises if outline else (),
            told=tuple(told for n, chapter in enumerate(chapters, start=1) for told in _told(n, chapter)),
        )

    def as_of(self, point: Point) -> Canon:
        """What had been told before that scene."""
        return self.model_copy(update={"told": tuple(one for one in self.told if one.point < point)})

    def state(self, day: int | None = None) -> State:
        """The world at the end of a story day, or now: told changes up to that day, in the order they happened."""
        happened = sorted((one for one in self.told if day is None or one.day <= day), key=lambda one: one.day)
        state = self.start
        for one in happened:
            state = state.after(one.change)
        return state

    def died_on(self, character: str) -> int | None:
        """The story day on which the character died, as far as it has been told."""
        days = (one.day for one in self.told if isinstance(one.change, Dies) and one.change.character == character)
        return min(days, default=None)

    def knows(self, character: str) -> frozenset[str]:
        """The facts that a character knows, by the order of telling: at the start, learned, told or heard."""
        return self.known_at_start.get(character, frozenset()) | {
            fact for one in self.told for who, fact in knowledge(one.change) if who == character
        }

    @cached_property
    def reader_knows(self) -> frozenset[str]:
        """The facts that the telling has given away."""
        return frozenset(fact for one in self.told for _, fact in knowledge(one.change))

    @property
    def open_promises(self) -> tuple[Promise, ...]:
        """Promises that were opened and not yet paid, the most urgent first."""
        opened = {one.change.promise for one in self.told if isinstance(one.change, OpensPromise)}
        paid = {one.change.promise for one in self.told if isinstance(one.change, PaysPromise)}
        return tuple(sorted((p for p in self.promises if p.id in opened - paid), key=lambda p: (p.due_chapter, p.id)))


def knowledge(change: Change) -> Iterator[tuple[str, str]]:
    """Who comes to know which fact by a change: pairs of character id and fact id."""
    match change:
        case Learns():
            yield change.character, change.fact
        case Tells():
            yield change.listener, change.fact


def _told(position: int, chapter: Chapter) -> Iterator[Told]:
    days = {scene.number: scene.day for scene in chapter.chronicle.scenes}
    last = max(days.values(), default=position)
    for change in sorted(chapter.chronicle.changes, key=lambda one: one.scene):
        yield Told(change=change, chapter=position, day=days.get(change.scene, last))
