"""Which lines of dialogue a text gives to somebody by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from story.reading.lexicon import SAYING
from story.reading.mentions import APOSTROPHES, Mention, mentions

_SPOKEN = re.compile(
    r"""
    “(?P<curly>[^“”]+)(?:”|\Z)
    | "(?P<straight>[^"]+)(?:"|\Z)
    | (?<!\w)‘(?P<curly_single>.+?)(?:(?<=[.,!?;:…—–-])’(?!\w)|\Z)
    | (?<!\w)'(?=\S)(?P<straight_single>.+?)(?:(?<=[.,!?;:…—–-])'(?!\w)|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
"""A spoken line. A single mark closes it after punctuation only, as elsewhere it is an apostrophe; a line that is
not closed runs to the end of its paragraph."""

_PARAGRAPH = re.compile(r"\S.*?(?=\n[^\S\n]*\n|\Z)", re.DOTALL)
_VERB = "(?:" + "|".join(sorted(SAYING)) + ")"
_ADVERBS = r"(?:\s+[a-z]+ly)?"
_AFTER_VERB_FIRST = re.compile(rf"\W{{0,3}}\s*{_VERB}{_ADVERBS}\s+\Z")
_AFTER_NAME_FIRST = re.compile(rf"{_ADVERBS}\s+{_VERB}\b(?!\s+(?:nothing|no|not|nor|neither)\b)")
_BEFORE = re.compile(rf"{_ADVERBS}\s+(?:had\s+)?{_VERB}\b[^.!?]{{0,60}}[,:]\s*\Z")
_BEFORE_NOBODY = re.compile(r"\b(?:of|and|or|nor|to|with|from|by|than|for|at|[Nn]either)\s+\Z|[A-Z][\w.]*\s+\Z")
_ANOTHERS = re.compile(rf"[{APOSTROPHES}]s?\b|\s+[A-Z]|\s+and\s")


class Line(NamedTuple):
    """Words that somebody speaks: their id, and where the words between the marks begin and end."""

    speaker: str
    start: int
    end: int


def lines(text: str, names: Mapping[str, Sequence[str]]) -> list[Line]:
    """The lines of dialogue that the text gives to somebody by name, in order; ``names`` holds all names of each id.

    Nothing is guessed from pronouns or from the turns of a conversation. What follows a named line within its
    paragraph is of the same speaker, unless somebody else is named in between.
    """
    named = mentions(text, names)
    found: list[Line] = []
    at = 0
    for paragraph in _PARAGRAPH.finditer(text):
        while at < len(named) and named[at].start < paragraph.start():
            at += 1
        here = []
        while at < len(named) and named[at].start < paragraph.end():
            here.append(named[at])
            at += 1
        found += _lines_of(text, paragraph.start(), paragraph.end(), here) if here else ()
    return found


def _lines_of(text: str, start: int, end: int, named: Sequence[Mention]) -> Iterator[Line]:
    spoken = [_inside(match) for match in _SPOKEN.finditer(text[start:end])]
    spoken = [(start + first, start + last) for first, last in spoken]
    gaps = [(start, spoken[0][0])] if spoken else []
    gaps += [(before[1], after[0]) for before, after in pairwise(spoken)]
    gaps += [(spoken[-1][1], end)] if spoken else []
    told = [[one for one in named if first <= one.start and one.end <= last] for first, last in gaps]
    speaker = ""
    for number, (first, last) in enumerate(spoken):
        before, after = told[number], told[number + 1]
        leading = _named_before(text, first, before)
        trailing = _named_after(text, last, gaps[number + 1][1], after)
        same = speaker if {one.key for one in before} <= {speaker} else ""
        speaker = trailing or leading or same
        if speaker:
            yield Line(speaker, first, last)


def _inside(match: re.Match[str]) -> tuple[int, int]:
    return next(match.span(group) for group in match.groupdict() if match[group] is not None)


def _named_before(text: str, first: int, told: Sequence[Mention]) -> str:
    """Who is named as speaking right before a line: ``Catherine answered slowly, "…"``."""
    for one in reversed(told):
        if _BEFORE.match(text[one.end : first - 1]) and not _is_of_another(text, one):
            return one.key
    return ""


def _named_after(text: str, last: int, end: int, told: Sequence[Mention]) -> str:
    """Who is named as speaking right after a line: ``"…" said Catherine`` or ``"…" Catherine said``."""
    if not told:
        return ""
    one = told[0]
    between = text[last : one.start]
    rest = text[one.end : end]
    if _ANOTHERS.match(rest):
        return ""
    if _AFTER_VERB_FIRST.match(between):
        return one.key
    is_open = text[last - 1] in ",!?…—–-"
    follows = not between.strip("”\"’' \n")
    return one.key if is_open and follows and _AFTER_NAME_FIRST.match(rest) else ""


def _is_of_another(text: str, one: Mention) -> bool:
    before = text[max(0, one.start - 20) : one.start]
    return bool(_BEFORE_NOBODY.search(before) or _ANOTHERS.match(text[one.end : one.end + 6]))
