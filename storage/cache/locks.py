"""How a lock is held, whatever keeps it: waited for, renewed beside the block, and given back."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from storage.cache.ports import LockBusy, LockLost
from storage.ports import StoreUnavailable
from story.errors import ScriptoriumError

POLL_SECONDS = 0.05
"""How long a waiting process lets a lock be, on average, before it asks again."""


class Locks(Protocol):
    """Locks that expire. The holder of one is known by a token that nobody else has."""

    async def take(self, key: str, token: str, seconds: float) -> bool:
        """Takes a lock, unless somebody else has it whose time is not over."""
        ...

    async def renew(self, key: str, token: str, seconds: float) -> bool:
        """Puts off when it expires; False when it is the holder's no more."""
        ...

    async def give_back(self, key: str, token: str) -> bool:
        """Lets go of it; False when it was the holder's no more."""
        ...


@asynccontextmanager
async def holding(locks: Locks, key: str, seconds: float, wait: float) -> AsyncIterator[None]:
    """See ``Cache.lock``."""
    token = uuid.uuid4().hex
    try:
        await _take(locks, key, token, seconds, wait)
        async with _renewed(locks, key, token, seconds):
            yield
    except BaseException:
        # What went wrong in the block counts, and the lock expires by itself.
        with suppress(ScriptoriumError):
            await locks.give_back(key, token)
        raise
    # Only a holder that had it all the time still has its token there.
    if not await locks.give_back(key, token):
        raise LockLost(f"The lock {key!r} could not be renewed and expired while it was held; do it again.")


async def _take(locks: Locks, key: str, token: str, seconds: float, wait: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    while not await locks.take(key, token, seconds):
        left = until - loop.time()
        if left <= 0:
            raise LockBusy(f"The lock {key!r} is held by somebody else; try again later.")
        spread = random.uniform(0.5, 1.5)  # noqa: S311 - it keeps those who wait apart, it keeps no secret
        await asyncio.sleep(min(left, spread * POLL_SECONDS))


@asynccontextmanager
async def _renewed(locks: Locks, key: str, token: str, seconds: float) -> AsyncIterator[None]:
    over = asyncio.Event()
    renewing = asyncio.create_task(_renew(locks, key, token, seconds, over))
    try:
        yield
    finally:
        # Told rather than cancelled, so that no statement is cut off under way.
        over.set()
        await asyncio.wait([renewing])
    renewing.result()


async def _renew(locks: Locks, key: str, token: str, seconds: float, over: asyncio.Event) -> None:
    is_held = True
    while is_held and not await _happens(over, seconds / 3):
        # A store that is away may be back before the lock expires; if not, giving the lock back tells.
        with suppress(StoreUnavailable):
            is_held = await locks.renew(key, token, seconds)


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
