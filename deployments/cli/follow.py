"""Following a novel while it is written, from what the database says: the same for a run here and one elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from rich.progress import BarColumn, Progress, ProgressColumn, TaskID, TextColumn, TimeElapsedColumn

from deployments.cli.output import ERRORS, plain, say
from storage.ports import Storage, StoreUnavailable

POLL_SECONDS = 0.5

_DOING = {
    "world-builder": "building the world",
    "character-designer": "assembling the cast",
    "plot-architect": "outlining the plot",
    "chapter-writer": "writing",
    "editor": "reviewing",
    "chronicler": "chronicling",
}


@dataclass(frozen=True)
class Sight:
    """What is seen of a novel at one moment."""

    title: str = ""
    stage: str = "waiting to start"
    accepted: int = 0
    chapters: int = 0
    words: int = 0
    calls: int = 0


@asynccontextmanager
async def following(storage: Storage, novel_id: str, started: float) -> AsyncIterator[None]:
    """Shows stage, chapter, words, calls and elapsed time on standard error for the time of the block."""
    show = asyncio.create_task(_show(storage, novel_id) if ERRORS.is_terminal else _log(storage, novel_id, started))
    try:
        yield
    finally:
        show.cancel()
        with suppress(asyncio.CancelledError):
            await show


async def _show(storage: Storage, novel_id: str) -> None:
    columns: tuple[ProgressColumn, ...] = (
        TextColumn("{task.fields[title]}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}/{task.total} chapters · {task.fields[words]} words"),
        TextColumn("· {task.fields[calls]} calls ·"),
        TimeElapsedColumn(),
        TextColumn("· {task.fields[stage]}", markup=False),
    )
    with Progress(*columns, console=ERRORS) as progress:
        bar = progress.add_task("", total=None, title="", stage="starting", words=0, calls=0)
        while True:
            _update(progress, bar, await seen(storage, novel_id))
            await asyncio.sleep(POLL_SECONDS)


def _update(progress: Progress, bar: TaskID, sight: Sight) -> None:
    progress.update(
        bar,
        total=sight.chapters or None,
        completed=sight.accepted,
        title=plain(sight.title)[:40],
        stage=sight.stage,
        words=sight.words,
        calls=sight.calls,
    )


async def _log(storage: Storage, novel_id: str, started: float) -> None:
    """Where nobody looks at a terminal: a line whenever a chapter is accepted."""
    last = -1
    while True:
        sight = await seen(storage, novel_id)
        if sight.accepted != last and sight.chapters:
            last = sight.accepted
            elapsed = time.monotonic() - started
            counts = f"{last}/{sight.chapters} chapters, {sight.words} words, {sight.calls} calls"
            say(f"{counts}, {elapsed:.0f} s: {sight.stage}")
        await asyncio.sleep(POLL_SECONDS)


async def seen(storage: Storage, novel_id: str) -> Sight:
    """How far the novel is."""
    try:
        row, calls = await storage.novel(novel_id), await storage.calls(novel_id)
    except StoreUnavailable as error:
        return Sight(stage=str(error))
    if row is None:
        return Sight()
    stage: str = row.state
    if calls and calls[-1].outcome is None and calls[-1].seconds is None:
        call = calls[-1]
        stage = _DOING.get(call.agent, call.agent) + (f" chapter {call.chapter}" if call.chapter else "")
    return Sight(row.title, stage, row.chapters_accepted, row.chapters, row.words, len(calls))
