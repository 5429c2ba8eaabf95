"""The little markup that chapters hold: paragraphs, scene breaks, emphasis. All else is literal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_BREAK = re.compile(r"\s*(?:\*(?:\s*\*){2,}|-(?:\s*-){2,}|_(?:\s*_){2,}|#|⁂)\s*")
_SPACES = re.compile(r"[ \t]+")  # not the hard and wide spaces that typography means
_EMPHASIS = re.compile(
    r"(?<![\w*\\])\*(?![\s*])([^*]*[^\s*])\*(?![\w*])"
    r"|(?<![\w_\\])_(?![\s_])([^_]*[^\s_])_(?![\w_])"
)


class Run(NamedTuple):
    """Letters in one style."""

    text: str
    italic: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``opening`` is the first of a chapter or scene, which is not indented."""

    runs: tuple[Run, ...]
    opening: bool


@dataclass(frozen=True)
class SceneBreak:
    """The pause between two scenes."""


Block = Paragraph | SceneBreak


def blocks(text: str) -> tuple[Block, ...]:
    """The paragraphs and scene breaks of a chapter, in order."""
    found: list[Block] = []
    for lines in _grouped(text):
        if lines is None:
            found.append(SceneBreak())
        else:
            opening = not found or isinstance(found[-1], SceneBreak)
            found.append(Paragraph(runs(" ".join(lines)), opening))
    return tuple(found)


def runs(text: str) -> tuple[Run, ...]:
    """The text cut where emphasis begins and ends."""
    found: list[Run] = []
    at = 0
    for match in _EMPHASIS.finditer(text):
        found += [Run(text[at : match.start()]), Run(match[1] or match[2], italic=True)]
        at = match.end()
    return tuple(run for run in (*found, Run(text[at:])) if run.text)


def _grouped(text: str) -> list[list[str] | None]:
    """The lines of each paragraph; None stands for a scene break."""
    found: list[list[str] | None] = []
    fresh = True
    for line in text.split("\n"):
        stripped = _SPACES.sub(" ", line).strip(" ")
        if not stripped.strip():
            fresh = True
        elif _BREAK.fullmatch(stripped):
            found.append(None)
            fresh = True
        elif fresh or not found or found[-1] is None:
            found.append([stripped])
            fresh = False
        else:
            found[-1].append(stripped)
    return found
