"""A novel as files that people read and edit: EPUB, DOCX and Markdown.

A file appears under its name only when it is whole. The libraries that a format needs are imported when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from storage.exports.book import Book, BookChapter, book_of
from storage.exports.files import FileNotWritable, file_stem, write_whole
from story.errors import InvalidInput

__all__ = ["FORMATS", "Book", "BookChapter", "FileNotWritable", "UnknownFormat", "book_of", "write_book"]

FORMATS = ("epub", "docx", "md")
"""The formats in the order in which they are made; each is also the ending of its files."""


class UnknownFormat(InvalidInput):
    """Books are not written in that format."""


def write_book(book: Book, folder: Path, formats: Collection[str] = FORMATS) -> dict[str, Path]:
    """Writes the book into the folder, which is made if it is not there; gives the files by format.

    Raises:
        UnknownFormat: a format is none of ``FORMATS``; nothing is written.
        FileNotWritable: the folder or a file cannot be written.
    """
    unknown = [form for form in formats if form not in FORMATS]
    if unknown:
        raise UnknownFormat(f"There is no format {unknown[0]!r}; there are {', '.join(FORMATS)}.")
    stem = file_stem(book.title)
    return {form: write_whole(folder / f"{stem}.{form}", _maker(form)(book)) for form in formats}


def _maker(form: str) -> Callable[[Book], bytes]:
    match form:
        case "epub":
            from storage.exports.epub import epub  # noqa: PLC0415

            return epub
        case "docx":
            from storage.exports.docx import docx  # noqa: PLC0415

            return docx
        case _:
            from storage.exports.markdown import markdown  # noqa: PLC0415

            return markdown
