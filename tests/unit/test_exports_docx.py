"""DOCX files, opened again by python-docx."""

from io import BytesIO

from docx import Document
from docx.document import Document as DocumentObject

from storage.exports import Book
from storage.exports.docx import docx
from tests.unit.test_exports import HOSTILE, LONG_AGO, a_book


def opened(book: Book) -> DocumentObject:
    """The document as Word would read it."""
    return Document(BytesIO(docx(book)))


def test_headings_and_text_stand_in_order():
    """A title page, then each chapter under a real heading."""
    paragraphs = [(one.style.name, one.text) for one in opened(a_book(chapters=2)).paragraphs]
    assert paragraphs == [
        ("Title", "The Keeper"),
        ("Subtitle", "A. Writer"),
        ("Heading 1", "Chapter 1\nPart 1"),
        ("Opening Paragraph", "One."),
        ("Body Text", "Two three four."),
        ("Heading 1", "Chapter 2\nPart 2"),
        ("Opening Paragraph", "One."),
        ("Body Text", "Two three four."),
    ]


def test_emphasis_is_italic():
    """Only the words between the stars."""
    paragraph = opened(a_book(chapters=1)).paragraphs[-1]
    assert [(one.text, bool(one.italic)) for one in paragraph.runs] == [
        ("Two ", False),
        ("three", True),
        (" four.", False),
    ]


def test_scene_breaks_are_centred_paragraphs():
    """With a style of their own."""
    document = opened(a_book(chapters=1, text="One.\n\n* * *\n\nTwo."))
    assert [one.style.name for one in document.paragraphs[3:]] == [
        "Opening Paragraph",
        "Scene Break",
        "Opening Paragraph",
    ]
    assert document.styles["Scene Break"].paragraph_format.alignment == 1


def test_every_chapter_begins_a_page():
    """The heading's style says so, and it stays with its text."""
    layout = opened(a_book()).styles["Heading 1"].paragraph_format
    assert layout.page_break_before
    assert layout.keep_with_next


def test_properties_name_the_book():
    """Title, author, language and time are those of the book, not of a template."""
    properties = opened(a_book(subject="mystery", language="de")).core_properties
    assert (properties.title, properties.author, properties.language) == ("The Keeper", "A. Writer", "de")
    assert properties.subject == "mystery"
    assert properties.modified == LONG_AGO.replace(microsecond=0)


def test_hostile_text_is_text():
    """Signs of XML, emoji and other scripts come back as they were; control characters are gone."""
    document = opened(a_book(HOSTILE, chapters=1, text=HOSTILE, author=HOSTILE))
    shown = "\n".join(one.text for one in document.paragraphs)
    assert "<script>alert('x')</script> ]]> & &amp; &nosuch;" in shown
    assert "\U0001f600 שלום עולם مرحبا" in shown


def test_a_language_from_right_to_left_sets_its_paragraphs_so():
    """Word needs to be told; the part stands where its schema wants it."""
    element = opened(a_book("سلام", language="fa")).styles["Normal"].element
    parts = [one.tag.rpartition("}")[2] for one in element.pPr]
    assert parts.index("bidi") < parts.index("spacing")
