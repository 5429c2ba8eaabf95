"""Vectors of passages in a Milvus Lite file, which one process at a time has open, and only while it uses it.

Searching goes over a view of the novel's vectors in process, for Milvus Lite goes through all rows of all novels in
Python for every search: of 50 ms at 20,000 rows, 30 go into looking for rows that were replaced or deleted, 15 into
copying vectors and measuring their lengths. A view is read from the file once and holds until the file changes.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from collections.abc import Collection as Some
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from filelock import FileLock, Timeout

from storage.passages.collection import Collection, connect, translated, unusable
from storage.passages.exact import View
from storage.passages.keys import checked
from storage.passages.ports import Embedder, Matrix, Part, Scored, VectorRow
from storage.passages.threads import finished, in_thread
from storage.ports import StoreUnavailable
from story.errors import ScriptoriumError

if TYPE_CHECKING:
    from pymilvus import MilvusClient

T = TypeVar("T")

WAIT_SECONDS = 30.0
"""How long a process waits for the one that has the file open; a batch of embedding takes some seconds."""

POLL_SECONDS = 0.02

MOST_ROWS = 100_000
"""How many vectors views hold in all, of those that were searched last: 150 MB."""

Stamp = tuple[tuple[str, int, int, int], ...]
"""The files of the store: their names, inodes, sizes and times. Whatever changes the vectors changes it."""


class LiteNearest:
    """See ``storage.passages.ports.Nearest``. One instance serves one event loop."""

    def __init__(self, path: Path, embedder: Embedder) -> None:
        self._path = path.absolute()
        self._embedder = embedder
        self._lock = FileLock(f"{self._path}.lock", thread_local=False)
        self._holders = 0
        self._client: MilvusClient | None = None
        self._collection: Collection | None = None
        self._opening = asyncio.Lock()
        # The engine does not take several writers of one collection.
        self._calling = asyncio.Lock()
        self._views: OrderedDict[str, View] = OrderedDict()
        self._stamp: Stamp = ()

    async def replace(self, novel_id: str, parts: Sequence[Part], vectors: Matrix) -> None:
        """See ``Nearest.replace``."""
        rows, chapters = checked(parts, vectors), {part.chapter for part in parts}
        if chapters:
            await self._write(novel_id, lambda collection: collection.replace(novel_id, chapters, rows))

    async def remove(self, novel_id: str, chapters: Some[str] | None = None) -> None:
        """See ``Nearest.remove``."""
        if self._is_there():
            await self._write(novel_id, lambda collection: collection.remove(novel_id, chapters))

    async def search(self, novel_id: str, vector: Matrix, chapters: Sequence[str], limit: int) -> list[Scored]:
        """See ``Nearest.search``."""
        if not self._is_there():
            return []
        view = await self._view(novel_id)
        return await asyncio.to_thread(view.nearest, vector, chapters, limit)

    async def rows(self, novel_id: str) -> list[VectorRow]:
        """See ``Nearest.rows``."""
        return await self._call(lambda collection: collection.rows(novel_id)) if self._is_there() else []

    async def refuse_other(self) -> None:
        """See ``Nearest.refuse_other``."""
        if self._is_there():
            await self._call(Collection.refuse_other)

    async def reset(self) -> None:
        """See ``Nearest.reset``."""
        if self._is_there():
            await self._call(Collection.drop)
        self._views.clear()

    async def close(self) -> None:
        """See ``Nearest.close``. It waits for nobody: what is open belongs to the calls that opened it."""
        self._views.clear()

    def _is_there(self) -> bool:
        with _explained(self._path):
            return self._path.exists()

    async def _write(self, novel_id: str, action: Callable[[Collection], None]) -> None:
        async with self._used() as collection:
            try:
                await in_thread(self._act, action, collection)
            finally:
                self._views.pop(novel_id, None)

    async def _call(self, action: Callable[[Collection], T]) -> T:
        async with self._used() as collection:
            return await in_thread(self._act, action, collection)

    def _act(self, action: Callable[[Collection], T], collection: Collection) -> T:
        with _explained(self._path), translated(str(self._path)):
            return action(collection)

    async def _view(self, novel_id: str) -> View:
        """The view of a novel: the one that was read before, if the file is as it was then, else a new one."""
        # Nobody else changes a file that we hold.
        if self._collection is None and self._views and self._stamp != await in_thread(_stamp, self._path):
            self._views.clear()
        if (known := self._views.get(novel_id)) is not None:
            self._views.move_to_end(novel_id)
            return known
        async with self._used() as collection:
            # Still in our turn, so that no write comes between reading a view and keeping it.
            view = self._views[novel_id] = await in_thread(self._act, lambda it: _read(it, novel_id), collection)
        while len(self._views) > 1 and sum(len(one.keys) for one in self._views.values()) > MOST_ROWS:
            self._views.popitem(last=False)
        return view

    @asynccontextmanager
    async def _used(self) -> AsyncIterator[Collection]:
        """The file open, for the time of the block, and nobody else of this process using it."""
        self._holders += 1
        try:
            async with self._opening:
                if self._collection is None:
                    await self._acquire()
                    await self._open()
            async with self._calling:
                assert self._collection is not None
                yield self._collection
        finally:
            self._holders -= 1
            await finished(self._leave())

    async def _acquire(self) -> None:
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while True:
            try:
                with _explained(self._path):
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                    self._lock.acquire(blocking=False)
            except Timeout:
                if asyncio.get_running_loop().time() > deadline:
                    raise self._busy() from None
                await asyncio.sleep(POLL_SECONDS)
            else:
                return

    def _busy(self) -> StoreUnavailable:
        try:
            holder = self._holder.read_text()
        except OSError:  # it lets go of the file this moment, or does not let us see
            holder = "another process"
        return StoreUnavailable(
            f"{self._path} is in use by {holder}; wait until it ends, or let processes share it: run `milvus-lite "
            f"server --data-dir {self._path} --host 127.0.0.1` and set SCRIPTORIUM_MILVUS_URL to its address."
        )

    @property
    def _holder(self) -> Path:
        return Path(f"{self._path}.holder")

    async def _open(self) -> None:
        """Opens the file, whose lock is held; gives the lock back where that fails."""
        try:
            if self._stamp != await in_thread(_stamp, self._path):
                self._views.clear()
            self._client = await in_thread(self._connect)
            with translated(str(self._path)):
                self._collection = Collection(self._client, self._embedder, is_file=True)
        finally:
            if self._collection is None:
                await finished(self._shut())

    def _connect(self) -> MilvusClient:
        with _explained(self._path):
            self._holder.write_text(f"process {os.getpid()}")
        try:
            with _explained(self._path):
                return connect(str(self._path))
        except StoreUnavailable as error:
            raise StoreUnavailable(
                f"{self._path} cannot be opened; if a `milvus-lite server` has it open, set SCRIPTORIUM_MILVUS_URL "
                "to its address, else remove the folder, and `scriptorium rebuild` makes it anew."
            ) from error

    async def _leave(self) -> None:
        async with self._opening:
            if not self._holders and self._collection is not None:
                await self._shut()

    async def _shut(self) -> None:
        client, self._client, self._collection = self._client, None, None
        try:
            await in_thread(self._release, client)
            self._stamp = await in_thread(_stamp, self._path)
        finally:
            self._lock.release()

    def _release(self, client: MilvusClient | None) -> None:
        from milvus_lite.server_manager import server_manager_instance

        with _explained(self._path):
            if client is not None:
                client.close()
            server_manager_instance.release_server(str(self._path))
            self._holder.unlink(missing_ok=True)


def _read(collection: Collection, novel_id: str) -> View:
    collection.refuse_other()
    return View.of(collection.rows(novel_id))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns what the system and the engine raise into what the port promises; they have no common base."""
    try:
        yield
    except (ScriptoriumError, Timeout):
        raise
    except Exception as error:  # nothing is lost of it: it is the cause of what is raised
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise unusable(str(path), reason) from error


def _stamp(path: Path) -> Stamp:
    with _explained(path):
        return tuple(sorted(_files(path)))


def _files(path: Path) -> Iterator[tuple[str, int, int, int]]:
    for folder, _, names in os.walk(path):
        for name in names:
            # A file may go while we look, which is a change as well.
            with suppress(FileNotFoundError):
                state = (Path(folder) / name).stat()
                yield f"{folder}/{name}", state.st_ino, state.st_size, state.st_mtime_ns
