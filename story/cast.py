"""The people of a novel."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from story.base import Value


class Relation(Value):
    """How one character stands to another, in a word or two (``sister``, ``owes money to``)."""

    other: str
    kind: str


class Character(Value):
    """One person: who they are, what moves them, where and with what they begin.

    ``secret`` is known to this character alone until it is told or learned; as a fact its id is
    ``secret_of(id)``. ``home`` is a place id, ``holds`` are item ids.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    role: str = ""
    want: str = ""
    need: str = ""
    fear: str = ""
    secret: str = ""
    voice: str = ""
    appearance: str = ""
    home: str = ""
    holds: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything this character is called."""
        return (self.name, *self.aliases)


class Cast(Value):
    """The character designer's answer: all characters, the protagonist first."""

    characters: Annotated[tuple[Character, ...], Field(min_length=1)]

    def get(self, key: str) -> Character | None:
        """The character with this id, if there is one."""
        return next((one for one in self.characters if one.id == key), None)


def secret_of(character: str) -> str:
    """The fact id of a character's secret."""
    return f"secret-of-{character}"
