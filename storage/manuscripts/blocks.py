"""The form that every kind of file is read into: paragraphs and headings, in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

SCENE_BREAK = "* * *"
"""The line that stands for a pause between two scenes."""

BOLD = 7
"""The level of a paragraph that is bold throughout: below every heading that is marked as one."""

Matter = Literal["", "front", "back"]

_SPACES = re.compile(r"[\s\u00a0]+")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
_UNDERSCORE = re.compile(r"(?<!_)(?:(?<![^\W_])_|_(?![^\W_]))(?!_)")
_EQUALS = re.compile(r"(?<![=\w])=([^\s=](?:[^=]*[^\s=])?)=(?![=\w])")
_TEXTUAL = re.compile(r"[\w“”‘’\"'?!«»]")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a heading. Its lines are those of the file, where the file has lines.

    ``level`` is that of a heading in markup, 1 to 6 or ``BOLD``, and 0 of all else; ``gap`` counts the empty lines
    before it; ``matter`` is set where the file itself says that it is no part of the story; ``label`` is what the
    table of contents of the file calls the place.
    """

    lines: tuple[str, ...]
    level: int = 0
    gap: int = 1
    matter: Matter = ""
    label: str = ""

    @property
    def text(self) -> str:
        """The lines, joined."""
        return joined(self.lines)

    @property
    def words(self) -> int:
        """Words, counted by spaces."""
        return sum(len(line.split()) for line in self.lines)

    @property
    def is_break(self) -> bool:
        """Whether it is a line of ornaments, without a letter, a digit or anything that speech is made of."""
        return len(self.lines) == 1 and not _TEXTUAL.search(self.lines[0])


@dataclass(frozen=True, slots=True)
class Source:
    """A file, read. What it does not say of itself is empty."""

    blocks: tuple[Block, ...]
    title: str = ""
    author: str = ""
    language: str = ""
    left_out: tuple[str, ...] = field(default=())


def cleaned(line: str) -> str:
    """A line without what cannot be seen, its spaces single."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", line)).strip()


def block(lines: Iterable[str], level: int = 0, gap: int = 1) -> Block | None:
    """A block of the lines that hold anything; None when none does."""
    kept = tuple(filter(None, map(cleaned, lines)))
    return Block(kept, level, gap) if kept else None


def joined(lines: Sequence[str]) -> str:
    """Lines as running text; a word or a dash that a line ends in is not torn from what follows."""
    text = ""
    for line in lines:
        text += line if not text or text.endswith(("—", "--")) or _is_hyphened(text, line) else f" {line}"
    return text


def _is_hyphened(text: str, line: str) -> bool:
    return text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower()


def without_typed_emphasis(text: str) -> str:
    """Text without the marks that plain text has for italics and bold, as in ``_so_`` and ``=so=``."""
    if "_" in text:
        text = _UNDERSCORE.sub("", text)
    return _EQUALS.sub(r"\1", text) if "=" in text else text


def words(blocks: Iterable[Block]) -> int:
    """Words of all blocks."""
    return sum(one.words for one in blocks)


def prose(blocks: Iterable[Block]) -> str:
    """The text of a chapter: paragraphs and scene breaks parted by empty lines, no break first, last or twice."""
    parts: list[str] = []
    for one in blocks:
        if not one.is_break:
            parts.append(without_typed_emphasis(one.text))
        elif parts and parts[-1] != SCENE_BREAK:
            parts.append(SCENE_BREAK)
    if parts and parts[-1] == SCENE_BREAK:
        parts.pop()
    return "\n\n".join(parts)
