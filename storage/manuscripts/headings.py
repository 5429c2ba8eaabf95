"""What a single line or two says when it is read as a heading. Whether it is one, only the sequence tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from storage.manuscripts.blocks import without_typed_emphasis
from storage.manuscripts.numerals import CARDINALS, DIGITS, ROMAN, WORDS, is_roman, number

Kind = Literal["chapter", "division", "bare", "named"]

LAST = 0
"""The number of ``CHAPTER THE LAST``."""

LONGEST_TITLE = 300
"""Letters of the longest title that old novels give a chapter."""

QUOTES = ("“", '"', "‘", "'", "«", "(", "_“", "—", "[")
"""What speech and asides begin with, and titles hardly ever."""

MOST_LINES = 5
"""Lines of the longest heading."""

_CHAPTER_WORDS = (
    "chapter", "chap", "stave", "letter", "canto", "scene", "adventure", "episode", "fit", "fytte", "tale", "story",
    "section", "night", "day", "entry", "kapitel", "chapitre", "capítulo", "capitulo", "capitolo", "hoofdstuk",
    "rozdział", "kapitola", "luku", "capitolul", "lettre", "brief", "carta", "lettera", "глава", "розділ", "письмо",
)  # fmt: skip
_DIVISION_WORDS = (
    "book", "part", "volume", "vol", "act", "phase", "period", "epoch", "tome", "buch", "teil", "band", "livre",
    "partie", "libro", "parte", "tomo", "deel", "bok", "del", "księga", "część", "книга", "часть", "том",
)  # fmt: skip
_NAMED = (
    "prologue", "prolog", "epilogue", "epilog", "prelude", "finale", "interlude", "intermezzo", "coda",
    "conclusion", "postlude", "postscript", "prólogo", "epílogo", "prologo", "epilogo", "пролог", "эпилог",
)  # fmt: skip

_FRONT = re.compile(
    r"(?:the |a |an |our |some )?(?:author['’]?s |editor['’]?s |translator['’]?s |publisher['’]?s |transcriber['’]?s )?"
    r"(?:table of )?(?:cover|half[- ]?title|title[- ]?page|contents|toc|index|copyright(?: page| notice)?|imprint|"
    r"colophon|dedication|epigraph|preface|foreword|introduction|introductory.*|note|notes|notice|errata|illustrations|"
    r"list of .*|acknowledge?ments?|about the .*|about this .*|also by .*|other (?:books|works|titles) .*|"
    r"books by .*|works by .*|by the same author|praise for .*|advertisements?|to the reader|appendix.*|afterword|"
    r"bibliography|glossary|footnotes?|endnotes?|newsletter|landmarks|guide|uncopyright|"
    r"(?:the )?(?:full )?project gutenberg.*|transcriber['’]?s? .*|"
    r"inhalt(?:sverzeichnis)?|vorwort|impressum|table des matières|préface|índice|prólogo del editor|indice|prefazione)"
)
"""Headings, in lower case, of what stands before and behind a story."""

_END = re.compile(
    r"(?:the|an)? ?(?:end|finis|fin|ende|fine)|the end of .*|end of (?:the )?(?:\w+ )?(?:book|vol|part).*"
)

_SEPARATORS = " \t.:;,)]-–—―_*|/"
_REST = r"(?P<rest>$|[\s.:;,)\]\-–—―|].*$)"
_PART = "|".join((*_CHAPTER_WORDS, *_DIVISION_WORDS))
_KEYED = re.compile(
    rf"(?P<word>{_PART})(?:\.?\s+|[.:\-–—]\s*|(?=\d))(?:the\s+|no\.?\s*|n[ro]\.?\s*|#\s*)?"
    rf"(?P<number>{DIGITS}|(?:{WORDS})(?!\w)|{ROMAN}|last)(?!\w){_REST}",
    re.IGNORECASE | re.DOTALL,
)
_ORDERED = re.compile(
    rf"(?:the\s+)?(?P<number>{DIGITS}|{WORDS}|last)\.?\s+(?P<word>{_PART}){_REST}", re.IGNORECASE | re.DOTALL
)
_BARE = re.compile(
    rf"(?P<number>\d{{1,3}}|(?:{CARDINALS})(?![\w])|{ROMAN})(?![\w'’]){_REST}", re.IGNORECASE | re.DOTALL
)
_NAMED_HEADING = re.compile(rf"(?:the\s+)?(?P<word>{'|'.join(_NAMED)}){_REST}", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_BY = re.compile(r"(?:a novel |written )?by[: ]\s*(?P<name>[^\d,;]{3,60})", re.IGNORECASE)
_NOT_LETTERS = re.compile(r"[\W_]+")
_CLOSED = (".", "!", "?", ",", ";", "…", "”", '"', "’")
_FRAME = " \t*-–—―_=~#|[](){}<>•·.:"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, read.

    ``word`` is the kind of part in lower case, as in ``chapter``, or the numerals of a bare number; ``label`` is the
    heading as printed without its title.
    """

    kind: Kind
    word: str
    number: int
    label: str
    title: str


def heading(lines: Sequence[str]) -> Heading | None:
    """What the lines say as a heading; None when they cannot be one."""
    if not lines or len(lines) > MOST_LINES or sum(map(len, lines)) > LONGEST_TITLE:
        return None
    first = without_typed_emphasis(lines[0]).strip("*# ")
    rest = without_typed_emphasis(" ".join(lines[1:])).strip("* ")
    found = _keyed(first) or _named(first) or _bare(first)
    if found is None or not rest:
        return found
    return _with_title(found, f"{found.title} {rest}".strip())


def is_title(text: str) -> bool:
    """Whether text is set like a title: in capitals, or with capitals on most longer words, or short and not closed."""
    if len(text) > LONGEST_TITLE:
        return False
    text = without_typed_emphasis(text).strip("* ")
    found = _WORD.findall(text)
    if not found:
        return False
    if text == text.upper():
        return True
    if not text[0].isupper() and not text[0].isdigit():
        return False
    return _is_capitalised(found) or (len(found) <= 12 and not text.endswith(_CLOSED))


def is_front(text: str) -> bool:
    """Whether a heading names what stands before or behind a story, such as a preface or a list of contents."""
    return (
        len(text) <= LONGEST_TITLE
        and _FRONT.fullmatch(without_typed_emphasis(text).casefold().strip(_FRAME)) is not None
    )


def is_end(text: str) -> bool:
    """Whether it is the line that closes a book or a part of it."""
    return len(text) < 60 and _END.fullmatch(without_typed_emphasis(text).casefold().strip(_FRAME)) is not None


def same(text: str, title: str) -> bool:
    """Whether two titles are alike but for case and signs."""
    return bool(title) and _NOT_LETTERS.sub("", text).casefold() == _NOT_LETTERS.sub("", title).casefold()


def byline(text: str) -> str:
    """The author that a line such as ``by Ada Stone`` names; empty when it is none."""
    match = _BY.fullmatch(without_typed_emphasis(text[:LONGEST_TITLE]).strip("*# "))
    return match["name"].strip() if match is not None else ""


def tidy_title(text: str) -> str:
    """A title without the marks around it and the period behind it."""
    text = without_typed_emphasis(text).strip().strip("*").strip()
    text = text[1:-1].strip() if text.startswith("[") and text.endswith("]") else text
    return text[:-1] if text.endswith(".") and not text.endswith("..") and not text[-3:-1].startswith(".") else text


def _with_title(found: Heading, title: str) -> Heading:
    return Heading(found.kind, found.word, found.number, found.label, title)


def _keyed(line: str) -> Heading | None:
    match = _KEYED.fullmatch(line) or _ORDERED.fullmatch(line)
    if match is None or not (line[0].isupper() or line[0].isdigit()):
        return None
    word = match["word"].casefold()
    kind: Kind = "division" if word in _DIVISION_WORDS else "chapter"
    title = _title(match["rest"], is_shouted=match["word"].isupper() and len(word) > 3)
    if title is None:
        return None
    label = line[: match.start("rest")].strip()
    said = match["number"].casefold()
    return Heading(kind, "chapter" if word == "chap" else word, LAST if said == "last" else number(said), label, title)


def _bare(line: str) -> Heading | None:
    framed = line.strip(_FRAME)
    match = _BARE.fullmatch(framed)
    if match is None:
        return None
    numeral = match["number"]
    rest = match["rest"]
    title = _title(rest, is_shouted=False)
    is_cased = numeral.isdigit() or numeral.isupper() or numeral.islower() or numeral.istitle()
    if title and _numerals(numeral) == "words" and not rest[: rest.find(title)].strip():
        return None
    if title is None or not is_cased or (title and not _is_parted(rest, title)) or _is_pronoun(framed, numeral):
        return None
    return Heading("bare", _numerals(numeral), number(numeral), numeral, title)


def _is_parted(rest: str, title: str) -> bool:
    """Whether a title stands apart from the bare number before it: behind a sign, or set like a title."""
    sign = rest[: rest.find(title)].strip()
    return is_title(title) and (bool(sign) or _is_capitalised(_WORD.findall(title)))


def _is_pronoun(line: str, numeral: str) -> bool:
    """Whether ``I`` is rather the first word of a sentence than a number."""
    return numeral in {"I", "i"} and line != line.upper() and line[1:2] in {" ", ","}


def _numerals(numeral: str) -> str:
    if numeral[0].isdigit():
        return "digits"
    return "roman" if is_roman(numeral) else "words"


def _named(line: str) -> Heading | None:
    match = _NAMED_HEADING.fullmatch(line.strip(_FRAME))
    if match is None or not line.strip(_FRAME)[0].isupper():
        return None
    title = _title(match["rest"], is_shouted=False)
    if title is None:
        return None
    return Heading("named", match["word"].casefold(), LAST, match["word"], title)


def _title(rest: str, *, is_shouted: bool) -> str | None:
    """The title behind a number; None when it is the rest of a sentence.

    Behind a word in capitals anything may stand. Otherwise a sign or capitals have to part it from the number.
    """
    title = rest.lstrip(_SEPARATORS).rstrip()
    if not title or is_shouted:
        return title
    sign = rest[: rest.find(title)].strip()
    if sign == ",":
        return None
    if sign:
        return title if title[0].isupper() or not title[0].isalpha() else None
    return title if _is_capitalised(_WORD.findall(title)) else None


def _is_capitalised(found: Sequence[str]) -> bool:
    """Whether most longer words have a capital, and the first one has."""
    longer = [word for word in found if len(word) > 3] or list(found)
    return bool(found) and found[0][0].isupper() and sum(word[0].isupper() for word in longer) >= 0.6 * len(longer)
