"""Vectors of passages on a Milvus server, or on Milvus Lite's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from collections.abc import Collection as Some
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from storage.passages.collection import Collection, connect, translated
from storage.passages.keys import checked
from storage.passages.ports import Embedder, Matrix, Part, Scored, VectorRow
from storage.passages.threads import in_thread
from storage.ports import StoreUnavailable

if TYPE_CHECKING:
    from pymilvus import MilvusClient

T = TypeVar("T")


@dataclass
class _Connection:
    """A client, the collection as it sees it, and how many calls use them."""

    client: MilvusClient
    collection: Collection
    calls: int = 0


class MilvusNearest:
    """See ``storage.passages.ports.Nearest``. It connects when it is first used; one instance serves one event loop."""

    def __init__(self, uri: str, token: str, embedder: Embedder) -> None:
        self._uri = uri
        self._token = token
        self._embedder = embedder
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        # Milvus Lite's server does not take several writers at once.
        self._writing = asyncio.Lock()

    async def replace(self, novel_id: str, parts: Sequence[Part], vectors: Matrix) -> None:
        """See ``Nearest.replace``."""
        rows, chapters = checked(parts, vectors), {part.chapter for part in parts}
        if chapters:
            await self._write(lambda collection: collection.replace(novel_id, chapters, rows))

    async def remove(self, novel_id: str, chapters: Some[str] | None = None) -> None:
        """See ``Nearest.remove``."""
        await self._write(lambda collection: collection.remove(novel_id, chapters))

    async def search(self, novel_id: str, vector: Matrix, chapters: Sequence[str], limit: int) -> list[Scored]:
        """See ``Nearest.search``."""
        return await self._call(lambda collection: collection.nearest(novel_id, vector, chapters, limit))

    async def rows(self, novel_id: str) -> list[VectorRow]:
        """See ``Nearest.rows``."""
        return await self._call(lambda collection: collection.rows(novel_id))

    async def refuse_other(self) -> None:
        """See ``Nearest.refuse_other``."""
        await self._call(Collection.refuse_other)

    async def reset(self) -> None:
        """See ``Nearest.reset``."""
        await self._write(Collection.drop)

    async def close(self) -> None:
        """See ``Nearest.close``. It waits for nobody: what is in use is closed by the last call that uses it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._leave(connection)

    async def _write(self, action: Callable[[Collection], None]) -> None:
        async with self._writing:
            await self._call(action)

    async def _call(self, action: Callable[[Collection], T]) -> T:
        async with self._used() as collection:
            return await in_thread(self._act, action, collection)

    @asynccontextmanager
    async def _used(self) -> AsyncIterator[Collection]:
        async with self._connecting:
            if self._connection is None:
                await in_thread(self._connect)
            connection = self._connection
            assert connection is not None
            connection.calls += 1
        try:
            yield connection.collection
        except StoreUnavailable:
            # A server that was started anew answers a new connection. There may be one by now: it stays.
            if self._connection is connection:
                self._connection = None
            raise
        finally:
            connection.calls -= 1
            await self._leave(connection)

    async def _leave(self, connection: _Connection) -> None:
        """Closes a connection that nobody uses, nor will."""
        if not connection.calls and connection is not self._connection:
            await in_thread(connection.client.close)

    def _connect(self) -> None:
        client = connect(self._uri, self._token)
        try:
            with translated(self._uri, self._token):
                self._connection = _Connection(client, Collection(client, self._embedder, is_file=False))
        except BaseException:  # also when it is interrupted: nobody else knows of this client yet
            client.close()
            raise

    def _act(self, action: Callable[[Collection], T], collection: Collection) -> T:
        with translated(self._uri, self._token):
            return action(collection)
