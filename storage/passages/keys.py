"""What names a text and a row, alike in every store."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from storage.passages.ports import Matrix, Part, VectorRow
from story.errors import InvalidInput


def text_hash(text: str) -> str:
    """SHA-256 of a text, in hexadecimal, as it can be kept: no database holds NUL in a text."""
    return sha256(text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode()).hexdigest()


def checked(parts: Sequence[Part], vectors: Matrix) -> list[VectorRow]:
    """The rows of these parts; raises ``InvalidInput`` unless there is one vector a passage."""
    passages = [passage for part in parts for passage in part.passages]
    if len(passages) != len(vectors):
        raise InvalidInput(f"{len(passages)} passages came with {len(vectors)} vectors; embed each of them once.")
    floats = np.asarray(vectors, dtype=np.float32)
    return [
        VectorRow(passage.key, passage.window, text_hash(passage.text), vector)
        for passage, vector in zip(passages, floats, strict=True)
    ]
