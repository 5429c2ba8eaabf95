"""Lists of contents: they look like many headings, and are none; but they say what the headings will be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from storage.manuscripts.blocks import Block, words
from storage.manuscripts.headings import Heading, heading, is_front

DENSE = 25
"""Words between two headings of a list: less than a chapter has."""

DENSE_IN_LIST = 120
"""The same beneath the word ``Contents``: old lists sum up each chapter."""

_LEADERS = re.compile(r"[\s.·_…]*\b(?:\d{1,4}|[ivxlc]+)?$", re.IGNORECASE)
_NOT_LETTERS = re.compile(r"[\W_]+")
_LIST_NAMES = re.compile(r"\W*(?:table of )?contents\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A block that may be a heading."""

    at: int
    heading: Heading
    level: int = 0


def is_list(one: Block) -> bool:
    """Whether the lines of a block are a list of headings."""
    if len(one.lines) < 2 or one.level:
        return False
    first, second = heading(one.lines[:1]), heading(one.lines[1:2])
    if first and second and (first.word, first.number + 1) == (second.word, second.number):
        return True
    return sum(heading([line]) is not None for line in one.lines) >= max(3, 0.6 * len(one.lines))


def without_list(marks: Sequence[Mark], blocks: Sequence[Block]) -> list[Mark]:
    """The marks that are in no list of contents.

    A list is a run of marks with hardly a word between them, beneath the word ``Contents`` or with the same numbers
    again behind it. The headings of a book of tiny chapters are no list.
    """
    kept: list[Mark] = []
    begin = 0
    while begin < len(marks):
        is_named = _is_beneath_name(marks[begin].at, blocks)
        end = _end_of_run(marks, begin, blocks, DENSE_IN_LIST if is_named else DENSE)
        run = list(marks[begin:end])
        run = run[: _begin_of_text(run)]
        comes_again = bool(run) and _comes_again(run, marks[begin + len(run) :])
        if (is_named and comes_again and run[0].heading.kind == "division") or (
            _repeats(run) and (comes_again or is_named)
        ):
            begin += len(run)
        else:
            kept.append(marks[begin])
            begin += 1
    return kept or list(marks)


def named_in_list(blocks: Sequence[Block]) -> list[Mark]:
    """The blocks that a list of contents names; empty when most of its lines come nowhere."""
    at = next((at for at, one in enumerate(blocks) if _LIST_NAMES.fullmatch(one.text)), None)
    if at is None:
        return []
    entries, body = _entries(blocks, at + 1)
    found = {
        name: index for index in range(len(blocks) - 1, body - 1, -1) if (name := _name(blocks[index].text)) in entries
    }
    if len(found) < max(2, len(entries) / 2):
        return []
    marks = [Mark(index, _titled(blocks[index]), blocks[index].level) for index in sorted(found.values())]
    return [one for one in marks if one.heading.kind != "division"]


def _titled(one: Block) -> Heading:
    said = heading(one.lines)
    return said if said is not None and said.kind in {"bare", "division"} else Heading("named", "", 0, "", one.text)


def _entries(blocks: Sequence[Block], at: int) -> tuple[set[str], int]:
    """The names in a list, and where the text behind it begins."""
    names: set[str] = set()
    while at < len(blocks):
        found = [name for line in blocks[at].lines if (name := _name(line))]
        is_entry = all(len(line) < 120 for line in blocks[at].lines) and (blocks[at].words < 40 or len(found) > 5)
        if not is_entry or (names and found and found[0] in names):
            break
        names.update(name for name in found if not is_front(name))
        at += 1
    return names, at


def _name(line: str) -> str:
    """What is alike in the line of a list and in the heading: letters, without number and page."""
    if len(line) > 150:
        return ""
    said = heading([line])
    title = said.title if said is not None and said.title else line
    return _NOT_LETTERS.sub("", _LEADERS.sub("", title)).casefold()


def _is_beneath_name(at: int, blocks: Sequence[Block]) -> bool:
    return any(_LIST_NAMES.fullmatch(one.text) for one in blocks[max(0, at - 4) : at])


def _end_of_run(marks: Sequence[Mark], begin: int, blocks: Sequence[Block], dense: int) -> int:
    end = begin + 1
    while end < len(marks) and words(blocks[marks[end - 1].at + 1 : marks[end].at]) < dense:
        end += 1
    return end


def _begin_of_text(run: Sequence[Mark]) -> int:
    """How many marks of a run belong to a list, when the text's own first headings stand close behind it.

    The text begins with what the list begins with, or with the heading of a part above it; so do the parts of a list
    that counts anew in each, but more of their own follows them.
    """
    names = [(one.heading.word, one.heading.number) for one in run]
    last = len(run) - 1 - names[::-1].index(names[0])
    tail = [word for word, _ in names[last:]]
    if last == 0 or len(set(tail)) < len(tail):
        return len(run)
    while last > 1 and run[last - 1].heading.kind == "division" and names[last - 1] not in names[: last - 1]:
        last -= 1
    return last


def _repeats(run: Sequence[Mark]) -> bool:
    return max(Counter(one.heading.word for one in run).values(), default=0) >= 3


def _comes_again(run: Sequence[Mark], later: Sequence[Mark]) -> bool:
    """Whether what a run begins with comes once more behind it."""
    first = run[0].heading
    return any((one.heading.word, one.heading.number) == (first.word, first.number) for one in later)
