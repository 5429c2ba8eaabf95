"""The memory of wording: patterns and their ways are dealt out by seed and chapter, and nothing is said twice.

A chapter cannot see the chapters before it. So every list of patterns is shuffled once for the book and each chapter
begins further on; and of the ways to say a pattern, chapter ``c`` of ``n`` owns those whose number is ``c`` modulo
``n``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from math import gcd
from random import Random

_WORD = re.compile(r"[a-z]+(?:[’'-][a-z]+)*")

ROUNDS = 5
"""So many chapters in a row begin at different places of a list."""

SPAN = 4
"""Runs of so many words are remembered; a repeated one counts against a candidate."""

WHOLE, SAID = 6, 500.0
"""A sentence of so many words is not said twice: what it would cost."""

STOCK, SHARE = 6, 0.36
"""Of a longer list a book that needs few patterns uses a share, so that two books have fewer phrases in common."""


class Dealer:
    """Deals the patterns of one chapter and the ways to say them."""

    def __init__(self, seed: str, chapter: int, of: int, telling: int = 0, few: bool = False) -> None:
        self._seed, self._chapter, self._of, self._telling = seed, chapter - 1, max(of, 1), telling
        self._few = few
        self._hands: dict[str, list[int]] = {}
        self._drawn: Counter[str] = Counter()
        self.random = Random(f"{seed}:{chapter}:{telling}")  # noqa: S311  # stories

    def hand(self, key: str, size: int) -> list[int]:
        """The patterns of a list in the order in which this chapter should try them; those used stand last."""
        if key not in self._hands:
            cards = list(_shuffled(self._seed, key, size))
            if size > STOCK and self._few:
                cards = cards[: max(STOCK, round(size * SHARE))]
            step = max(1, len(cards) // ROUNDS)
            start = (self._chapter * step + self._chapter // ROUNDS * 2 + self._telling) % len(cards)
            self._hands[key] = [*cards[start:], *cards[:start]]
        return list(self._hands[key])

    def play(self, key: str, card: int) -> None:
        """Put a pattern that was used at the end of its hand."""
        self._hands[key].remove(card)
        self._hands[key].append(card)

    def ways(self, key: str, count: int) -> Iterator[int]:
        """The numbers of the ways to say a pattern that this chapter owns, another first each time it is asked."""
        own = (count - self._chapter + self._of - 1) // self._of if count > self._chapter else 0
        if not own:
            return
        stride, shift = _scrambled(self._seed, key, count)
        first = self._drawn[key] + 3 * self._telling
        for n in range(own):
            self._drawn[key] += 1
            number = self._chapter + self._of * ((first + n) % own)
            yield (number * stride + shift) % count

    def any_way(self, key: str, count: int) -> int:
        """A way that other chapters may use too: for what is too short to be noticed."""
        self._drawn[key] += 1
        stride, shift = _scrambled(self._seed, key, count)
        return ((self._chapter * 7 + self._drawn[key] + self._telling) * stride + shift) % count

    def chance(self) -> float:
        """A number in [0, 1) for a free choice of style."""
        return self.random.random()


@lru_cache(maxsize=4096)
def _shuffled(seed: str, key: str, size: int) -> tuple[int, ...]:
    return tuple(Random(f"{seed}:{key}").sample(range(size), size))  # noqa: S311  # stories


@lru_cache(maxsize=65536)
def _scrambled(seed: str, key: str, count: int) -> tuple[int, int]:
    """Factor and shift of a one-to-one map of ``range(count)`` onto itself that mixes the alternatives."""
    chance = Random(f"{seed}:{key}:ways")  # noqa: S311  # stories
    stride = chance.randrange(1, count + 1)
    while gcd(stride, count) != 1:
        stride += 1
    return stride, chance.randrange(count)


class Memory:
    """What a chapter has said so far."""

    def __init__(self, before: str = "") -> None:
        self._spans: set[tuple[str, ...]] = set()
        self._openings: Counter[tuple[str, ...]] = Counter()
        self._rare: Counter[str] = Counter()
        self._lines: set[str] = set()
        self._last = ""
        for line in sentences(before):
            self.keep(line)

    def cost(self, text: str) -> float:
        """How much a sentence repeats what has been said: nothing at 0."""
        words = bare(text)
        again = sum(span in self._spans for span in spans(words))
        said = any(" ".join(bare(line)) in self._lines for line in sentences(text) if len(line.split()) >= WHOLE)
        opening = self._openings[tuple(words[:2])]
        same = 4 if words[:1] == [self._last] else 0
        worn = sum(min(self._rare[word], 3) for word in set(words) if len(word) > 5)
        return 4 * again + 2 * opening + same + 0.6 * worn + SAID * said

    def keep(self, text: str) -> None:
        """Remember a sentence."""
        words = bare(text)
        self._spans.update(spans(words))
        self._openings[tuple(words[:2])] += 1
        self._rare.update({word for word in words if len(word) > 5})
        self._lines.update(" ".join(bare(line)) for line in sentences(text))
        self._last = words[0] if words else ""


def sentences(text: str) -> list[str]:
    """A text as its sentences."""
    flat = re.sub(r"\s+", " ", text)
    return re.sub(r"([.!?][”\"’']?)\s+(?=[“\"‘'A-Z])", r"\1\n", flat).split("\n")


def bare(text: str) -> list[str]:
    """The words of a text, lower case."""
    return _WORD.findall(text.lower())


def spans(words: list[str]) -> list[tuple[str, ...]]:
    """Every run of ``SPAN`` words."""
    return list(zip(*(words[n:] for n in range(SPAN)), strict=False))
