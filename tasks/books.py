"""Books as files: from the log of a novel to EPUB, DOCX and Markdown, and what is remembered of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from storage.exports import book_of, write_book
from storage.ports import ExportRow
from story.base import slug
from story.novel import Novel
from tasks.wiring import Services


async def make_book(given: Services, novel_id: str, out: str, formats: tuple[str, ...]) -> dict[str, Path]:
    """Writes the book as it stands into its own folder under ``out``; gives the files by format."""
    log = await given.storage.events(novel_id)
    book = book_of(novel_id, Novel.of(one.event for one in log), modified=log[-1].at)
    folder = book_folder(given.home, out, book.title, novel_id)
    files = await asyncio.to_thread(write_book, book, folder, formats)
    async with given.storage.begin() as work:
        for form, path in files.items():
            await work.record_export(novel_id, ExportRow(format=form, path=_portable(path, given.home)))
        await work.commit()
    return files


def book_folder(home: Path, out: str, title: str, novel_id: str) -> Path:
    """Where the files of a novel lie: a folder of its own, so that two novels of one title do not meet."""
    base = Path(out).expanduser().absolute() if out else home / "novels"
    return base / f"{slug(title)[:60].strip('-')}-{novel_id[:8]}"


def _portable(path: Path, home: Path) -> str:
    return str(path.relative_to(home)) if path.is_relative_to(home) else str(path)
