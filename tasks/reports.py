"""What operators see of a novel in the Prefect UI: run names, a progress bar, a page per chapter, a table.

Reports are wanted, not needed: when Prefect's server does not take one, a warning says so and the novel goes on.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from html import escape
from typing import TypeVar
from uuid import UUID

from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.client.orchestration import get_client

from agents.context import Entry
from storage.exports.graphs.plan import png
from storage.ports import Storage
from story.changes import Change
from story.chapter import Chapter
from story.novel import Novel
from story.plan import Plan

T = TypeVar("T")

MOST_PICTURE = 400_000
"""Characters of a picture in base64; Prefect 3.8.8 shows 400 KB, and nothing from 600 KB on (tried)."""

logger = logging.getLogger(__name__)


class Reports:
    """The artifacts of one run about one novel. Keys begin with the novel's id."""

    def __init__(self, novel_id: str, flow_run: UUID) -> None:
        self._novel_id = novel_id
        self._flow_run = flow_run
        self._progress: UUID | None = None

    async def named(self, title: str) -> None:
        """Calls the run by the novel's title."""
        async with get_client() as client:
            await _wanted("run name", client.update_flow_run(self._flow_run, name=f"{title} ({self._novel_id[:8]})"))

    async def progressed(self, novel: Novel) -> None:
        """Moves the progress bar to the share of chapters accepted."""
        share = 100.0 * len(novel.chapters) / max(novel.planned_chapters, 1)
        if self._progress is not None:
            await _wanted("progress", aupdate_progress_artifact(self._progress, share))
            return
        key, text = f"{self._novel_id}-progress", f"Chapters of {_plain(novel.title or 'a novel')} accepted"
        self._progress = await _wanted("progress", acreate_progress_artifact(share, key=key, description=text))

    async def plan(self, novel: Novel) -> None:
        """The outline as a picture: acts, threads and promises, and who knows what when."""
        assert novel.outline
        try:
            drawn = await asyncio.to_thread(png, Plan.of(novel.outline, novel.cast, novel.world))
        except Exception as error:  # whatever a drawing library raises: no picture is worth a book
            logger.warning("The plan is not drawn: %s", error, extra={"action": "report"})
            return
        await picture(f"{self._novel_id}-plan", drawn, f"The plan of {novel.title}")

    async def chapter(self, number: int, chapter: Chapter, trace: tuple[Entry, ...]) -> None:
        """A page about an accepted chapter: what happens, what it changes, and what its writer was told."""
        changes = _table(("change", "of what", "in the words"), map(_changed, chapter.chronicle.changes))
        told = _table(("tier", "what", "tokens", "included", "why"), map(_told, trace))
        page = (
            f"# {number}. {_plain(chapter.title)}\n\n{_plain(chapter.chronicle.summary)}\n\n{chapter.words} words\n\n"
            f"## What it changes\n\n{changes}## What the writer was told\n\n{told}"
        )
        key = f"{self._novel_id}-chapter-{number}"
        await _wanted("chapter page", acreate_markdown_artifact(page, key=key, description=_plain(chapter.title)))

    async def table(self, novel: Novel, storage: Storage) -> None:
        """A table of words and calls per chapter."""
        await _wanted("table", self._make_table(novel, storage))

    async def _make_table(self, novel: Novel, storage: Storage) -> None:
        made = Counter(call.chapter for call in await storage.calls(self._novel_id))
        rows = [{"chapter": "planning", "title": "", "words": 0, "calls made": made[0]}]
        for number, chapter in enumerate(novel.chapters, start=1):
            title = _plain(chapter.title)
            rows.append({"chapter": str(number), "title": title, "words": chapter.words, "calls made": made[number]})
        await acreate_table_artifact(rows, key=f"{self._novel_id}-chapters", description="Words and calls")


async def picture(key: str, png: bytes, description: str) -> None:
    """A picture on a page of its own. Prefect's page shows none whose text is longer than ``MOST_PICTURE``."""
    shown = base64.b64encode(png).decode()
    if len(shown) > MOST_PICTURE:
        logger.warning("The picture is too large for Prefect's page.", extra={"action": "report"})
        return
    # In Markdown: an image artifact shows the whole text of such an address beneath the picture.
    page = f"![The picture](data:image/png;base64,{shown})"
    await _wanted("picture", acreate_markdown_artifact(page, key=key, description=_plain(description)))


class BatchReports:
    """The artifacts of one run of a batch flow. Keys begin with the flow's own name."""

    def __init__(self, flow_run: UUID, key: str) -> None:
        self._key = f"{key}-{str(flow_run)[:8]}"
        self._progress: UUID | None = None

    async def progressed(self, done: int, total: int) -> None:
        """Moves the progress bar to the share that is done."""
        share = 100.0 * done / max(total, 1)
        if self._progress is not None:
            await _wanted("progress", aupdate_progress_artifact(self._progress, share))
            return
        self._progress = await _wanted("progress", acreate_progress_artifact(share, key=f"{self._key}-progress"))

    async def table(self, rows: Sequence[Mapping[str, str | int]], description: str) -> None:
        """A table of what was done."""
        shown = [{name: _plain(str(value)) for name, value in row.items()} for row in rows]
        await _wanted("table", acreate_table_artifact(shown, key=f"{self._key}-table", description=description))


async def _wanted(what: str, report: Awaitable[T]) -> T | None:
    try:
        return await report
    except Exception as error:  # no report is worth a chapter
        logger.warning("Prefect did not take the %s: %s", what, error, extra={"action": "report"})
        return None


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def _changed(change: Change) -> tuple[str, ...]:
    named = change.model_dump(exclude={"kind", "scene", "quote"})
    return change.kind, _plain(", ".join(map(str, named.values()))), _plain(change.quote)


def _told(entry: Entry) -> tuple[str, ...]:
    return entry.tier, _plain(entry.key), str(entry.tokens), "yes" if entry.included else "no", entry.why


def _plain(text: str) -> str:
    """Text as data: no markup of ours or of a model's reaches the page."""
    return escape(" ".join(text.split()), quote=False).replace("|", "\\|").replace("[", "\\[").replace("`", "\\`")
