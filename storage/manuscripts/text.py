"""Plain text: its encoding, and the paragraphs that its lines make."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from storage.manuscripts.blocks import SCENE_BREAK, Block, Source, block
from storage.manuscripts.values import MAX_LINES, UnusableManuscript

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MOJIBAKE = re.compile(r"â€[™œ˜\u009d\u0153“”¦]|Ã[©¨¤¶¼±³¡]|ï»¿")
_MANY_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LATIN = re.compile(r"[\u2013\u2014\u2018-\u201e\u2026\u20ac\u2122£§°©®·½¼¾«»¿¡\u00a0À-ÖØ-öø-ÿŒœŠšŽžŸ]")
_SAMPLE = 100_000
"""Bytes that the guess of an encoding looks at."""

WIDE = 120
"""Letters of a line that no editor breaks by hand."""

_FIRST_CJK = "\u2e80"

_REMEDY = "Save it as text in UTF-8 and import that."


def text(data: bytes) -> Source:
    """Reads plain text."""
    return Source(tuple(blocks(decoded(data))))


def decoded(data: bytes) -> str:
    """The text of bytes in any encoding that can be told.

    Raises:
        UnusableManuscript: no encoding fits the whole of it.
    """
    found = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    damaged = len(_MOJIBAKE.findall(found)) + found.count("\ufffd")
    if damaged > 3 and damaged > len(found) / 20_000:
        raise UnusableManuscript(f"the text was saved in a wrong encoding once ({damaged} broken letters). {_REMEDY}")
    if found.count("\n") > MAX_LINES:
        raise UnusableManuscript(f"it has more than {MAX_LINES:,} lines, as no book has. Import it in several volumes.")
    return found


def _decoded(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], name)
    if (wide := _unmarked_utf16(data)) is not None:
        return _strictly(data, wide)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _in_one_byte(data, error)


def _strictly(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise UnusableManuscript(f"the text begins as {name} and is not, at byte {error.start}. {_REMEDY}") from error


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark shows by every other byte of Latin text being zero."""
    sample = data[:2000]
    if sample[1::2].count(0) > len(sample) * 0.3:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) > len(sample) * 0.3 else None


def _in_one_byte(data: bytes, error: UnicodeDecodeError) -> str:
    """Text that is not UTF-8: cp1252 where that makes letters, else what charset-normalizer says."""
    fitting, broken = len(_MANY_BYTES.findall(data)), data.decode("utf-8", "replace").count("\ufffd")
    if fitting > max(2, broken) and b"\x00" not in data:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnusableManuscript(
            f"the text is UTF-8 in most places, but not in line {line}: encodings are mixed. {_REMEDY}"
        )
    try:
        latin = data.decode("cp1252")
    except UnicodeDecodeError:
        latin = ""
    foreign = [letter for letter in latin if letter > "\x7f"]
    if foreign and sum(map(bool, map(_LATIN.match, foreign))) > 0.9 * len(foreign) and len(foreign) < 0.2 * len(latin):
        return latin
    return _guessed(data)


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    try:
        guessed = data.decode(best.encoding if best else "ascii")
    except (UnicodeDecodeError, LookupError) as error:
        raise UnusableManuscript(f"the encoding of the text cannot be told. {_REMEDY}") from error
    if sum(map(_FIRST_CJK.__le__, guessed)) > len(guessed) / 5:
        # The encodings of Chinese, Japanese and Korean make letters of each other's bytes, too.
        raise UnusableManuscript(f"the encoding of the text cannot be told for certain. {_REMEDY}")
    return guessed


def blocks(content: str) -> Iterator[Block]:
    """Paragraphs: parted by empty lines, or by indents, or each a line of its own, as the whole of the text shows."""
    lines = content.replace("\f", "\n\n\n").replace("\v", "\n").split("\n")
    filled = [line for line in lines if line.strip()]
    if _are_paragraphs(filled, len(lines)):
        yield from _by_line(lines)
    else:
        yield from _by_gap(lines, by_indent=_are_indented(lines, filled))


def _are_paragraphs(filled: list[str], total: int) -> bool:
    """Whether every line is a paragraph: many are wider than a page, or hardly a line is empty and most are closed."""
    long = sum(len(line) > WIDE for line in filled)
    if long * 10 >= len(filled) or not filled:
        return True
    return total - len(filled) < len(filled) / 20 and sum(map(_is_closed, filled)) > 0.8 * len(filled)


def _is_closed(line: str) -> bool:
    return line.rstrip().endswith((".", "!", "?", "”", '"', "’", "'", "…", ":"))


def _are_indented(lines: list[str], filled: list[str]) -> bool:
    """Whether paragraphs begin with an indent instead of an empty line."""
    indented = sum(line.startswith(("  ", "\t", "\u3000")) for line in filled)
    empty = len(lines) - len(filled)
    return empty < indented and 0.03 * len(filled) < indented < 0.7 * len(filled)


def _by_line(lines: list[str]) -> Iterator[Block]:
    gap = 0
    usual = _usual_gap(lines)
    for line in lines:
        if (found := block((line,), gap=gap)) is not None:
            yield from _after_gap(found, usual)
            gap = 0
        else:
            gap += 1


def _by_gap(lines: list[str], *, by_indent: bool) -> Iterator[Block]:
    held: list[str] = []
    gap = 0
    for line in [*lines, ""]:
        if line.strip() and not (by_indent and held and line.startswith((" ", "\t", "\u3000"))):
            held.append(line)
            continue
        if (found := block(held, gap=gap)) is not None:
            yield from _after_gap(found, 1)
            gap = 0
        held = [line] if line.strip() else []
        gap += not held


def _usual_gap(lines: list[str]) -> int:
    empty = sum(not line.strip() for line in lines)
    return 1 if empty * 3 > len(lines) - empty else 0


def _after_gap(found: Block, usual: int) -> Iterator[Block]:
    """The block, behind a scene break when it stands farther off than paragraphs do; headings take no harm of it."""
    if found.gap >= usual + 2:
        yield Block((SCENE_BREAK,), gap=found.gap)
    yield found
