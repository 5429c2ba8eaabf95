"""What names a text, a window and a row, alike in every store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np

from storage.passages.ports import Matrix, Part, Passage, VectorRow, Window
from story.errors import InvalidInput


def text_hash(text: str) -> str:
    """SHA-256 of a text, in hexadecimal, as it can be kept: no database holds NUL in a text."""
    return sha256(text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode()).hexdigest()


def window_of(passage: Passage) -> Window:
    """The window that a passage is in."""
    return Window(passage.chapter, passage.version, passage.window)


def windowed(passages: Iterable[Passage]) -> dict[Window, list[Passage]]:
    """Passages by window, in the order in which they come."""
    windows: defaultdict[Window, list[Passage]] = defaultdict(list)
    for passage in passages:
        windows[window_of(passage)].append(passage)
    return dict(windows)


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
