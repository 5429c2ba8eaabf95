"""What a cache does, whatever it is made of. Keys are made with ``key``, so that no two purposes or novels meet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from story.errors import TransientError


class LockBusy(TransientError):
    """Somebody else holds the lock."""


class LockLost(TransientError):
    """The lock expired while it was held, and somebody else may have it."""


class Cache(Protocol):
    """Values with a time to live, counters, locks and messages. Raises ``StoreUnavailable`` when it does not answer.

    Times to live are in seconds. A process that ends, however it ends, leaves nothing that does not expire.
    """

    async def get(self, key: str) -> str | None:
        """The value, unless it expired."""
        ...

    async def set(self, key: str, value: str, seconds: float | None = None) -> None:
        """Keeps a value, for so many seconds or until it is deleted."""
        ...

    async def delete(self, *keys: str) -> None:
        """Removes values and counters; those that are not there are no error."""
        ...

    async def increment(self, key: str, by: int = 1, seconds: float | None = None) -> int:
        """Adds to a counter, atomically, and gives the sum; it expires so many seconds after its first increment."""
        ...

    def lock(self, key: str, seconds: float = 30.0, wait: float = 0.0) -> AbstractAsyncContextManager[None]:
        """Holds a lock for the time of the block, renewing it; a holder that died loses it after ``seconds``.

        Waits at most ``wait`` seconds for another holder, then raises ``LockBusy``. Raises ``LockLost`` at the end of
        the block when it could not be renewed in time.
        """
        ...

    async def publish(self, channel: str, payload: str) -> None:
        """Sends a message to whoever listens at this moment; it may be lost."""
        ...

    def listening(self, channel: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """The messages published on a channel from the entry of the block on, in order."""
        ...

    async def close(self) -> None:
        """Lets go of every connection."""
        ...
