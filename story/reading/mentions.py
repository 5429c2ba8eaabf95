"""Where the people of a novel are named in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from story.reading.lexicon import ABBREVIATED, FEMALE_TITLES, MALE_TITLES

APOSTROPHES = "'\u2019"
"""The straight and the curly one, which mean the same in a name."""

_GAP = r"(?:[^\S\n]+|[^\S\n]*\n[^\S\n]*)"
"""What may stand between two words of a name: blanks and one line break, but no blank line."""

_NOT_INSIDE_BEFORE = rf"(?<![^\W_])(?<![^\W_]-)(?<![^\W_][{APOSTROPHES}])"
_NOT_INSIDE_AFTER = r"(?![^\W_]|-[A-Z])"
"""A name is no part of a longer word: Marie is not in Anne-Marie, nor Brien in O'Brien. Underscores are italics."""


_TITLE_BEFORE = re.compile(r"\b(Mrs|Miss|Ms|Lady|Mistress|Madam|Madame|Mr|Sir|Lord|Master)\.?\s+\Z")


class Mention(NamedTuple):
    """One place where a text names somebody: their id, and where the name begins and ends."""

    key: str
    start: int
    end: int


def mentions(text: str, names: Mapping[str, Sequence[str]]) -> list[Mention]:
    """Where a text names somebody, in order and without overlaps; ``names`` holds all names of each id.

    The longest name that fits is taken, and a name in capitals fits too. A name that two ids share stands for
    neither, and neither does a part of it at that place.
    """
    pattern, owners = _compiled(tuple((key, tuple(called)) for key, called in names.items()))
    if pattern is None:
        return []
    found = [(owners[_plain(match.group())], match) for match in pattern.finditer(text)]
    return [
        Mention(key, *match.span())
        for key, match in found
        if key and not _is_of_the_other_sex(text, match.start(), names[key])
    ]


def _is_of_the_other_sex(text: str, start: int, called: Sequence[str]) -> bool:
    """Whether a title stands before a name that another title among the same names contradicts.

    ``Mrs. Heathcliff`` is not the one who is called Heathcliff and Mr. Heathcliff.
    """
    before = _TITLE_BEFORE.search(text, max(0, start - 12), start)
    if not before:
        return False
    contrary = MALE_TITLES if before[1] in FEMALE_TITLES else FEMALE_TITLES
    return any(name.replace(".", "").split(" ")[0] in contrary for name in called)


@lru_cache(maxsize=64)
def _compiled(names: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    """One pattern of all names, and whose each is; the id of a shared name is empty."""
    owners: dict[str, str] = {}
    written: set[str] = set()
    for key, called in names:
        for name in filter(_plain, called):
            owners[_plain(name)] = key if owners.get(_plain(name), key) == key else ""
            written |= _forms(" ".join(name.split()))
    return (_pattern(written) if written else None), owners


def _plain(name: str) -> str:
    """What all ways to write a name have in common."""
    return " ".join(re.sub(rf"[{APOSTROPHES}]", "'", name).replace(".", "").upper().split())


def _forms(name: str) -> set[str]:
    """A name as it is, as it begins a sentence, and in capitals."""
    return {name, name[0].upper() + name[1:], name.upper()}


def _pattern(written: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(written, key=lambda name: (-len(name), name))
    # Most places are ruled out by their first character, before any name is tried.
    first = "".join(sorted({re.escape(name[0]) for name in longest_first}))
    any_name = "|".join(map(_expression, longest_first))
    return re.compile(rf"(?=[{first}]){_NOT_INSIDE_BEFORE}(?:{any_name}){_NOT_INSIDE_AFTER}")


def _expression(name: str) -> str:
    return _GAP.join(map(_word, name.split(" ")))


def _word(word: str) -> str:
    stop = r"\.?" if word.capitalize() in ABBREVIATED else ""
    plain = re.sub(rf"[{APOSTROPHES}]", f"[{APOSTROPHES}]", re.escape(word))
    return plain.replace(r"\.", r"\.?") + stop
