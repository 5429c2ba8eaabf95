"""What a piece of a chapter is given of its neighbours, since it speaks of what they name: people go on as pronouns.

Both ways of searching do so: by words, a window counts a share of its neighbours' terms, as fields of lesser weight are
counted (Robertson, Zaragoza & Taylor 2004); by meaning, a passage's vector is its own and a share of its neighbours'.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from storage.passages.ports import Matrix

SHARE = 0.5
"""What a neighbour on either side counts of itself."""


def with_neighbours(
    own: NDArray[np.float64], are_neighbours: NDArray[np.bool_], share: float = SHARE
) -> NDArray[np.float64]:
    """Numbers in a row, each with a share of the one before and the one after, where ``are_neighbours``."""
    passed = share * are_neighbours
    given = own.copy()
    given[1:] += passed * own[:-1]
    given[:-1] += passed * own[1:]
    return given


def smoothed(vectors: Matrix, share: float = SHARE) -> Matrix:
    """The vectors of a chapter's passages, in order, each with a share of its neighbours', of length 1 again."""
    given = vectors.copy()
    given[1:] += share * vectors[:-1]
    given[:-1] += share * vectors[1:]
    lengths = np.linalg.norm(given, axis=1, keepdims=True)
    return np.asarray(given / np.where(lengths, lengths, 1), dtype=np.float32)
