"""Vectors without a model, for tests of what is done with vectors. No claim of quality rests on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from storage.passages.ports import Matrix

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Texts that share words are near each other: each word adds one signed feature, found by its hash."""

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension

    @property
    def model(self) -> str:
        """Names the method and the length of its vectors."""
        return f"hashing@{self._dimension}"

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Matrix:
        """A vector for each text; one without words stands along the first axis."""
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, self._dimension)

    def _vector(self, text: str) -> Matrix:
        vector = np.zeros(self._dimension, dtype=np.float32)
        for word in _WORD.findall(text.lower()):
            digest = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
            vector[(digest >> 1) % self._dimension] += 1 if digest & 1 else -1
        if not vector.any():
            vector[0] = 1
        return (vector / np.linalg.norm(vector)).astype(np.float32)
