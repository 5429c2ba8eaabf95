"""What Project Gutenberg puts around and into its texts: header, licence, notes of transcribers, captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from storage.manuscripts.blocks import Block, Source
from storage.manuscripts.headings import heading

LANGUAGES = {
    "english": "en", "french": "fr", "german": "de", "italian": "it", "spanish": "es", "portuguese": "pt",
    "dutch": "nl", "swedish": "sv", "danish": "da", "norwegian": "nb", "finnish": "fi", "polish": "pl", "czech": "cs",
    "russian": "ru", "ukrainian": "uk", "greek": "el", "latin": "la", "hungarian": "hu", "chinese": "zh",
    "japanese": "ja", "esperanto": "eo", "catalan": "ca",
}  # fmt: skip
"""Codes of the languages that headers name in English."""

_START = re.compile(
    r"\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG|\*END\W*THE SMALL PRINT|\*\*\* ?START: FULL LICENSE AFTER",
    re.IGNORECASE,
)
_END = re.compile(
    r"\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG|^\W*(?:the )?end of (?:the |this )?project gutenberg"
    r"|START: FULL LICENSE|^THE FULL PROJECT GUTENBERG",
    re.IGNORECASE,
)
_FIELD = re.compile(r"(Title|Author|Language):\s*(.+)")
_ASIDE = re.compile(
    r"\[(Illustration|Footnote|Transcriber|Sidenote|Frontispiece|Decoration|Pg|Page|p\.)\b", re.IGNORECASE
)
_PAGE_NAMED = re.compile(r"\[(?:Pg|Page|p\.) ?[\divxlc]+\]|\{\d+\}", re.IGNORECASE)
_NOTE_NUMBER = re.compile(r"\[(?:\d{1,3}|[A-Z])\]")
_LONGEST_ASIDE = 40
"""Blocks of the longest caption or note in brackets; one that is not closed by then is taken for text."""


def without_licence(source: Source) -> Source:
    """The source without the header and licence of Project Gutenberg, which give what it does not say of itself."""
    blocks = source.blocks
    start = next((at for at, one in enumerate(blocks[: len(blocks) // 2 + 1]) if _matches(_START, one)), None)
    begin = 0 if start is None else start + 1
    end = next((at for at in range(begin, len(blocks)) if _matches(_END, blocks[at])), len(blocks))
    if start is None and end < len(blocks) // 2:
        end = len(blocks)
    if start is None and end == len(blocks):
        return source
    said = _fields(blocks[:begin])
    return replace(
        source,
        blocks=blocks[begin:end],
        title=source.title or said.get("Title", ""),
        author=source.author or said.get("Author", ""),
        language=source.language or LANGUAGES.get(said.get("Language", "").split(",")[0].strip().casefold(), ""),
        left_out=(*source.left_out, "The header and licence of Project Gutenberg."),
    )


def without_asides(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """The blocks without captions, footnotes, page numbers and notes in brackets; and a line about what there was.

    A heading that stands within a caption, as in old illustrated books, is kept.
    """
    kept: list[Block] = []
    found: set[str] = set()
    at = 0
    while at < len(blocks):
        end = _closing(blocks, at)
        aside = _ASIDE.match(blocks[at].lines[0])
        if end is None or aside is None:
            kept.append(blocks[at])
            at += 1
            continue
        found.add(aside[1].casefold())
        kept += _headings_within(blocks[at:end])
        at = end
    numbered = "footnote" in found
    return tuple(filter(None, (_plain(one, numbered=numbered) for one in kept))), _notes(found)


def _matches(pattern: re.Pattern[str], one: Block) -> bool:
    return ("gutenberg" in one.text.casefold() or "*" in one.text or "FULL" in one.text) and bool(
        pattern.search(one.text[:400])
    )


def _fields(blocks: Sequence[Block]) -> dict[str, str]:
    said: dict[str, str] = {}
    for one in blocks:
        for line in one.lines:
            if (match := _FIELD.match(line)) is not None:
                said.setdefault(match[1], match[2].strip())
    return said


def _closing(blocks: Sequence[Block], at: int) -> int | None:
    """Where the blocks of an aside that opens at a block end; None when none opens there or none is closed."""
    if not blocks[at].lines[0].startswith("["):
        return None
    depth = 0
    for end in range(at, min(at + _LONGEST_ASIDE, len(blocks))):
        text = blocks[end].text
        depth += text.count("[") - text.count("]")
        if depth <= 0:
            return end + 1 if text.endswith("]") else None
    return None


def _headings_within(blocks: Sequence[Block]) -> list[Block]:
    lines = [line.strip("[]* ") for one in blocks for line in one.lines]
    found = [line for line in lines if (said := heading([line])) is not None and said.kind in {"chapter", "division"}]
    return [Block((line,)) for line in found]


def _plain(one: Block, *, numbered: bool) -> Block | None:
    if not any("[" in line or "{" in line for line in one.lines):
        return one
    lines = [_PAGE_NAMED.sub("", line) for line in one.lines]
    lines = [_NOTE_NUMBER.sub("", line) for line in lines] if numbered else lines
    lines = [" ".join(line.split()) for line in lines]
    return replace(one, lines=tuple(filter(None, lines))) if any(lines) else None


def _notes(found: set[str]) -> tuple[str, ...]:
    kinds = sorted(found - {"pg", "page", "p."})
    return (f"Captions and notes in brackets: {', '.join(kinds)}.",) if kinds else ()
