"""The world of a novel: where it happens, what is true there, what things lie in it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from story.base import Value


class Place(Value):
    """Somewhere a scene can happen. ``near`` names the places one can walk to from here, by id."""

    id: str
    name: str
    description: str = ""
    near: tuple[str, ...] = ()


class Item(Value):
    """A thing that matters and that one person at a time can hold."""

    id: str
    name: str
    description: str = ""


class World(Value):
    """The world builder's answer. ``facts`` hold the author's given facts word for word, first."""

    genre: str
    setting: str
    era: str = ""
    facts: tuple[str, ...] = ()
    customs: tuple[str, ...] = ()
    places: Annotated[tuple[Place, ...], Field(min_length=1)]
    items: tuple[Item, ...] = ()
