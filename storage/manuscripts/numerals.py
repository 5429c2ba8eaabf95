"""Numbers as headings write them: digits, Roman numerals, English words."""

from __future__ import annotations

import re
from itertools import product

_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_UNITS_TH = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TEENS_TH = [
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ROMAN = re.compile(r"(c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,4})", re.IGNORECASE)
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_CARDINAL_ENDS = (*_UNITS, *_TEENS, *_TENS, "hundred")


def _small() -> dict[str, int]:
    below = {word: n for n, word in enumerate((*_UNITS, *_TEENS), 1)}
    below |= {word: n for n, word in enumerate((*_UNITS_TH, *_TEENS_TH), 1)}
    for tens, word in enumerate(_TENS, 2):
        below |= {word: tens * 10, f"{word[:-1]}ieth": tens * 10}
    for (tens, word), (unit, names) in product(enumerate(_TENS, 2), enumerate(zip(_UNITS, _UNITS_TH, strict=True), 1)):
        below |= {f"{word} {name}": tens * 10 + unit for name in names}
    return below


_SPELLED = _small()
_SPELLED |= {"one hundred": 100, "hundred": 100, "hundredth": 100} | {
    f"one hundred{link}{word}": 100 + n for word, n in _SPELLED.items() for link in (" ", " and ")
}

WORDS = "|".join(word.replace(" ", "[ -]") for word in sorted(_SPELLED, key=len, reverse=True))
"""A pattern of the numbers that are written in words."""

CARDINALS = "|".join(
    word.replace(" ", "[ -]") for word in sorted(_SPELLED, key=len, reverse=True) if word.endswith(_CARDINAL_ENDS)
)
"""A pattern of those that count and do not order."""

ROMAN = r"(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,4})"
"""A pattern of Roman numerals; four strokes stand for four on many an old page."""

DIGITS = r"\d{1,3}(?:st|nd|rd|th)?"
"""A pattern of numbers in digits."""


def number(text: str) -> int:
    """What a numeral of one of the patterns says."""
    lowered = re.sub(r"[\s-]+", " ", text.casefold())
    if lowered[0].isdigit():
        return int(re.sub(r"\D", "", lowered))
    return _SPELLED[lowered] if lowered in _SPELLED else _roman(lowered)


def is_roman(text: str) -> bool:
    """Whether it is a Roman numeral and nothing else."""
    return bool(text) and _ROMAN.fullmatch(text) is not None


def _roman(text: str) -> int:
    values = [_VALUES[letter] for letter in text]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
