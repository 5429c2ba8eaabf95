"""Books as files: what is written where, safely, and how a novel becomes a book."""

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.exports import FORMATS, Book, BookChapter, FileNotWritable, UnknownFormat, book_of, write_book
from storage.exports.book import NothingWritten, clean
from storage.exports.files import file_stem
from story.chapter import Chapter, Chronicle
from story.errors import InvalidInput
from story.novel import Novel
from story.premise import Premise

LONG_AGO = datetime(2026, 3, 1, 12, 30, 15, 999, tzinfo=UTC)

HOSTILE = (
    "<script>alert('x')</script> ]]> & &amp; &nosuch; <!-- --> <![CDATA[ \x00\x07\x1b[31m\ufffe\ud83d"
    "\n\n\U0001f600 שלום עולם مرحبا \u202eabc\u202c\n\n{{ book.title }} {% raw %} \\ ` # 1. > | ~~~\n\n* * *"
)


def a_book(title: str = "The Keeper", chapters: int = 3, text: str = "One.\n\nTwo *three* four.", **more: str) -> Book:
    """A book of equal chapters."""
    values = {"identifier": "urn:uuid:0d0b1f5c-8f4c-5d2e-9a3e-1f2a3b4c5d6e", "author": "A. Writer", "language": "en"}
    return Book(
        **{**values, **more},
        title=title,
        modified=LONG_AGO,
        chapters=tuple(BookChapter(number=n, title=f"Part {n}", text=text) for n in range(1, chapters + 1)),
    )


def a_novel(*titles: str, author: str = "", title: str = "The Keeper") -> Novel:
    """A novel with chapters of these titles."""
    chapters = [
        Chapter(id=f"c{number}", title=one, text="It rained.", chronicle=Chronicle(summary="Rain."))
        for number, one in enumerate(titles, 1)
    ]
    premise = Premise(premise="A keeper.", title=title, author=author, genre="mystery")
    return Novel(premise=premise, chapters=tuple(chapters))


def test_every_format_is_written_under_the_slug_of_the_title(tmp_path: Path):
    """The files of a book are named after its title, with the ending of their format."""
    files = write_book(a_book("The Keeper's Wife"), tmp_path, FORMATS)
    assert {form: path.name for form, path in files.items()} == {
        "epub": "the-keeper-s-wife.epub",
        "docx": "the-keeper-s-wife.docx",
        "md": "the-keeper-s-wife.md",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in files.values())


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_book_makes_the_same_bytes(form: str, tmp_path: Path):
    """Neither the hour nor the folder shows in a file."""
    first, second = (write_book(a_book(), tmp_path / one, (form,))[form] for one in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


def test_an_unknown_format_writes_nothing(tmp_path: Path):
    """Formats are checked before the first file is made."""
    with pytest.raises(UnknownFormat, match="no format 'pdf'; there are epub, docx, md"):
        write_book(a_book(), tmp_path, ("epub", "pdf"))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_one_clear_line(tmp_path: Path):
    """A path that cannot be a folder names itself and the remedy."""
    (tmp_path / "taken").write_text("x")
    with pytest.raises(FileNotWritable) as refused:
        write_book(a_book(), tmp_path / "taken" / "books", ("md",))
    assert isinstance(refused.value, InvalidInput)
    assert str(tmp_path / "taken") in str(refused.value)
    assert "another folder" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_full_disk_leaves_the_old_file_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """When the new file cannot be made whole, the one before it stays."""
    path = write_book(a_book(), tmp_path, ("md",))["md"]
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileNotWritable, match="No space left"):
        write_book(a_book(text="Other."), tmp_path, ("md",))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_book_written_again_replaces_its_file(tmp_path: Path):
    """The newer text stands under the same name."""
    write_book(a_book(), tmp_path, ("md",))
    path = write_book(a_book(text="Newer."), tmp_path, ("md",))["md"]
    assert "Newer." in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "title",
    ["../../etc/passwd", "C:\\x", "a\r\nb", "\U0001f600", "x" * 300, "CON", "nul", "שלום", "", ".", "-", "LPT1"],
)
def test_a_hostile_title_stays_in_its_folder(title: str, tmp_path: Path):
    """No title leads out of the folder or to a name that a system refuses."""
    path = write_book(a_book(title), tmp_path, ("md",))["md"]
    assert path.parent == tmp_path
    assert list(tmp_path.iterdir()) == [path]
    assert path.stem not in {"con", "nul", "lpt1"}


@given(st.text(max_size=400))
def test_any_title_gives_a_safe_name(title: str):
    """Names are short and made of small letters, digits and single hyphens."""
    stem = file_stem(title)
    assert 0 < len(stem) <= 85
    assert all(part.isascii() and part.isalnum() and part == part.lower() for part in stem.split("-"))


def test_control_characters_leave_the_text():
    """What XML forbids is gone, tabs and newlines stay, and line ends are newlines."""
    assert clean("a\x00b\x0c\ud800\uffff\tc\r\nd\re") == "ab\tc\nd\ne"


def test_a_novel_becomes_a_book_with_numbered_chapters():
    """Number, title and text come in the order of the book."""
    book = book_of("abc", a_novel("The Lamp", "The Sea", author="Ada"), LONG_AGO)
    assert (book.title, book.author, book.subject) == ("The Keeper", "Ada", "mystery")
    assert [(one.number, one.title) for one in book.chapters] == [(1, "The Lamp"), (2, "The Sea")]


def test_a_book_without_author_is_anonymous():
    """Nobody is named who did not give a name."""
    assert book_of("abc", a_novel("One"), LONG_AGO).author == "Anonymous"


def test_the_identifier_belongs_to_the_novel():
    """A new edition keeps the identifier, another novel has another."""
    first, again, other = (book_of(key, a_novel("One"), LONG_AGO).identifier for key in ("a", "a", "b"))
    assert first == again != other
    assert first.startswith("urn:uuid:")


@pytest.mark.parametrize("title", ["Chapter 1: The Lamp", "CHAPTER 1 - The Lamp", "Kapitel 1. The Lamp", "The Lamp"])
def test_a_number_in_the_title_is_not_printed_twice(title: str):
    """Models write the number into the title, the heading gives it anyway."""
    assert book_of("a", a_novel(title), LONG_AGO).chapters[0].title == "The Lamp"


def test_another_number_in_the_title_is_the_authors():
    """Only the chapter's own number is left out."""
    assert book_of("a", a_novel("Chapter 11"), LONG_AGO).chapters[0].title == "Chapter 11"


def test_a_novel_without_chapters_makes_no_book():
    """An empty book is refused with what to do."""
    with pytest.raises(NothingWritten, match="no chapter yet"):
        book_of("a", a_novel(), LONG_AGO)


def test_headings_speak_the_language_of_the_book():
    """A German book has Kapitel; a language that we have no words for has Chapter."""
    german, other = a_book(language="de-AT"), a_book(language="xx")
    assert german.heading(german.chapters[0]) == "Kapitel 1"
    assert other.heading(other.chapters[0]) == "Chapter 1"


def test_the_time_of_change_is_in_utc():
    """Any zone is brought to UTC, to the second."""
    abroad = a_book().model_copy(update={"modified": LONG_AGO.astimezone(timezone(timedelta(hours=9)))})
    assert abroad.changed.isoformat() == "2026-03-01T12:30:15+00:00"


def test_storage_loads_without_the_libraries_of_the_formats():
    """Commands that make no book do not wait for Pillow, Jinja and python-docx."""
    code = "import sys, storage.exports; print(*{'PIL', 'docx', 'jinja2', 'lxml'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not shown.stdout.strip()
