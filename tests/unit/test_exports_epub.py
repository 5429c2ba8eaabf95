"""EPUB files, judged by the W3C's own checker and looked into."""

from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZIP_STORED, ZipFile

import pytest
from PIL import Image

from storage.exports import Book, write_book
from storage.exports.cover import HEIGHT, WIDTH, cover
from storage.exports.epub import epub
from tests.servers.java import epubcheck
from tests.unit.test_exports import HOSTILE, a_book

XHTML = "{http://www.w3.org/1999/xhtml}"


def page(book: Book, name: str) -> ET.Element:
    """A file of the EPUB, parsed."""
    with ZipFile(BytesIO(epub(book))) as archive:
        return ET.fromstring(archive.read(f"EPUB/{name}"))


def words(element: ET.Element) -> str:
    """The text of an element."""
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize(
    "book",
    [
        pytest.param(a_book(chapters=12, text="One *two*.\n\n* * *\n\nThree.", subject="mystery"), id="normal"),
        pytest.param(a_book("T" * 300, chapters=1, text=""), id="one empty chapter"),
        pytest.param(
            a_book("\"<b>'&'</b>\" \U0001f600 ]]>\x07", text=HOSTILE, author=HOSTILE, subject=HOSTILE, language="fa"),
            id="hostile and right to left",
        ),
    ],
)
def test_epubcheck_finds_nothing(book: Book, tmp_path: Path):
    """Neither an error nor a warning."""
    assert epubcheck(write_book(book, tmp_path, ("epub",))["epub"]) == []


def test_the_type_stands_first_and_plain():
    """Readers recognise an EPUB by its first bytes."""
    with ZipFile(BytesIO(epub(a_book()))) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
        assert archive.read("mimetype") == b"application/epub+zip"


def test_a_chapter_has_its_number_with_the_title_beneath():
    """Both in one heading, each with a style of its own."""
    spans = list(page(a_book(), "chapter-002.xhtml").iter(f"{XHTML}span"))
    assert [(one.get("class"), one.text) for one in spans] == [("number", "Chapter 2"), ("name", "Part 2")]


def test_emphasis_and_scene_breaks_are_elements():
    """Paragraphs, em and hr, in the order of the text."""
    chapter = page(a_book(text="One *two*.\n\n* * *\n\nThree."), "chapter-001.xhtml")
    section = chapter.find(f".//{XHTML}section")
    assert [one.tag.removeprefix(XHTML) for one in section] == ["h1", "p", "hr", "p"]
    assert words(section.find(f".//{XHTML}em")) == "two"


def test_prose_is_never_html():
    """What looks like a tag is text."""
    chapter = page(a_book(text="<em>No</em> & <script>x</script>"), "chapter-001.xhtml")
    assert not list(chapter.iter(f"{XHTML}script"))
    assert "<em>No</em> & <script>x</script>" in words(chapter)


def test_the_contents_name_every_chapter():
    """In order, with number and title."""
    toc = page(a_book(), "nav.xhtml").find(f".//{XHTML}nav")
    assert [words(one) for one in toc.iter(f"{XHTML}a")] == [f"Chapter {n}: Part {n}" for n in (1, 2, 3)]


def test_the_cover_is_a_picture_of_book_size():
    """A JPEG in the proportion of two to three."""
    picture = Image.open(BytesIO(cover("The Keeper", "Ada")))
    assert (picture.format, picture.size) == ("JPEG", (WIDTH, HEIGHT))


def test_the_title_chooses_the_cover():
    """The same title gives the same bytes, another title another picture."""
    assert cover("The Keeper", "Ada") == cover("The Keeper", "Ada") != cover("The Sleeper", "Ada")


def test_accents_are_written_on_the_cover():
    """Our font has them, where a missing letter would leave the line off."""
    assert cover("The Keeper", "Žofie Łuczak, Ævar Þór") != cover("The Keeper", "")


@pytest.mark.parametrize("title", ["", "שלום", "\U0001f600", "W" * 300, "wordy " * 60])
def test_every_title_has_a_cover(title: str):
    """Also one that is very long, or that our font cannot write."""
    assert cover(title, "Ada")
