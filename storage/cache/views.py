"""Read views beside the store: what is dear to read is kept in the cache until an event makes it stale.

A view is kept under the version of the log that it was read at, which is read from the store each time. So a view that
was read before an event and is written after it is found by nobody, and neither a lost message nor a process that
knows nothing of this cache makes anybody see what was.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import TypeAdapter, ValidationError

from storage.cache.ports import Cache, key
from storage.ports import ChapterRow, Recorded, Storage, StoreUnavailable, Subscriber

VIEW_SECONDS = 600.0
"""How long a view is kept that nobody removes: one that another process wrote in memory of its own, or too late."""

log = logging.getLogger(__name__)

_CHAPTERS = TypeAdapter(list[ChapterRow])


class Views:
    """Reads of novels that go to the store only when the cache does not have them, or does not answer."""

    def __init__(self, storage: Storage, cache: Cache) -> None:
        self._storage = storage
        self._cache = cache

    async def chapters(self, novel_id: str) -> list[ChapterRow]:
        """See ``Storage.chapters``."""
        novel = await self._storage.novel(novel_id)
        if novel is None:
            return []
        place = _place(novel_id, novel.version)
        kept = await self._kept_chapters(novel_id, place)
        if kept is not None:
            return kept
        # Read after the version: they may be newer than it says, never older.
        chapters = await self._storage.chapters(novel_id)
        with _doing_without(novel_id):
            await self._cache.set(place, _CHAPTERS.dump_json(chapters).decode(), VIEW_SECONDS)
        return chapters

    async def _kept_chapters(self, novel_id: str, place: str) -> list[ChapterRow] | None:
        with _doing_without(novel_id):
            kept = await self._cache.get(place)
            return None if kept is None else _read(kept)
        return None


def invalidating(cache: Cache) -> Subscriber:
    """A subscriber that removes what an event makes stale, so that it takes up no room until it expires."""

    async def invalidate(recorded: Recorded) -> None:
        await cache.delete(_place(recorded.novel_id, recorded.version - 1))

    return invalidate


def _place(novel_id: str, version: int) -> str:
    return key("chapters", novel_id, version)


def _read(kept: str) -> list[ChapterRow] | None:
    try:
        return _CHAPTERS.validate_json(kept)
    except ValidationError:
        # Another version of Scriptorium wrote it, with other fields; it is read and written anew.
        return None


@contextmanager
def _doing_without(novel_id: str) -> Iterator[None]:
    try:
        yield
    except StoreUnavailable as error:
        log.warning("A view is read without the cache: %s", error, extra={"action": "cache_away", "novel": novel_id})
