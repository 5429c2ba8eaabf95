"""How a chapter is cut: into windows long enough to be read, made of passages short enough to be embedded whole.

A passage is a slice of the chapter with the white space that follows it, so that ``joined`` gives a window as it was
written. Nothing but the scene breaks and the white space around windows is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil, inf

from storage.passages.ports import Part, Passage

WINDOW_WORDS = (330, 400)
"""The length of a window; the last one of a scene may be shorter."""

PASSAGE_WORDS = 180
"""The most words a passage has."""

PASSAGE_PIECES = 254
"""The most pieces a passage has, as ``pieces`` reckons them: a model that reads 256 adds two of its own."""

ATOM_WORDS, ATOM_PIECES = 30, 60
"""A sentence longer than this may be cut, so that there is always a place to cut within the bounds."""

TINY_WORDS = 80
"""A last window shorter than this is hardly ever left."""

PARAGRAPH, SENTENCE, CLAUSE, WORD = 0.0, 1.0, 4.0, 16.0
"""What it costs to cut at the end of each."""

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # written without spaces: each one counts as a word
_WORD = re.compile(rf"[{_IDEOGRAPH}]|[^\s{_IDEOGRAPH}]+")
_SCENE_BREAK = re.compile(r"^[^\S\n]*\*(?:[^\S\n]*\*){2,}[^\S\n]*$", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")
_CLOSING = "\"'”’»›)\\]*_"
_SENTENCE_END = re.compile(rf"(?:[.!?…]+[{_CLOSING}]*\s+|[。！？]+[{_CLOSING}」』]*\s*)")
_CLAUSE_END = re.compile(rf"(?:[,;:][{_CLOSING}]*\s+|[—–]+[{_CLOSING}]*\s+|[、；：]\s*)")
_RUN = re.compile(r"[^\W\d_]+|\S")
_ABBREVIATED = re.compile(
    r"\b(?:(?i:mr|mrs|ms|messrs|mme|mlle|dr|st|sr|jr|prof|rev|hon|capt|col|gen|lt|sgt|maj|esq|mt|vs|viz|i\.e|e\.g)"
    r"|[A-HJ-Z])$"
)
"""What a full stop may follow without ending a sentence: a title, or an initial, which “I” hardly ever is."""


@dataclass(frozen=True)
class _Atom:
    """A stretch of text that is not cut, and what it costs to cut after it."""

    start: int
    end: int
    words: int
    pieces: float
    cost: float


@dataclass(frozen=True)
class _Split:
    """The best way found to part some atoms: where each passage ends."""

    cost: float
    ends: tuple[int, ...]


def cut(chapter_id: str, version: int, text: str) -> Part:
    """The passages of a chapter's text, in order.

    Windows and passages end at paragraphs where they can, else at sentences, else in them, and never cross a scene
    break. A word is never cut: one that by itself has more than ``PASSAGE_PIECES`` is a passage of its own.
    """
    windows = (window for start, end in _scenes(text) for window in _windows(_atoms(text, start, end)))
    numbered = ((number, slice_) for number, window in enumerate(windows) for slice_ in _slices(text, window))
    return Part(
        chapter=chapter_id,
        version=version,
        passages=tuple(
            Passage(chapter=chapter_id, version=version, n=n, window=window, text=slice_)
            for n, (window, slice_) in enumerate(numbered)
        ),
    )


def joined(passages: Iterable[Passage]) -> str:
    """The text of neighbouring passages as the chapter has it; of different windows, with an empty line between."""
    pieces: list[str] = []
    last: Passage | None = None
    for passage in passages:
        if last is not None and (last.chapter, last.window) != (passage.chapter, passage.window):
            pieces.append("\n\n")
        pieces.append(passage.text)
        last = passage
    return "".join(pieces).strip()


def words(text: str) -> int:
    """How many words a text has; of a script written without spaces, how many signs."""
    return sum(1 for _ in _WORD.finditer(text))


def pieces(text: str) -> float:
    """How many word pieces a text has for a model of English, rather too many than too few.

    Signs count one each; long words and names are rarely in a model's vocabulary and come in several.
    """
    return sum(_run_pieces(run.group()) for run in _RUN.finditer(text))


def sentences(text: str) -> list[str]:
    """A text in its sentences, each with the white space that follows it."""
    return [text[start:end] for start, end in _spans(0, len(text), _sentence_ends(text, 0, len(text)))]


def _run_pieces(run: str) -> float:
    if not run.isascii():
        return float(len(run))
    return 1 + max(0, len(run) - 4) / 6 + (0.3 if len(run) > 4 and run[0].isupper() else 0)


def _scenes(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _SCENE_BREAK.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _atoms(text: str, start: int, end: int) -> list[_Atom]:
    paragraphs = _spans(start, end, (found.end() for found in _PARAGRAPH_END.finditer(text, start, end)))
    return [
        atom
        for paragraph in paragraphs
        for sentence in _marked(paragraph, _sentence_ends(text, *paragraph), SENTENCE, PARAGRAPH)
        for atom in _parted(text, *sentence)
        if atom.words
    ]


def _parted(text: str, start: int, end: int, cost: float) -> Iterator[_Atom]:
    """A sentence as one atom, or, where it is long, its clauses, or, where those are long, runs of its words."""
    whole = _atom(text, start, end, cost)
    if _is_short(whole):
        yield whole
        return
    clause_ends = (found.end() for found in _CLAUSE_END.finditer(text, start, end))
    for clause in _marked((start, end), clause_ends, CLAUSE, cost):
        if _is_short(atom := _atom(text, *clause)):
            yield atom
        else:
            yield from _runs(text, *clause)


def _runs(text: str, start: int, end: int, cost: float) -> Iterator[_Atom]:
    """As many words at a time as are short together; the one that would be too many begins the next run."""
    run: _Atom | None = None
    starts = (found.start() for found in islice(_WORD.finditer(text, start, end), 1, None))
    for word in _marked((start, end), starts, WORD, cost):
        longer = _atom(text, run.start if run else start, *word[1:])
        if run and not _is_short(longer):
            yield run
            longer = _atom(text, *word)
        run = longer
    if run:
        yield run


def _is_short(atom: _Atom) -> bool:
    return atom.words <= ATOM_WORDS and atom.pieces <= ATOM_PIECES


def _atom(text: str, start: int, end: int, cost: float) -> _Atom:
    return _Atom(start, end, words(text[start:end]), pieces(text[start:end]), cost)


def _marked(span: tuple[int, int], ends: Iterable[int], inner: float, outer: float) -> Iterator[tuple[int, int, float]]:
    """The stretches of a span, each with the cost of cutting after it: the last one ends where the span does."""
    for start, end in _spans(*span, ends):
        yield start, end, outer if end == span[1] else inner


def _spans(start: int, end: int, ends: Iterable[int]) -> Iterator[tuple[int, int]]:
    for stop in (*ends, end):
        if start < stop:
            yield start, stop
            start = stop


def _sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    for found in _SENTENCE_END.finditer(text, start, end):
        if _ends_sentence(text, found, start, end):
            yield found.end()


def _ends_sentence(text: str, found: re.Match[str], start: int, end: int) -> bool:
    """Not after an abbreviation or an initial, and not where the sentence plainly goes on: “Come!” he cried."""
    if found.end() < end and (text[found.end()].islower() or text[found.end()] in ".,;:!?…—–-"):
        return False
    if found.group()[0] != "." or found.group()[1:].strip():
        return True
    return not _ABBREVIATED.search(text[max(start, found.start() - 12) : found.start()])


def _windows(atoms: Sequence[_Atom]) -> Iterator[list[list[_Atom]]]:
    """Windows in order, each as its passages. Each is the best for itself and for what it leaves to the last one."""
    left = sum(atom.words for atom in atoms)
    while atoms:
        stop, split = _best_window(atoms, left)
        ends = (0, *split.ends)
        yield [list(atoms[a:b]) for a, b in zip(ends, split.ends, strict=False)]
        left -= sum(atom.words for atom in atoms[:stop])
        atoms = atoms[stop:]


def _best_window(atoms: Sequence[_Atom], left: int) -> tuple[int, _Split]:
    splits = _splits(atoms)
    if left <= WINDOW_WORDS[1]:
        return len(atoms), splits[len(atoms)]
    length, best, best_stop = 0, inf, 0
    for stop, atom in enumerate(atoms, 1):
        length += atom.words
        if length > WINDOW_WORDS[1]:
            break
        cost = splits[stop].cost + 2 * atom.cost + _cost_of_rest(left - length)
        if length >= WINDOW_WORDS[0] and cost < best:
            best, best_stop = cost, stop
    return best_stop, splits[best_stop]


def _cost_of_rest(left: int) -> float:
    """Nothing where what is left can be shared out in windows of full length; more, the shorter the last must be."""
    shortest, longest = WINDOW_WORDS
    count = ceil(left / longest)
    last = left - shortest * (count - 1)
    return max(0, shortest - last) / 100 + (20 if 0 < last < TINY_WORDS else 0)


def _splits(atoms: Sequence[_Atom]) -> list[_Split]:
    """For each number of first atoms, up to a window's length, the best way to part them in passages."""
    splits = [_Split(0, ())]
    length = 0
    for stop, atom in enumerate(atoms, 1):
        length += atom.words
        if length > WINDOW_WORDS[1]:
            break
        splits.append(_best_split(atoms, splits, stop))
    return splits


def _best_split(atoms: Sequence[_Atom], splits: Sequence[_Split], stop: int) -> _Split:
    best, best_start = inf, stop - 1
    length, size = 0, 0.0
    for start in range(stop - 1, -1, -1):
        length += atoms[start].words
        size += atoms[start].pieces
        if start < stop - 1 and (length > PASSAGE_WORDS or size > PASSAGE_PIECES):
            break
        cost = splits[start].cost + (atoms[start - 1].cost if start else 0) + _cost_of_passage(length)
        if cost < best:
            best, best_start = cost, start
    return _Split(best, (*splits[best_start].ends, stop))


def _cost_of_passage(length: int) -> float:
    """Few passages of even length are better than many or a stump."""
    return 3 + ((PASSAGE_WORDS - length) / 60) ** 2


def _slices(text: str, window: Sequence[Sequence[_Atom]]) -> list[str]:
    slices = [text[passage[0].start : passage[-1].end] for passage in window]
    slices[0] = slices[0].lstrip()
    slices[-1] = slices[-1].rstrip()
    return slices
