"""How well documents fit the words of a question: BM25 (Robertson & Zaragoza 2009). Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from storage.passages.neighbours import with_neighbours

Numbers = NDArray[np.int64]
Scores = NDArray[np.float64]

Adjoining = Callable[[Numbers], NDArray[np.bool_]]
"""Of documents in ascending order, whether each but the first comes right after the one before it in the same text."""

K1 = 1.2
"""How soon a term that comes again and again adds nothing more."""

B = 0.75
"""How much a long document is held to say less with the same term; 0 not at all, 1 in full."""

DIGITS = 9
"""Decimals of a score that count: equal documents of different stores differ after them, and would not tie."""


class Statistics(NamedTuple):
    """How many documents there are to choose from, and how many terms they have in all."""

    documents: int
    terms: int


@dataclass(frozen=True)
class Postings:
    """The documents that hold a term, each by its number and once, their lengths, and how often they hold it."""

    documents: Numbers
    lengths: Numbers
    frequencies: Numbers


def scored(terms: Sequence[Postings], statistics: Statistics, adjoining: Adjoining) -> tuple[Numbers, Scores]:
    """The documents that hold any of the terms, and their scores; each counts a share of its neighbours' terms as well.

    A term is as rare as its postings are few: those of other documents than ``statistics`` counts must not be there.
    """
    if not terms:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    numbers, places = np.unique(np.concatenate([term.documents for term in terms]), return_inverse=True)
    lengths = np.zeros(len(numbers))
    lengths[places] = np.concatenate([term.lengths for term in terms])
    damping = K1 * (1 - B + B * lengths * (statistics.documents / max(1, statistics.terms)))
    are_neighbours, scores = adjoining(numbers), np.zeros(len(numbers))
    ends = np.cumsum([len(term.documents) for term in terms])
    for term, held in zip(terms, np.split(places, ends[:-1]), strict=True):
        frequencies = with_neighbours(
            np.bincount(held, term.frequencies, len(numbers)).astype(np.float64), are_neighbours
        )
        scores += _rarity(len(held), statistics) * frequencies * (K1 + 1) / (frequencies + damping)
    return numbers, np.round(scores, DIGITS)


def at_best(numbers: Numbers, scores: Scores, limit: int) -> tuple[Numbers, Scores]:
    """Those with the greatest scores, in no order: ``limit`` of them, and all that tie with the last one."""
    if limit >= len(scores):
        return numbers, scores
    chosen = scores >= np.partition(scores, len(scores) - limit)[len(scores) - limit]
    return numbers[chosen], scores[chosen]


def _rarity(held: int, statistics: Statistics) -> float:
    return float(np.log(1 + (statistics.documents - held + 0.5) / (held + 0.5)))
