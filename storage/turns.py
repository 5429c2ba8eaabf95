"""Taking turns at writing within one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.ports import StoreUnavailable

TURN_SECONDS = 10.0
"""How long a writer waits for the writers before it; a transaction takes milliseconds."""


@asynccontextmanager
async def turn(lock: asyncio.Lock) -> AsyncIterator[None]:
    """Waits for the lock, but not for ever: a transaction begun inside another would wait for itself."""
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await lock.acquire()
    except TimeoutError:
        raise StoreUnavailable(f"Another transaction has held the database for {TURN_SECONDS:g} s.") from None
    try:
        yield
    finally:
        lock.release()
