"""Reading a file that somebody wrote elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, takewhile
from pathlib import Path

from storage.manuscripts.blocks import Block, Source, without_typed_emphasis, words
from storage.manuscripts.chapters import divided
from storage.manuscripts.gutenberg import without_asides, without_licence
from storage.manuscripts.headings import LONGEST_TITLE, byline, heading, is_front, is_title, tidy_title
from storage.manuscripts.kinds import Kind, kind_of
from storage.manuscripts.prose import refuse_other_than_prose
from storage.manuscripts.values import MAX_BYTES, UNKNOWN_LANGUAGE, Manuscript, UnusableManuscript, refuse_words

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*")
_FIRST_BLOCKS = 12
_TITLE_WORDS = 25


def read_manuscript(path: Path) -> Manuscript:
    """Reads an EPUB, DOCX, Markdown, HTML or text file, whatever its ending, into chapters.

    Raises:
        UnusableManuscript: there is no such file, it is too large, or it is not a text that a novel can be made of.
    """
    try:
        data = _contents(path)
        source = _read(data, kind_of(data, path.suffix))
        return _manuscript(without_licence(source), path)
    except UnusableManuscript as error:
        raise UnusableManuscript(f"{path.name} cannot be imported: {error}") from error


def _contents(path: Path) -> bytes:
    """The bytes of a file, which is looked at before it is opened."""
    try:
        if path.is_dir():
            raise UnusableManuscript("it is a folder. Name a file.")
        if not path.exists():
            raise UnusableManuscript(f"there is no file {path}.")
        if not path.is_file():
            raise UnusableManuscript("it is not a file that can be read.")
        if path.stat().st_size > MAX_BYTES:
            raise UnusableManuscript(_too_large(path.stat().st_size))
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UnusableManuscript(f"it cannot be read ({error}). Check its name and its permissions.") from error
    if len(data) > MAX_BYTES:
        raise UnusableManuscript(_too_large(len(data)))
    if not data.strip(b"\x00 \t\r\n"):
        raise UnusableManuscript("it is empty.")
    return data


def _too_large(size: int) -> str:
    return (
        f"it has {size / 1e6:.0f} MB and at most {MAX_BYTES / 1e6:.0f} are read. "
        "Save it without pictures, or in several volumes."
    )


def _read(data: bytes, kind: Kind) -> Source:
    match kind:
        case "epub":
            from storage.manuscripts.epub import epub

            return epub(data)
        case "docx":
            from storage.manuscripts.docx import docx

            return docx(data)
        case "html":
            from storage.manuscripts.html import html

            return html(data)
        case "markdown":
            from storage.manuscripts.markdown import markdown

            return markdown(data)
        case "text":
            from storage.manuscripts.text import text

            return text(data)


def _manuscript(source: Source, path: Path) -> Manuscript:
    refuse_words(words(source.blocks))
    refuse_other_than_prose(source.blocks)
    blocks, notes = without_asides([one for one in source.blocks if not one.matter])
    title, author = _named(source, blocks, path)
    found = divided(blocks, title)
    if not found.chapters:
        raise UnusableManuscript("it holds headings, but no text.")
    return Manuscript(
        title=title,
        author=author,
        language=_language(source.language),
        chapters=found.chapters,
        left_out=(*source.left_out, *_marked(source), *notes, *found.left_out),
    )


def _marked(source: Source) -> tuple[str, ...]:
    size = words(one for one in source.blocks if one.matter)
    return (f"Pages that the file itself marks as front or back matter, {size} words.",) if size else ()


def _named(source: Source, blocks: Sequence[Block], path: Path) -> tuple[str, str]:
    """Title and author: what the file says, else what stands before its first heading, else the name of the file."""
    first = takewhile(lambda one: one.words <= _TITLE_WORDS and not heading(one.lines), blocks[:_FIRST_BLOCKS])
    # What stands right above prose is rather the heading of a chapter, unless nothing else is headed like it.
    levels = Counter(one.level for one in blocks)
    above = {id(one) for one, below in pairwise(blocks[: _FIRST_BLOCKS + 1]) if below.words > _TITLE_WORDS}
    heads = [
        one for one in first if not one.is_break and not (id(one) in above and levels[one.level] > 1 and one.level)
    ]
    lines = [without_typed_emphasis(line) for one in heads for line in one.lines]
    by = next(filter(None, map(byline, lines)), "")
    fits = (line for line in lines if is_title(line) and not is_front(line) and not byline(line))
    title = source.title or next(fits, "") or _from_name(path.stem)
    return tidy_title(title[:LONGEST_TITLE]), source.author or (by.title() if by.isupper() else by)


def _from_name(stem: str) -> str:
    """A title made of the name of a file, as in ``the-lamp-of-ys``."""
    words_of = re.sub(r"[-_\s]+", " ", stem).strip()
    if words_of != words_of.lower():
        return words_of
    return re.sub(r"(?<= )(?:A|An|And|At|In|Of|On|The|To)(?= )", lambda match: match[0].lower(), words_of.title())


def _language(said: str) -> str:
    return said.replace("_", "-") if _LANGUAGE.fullmatch(said) else UNKNOWN_LANGUAGE
