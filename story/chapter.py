"""A chapter as written: its text, what it did to canon, and how it is summed up."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from story.base import Value, word_count
from story.changes import Change, quoted


class SceneRecord(Value):
    """A scene as it was told: where, on which day of the story, through whose eyes, with whom.

    A scene on an earlier day than one told before is a flashback.
    """

    number: Annotated[int, Field(ge=1)]
    place: str = ""
    day: int = 1
    pov: str = ""
    characters: tuple[str, ...] = ()


class Chronicle(Value):
    """The chronicler's answer about a text: a summary, its scenes, and its changes to canon with their quotes."""

    summary: Annotated[str, Field(min_length=1)]
    scenes: tuple[SceneRecord, ...] = ()
    changes: tuple[Change, ...] = ()

    def proven_by(self, text: str) -> tuple[Chronicle, tuple[Change, ...]]:
        """This chronicle with only the changes whose quote stands in the text, and the changes dropped."""
        kept = tuple(change for change in self.changes if quoted(change.quote, text))
        dropped = tuple(change for change in self.changes if not quoted(change.quote, text))
        return self.model_copy(update={"changes": kept}), dropped


class Chapter(Value):
    """An accepted chapter. ``id`` is its identity, not its position and not its printed number."""

    id: str
    title: str
    text: str
    chronicle: Chronicle

    @property
    def words(self) -> int:
        """Words of the text."""
        return word_count(self.text)
