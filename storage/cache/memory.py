"""The cache in process memory: for one process, and for as long as it lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from storage.cache.locks import holding
from storage.processes import Clock, utc_now

T = TypeVar("T")

SWEEP = timedelta(seconds=60)
"""How often what expired is removed; nobody sees it before that either."""

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Kept(Generic[T]):
    value: T
    expires_at: datetime


class _Expiring(Generic[T]):
    """Values by key, each until its time is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept[T]] = {}
        self._sweep_at = clock() + SWEEP

    def get(self, key: str) -> T | None:
        """The value, unless it expired."""
        kept = self._kept.get(key)
        return kept.value if kept and self._clock() < kept.expires_at else None

    def put(self, key: str, value: T, seconds: float | None) -> None:
        """Keeps a value for so many seconds."""
        self._sweep()
        expires_at = _NEVER if seconds is None else self._clock() + timedelta(seconds=seconds)
        self._kept[key] = _Kept(value, expires_at)

    def change(self, key: str, value: T) -> None:
        """Puts another value in the place of one, until the same time."""
        self._kept[key] = replace(self._kept[key], value=value)

    def remove(self, key: str) -> None:
        """Removes a value if it is there."""
        self._kept.pop(key, None)

    def _sweep(self) -> None:
        now = self._clock()
        if now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP
        self._kept = {key: kept for key, kept in self._kept.items() if now < kept.expires_at}


class _MemoryLocks:
    """See ``storage.cache.locks.Locks``."""

    def __init__(self, clock: Clock) -> None:
        self._tokens: _Expiring[str] = _Expiring(clock)

    async def take(self, key: str, token: str, seconds: float) -> bool:
        """See ``Locks.take``."""
        is_free = self._tokens.get(key) is None
        if is_free:
            self._tokens.put(key, token, seconds)
        return is_free

    async def renew(self, key: str, token: str, seconds: float) -> bool:
        """See ``Locks.renew``."""
        is_held = self._tokens.get(key) == token
        if is_held:
            self._tokens.put(key, token, seconds)
        return is_held

    async def give_back(self, key: str, token: str) -> bool:
        """See ``Locks.give_back``."""
        is_held = self._tokens.get(key) == token
        if is_held:
            self._tokens.remove(key)
        return is_held


class MemoryCache:
    """See ``storage.cache.ports.Cache``."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._values: _Expiring[str] = _Expiring(clock)
        self._counters: _Expiring[int] = _Expiring(clock)
        self._locks = _MemoryLocks(clock)
        self._listeners: set[tuple[str, asyncio.Queue[str]]] = set()

    async def get(self, key: str) -> str | None:
        """See ``Cache.get``."""
        return self._values.get(key)

    async def set(self, key: str, value: str, seconds: float | None = None) -> None:
        """See ``Cache.set``."""
        self._values.put(key, value, seconds)

    async def delete(self, *keys: str) -> None:
        """See ``Cache.delete``."""
        for key in keys:
            self._values.remove(key)
            self._counters.remove(key)

    async def increment(self, key: str, by: int = 1, seconds: float | None = None) -> int:
        """See ``Cache.increment``."""
        counted = self._counters.get(key)
        if counted is None:
            self._counters.put(key, by, seconds)
            return by
        self._counters.change(key, counted + by)
        return counted + by

    def lock(self, key: str, seconds: float = 30.0, wait: float = 0.0) -> AbstractAsyncContextManager[None]:
        """See ``Cache.lock``."""
        return holding(self._locks, key, seconds, wait)

    async def publish(self, channel: str, payload: str) -> None:
        """See ``Cache.publish``."""
        for heard, queue in self._listeners:
            if heard == channel:
                queue.put_nowait(payload)

    @asynccontextmanager
    async def listening(self, channel: str) -> AsyncIterator[AsyncIterator[str]]:
        """See ``Cache.listening``."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add((channel, queue))
        try:
            yield _taken_from(queue)
        finally:
            self._listeners.remove((channel, queue))

    async def close(self) -> None:
        """See ``Cache.close``."""


async def _taken_from(queue: asyncio.Queue[str]) -> AsyncIterator[str]:
    while True:
        yield await queue.get()
