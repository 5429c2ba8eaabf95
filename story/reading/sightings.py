"""Every name that a text writes in capitals, and what stands around it."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from story.reading.lexicon import (
    ABBREVIATED,
    ACTING,
    BELONGINGS,
    EPITHETS,
    FEMALE_NAMES,
    FUNCTION_WORDS,
    MALE_NAMES,
    NOT_NAMES,
    PARTICLES,
    PLACE_BEGINNINGS,
    PLACE_WORDS,
    ROLES,
    SAME_TITLE,
    SAYING,
    SURNAME_TITLES,
    TITLES,
)


class Form(NamedTuple):
    """A way to call somebody: ``Mr``, ``Heathcliff``. A description such as ``the Professor`` has the title ``the``."""

    title: str
    words: tuple[str, ...]


@dataclass
class Sightings:
    """What a text shows of one form: how it is written, and the signs that it is a person or not."""

    written: Counter[str] = field(default_factory=Counter)
    inside: int = 0
    said: int = 0
    acts: int = 0
    close: int = 0
    places: int = 0
    articles: int = 0
    he: int = 0
    she: int = 0
    sentences: set[int] = field(default_factory=set)
    beside: Counter[Form] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """How often the form stands in the text."""
        return self.written.total()


class _Token(NamedTuple):
    word: str
    start: int

    @property
    def bare(self) -> str:
        """The word without the stop of a title."""
        return self.word.rstrip(".")

    @property
    def end(self) -> int:
        return self.start + len(self.word)


class _Use(NamedTuple):
    form: Form
    start: int
    end: int
    is_first: bool


_COURTESY = frozenset(["Mr", "Mrs", "Miss", "Ms"])
_BEFORE_TITLES = TITLES | EPITHETS | ROLES


def _any(words: Sequence[str] | frozenset[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"


_GAP = r"(?:[^\S\n]+|[^\S\n]*\n[^\S\n]*)"
_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĶĹĻĽŁŃŅŇŌŎŐŒŔŖŘŚŜŞŠŢŤŨŪŬŮŰŲŴŶŸŹŻŽ]"
_LETTER = r"[^\W\d_]"
_WORD = (
    rf"(?:St\.?{_GAP}{_CAPITAL}{_LETTER}+"
    rf"|{_any(ABBREVIATED - {'St'})}\.?{_GAP}(?=[A-Z])"
    rf"|[A-HJ-Z]\.(?={_GAP}?[A-Z])"
    rf"|{_CAPITAL}{_LETTER}*(?:['’](?:{_CAPITAL}{_LETTER}+|(?!ll\b|ve\b|re\b){_LETTER}{{2,}}))?(?:-{_CAPITAL}{_LETTER}*)*(?!-{_LETTER}))"
)
_IN_PHRASE = re.compile(rf"{_WORD}|{_any(PARTICLES)}\b")
_SMALL = rf"(?:{_any(PARTICLES)}{_GAP})"
_PHRASE = re.compile(rf"(?<![^\W_])(?<![^\W_]['’-]){_WORD}(?:{_GAP}?(?<=\s|\.){_SMALL}{{0,2}}{_WORD})*")
_SENTENCE_START = re.compile(r"""(?:\A|[.!?:…—*#]|--|\n\s*\n)["'“”‘’()\[\]_*#\s]*\Z|(?:\A|[\s(—-])["“‘'][_*]?\Z""")
_NO_TITLE = "".join(rf"(?<!\b{title}\.)" for title in sorted(ABBREVIATED))
_SENTENCE_END = re.compile(rf"""[.!?]{_NO_TITLE}["'”’)\]]*\s+|\n\s*\n""")
_NUMERAL = re.compile(r"[IVXLC]+\Z")

_ADVERB = r"(?:\w+ly\s+)?"
_SAID_BEFORE = re.compile(rf"\b{_any(SAYING)}\s+(?:the\s+)?\Z")
_SAID_AFTER = re.compile(rf",?\s+{_ADVERB}{_any(SAYING)}\b")
_ACTS_AFTER = re.compile(rf"\s+{_ADVERB}(?:(?:had|has|did|could|would|was|is)\s+(?:not\s+)?)?{_ADVERB}{_any(ACTING)}\b")
_CLOSE_AFTER = re.compile(rf"['’]s?\s+(?:\w+\s+)?{_any(BELONGINGS)}\b|,?\s+(?:himself|herself|who|whom|whose)\b")
_CALLED_AFTER = re.compile(r"[.!?,]+[\"'”’]|!|,\s+(?:you|my|I)\b")
_CALLED_BEFORE = re.compile(
    r"(?:,|\b(?:[Oo]h|[Aa]h|[Yy]es|[Nn]o|[Dd]ear|[Pp]oor|old|little|young|my|named|called|with|and|told|asked))\s+\Z"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:[Ii]n|into|near|through|throughout|across|around|outside|inside|within|towards?|via|beyond|reach|reached)\s+\Z"
)
_ARTICLE_BEFORE = re.compile(
    r"\b(?:[Tt]he|[Aa]n?|[Tt]his|[Tt]hat|[Tt]hese|[Tt]hose|every|no|some|any|each|another|all)\s+\Z"
)
_THE_BEFORE = re.compile(r"\b[Tt]he\s+\Z")
_JOINED = re.compile(r",?\s+(?:and|or|nor)\s+|,\s+")
_PRONOUN = re.compile(r"\b(?:(he|him|his|himself)|she|her|hers|herself)\b")
_BEFORE, _AFTER, _PRONOUN_WITHIN = 24, 60, 90
"""How many characters around a name are looked at."""


def sightings(text: str) -> dict[Form, Sightings]:
    """All forms of names in a text with what was seen of each."""
    uses = list(_uses(text))
    small = Counter(re.findall(r"\b[a-z]{2,}\b", text))
    free = Counter(use.form.words[0] for use in uses if not use.is_first)
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    seen: dict[Form, Sightings] = defaultdict(Sightings)
    kept = [one for use in uses if (one := _trimmed(text, use, small, free))]
    for use in kept:
        _look(text, use, bisect(ends, use.start), seen[use.form])
    for one, other in pairwise(kept):
        if _JOINED.fullmatch(text, one.end, other.start):
            seen[one.form].beside[other.form] += 1
            seen[other.form].beside[one.form] += 1
    return {form: one for form, one in seen.items() if not _is_common(form, one, small)}


def _is_common(form: Form, one: Sightings, small: Counter[str]) -> bool:
    """Whether a single word is written small more often than not, without speaking like a person in return."""
    if form.title or len(form.words) > 1:
        return False
    if not one.inside and one.said + one.acts < 3:
        return True
    return small[form.words[0].lower()] > one.inside and one.said < max(3, 0.05 * one.count)


def _trimmed(text: str, use: _Use, small: Counter[str], free: Counter[str]) -> _Use | None:
    """A use at the beginning of a sentence, without a first word that is in capitals only for that reason."""
    first, *rest = use.form.words
    is_known = free[first] or first in MALE_NAMES | FEMALE_NAMES
    is_name = small[first.lower()] <= free[first] and (is_known or not rest or not free[rest[0]])
    if not use.is_first or use.form.title or is_name:
        return use
    if not rest:
        return use if free[first] else None
    start = text.index(rest[0], use.start + len(first))
    return _Use(Form("", tuple(rest)), start, use.end, is_first=False)


def _uses(text: str) -> Iterator[_Use]:
    for match in _PHRASE.finditer(text):
        at = match.start()
        tokens = [_Token(one.group().rstrip(), at + one.start()) for one in _IN_PHRASE.finditer(match.group())]
        before = text[max(0, at - _BEFORE) : at]
        behind_the = tokens[1:] if tokens[0].word == "The" else tokens if _THE_BEFORE.search(before) else []
        if behind_the and (figure := _figure(text, behind_the)):
            yield figure
            continue
        is_first = bool(_SENTENCE_START.search(before))
        for part in _parts(tokens):
            if use := _named(part, is_first=is_first and part[0] is tokens[0]):
                yield use


def _parts(tokens: Sequence[_Token]) -> Iterator[list[_Token]]:
    """A phrase cut where a word that is no name stands, and where a new title begins."""
    part: list[_Token] = []
    for token in tokens:
        is_new = token.bare in TITLES and bool(part) and part[-1].bare not in _BEFORE_TITLES
        if (token.bare in NOT_NAMES or is_new) and part:
            yield part
            part = []
        if token.bare not in NOT_NAMES:
            part.append(token)
    if part:
        yield part


def _figure(text: str, tokens: Sequence[_Token]) -> _Use | None:
    """The Professor: words behind ``the`` that end with what a person is called by."""
    words = tuple(token.bare for token in tokens)
    is_role = words[-1] in ROLES or words[-1].removesuffix("s") in ROLES
    if not is_role or words[0] in FUNCTION_WORDS or text.startswith(" of ", tokens[-1].end):
        return None
    return _Use(Form("the", words), tokens[0].start, tokens[-1].end, is_first=False)


def _named(part: Sequence[_Token], *, is_first: bool) -> _Use | None:
    """A name with its titles, without epithets and numerals; places and things are none."""
    rest = list(part)
    while rest and (_NUMERAL.match(rest[-1].bare) or rest[-1].bare in PARTICLES):
        rest.pop()
    titles: list[_Token] = []
    while rest and _is_before_name(rest, titles):
        token = rest.pop(0)
        titles += [token] if token.bare in TITLES else []
    # Madame de Mauban is called by her surname, as is Antoinette de Mauban.
    is_small = bool(titles) and len(rest) > 1 and rest[0].bare in PARTICLES
    words = tuple(token.bare for token in (rest[-1:] if is_small else rest))
    if not words or _is_thing(words, {token.bare for token in titles}):
        return None
    title = " ".join(SAME_TITLE.get(token.bare, token.bare) for token in titles)
    return _Use(Form(title, words), (titles or rest)[0].start, rest[-1].end, is_first and rest[0] is part[0])


def _is_before_name(rest: Sequence[_Token], titles: Sequence[_Token]) -> bool:
    word = rest[0].bare
    if len(rest) > 1:
        return word in TITLES or word in EPITHETS
    return word in TITLES and not (titles and titles[0].bare in _COURTESY and word in SURNAME_TITLES)


def _is_thing(words: tuple[str, ...], titles: set[str]) -> bool:
    if titles & _COURTESY:
        return False
    if words[-1] in PLACE_WORDS:
        return True
    is_role = words[-1] in ROLES or words[-1].removesuffix("s") in ROLES
    return is_role or (not titles and (words[0] in PARTICLES or (len(words) > 1 and words[0] in PLACE_BEGINNINGS)))


def _look(text: str, use: _Use, sentence: int, one: Sightings) -> None:
    """Adds what stands around one use."""
    before = text[max(0, use.start - _BEFORE) : use.start]
    after = text[use.end : use.end + _AFTER]
    one.written[" ".join(text[use.start : use.end].split())] += 1
    one.sentences.add(sentence)
    one.inside += not use.is_first
    one.said += bool(_SAID_BEFORE.search(before) or _SAID_AFTER.match(after))
    one.acts += bool(_ACTS_AFTER.match(after))
    one.close += bool(_CLOSE_AFTER.match(after) or (_CALLED_BEFORE.search(before) and _CALLED_AFTER.match(after)))
    one.places += bool(_PLACE_BEFORE.search(before))
    one.articles += bool(_ARTICLE_BEFORE.search(before))
    pronoun = _PRONOUN.search(text, use.end, use.end + _PRONOUN_WITHIN)
    one.he += bool(pronoun and pronoun[1])
    one.she += bool(pronoun and not pronoun[1])
