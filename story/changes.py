"""What a chapter does to canon: a closed union of typed changes, each with the words that prove it.

Characters, places, items, facts and promises are named by id. In an outline a change is an intention and has no
quote; in an accepted chapter its ``quote`` stands word for word in the text.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from story.base import Value


class _Change(Value):
    scene: Annotated[int, Field(ge=1)] = 1
    quote: str = ""


class Moves(_Change):
    """A character goes to a place."""

    kind: Literal["moves"] = "moves"
    character: str
    place: str


class Takes(_Change):
    """A character comes to hold an item."""

    kind: Literal["takes"] = "takes"
    character: str
    item: str


class Gives(_Change):
    """A character hands an item that they hold to another."""

    kind: Literal["gives"] = "gives"
    character: str
    receiver: str
    item: str


class Loses(_Change):
    """A character no longer holds an item."""

    kind: Literal["loses"] = "loses"
    character: str
    item: str


class Learns(_Change):
    """A character comes to know a fact."""

    kind: Literal["learns"] = "learns"
    character: str
    fact: str


class Tells(_Change):
    """A character who knows a fact tells it to another, who then knows it."""

    kind: Literal["tells"] = "tells"
    character: str
    listener: str
    fact: str


class Dies(_Change):
    """A character dies."""

    kind: Literal["dies"] = "dies"
    character: str


class Injured(_Change):
    """A character is hurt."""

    kind: Literal["injured"] = "injured"
    character: str
    injury: str


class Heals(_Change):
    """A character recovers from an injury."""

    kind: Literal["heals"] = "heals"
    character: str
    injury: str


class Meets(_Change):
    """Two characters meet for the first time."""

    kind: Literal["meets"] = "meets"
    character: str
    other: str


class Relates(_Change):
    """From now on a character stands so to another."""

    kind: Literal["relates"] = "relates"
    character: str
    other: str
    relation: str


class HasAttribute(_Change):
    """From now on an entity (character, place or item) has this value of an attribute."""

    kind: Literal["has_attribute"] = "has_attribute"
    entity: str
    attribute: str
    value: str


class OpensPromise(_Change):
    """The reader is made to expect something."""

    kind: Literal["opens_promise"] = "opens_promise"
    promise: str


class PaysPromise(_Change):
    """What the reader was made to expect is given."""

    kind: Literal["pays_promise"] = "pays_promise"
    promise: str


class TimePasses(_Change):
    """Story time goes on by so many hours."""

    kind: Literal["time_passes"] = "time_passes"
    hours: Annotated[int, Field(ge=0)]


Change = Annotated[
    Moves
    | Takes
    | Gives
    | Loses
    | Learns
    | Tells
    | Dies
    | Injured
    | Heals
    | Meets
    | Relates
    | HasAttribute
    | OpensPromise
    | PaysPromise
    | TimePasses,
    Field(discriminator="kind"),
]

ACTORS = ("character", "receiver", "listener", "other")
"""The fields of a change that name a person."""


def actors(change: Change) -> tuple[str, ...]:
    """The ids of the characters that a change names, the one who acts first."""
    return tuple(getattr(change, field) for field in ACTORS if hasattr(change, field))


_GLYPHS = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(_GLYPHS)).strip()


def quoted(quote: str, text: str) -> bool:
    """Whether the words of the quote stand in the text, whatever the line breaks and the form of quotation marks."""
    return bool(_folded(quote)) and _folded(quote) in _folded(text)
