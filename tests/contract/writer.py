"""A process that appends to one novel and says so: ``python -m tests.contract.writer URL NOVEL COUNT``."""

from __future__ import annotations

import asyncio
import sys

from storage.ports import VersionConflict
from storage.sql import Database, SqlStorage
from story.events import NovelPaused


async def main(url: str, novel_id: str, count: int) -> None:
    """Appends so many events, each again until nobody else was faster, and prints each version once it is committed."""
    storage = SqlStorage(Database(url))
    version = len(await storage.events(novel_id))
    while count:
        try:
            async with storage.begin() as work:
                await work.append(novel_id, version, NovelPaused(reason="written by a process"))
                await work.commit()
        except VersionConflict:
            version = len(await storage.events(novel_id))
            continue
        version, count = version + 1, count - 1
        sys.stdout.write(f"{version}\n")
        sys.stdout.flush()
    await storage.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
