"""A process that holds a lock until it is killed: ``python -m tests.contract.locker URL KEY SECONDS``."""

from __future__ import annotations

import asyncio
import sys

from storage.cache.sql import SqlCache
from storage.sql import Database


async def main(url: str, key: str, seconds: float) -> None:
    """Takes the lock, says so, and keeps it."""
    async with SqlCache(Database(url)).lock(key, seconds):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
