"""A book as EPUB 3: our own archive of Jinja templates; epubcheck finds neither error nor warning in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from jinja2 import Environment, PackageLoader, StrictUndefined

from storage.exports.archive import add
from storage.exports.book import Book
from storage.exports.cover import HEIGHT, WIDTH, cover
from storage.exports.prose import SceneBreak, blocks


def epub(book: Book) -> bytes:
    """The book as an EPUB file; the same book gives the same bytes."""
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        # Readers know the format by these bytes at the very beginning of the file, not compressed.
        add(archive, "mimetype", b"application/epub+zip", ZIP_STORED)
        for name, content in _parts(book):
            add(archive, name, content, ZIP_DEFLATED)
    return target.getvalue()


def _parts(book: Book) -> Iterator[tuple[str, bytes]]:
    yield "META-INF/container.xml", _rendered("container.xml", book)
    for name in ("content.opf", "nav.xhtml", "cover.xhtml", "title.xhtml", "book.css"):
        yield f"EPUB/{name}", _rendered(name, book)
    yield "EPUB/cover.jpg", cover(book.title, book.author)
    for chapter in book.chapters:
        content = _rendered("chapter.xhtml", book, chapter=chapter, blocks=blocks(chapter.text))
        yield f"EPUB/{chapter_file(chapter.number)}", content


def chapter_file(number: int) -> str:
    """The name of a chapter's file inside the EPUB; sorted names are in reading order."""
    return f"chapter-{number:03}.xhtml"


def _rendered(name: str, book: Book, **values: object) -> bytes:
    return _templates().get_template(name).render(book=book, width=WIDTH, height=HEIGHT, **values).encode()


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("storage.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["chapter_file"] = chapter_file
    templates.tests["scene_break"] = lambda block: isinstance(block, SceneBreak)
    return templates
