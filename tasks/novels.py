"""Prefect tasks on the log: open a novel, add to it, make its files; and the lease that a run holds meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect import task

from agents.decisions import default_max_calls
from agents.models.providers import check_models
from storage.exports import FORMATS
from storage.ports import HEARTBEAT_SECONDS, Lease, Storage, VersionConflict
from storage.processes import this_process
from story.errors import UnknownNovel
from story.events import Event, NovelRequested, NovelResumed
from story.novel import Novel
from story.order import Order
from tasks.books import make_book
from tasks.policy import STORE
from tasks.wiring import Services, services

logger = logging.getLogger(__name__)


@asynccontextmanager
async def leased(novel_id: str) -> AsyncIterator[Lease]:
    """Holds the lease of a novel, renewing it, for the time of the block; raises ``NovelBusy``."""
    storage = (await services()).storage
    lease = await storage.acquire(novel_id, this_process())
    beat = asyncio.create_task(_renewing(storage, lease))
    try:
        yield lease
    finally:
        beat.cancel()
        await storage.release(lease)


async def _renewing(storage: Storage, lease: Lease) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            await storage.renew(lease)
        except Exception as error:  # the next write of this run meets the same and decides; the beat must go on
            logger.warning("The lease could not be renewed: %s", error, extra={"action": "lease.renew"})


@task(name="open-novel", **STORE)
async def open_novel(lease: Lease, order: Order) -> None:
    """Begins the novel of an order if its log is empty, and resumes it if it was paused or held."""
    given = await services()
    novel = await read_novel(lease.novel_id)
    event = await _opening(given, novel, order)
    if event:
        await _append(given.storage, lease, novel.version, (event,))


async def check_order(novel_id: str, order: Order) -> None:
    """Raises ``InvalidInput`` for an order that names no novel of ours and cannot begin one; takes no lease."""
    novel, owner = await read_novel(novel_id), (await services()).owner
    if novel.version == 0 and not order.novel:
        order.asked_premise()
    if (novel.version == 0 and not order.premise) or (novel.version and novel.owner != owner):
        raise UnknownNovel(f"There is no novel {novel_id!r}; `scriptorium status` lists them.")


async def _opening(given: Services, novel: Novel, order: Order) -> Event | None:
    if novel.version == 0:
        return await _requested(given, order)
    assert novel.premise
    models = order.amended_models(novel.models)
    check_models(models, given.models, novel.premise.language)
    if novel.state in ("paused", "held") or models != novel.models or order.max_calls:
        return NovelResumed(models=models, max_calls=order.max_calls)
    return None


async def _requested(given: Services, order: Order) -> NovelRequested:
    premise, models = order.asked_premise(), order.asked_models()
    check_models(models, given.models, premise.language)
    if order.fresh:
        told = [row.variant for row in await given.storage.novels(given.owner) if row.premise == premise.premise]
        premise = premise.model_copy(update={"variant": max(told, default=-1) + 1})
    bound = order.max_calls or default_max_calls(premise.chapters)
    return NovelRequested(owner=given.owner, premise=premise, models=models, max_calls=bound)


@task(name="record", task_run_name="record {what}", **STORE)
async def record(lease: Lease, expected: int, events: tuple[Event, ...], what: str) -> None:
    """Adds events to a log that holds ``expected`` ones, under the lease."""
    await _append((await services()).storage, lease, expected, events)


async def _append(storage: Storage, lease: Lease, expected: int, events: tuple[Event, ...]) -> None:
    try:
        async with storage.begin(lease) as work:
            await work.append(lease.novel_id, expected, *events)
            await work.commit()
    except VersionConflict:
        # A commit whose reply was lost is tried again by the task: its events stand in the log already.
        standing = await storage.events(lease.novel_id, after=expected)
        if tuple(one.event for one in standing) != events:
            raise


async def read_novel(novel_id: str) -> Novel:
    """The novel as its log has it."""
    log = await (await services()).storage.events(novel_id)
    return Novel.of(one.event for one in log)


@task(name="export-book", **STORE)
async def export_book(novel_id: str, out: str = "") -> dict[str, str]:
    """Writes the book in every format into its own folder under ``out``; gives the files by format."""
    files = await make_book(await services(), novel_id, out, FORMATS)
    return {form: str(path) for form, path in files.items()}
