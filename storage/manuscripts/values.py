"""What is read from a manuscript, and why one cannot be used."""

from __future__ import annotations

from story.base import Value
from story.errors import InvalidInput

MAX_BYTES = 50_000_000
"""The largest file that is opened; a long novel takes one or two million bytes."""

MAX_WORDS = 2_000_000
"""The longest text that is taken as one novel."""

MAX_LINES = 600_000
"""Lines of the longest plain text; the longest novel, broken by hand, has half as many."""

MAX_TAGS = 600_000
"""Tags of all pages of a book in HTML; a million words take about a tenth of them."""

MAX_DOCUMENT_TAGS = 2_000_000
"""Tags of a DOCX; a word processor writes four or five for each word at worst."""

UNKNOWN_LANGUAGE = "en"
"""The language of a manuscript that does not name one."""


class UnusableManuscript(InvalidInput):
    """The file cannot be imported as a novel."""


def refuse_tags(count: int, most: int = MAX_TAGS) -> None:
    """Raises ``UnusableManuscript`` for markup that would take more memory than any book is worth."""
    if count > most:
        raise UnusableManuscript("it holds far more markup than a book does. Save it as text and import that.")


def refuse_words(count: int) -> None:
    """Raises ``UnusableManuscript`` for more words than a novel has."""
    if count > MAX_WORDS:
        raise UnusableManuscript(
            f"it has {count:,} words and at most {MAX_WORDS:,} are read. Import it in several volumes."
        )


class ManuscriptChapter(Value):
    """A chapter as found.

    ``text`` holds paragraphs parted by one empty line and scene breaks as a line ``* * *``, without heading or markup.
    ``title`` is never empty; ``book`` is the part of the book that it stands in, as in ``BOOK ONE: THE COMING``.
    """

    title: str
    text: str
    book: str = ""


class Manuscript(Value):
    """A book in its chapters. ``left_out`` says, a line each, what of the file is in none of them."""

    title: str
    author: str
    language: str
    chapters: tuple[ManuscriptChapter, ...]
    left_out: tuple[str, ...]
