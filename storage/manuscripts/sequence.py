"""Which headings divide a book: of all that may be one, the sequence that makes sense."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from storage.manuscripts.blocks import BOLD, Block, joined, words
from storage.manuscripts.contents import Mark, is_list, named_in_list, without_list
from storage.manuscripts.headings import LAST, MOST_LINES, QUOTES, Heading, heading, is_end, is_front, is_title, same

CHAPTER_WORDS = 300
"""Words from which on a piece of text is rather a chapter, also where no heading says so."""

_HEADING_WORDS = 60
_HEAD_WORDS = 30


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a text is cut: at its chapters, and at what else stands between or around them."""

    blocks: tuple[Block, ...]
    chapters: tuple[Mark, ...]
    others: tuple[Mark, ...]
    sections: frozenset[int]


def outline(blocks: Iterable[Block], title: str) -> Outline:
    """Finds the headings of a book of that title; without any, ``chapters`` is empty."""
    parted = tuple(_parted(tuple(blocks)))
    marks = without_list(_marks(parted), parted)
    chapters = _chosen(marks, parted, title)
    others = _around(chapters, marks, parted, title) if chapters else []
    return Outline(parted, tuple(chapters), tuple(others), _sections(chapters, marks))


def _parted(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, cut behind headings that no empty line parts from what follows.

    Short lines beneath a heading are its title when they are set like one, or when nearly all headings have some.
    """
    rests = [one.lines[1:] for one in blocks if _is_joined(one)]
    are_titles = sum(map(_is_short, rests)) >= 0.8 * len(rests)
    for one in blocks:
        yield from _parts(one, are_titles=are_titles)


def _is_joined(one: Block) -> bool:
    """Whether the first of several lines is a heading."""
    if len(one.lines) < 2 or one.level or len(one.lines[0]) >= 80:
        return False
    first = heading(one.lines[:1])
    return (
        first is not None and first.kind != "named" and not (first.kind == "bare" and first.title) and not is_list(one)
    )


def _is_short(rest: Sequence[str]) -> bool:
    return (
        len(rest) < MOST_LINES and sum(len(line.split()) for line in rest) < _HEADING_WORDS and rest[0][0] not in QUOTES
    )


def _parts(one: Block, *, are_titles: bool) -> Iterator[Block]:
    for _ in range(MOST_LINES):
        if not _is_joined(one) or _is_heading_with_title(one, are_titles=are_titles):
            break
        yield replace(one, lines=one.lines[:1])
        one = replace(one, lines=one.lines[1:], gap=0)
    yield one


def _is_heading_with_title(one: Block, *, are_titles: bool) -> bool:
    """Whether what follows a first line that is a heading belongs to it."""
    first, following = heading(one.lines[:1]), heading(one.lines[1:2])
    is_pair = first and following and first.kind == "division" and following.kind != "division"
    return not is_pair and _is_short(one.lines[1:]) and (are_titles or is_title(joined(one.lines[1:])))


def _marks(blocks: Sequence[Block]) -> list[Mark]:
    found = []
    for at, one in enumerate(blocks):
        said = _said(one) if one.words <= _HEADING_WORDS and not is_list(one) else None
        if said is not None:
            found.append(Mark(at, said, one.level))
    return found


def _said(one: Block) -> Heading | None:
    """What a block says as a heading, helped by the table of contents of its file."""
    own = heading(one.lines)
    listed = heading((one.label,)) if one.label else None
    if own is None or listed is None:
        return own or listed
    return replace(own, title=listed.title) if not own.title and own.number == listed.number else own


def _chosen(marks: Sequence[Mark], blocks: Sequence[Block], title: str) -> list[Mark]:
    """The marks that begin chapters."""
    keyed = _keyed(marks)
    if len(keyed) > 1 and any(one.heading.word == "chapter" for one in keyed):
        return keyed
    numbered = max([keyed, *_chains(marks, blocks)], key=len)
    listed = named_in_list(blocks)
    leveled = _leveled(blocks, title)
    named = max([listed, leveled], key=len)
    if len(numbered) > 1 and len(named) <= 1.5 * len(numbered):
        return numbered
    divisions = [one for one in marks if one.heading.kind == "division"]
    for option in (named, numbered, divisions, _displayed(blocks, title)):
        if len(option) > 1:
            return option
    return keyed or divisions or named


def _keyed(marks: Sequence[Mark]) -> list[Mark]:
    """Marks with a word such as ``chapter``: those of the commonest word, and others where it has not begun yet.

    So letters before the first chapter are chapters, too, and letters within a chapter are not.
    """
    keyed = [one for one in marks if one.heading.kind == "chapter"]
    counts = Counter(one.heading.word for one in keyed)
    main = max(counts, key=lambda word: (word == "chapter" and counts[word] > 1, counts[word]), default="")
    kept: list[Mark] = []
    has_begun = False
    for one in marks:
        if one.heading.kind == "division":
            has_begun = False
        elif one.heading.word == main:
            has_begun = True
            kept.append(one)
        elif one.heading.kind == "chapter" and not has_begun:
            kept.append(one)
    return kept


def _chains(marks: Sequence[Mark], blocks: Sequence[Block]) -> list[list[Mark]]:
    """Sequences of bare numbers, of one kind of numeral each: with titles, without, and both."""
    chains = []
    for numerals in ("roman", "digits", "words"):
        ours = [one for one in marks if one.heading.kind == "division" or one.heading.word == numerals]
        titled = _chain([one for one in ours if one.heading.title or one.heading.kind == "division"], blocks)
        bare = [one for one in ours if not one.heading.title or one.heading.kind == "division"]
        # Stories with titles number their sections anew; without titles, numbers that begin anew begin a part.
        chains += [titled, _chain(ours, blocks), _chain(bare, blocks, restarts=not titled)]
    return [chain for chain in chains if len(chain) > 1 and _is_even(chain, blocks) and not _are_pages(chain, blocks)]


def _chain(marks: Sequence[Mark], blocks: Sequence[Block], *, restarts: bool = False) -> list[Mark]:
    """The numbers that run on from 1, or from 1 again behind the heading of a part."""
    chain: list[Mark] = []
    last = 0
    may_restart = True
    numbers = [one for one in marks if one.heading.kind == "bare"]
    following = {one.at: after.heading.number for one, after in pairwise(numbers)}
    for one in marks:
        number = one.heading.number
        if one.heading.kind == "division":
            may_restart = True
            continue
        runs_on = number == last + 1 or (number == last + 2 and following.get(one.at) == number + 1)
        begins = may_restart or _is_beneath_title(one.at, blocks) or (restarts and following.get(one.at) == 2)
        if runs_on or (number == 1 and begins):
            chain.append(one)
            last, may_restart = number, False
    return chain


def _is_beneath_title(at: int, blocks: Sequence[Block]) -> bool:
    before = next((one for one in reversed(blocks[max(0, at - 3) : at]) if not one.is_break), None)
    return (
        before is not None
        and before.words <= 15
        and heading(before.lines) is None
        and (bool(before.level) or before.text == before.text.upper())
    )


def _is_even(chain: Sequence[Mark], blocks: Sequence[Block]) -> bool:
    """Whether a sequence goes through the whole text and is no list within it."""
    sizes = _sizes(chain, blocks)
    total = sum(one.words for one in blocks)
    largest = 0.9 if len(chain) == 2 else 0.8 if len(chain) == 3 else 0.6
    return max(sizes) < largest * total or total < CHAPTER_WORDS


def _are_pages(chain: Sequence[Mark], blocks: Sequence[Block]) -> bool:
    """Whether numbers stand in the middle of sentences, as those of pages do."""
    broken = sum(blocks[one.at - 1].text[-1:].isalpha() and blocks[one.at - 1].words > 12 for one in chain if one.at)
    return broken > max(2, 0.2 * len(chain))


def _sizes(chain: Sequence[Mark], blocks: Sequence[Block]) -> list[int]:
    ends = [*(one.at for one in chain[1:]), len(blocks)]
    return [words(blocks[one.at + 1 : end]) for one, end in zip(chain, ends, strict=True)]


def _leveled(blocks: Sequence[Block], title: str) -> list[Mark]:
    """Headings of the level that chapters have: the highest that comes twice and holds text itself."""
    options = []
    for level in range(1, BOLD + 1):
        found = [Mark(at, _plainly(one), level) for at, one in enumerate(blocks) if _is_leveled(one, level, title)]
        found = [one for one, size in zip(found, _sizes(found, blocks), strict=True) if size] if found else []
        if len(found) > 1 and (level < BOLD or _is_bold_sequence(found, blocks)):
            options.append(found)
    whole = [found for found in options if not _are_containers(found, blocks)]
    return (whole or options or [[]])[0]


def _is_bold_sequence(found: Sequence[Mark], blocks: Sequence[Block]) -> bool:
    return len(found) > 2 and median(_sizes(found, blocks)) >= CHAPTER_WORDS and _is_even(found, blocks)


def _is_leveled(one: Block, level: int, title: str) -> bool:
    text = one.text
    return (
        one.level == level
        and one.words <= _HEADING_WORDS
        and not (is_front(text) or is_end(text) or one.is_break or same(text, title))
    )


def _plainly(one: Block) -> Heading:
    said = _said(one)
    return said if said is not None else Heading("named", "", LAST, "", one.text)


def _are_containers(found: Sequence[Mark], blocks: Sequence[Block]) -> bool:
    """Whether most headings of a level hold several lower ones and no text before the first."""
    ends = [*(one.at for one in found[1:]), len(blocks)]
    held = 0
    for one, end in zip(found, ends, strict=True):
        lower = [at for at in range(one.at + 1, end) if 0 < one.level < blocks[at].level < BOLD]
        held += len(lower) > 1 and words(blocks[one.at + 1 : lower[0]]) < _HEAD_WORDS
    return held > len(found) / 2


def _displayed(blocks: Sequence[Block], title: str) -> list[Mark]:
    """Lines of capitals, or titles far from the text before them, that stand through the whole text."""
    found = [
        Mark(at, Heading("named", "", LAST, "", one.text))
        for at, one in enumerate(blocks)
        if _is_display(one, at) and (not same(one.text, title) or _is_above_prose(at, blocks))
    ]
    sizes = _sizes(found, blocks) if found else []
    found = [one for one, size in zip(found, sizes, strict=True) if size > _HEAD_WORDS]
    if len(found) < 3 or median(_sizes(found, blocks)) < CHAPTER_WORDS or not _is_even(found, blocks):
        return []
    return found


def _is_display(one: Block, at: int) -> bool:
    text = one.text
    gap = one.gap if at else 3
    if one.level or len(one.lines) > 2 or one.words > 15 or gap < 2 or text.startswith(QUOTES) or one.is_break:
        return False
    is_set_off = (text == text.upper() and any(map(str.isalpha, text))) or (gap > 2 and is_title(text))
    return is_set_off and not (is_front(text) or is_end(text))


def _is_above_prose(at: int, blocks: Sequence[Block]) -> bool:
    below = next((one for one in blocks[at + 1 :] if not one.is_break), None)
    return below is not None and below.words > _HEAD_WORDS


def _around(chapters: Sequence[Mark], marks: Sequence[Mark], blocks: Sequence[Block], title: str) -> list[Mark]:
    """What else cuts the text beside the chosen marks: parts, prologue and epilogue, other headings of their level."""
    taken = {one.at for one in chapters}
    others = [one for one in marks if one.at not in taken and one.heading.kind in {"division", "named"}]
    others = [one for one in others if not _is_title_of_another(one, chapters, blocks)]
    taken |= {one.at for one in others}
    level, count = Counter(one.level for one in chapters).most_common(1)[0]
    if not 0 < level < BOLD or count < 0.8 * len(chapters):
        return others
    like = [
        at
        for at, one in enumerate(blocks)
        if at not in taken and at > chapters[0].at and _is_leveled(one, level, title)
    ]
    parts = [
        at
        for higher in range(1, level)
        for at, one in enumerate(blocks)
        if at not in taken and _is_leveled(one, higher, title)
    ]
    others += [Mark(at, Heading("named", "", LAST, "", blocks[at].text), level) for at in like]
    if len(parts) > 1:
        others += [
            Mark(at, Heading("division", f"level {blocks[at].level}", LAST, blocks[at].text, "")) for at in parts
        ]
    return others


def _is_title_of_another(one: Mark, chapters: Sequence[Mark], blocks: Sequence[Block]) -> bool:
    """Whether it is only the name of the chapter whose number stands directly above, as in ``X`` / ``THE EPILOGUE``."""
    before = next((other for other in reversed(chapters) if other.at < one.at), None)
    if one.heading.kind != "named" or before is None or before.heading.title:
        return False
    return all(between.is_break for between in blocks[before.at + 1 : one.at])


def _sections(chapters: Sequence[Mark], marks: Sequence[Mark]) -> frozenset[int]:
    """Blocks that only number the sections of a chapter."""
    taken = {one.at for one in chapters}
    bare = [one for one in marks if one.heading.kind == "bare" and not one.heading.title and one.at not in taken]
    starts = [one.at for one in chapters]
    found: set[int] = set()
    expected = {"roman": 1, "digits": 1, "words": 1}
    chapter = -1
    for one in bare:
        now = bisect(starts, one.at)
        if now != chapter:
            chapter, expected = now, dict.fromkeys(expected, 1)
        if one.heading.number == expected[one.heading.word]:
            expected[one.heading.word] += 1
            found.add(one.at)
    return frozenset(found)
