"""What a cache does, whatever it is made of. Keys are made with ``key``, so that no two purposes or novels meet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from urllib.parse import quote

from story.errors import TransientError


def key(purpose: str, novel_id: str, *parts: str | int) -> str:
    """The key of what is kept of a novel for a purpose; two that differ in anything have different keys."""
    # Quoted, so that no part can hold the colon and read as two.
    return ":".join(quote(str(part), safe="") for part in (purpose, novel_id, *parts))


class LockBusy(TransientError):
    """Somebody else holds the lock."""


class LockLost(TransientError):
    """The lock expired while it was held, and somebody else may have it."""


class Cache(Protocol):
    """Values with a time to live, counters, locks and messages. Raises ``StoreUnavailable`` when it does not answer.

    Times to live are in seconds. A value and a counter of the same key do not meet. One instance serves one event loop.
    """

    async def get(self, key: str) -> str | None:
        """The value, unless it expired."""
        ...

    async def set(self, key: str, value: str, seconds: float | None = None) -> None:
        """Keeps a value, for so many seconds or until it is deleted."""
        ...

    async def delete(self, *keys: str) -> None:
        """Removes the values and counters of these keys; those that are not there are no error."""
        ...

    async def increment(self, key: str, by: int = 1, seconds: float | None = None) -> int:
        """Adds to a counter, atomically, and gives the sum.

        The increment that begins a counter says when it expires; later ones change nothing of that.
        """
        ...

    def lock(self, key: str, seconds: float = 30.0, wait: float = 0.0) -> AbstractAsyncContextManager[None]:
        """Holds a lock for the time of the block, renewing it; a holder that died loses it after ``seconds``.

        Raises:
            LockBusy: another holder has had it for ``wait`` seconds.
            LockLost: at the end of a block that ended well, when the lock could not be renewed in time.
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
