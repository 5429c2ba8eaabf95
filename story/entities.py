"""What a novel's changes may name: the ids of its characters, places, items, facts and promises, and their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from story.base import Value
from story.canon import Canon
from story.cast import Cast
from story.changes import Change
from story.chapter import Chronicle, SceneRecord
from story.outline import Outline
from story.world import World

_KINDS = {
    "character": "characters",
    "receiver": "characters",
    "listener": "characters",
    "other": "characters",
    "place": "places",
    "item": "items",
    "fact": "facts",
    "promise": "promises",
    "entity": "entities",
}
"""By the field of a change, which entities it names."""


class Entities(Value):
    """By kind, the id that each id, name or alias stands for, in lower case; a name of two stands for neither."""

    characters: dict[str, str]
    places: dict[str, str]
    items: dict[str, str]
    facts: dict[str, str]
    promises: dict[str, str]

    @classmethod
    def of(cls, world: World | None, cast: Cast | None, outline: Outline | None) -> Entities:
        """Everything that may be named in a novel with this world, cast and outline, as far as there are such."""
        return cls(
            characters=_index((one.id, one.names) for one in (cast.characters if cast else ())),
            places=_index((one.id, (one.name,)) for one in (world.places if world else ())),
            items=_index((one.id, (one.name,)) for one in (world.items if world else ())),
            facts=_index((key, ()) for key in Canon.of(world, cast, outline, ()).facts),
            promises=_index((one.id, ()) for one in (outline.promises if outline else ())),
        )

    @property
    def entities(self) -> dict[str, str]:
        """What can have an attribute."""
        return self.items | self.places | self.characters

    def unknown(self, change: Change) -> list[str]:
        """What a change names that there is not, as ``field 'name'``."""
        return [f"{field} {name!r}" for field, name in _named(change) if self._id(field, name) is None]

    def recognise(self, chronicle: Chronicle) -> tuple[Chronicle, tuple[Change, ...]]:
        """The chronicle with ids for names, without the changes that name what there is not; and those changes."""
        kept = tuple(self._with_ids(change) for change in chronicle.changes if not self.unknown(change))
        dropped = tuple(change for change in chronicle.changes if self.unknown(change))
        scenes = tuple(map(self._scene, chronicle.scenes))
        return chronicle.model_copy(update={"changes": kept, "scenes": scenes}), dropped

    def _with_ids(self, change: Change) -> Change:
        return change.model_copy(update={field: self._id(field, name) for field, name in _named(change)})

    def _scene(self, scene: SceneRecord) -> SceneRecord:
        people = (self._id("character", name) for name in scene.characters)
        return scene.model_copy(
            update={
                "place": self._id("place", scene.place) or "",
                "pov": self._id("character", scene.pov) or "",
                "characters": tuple(one for one in people if one),
            }
        )

    def _id(self, field: str, name: str) -> str | None:
        index: dict[str, str] = getattr(self, _KINDS[field])
        return index.get(name.casefold())


def _named(change: Change) -> Iterator[tuple[str, str]]:
    for field in _KINDS:
        if hasattr(change, field):
            yield field, getattr(change, field)


def _index(named: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    pairs = list(named)
    index: dict[str, str] = {}
    shared: set[str] = set()
    for key, names in pairs:
        for name in {one.casefold() for one in names}:
            shared |= {name} if index.get(name, key) != key else set()
            index[name] = key
    ids = {key.casefold(): key for key, _ in pairs}
    return {name: key for name, key in index.items() if name not in shared} | ids
