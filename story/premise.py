"""The premise: what an author gives, from one sentence to a cast and a world."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from story.base import Value

MAX_PREMISE = 40_000
"""Characters a premise may hold, about 6,500 words; more is a manuscript, not a premise."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Line = Annotated[str, StringConstraints(max_length=2_000)]
Pov = Literal["first", "third"]
Tense = Literal["past", "present"]


class GivenCharacter(Value):
    """A character as the author gives it; empty fields are the character designer's to fill."""

    name: Name
    role: Line = ""
    want: Line = ""
    fear: Line = ""
    secret: Line = ""
    voice: Line = ""
    appearance: Line = ""
    aliases: tuple[Name, ...] = ()


class GivenWorld(Value):
    """What the author fixes of the world; the facts appear in the book as given."""

    setting: Line = ""
    era: Line = ""
    facts: tuple[Line, ...] = ()


class Premise(Value):
    """What the novel is to be about, and its measures.

    ``words`` is the length asked of each chapter; ``seed`` makes the same premise another story, and an absent
    one derives from the premise's text; ``variant`` numbers the fresh tellings of the same premise and seed.
    """

    premise: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PREMISE)]
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    author: Annotated[str, StringConstraints(max_length=200)] = ""
    genre: Annotated[str, StringConstraints(max_length=60)] = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    chapters: Annotated[int, Field(ge=1, le=400)] = 12
    words: Annotated[int, Field(ge=100, le=10_000)] = 1_500
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    variant: Annotated[int, Field(ge=0)] = 0
    pov: Pov = "third"
    tense: Tense = "past"
    characters: Annotated[tuple[GivenCharacter, ...], Field(max_length=60)] = ()
    world: GivenWorld = GivenWorld()
    themes: tuple[Line, ...] = ()

    def seeded(self) -> Premise:
        """The same premise with its seed settled."""
        return self if self.seed is not None else self.model_copy(update={"seed": default_seed(self.premise)})


def default_seed(text: str) -> int:
    """The seed that a premise without one gets: the first 32 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
