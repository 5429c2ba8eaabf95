"""The memory of wording: patterns and words are dealt out like cards, and nothing is said twice.

A chapter cannot see the chapters before it. So every list of choices is shuffled by the seed and dealt: a chapter
gets its own hand first, and takes from the others' only when its own is played.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from random import Random

_WORD = re.compile(r"[a-z]+(?:[’'-][a-z]+)*")
_END = re.compile(r"([.!?][”\"’']?)\s+(?=[“\"‘'A-Z])")
WHOLE = 8
"""A sentence of so many words belongs to one chapter of the book."""

SPAN = 4
"""Runs of so many words are remembered; a repeated one counts against a candidate."""


LARGE, KEPT = 24, 0.65
"""Of a list this large a book uses only a share, so that two books have fewer words in common."""


ROUND = 5
"""So many chapters in a row begin at different places of a list."""


class Dealer:
    """Deals the cards of one chapter: every list is shuffled once for the book, and each chapter begins further on."""

    def __init__(self, seed: str, chapter: int, of: int, telling: str) -> None:
        self._seed, self._chapter, self.of, self._telling = seed, chapter, max(of, 1), telling
        self._hands: dict[str, list[int]] = {}
        self._orders: dict[str, list[int]] = {}
        self._played: Counter[str] = Counter()

    def deal(self, key: str, size: int) -> Iterator[int]:
        """Cards of a list in the order in which this chapter should try them; a card played is put at the end."""
        hand = self._hands.get(key) or self._hand(key, size)
        self._hands[key] = hand
        yield from list(hand)

    def play(self, key: str, card: int) -> None:
        """Put a card that was used at the end of its hand."""
        hand = self._hands[key]
        hand.remove(card)
        hand.append(card)

    def pick(self, key: str, options: list[str], slot: int = 1) -> str:
        """One of a few alternatives, another each time, and another in the next chapter.

        Later slots of a pattern turn more slowly, like the wheels of a counter, so that their combinations differ.
        """
        turn = self._played[key]
        self._played[key] += 1
        order = self._orders.get(key)
        if order is None or len(order) != len(options):
            chance = Random(f"{self._seed}:{key}:{self._telling}")  # noqa: S311  # stories
            order = self._orders[key] = chance.sample(range(len(options)), len(options))
        return options[order[((self._chapter >> ((slot - 1) % 4)) + (turn >> (slot - 1) % 3)) % len(options)]]

    def word(self, key: str, options: list[str]) -> str:
        """The next word of a list."""
        hand = self._hands.get(key) or self._hand(key, len(options))
        self._hands[key] = hand
        card = hand.pop(0)
        hand.append(card)
        return options[card]

    def chance(self, key: str) -> float:
        """A number in [0, 1) for a free choice of style."""
        self._played[key] += 1
        seed = f"{self._seed}:{self._chapter}:{self._telling}:{key}:{self._played[key]}"
        return Random(seed).random()  # noqa: S311  # stories

    def owns(self, line: str) -> bool:
        """Whether a sentence is this chapter's: each belongs to one chapter of the book, and to no other."""
        return int(sha256(f"{self._seed}:{line}".encode()).hexdigest()[:12], 16) % self.of == self._chapter - 1

    def _hand(self, key: str, size: int) -> list[int]:
        cards = Random(f"{self._seed}:{key}").sample(range(size), size)  # noqa: S311  # stories
        if size >= LARGE and not key.startswith(("clause", "exchange")):
            cards = cards[: round(size * KEPT)]
        turn = self._chapter - 1
        start = turn * max(1, round(len(cards) / ROUND)) + turn // ROUND * 2 + len(self._telling) - 1
        start %= len(cards)
        return [*cards[start:], *cards[:start]]


class Memory:
    """What a chapter has said, and what is its own to say."""

    def __init__(self, dealer: Dealer) -> None:
        self._dealer = dealer
        self._spans: Counter[tuple[str, ...]] = Counter()
        self._sentences: set[str] = set()
        self._whole: set[str] = set()
        self._openings: Counter[tuple[str, ...]] = Counter()
        self._last = ""

    def cost(self, text: str) -> int:
        """How much a sentence repeats: nothing at 0."""
        words = _words(text)
        known = 3 * sum(span in self._spans for span in _spans(words))
        opening = self._openings[tuple(words[:2])]
        same = 3 if words[:1] == [self._last] else 0
        again = 200 if " ".join(words) in self._sentences else 0
        return known + 2 * opening + same + again

    def free(self, text: str) -> bool:
        """Whether every long sentence of a text is this chapter's own and unsaid."""
        return all(line not in self._whole and self._dealer.owns(line) for line in whole(text))

    def put(self, text: str) -> None:
        """Remember the long sentences of what was put down."""
        self._whole.update(whole(text))

    def keep(self, text: str) -> None:
        """Remember a sentence."""
        words = _words(text)
        self._spans.update(_spans(words))
        self._sentences.add(" ".join(words))
        self._openings[tuple(words[:2])] += 1
        self._last = words[0] if words else ""


def sentences(text: str) -> list[str]:
    """A text as its sentences."""
    return _END.sub(r"\1\n", re.sub(r"\s+", " ", text)).split("\n")


def whole(text: str) -> list[str]:
    """The long sentences of a text as bare words."""
    lines = (re.findall(r"[a-z’'-]+", one.lower()) for one in sentences(text))
    return [" ".join(line) for line in lines if len(line) >= WHOLE]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _spans(words: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(words[n:] for n in range(SPAN)), strict=False))
