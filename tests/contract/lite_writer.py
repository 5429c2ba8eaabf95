"""A process that writes to a Milvus Lite file: its path, a novel, and how many chapters, one opening each."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from storage.passages.lite import LiteNearest
from tests.contract.passage_stores import EMBEDDER, part, vectors


async def main(path: str, novel_id: str, chapters: int) -> None:
    """Writes the chapters, and says so of each."""
    store = LiteNearest(Path(path), EMBEDDER)
    for number in range(chapters):
        parts = [part(f"c{number}", f"{novel_id} writes chapter {number}")]
        await store.replace(novel_id, parts, vectors(parts))
        print(number, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
