"""What a novel puts into the graph: one part for the bible, one for each chapter. Pure: a function of the log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import combinations, groupby

from storage.graph.ports import BIBLE, Edge, Node, NodeKind, Part
from storage.passages.cutting import cut, joined
from story.base import Value
from story.canon import Canon
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
)
from story.chapter import Chapter, SceneRecord
from story.novel import Novel
from story.reading.mentions import mentions
from story.reading.speech import lines

_SCENE_BREAK = re.compile(r"^\s*\* \* \*\s*$", re.MULTILINE)

THREAD_NAMES = 2
"""How many of the entities that a thread's description names have to be in a scene that advances it."""


def bible_part(novel: Novel, version: int) -> Part:
    """World, cast and outline as nodes, and what holds between them before the first chapter."""
    return Part(chapter=BIBLE, version=version, nodes=tuple(_bible_nodes(novel)), edges=tuple(_bible_edges(novel)))


def chapter_part(bible: Names, chapter: Chapter, version: int) -> Part:
    """What one chapter tells: its scenes, who is in them, what changes, and who is named with whom."""
    scenes = _scenes(chapter)
    nodes = (Node(id=one.id, kind="scene", name=f"{chapter.title}, {one.number}") for one in scenes)
    edges = [edge for one in scenes for edge in _scene_edges(bible, one)]
    changed = (edge for change in chapter.chronicle.changes for edge in _change_edges(bible, chapter, change))
    return Part(
        chapter=chapter.id,
        version=version,
        nodes=tuple(nodes),
        edges=(*edges, *changed, *_together(bible, scenes)),
    )


def node(kind: NodeKind, key: str) -> str:
    """The id of a node, from the id of the vocabulary."""
    return f"{kind}/{key}"


class Names(Value):
    """By node id, what each character, place and item is called; and the entities that each thread names."""

    characters: dict[str, tuple[str, ...]] = {}
    things: dict[str, tuple[str, ...]] = {}
    threads: dict[str, frozenset[str]] = {}

    @classmethod
    def of(cls, novel: Novel) -> Names:
        """The names of a novel's world and cast."""
        world, cast, outline = novel.world, novel.cast, novel.outline
        characters = {node("character", one.id): one.names for one in (cast.characters if cast else ())}
        places = {node("place", one.id): (one.name,) for one in (world.places if world else ())}
        items = {node("item", one.id): (one.name,) for one in (world.items if world else ())}
        named = cls(characters=characters, things=places | items)
        threads = {
            node("thread", one.id): frozenset(named.counted(f"{one.name}. {one.description}"))
            for one in (outline.threads if outline else ())
        }
        return named.model_copy(update={"threads": threads})

    @cached_property
    def all(self) -> Mapping[str, tuple[str, ...]]:
        """Everything that can be named."""
        return self.characters | self.things

    def counted(self, text: str) -> Counter[str]:
        """How often a text names whom and what."""
        return Counter(one.key for one in mentions(text, self.all))

    def entity(self, key: str) -> str:
        """The node of a character, place or item of which only the id is known."""
        return next((one for kind in ("character", "place", "item") if (one := f"{kind}/{key}") in self.all), "")


class Scene(Value):
    """A scene as the text has it, and what the chronicle says of it."""

    id: str
    number: int
    text: str
    record: SceneRecord

    @property
    def present(self) -> tuple[str, ...]:
        """The nodes of those whom the chronicle puts on stage."""
        people = (self.record.pov, *self.record.characters)
        return tuple(dict.fromkeys(node("character", one) for one in people if one))


def _scenes(chapter: Chapter) -> list[Scene]:
    """The scenes of the text; one that the chronicle has beyond them has no text, and one it lacks no record."""
    texts = [text.strip() for text in _SCENE_BREAK.split(chapter.text)]
    records = {one.number: one for one in chapter.chronicle.scenes}
    return [
        Scene(
            id=f"scene/{chapter.id}/{number}",
            number=number,
            text=texts[number - 1] if number <= len(texts) else "",
            record=records.get(number, SceneRecord(number=number)),
        )
        for number in range(1, max(len(texts), *records, 0) + 1)
    ]


def _bible_nodes(novel: Novel) -> Iterator[Node]:
    world, outline = novel.world, novel.outline
    for person in novel.cast.characters if novel.cast else ():
        yield Node(id=node("character", person.id), kind="character", name=person.name, aliases=person.aliases)
    for place in world.places if world else ():
        yield Node(id=node("place", place.id), kind="place", name=place.name)
    for item in world.items if world else ():
        yield Node(id=node("item", item.id), kind="item", name=item.name)
    for thread in outline.threads if outline else ():
        yield Node(id=node("thread", thread.id), kind="thread", name=thread.name)
    for promise in outline.promises if outline else ():
        yield Node(id=node("promise", promise.id), kind="promise", name=promise.text)
    for key, text in Canon.of(world, novel.cast, outline, ()).facts.items():
        yield Node(id=node("fact", key), kind="fact", name=text)


def _bible_edges(novel: Novel) -> Iterator[Edge]:
    for person in novel.cast.characters if novel.cast else ():
        who = node("character", person.id)
        if person.home:
            yield Edge(source=who, target=node("place", person.home), kind="moves to")
        for item in person.holds:
            yield Edge(source=who, target=node("item", item), kind="holds")
        for relation in person.relations:
            yield Edge(source=who, target=node("character", relation.other), kind="relates", label=relation.kind)
    known = Canon.of(novel.world, novel.cast, novel.outline, ()).known_at_start
    for person_id, facts in known.items():
        for fact in sorted(facts):
            yield Edge(source=node("character", person_id), target=node("fact", fact), kind="learns")


def _scene_edges(bible: Names, scene: Scene) -> Iterator[Edge]:
    at = {"scene": scene.number}
    for who in scene.present:
        yield Edge(source=who, target=scene.id, kind="appears", **at)
    if scene.record.place:
        yield Edge(source=scene.id, target=node("place", scene.record.place), kind="set in", **at)
    named = bible.counted(scene.text)
    for key, times in sorted(named.items()):
        yield Edge(source=scene.id, target=key, kind="named", weight=times, **at)
    for who, times in sorted(Counter(one.speaker for one in lines(scene.text, bible.characters)).items()):
        yield Edge(source=who, target=scene.id, kind="speaks", weight=times, **at)
    there = named.keys() | set(scene.present)
    for thread, about in sorted(bible.threads.items()):
        if about and len(about & there) >= min(THREAD_NAMES, len(about)):
            yield Edge(source=scene.id, target=thread, kind="advances", weight=len(about & there), **at)


def _together(bible: Names, scenes: Iterable[Scene]) -> Iterator[Edge]:
    """Who is named in the same window of text; whose eyes a scene is seen through is in all of its windows."""
    pairs: Counter[tuple[str, str]] = Counter()
    for scene in scenes:
        seer = {node("character", scene.record.pov)} if scene.record.pov else set[str]()
        for text in _windows(scene.text):
            named = seer | {one.key for one in mentions(text, bible.characters)}
            pairs.update(combinations(sorted(named), 2))
    for (one, other), times in sorted(pairs.items()):
        yield Edge(source=one, target=other, kind="together", weight=times)


def _windows(text: str) -> list[str]:
    passages = cut("", 0, text).passages
    return [joined(list(window)) for _, window in groupby(passages, key=lambda one: one.window)]


def _change_edges(bible: Names, chapter: Chapter, change: Change) -> Iterator[Edge]:
    proof = {"scene": change.scene, "quote": change.quote}
    scene = f"scene/{chapter.id}/{change.scene}"
    match change:
        case Moves(character=who, place=place):
            yield Edge(source=_who(who), target=node("place", place), kind="moves to", **proof)
        case Takes(character=who, item=item):
            yield Edge(source=_who(who), target=node("item", item), kind="holds", **proof)
        case Gives(character=who, receiver=receiver, item=item):
            yield Edge(source=_who(who), target=_who(receiver), kind="gives", label=node("item", item), **proof)
            yield Edge(source=_who(receiver), target=node("item", item), kind="holds", **proof)
        case Loses(character=who, item=item):
            yield Edge(source=_who(who), target=node("item", item), kind="loses", **proof)
        case Learns(character=who, fact=fact):
            yield Edge(source=_who(who), target=node("fact", fact), kind="learns", **proof)
        case Tells(character=who, listener=listener, fact=fact):
            yield Edge(source=_who(who), target=_who(listener), kind="tells", label=node("fact", fact), **proof)
            yield Edge(source=_who(listener), target=node("fact", fact), kind="learns", **proof)
        case Meets(character=who, other=other):
            yield Edge(source=_who(who), target=_who(other), kind="meets", **proof)
        case Relates(character=who, other=other, relation=relation):
            yield Edge(source=_who(who), target=_who(other), kind="relates", label=relation, **proof)
        case OpensPromise(promise=promise):
            yield Edge(source=scene, target=node("promise", promise), kind="opens", **proof)
        case PaysPromise(promise=promise):
            yield Edge(source=scene, target=node("promise", promise), kind="pays", **proof)
        case Dies() | Injured() | Heals() | HasAttribute():
            of = bible.entity(change.entity) if isinstance(change, HasAttribute) else _who(change.character)
            yield Edge(source=of, target=of, kind="is", label=_said(change), **proof)


def _said(change: Dies | Injured | Heals | HasAttribute) -> str:
    match change:
        case Dies():
            return "dies"
        case Injured(injury=injury):
            return f"injured: {injury}"
        case Heals(injury=injury):
            return f"healed: {injury}"
        case HasAttribute(attribute=attribute, value=value):
            return f"{attribute}: {value}"


def _who(character: str) -> str:
    return node("character", character)
