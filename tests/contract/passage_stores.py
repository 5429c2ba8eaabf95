"""The stores of passages that their contract is tested on, and parts to fill them with."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from storage.memory import MemoryStorage
from storage.passages.hashing import HashingEmbedder
from storage.passages.keys import text_hash
from storage.passages.lite import LiteNearest
from storage.passages.memory import MemoryNearest, MemoryTexts
from storage.passages.milvus import MilvusNearest
from storage.passages.ports import Embedder, Matrix, Nearest, Part, Passage, PassageKey, Texts, Window
from storage.passages.searching import Passages
from storage.passages.sql import SqlTexts
from storage.ports import Storage
from storage.sql import Database, SqlStorage
from tests.contract.conftest import _url, write
from tests.contract.stories import requested
from tests.servers.milvus import milvus_lite_server, milvus_server

__all__ = ["milvus_lite_server", "milvus_server"]

DIMENSION = 16
EMBEDDER = HashingEmbedder(DIMENSION)

ODD = 'x" or novel_id != "\\ ’雪\n'
"""An id that would break out of a filter that is put together carelessly."""

NOVELS = ("m", "n", ODD)
"""Ids that several tests use, each after the other."""

_known_servers: set[str] = set()


def new_id() -> str:
    """The id of a novel that no other test has."""
    return uuid.uuid4().hex


def part(chapter: str, *texts: str, version: int = 1) -> Part:
    """A chapter of these passages, two a window."""
    passages = tuple(
        Passage(chapter=chapter, version=version, n=n, window=n // 2, text=text) for n, text in enumerate(texts)
    )
    return Part(chapter=chapter, version=version, passages=passages)


def vectors(parts: Sequence[Part], embedder: Embedder = EMBEDDER) -> Matrix:
    """The vectors of all passages, in order."""
    return embedder.embed([passage.text for one in parts for passage in one.passages])


def keys(found: Iterable[object]) -> list[PassageKey]:
    """What names those that were found, in order."""
    return [one.key for one in found]


def windows(found: Iterable[tuple[Window, float]]) -> list[Window]:
    """The windows that were found, in order."""
    return [window for window, _ in found]


def embedded(text: str) -> Matrix:
    """The vector of one text."""
    return EMBEDDER.embed([text])[0]


@dataclass
class Shelf:
    """Texts and the vectors kept of them, and the novels they are of."""

    storage: Storage
    texts: Texts

    async def request(self, owner: str = "ada") -> str:
        """A new novel of an owner."""
        novel_id = new_id()
        await write(self.storage, novel_id, requested(owner))
        return novel_id

    async def hold(self, owner: str, *texts: str) -> list[str]:
        """A new novel of an owner that holds these texts; gives their hashes."""
        await self.texts.replace(await self.request(owner), owner, [part("c1", *texts)])
        return [text_hash(text) for text in texts]

    async def embedded(self, owner: str, *texts: str) -> list[str]:
        """Those of the texts of which a vector is kept."""
        known = await self.texts.known(owner, EMBEDDER.model, [text_hash(text) for text in texts])
        return [text for text in texts if text_hash(text) in known]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    """A new store of texts and kept vectors."""
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            yield Shelf(MemoryStorage(), MemoryTexts())
            return
        database = Database(await _url(request, stack))
        stack.push_async_callback(database.close)
        yield Shelf(SqlStorage(database), SqlTexts(database))


Make = Callable[[Embedder], Nearest]
"""Another client of the store under test, for vectors of an embedder."""


@pytest.fixture(params=["memory", "lite", "lite server", "milvus"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes clients of one store of vectors."""
    match request.param:
        case "memory":
            return lambda _: MemoryNearest()
        case "lite":
            return lambda embedder: LiteNearest(tmp_path / "vectors.db", embedder)
        case _:
            name = "milvus_server" if request.param == "milvus" else "milvus_lite_server"
            url = request.getfixturevalue(name).url
            return lambda embedder: MilvusNearest(url, "", embedder)


async def _emptied(store: MilvusNearest) -> None:
    # To drop a server's collection takes longer than to remove what tests leave in it.
    if store._uri not in _known_servers:
        _known_servers.add(store._uri)
        await store.reset()
    for novel_id in NOVELS:
        await store.remove(novel_id)


@pytest.fixture
async def nearest(make: Make) -> AsyncIterator[Nearest]:
    """An empty store of vectors."""
    store = make(EMBEDDER)
    if isinstance(store, MilvusNearest):
        await _emptied(store)
    yield store
    await store.close()


@pytest.fixture
def passages(shelf: Shelf) -> Passages:
    """All stores together, with vectors in memory."""
    return Passages(shelf.texts, MemoryNearest(), EMBEDDER)


def unit(*numbers: float) -> Matrix:
    """A vector of length 1 that begins like this."""
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[: len(numbers)] = numbers
    return (vector / np.linalg.norm(vector)).astype(np.float32)
