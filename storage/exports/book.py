"""What every format is made from: a book with clean texts, taken from a novel."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from pydantic import AwareDatetime, BeforeValidator

from story.base import Value
from story.errors import InvalidInput
from story.novel import Novel

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_RIGHT_TO_LEFT = {"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}


class Labels(NamedTuple):
    """The words a book itself needs, in its language."""

    chapter: str
    contents: str


_LABELS = {
    "en": Labels("Chapter", "Contents"),
    "cs": Labels("Kapitola", "Obsah"),
    "da": Labels("Kapitel", "Indhold"),
    "de": Labels("Kapitel", "Inhalt"),
    "es": Labels("Capítulo", "Índice"),
    "fi": Labels("Luku", "Sisällys"),
    "fr": Labels("Chapitre", "Table des matières"),
    "it": Labels("Capitolo", "Indice"),
    "nb": Labels("Kapittel", "Innhold"),
    "nl": Labels("Hoofdstuk", "Inhoud"),
    "no": Labels("Kapittel", "Innhold"),
    "pl": Labels("Rozdział", "Spis treści"),
    "pt": Labels("Capítulo", "Índice"),
    "ro": Labels("Capitolul", "Cuprins"),
    "ru": Labels("Глава", "Содержание"),
    "sv": Labels("Kapitel", "Innehåll"),
    "uk": Labels("Розділ", "Зміст"),
}


class NothingWritten(InvalidInput):
    """The novel has no chapter yet; `scriptorium write --resume NOVEL` goes on with it."""


def clean(text: str) -> str:
    """The text without the characters that XML forbids, its lines ended by a newline alone."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str) -> str:
    return re.sub(r"[ \t\n]+", " ", clean(text)).strip()


Prose = Annotated[str, BeforeValidator(clean)]
Line = Annotated[str, BeforeValidator(_line)]


class BookChapter(Value):
    """A chapter as printed; ``number`` counts from 1 and ``title`` may be empty."""

    number: int
    title: Line
    text: Prose


class Book(Value):
    """A book as it goes to print: the same book makes the same files. Its texts hold nothing that XML forbids."""

    identifier: str
    title: Line
    author: Line
    language: str
    modified: AwareDatetime
    subject: Line = ""
    chapters: tuple[BookChapter, ...]

    @property
    def labels(self) -> Labels:
        """The book's own words in its language; English ones where we have no others."""
        return _LABELS.get(self.language.partition("-")[0], _LABELS["en"])

    @property
    def right_to_left(self) -> bool:
        """Whether the language is written from right to left."""
        return self.language.partition("-")[0] in _RIGHT_TO_LEFT

    @property
    def changed(self) -> datetime:
        """``modified`` in UTC, to the second."""
        return self.modified.astimezone(UTC).replace(microsecond=0)

    def heading(self, chapter: BookChapter) -> str:
        """The first line of a chapter's head, as in ``Chapter 3``; its title stands beneath."""
        return f"{self.labels.chapter} {chapter.number}"


def book_of(novel_id: str, novel: Novel, modified: datetime) -> Book:
    """The accepted chapters of a novel as a book; raises ``NothingWritten`` when there are none."""
    if novel.premise is None or not novel.chapters:
        raise NothingWritten
    return Book(
        identifier=uuid5(NAMESPACE_URL, f"scriptorium:novel:{novel_id}").urn,
        title=_line(novel.title) or "Untitled",
        author=_line(novel.premise.author) or "Anonymous",
        language=novel.premise.language,
        modified=modified,
        subject=novel.premise.genre,
        chapters=tuple(
            BookChapter(number=number, title=_bare_title(one.title, number), text=one.text)
            for number, one in enumerate(novel.chapters, 1)
        ),
    )


def _bare_title(title: str, number: int) -> str:
    """The title without a number in front that the heading gives anyway, as models write ``Chapter 3: The Lamp``."""
    words = "|".join(sorted({labels.chapter for labels in _LABELS.values()}))
    return re.sub(rf"^\s*(?:{words})\s+{number}\b\s*[-.:–—]*\s*", "", title, flags=re.IGNORECASE)
