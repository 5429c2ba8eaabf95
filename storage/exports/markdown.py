"""A book as Markdown: its prose reads as it stands, and nothing of it turns into a heading, a list or HTML."""

from __future__ import annotations

import re

from storage.exports.book import Book, BookChapter
from storage.exports.prose import Block, Run, SceneBreak, blocks

_MARKUP = re.compile(r"[\\`*\[\]<~]|&(?=#?\w+;)|(?<!\w)_|_(?!\w)")
_LIST = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_LINE_START = re.compile(r"[#>+=|-]")


def markdown(book: Book) -> bytes:
    """The book as one Markdown file in UTF-8."""
    parts = [f"# {_in_heading(book.title)}", _literal_start(_escaped(book.author))]
    for chapter in book.chapters:
        parts += [f"## {_heading(book, chapter)}", *map(_block, blocks(chapter.text))]
    return ("\n\n".join(parts) + "\n").encode()


def _heading(book: Book, chapter: BookChapter) -> str:
    return ": ".join(filter(None, (book.heading(chapter), _in_heading(chapter.title))))


def _in_heading(text: str) -> str:
    return _escaped(text).replace("#", "\\#")  # a heading's last ones would be dropped


def _block(block: Block) -> str:
    if isinstance(block, SceneBreak):
        return "* * *"
    return _literal_start("".join(map(_run, block.runs)))


def _run(run: Run) -> str:
    return f"*{_escaped(run.text)}*" if run.italic else _escaped(run.text)


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _literal_start(text: str) -> str:
    text = _LIST.sub(r"\1\\\2", text, count=1) if _LIST.match(text) else text
    return f"\\{text}" if _LINE_START.match(text) else text
