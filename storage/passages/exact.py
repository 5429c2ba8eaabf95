"""Exact search over the vectors of one novel, in process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from storage.passages.ports import Matrix, PassageKey, Scored, VectorRow

DIGITS = 6
"""Decimals of a cosine that count: equal vectors differ after them, by their place in the matrix, and would not tie."""


@dataclass(frozen=True)
class View:
    """The vectors of a novel as they were read, sorted by key, so that those of a chapter lie side by side."""

    keys: tuple[PassageKey, ...]
    windows: tuple[int, ...]
    chapters: dict[str, slice]
    vectors: Matrix

    @classmethod
    def of(cls, rows: Iterable[VectorRow]) -> View:
        """A view of rows in any order."""
        ordered = sorted(rows, key=lambda row: row.key)
        keys = tuple(row.key for row in ordered)
        chapters = {}
        for chapter, places in groupby(range(len(keys)), key=lambda place: keys[place].chapter):
            first, *rest = places
            chapters[chapter] = slice(first, first + len(rest) + 1)
        vectors = np.array([row.vector for row in ordered], dtype=np.float32)
        return cls(keys, tuple(row.window for row in ordered), chapters, vectors)

    def nearest(self, vector: Matrix, chapters: Iterable[str], limit: int) -> list[Scored]:
        """The passages of these chapters nearest to a vector by cosine, the nearest first, ties by key."""
        visible = sorted(self._visible(chapters), key=lambda rows: rows.start)
        if not visible or limit < 1:
            return []
        places = np.concatenate([np.arange(rows.start, rows.stop) for rows in visible])
        cosines = self._cosines(vector, visible)
        chosen = np.flatnonzero(cosines >= _least(cosines, limit))
        # Stable: of equal cosines the first row is taken, which has the first key.
        ranked = chosen[np.argsort(-cosines[chosen], kind="stable")][:limit]
        found = zip(places[ranked].tolist(), cosines[ranked].tolist(), strict=True)
        return [Scored(self.keys[place], self.windows[place], cosine) for place, cosine in found]

    def _visible(self, chapters: Iterable[str]) -> list[slice]:
        return [self.chapters[chapter] for chapter in {*chapters} & self.chapters.keys()]

    def _cosines(self, vector: Matrix, visible: Sequence[slice]) -> Matrix:
        question = vector.reshape(-1)
        if len(visible) == len(self.chapters):
            return np.round(self.vectors @ question, DIGITS)
        return np.round(np.concatenate([self.vectors[rows] @ question for rows in visible]), DIGITS)


def _least(cosines: Matrix, limit: int) -> float:
    """The cosine of the last one that is wanted."""
    if limit >= len(cosines):
        return -np.inf
    return float(np.partition(cosines, len(cosines) - limit)[len(cosines) - limit])
