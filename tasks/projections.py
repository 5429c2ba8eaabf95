"""Prefect tasks on projections: bring graph and passages of a novel up to its log, batch by batch."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from prefect import task

from storage.exports.graphs.picture import png
from storage.graph.network import network
from storage.projections.pending import Batch
from storage.projections.ports import Position
from storage.projections.story_memory import described
from tasks.policy import STORE
from tasks.reports import picture
from tasks.wiring import services

logger = logging.getLogger(__name__)


@task(name="project", task_run_name="{position.name} of {position.novel_id}, {label}", **STORE)
async def project(position: Position, batch: Batch, label: str) -> None:
    """Carries out one batch and moves the position to where it reaches."""
    await (await services()).memory.project(position, batch)


@task(name="wipe-vectors", **STORE)
async def wipe_vectors() -> None:
    """Removes the vectors of every novel; the passages of all are then behind, and built anew."""
    await (await services()).memory.wipe_vectors()


async def bring_up(position: Position, *, anew: bool = False) -> None:
    """Brings a projection of a novel to the end of its log, a task a batch; ``anew`` drops first what it holds."""
    await (await services()).memory.bring_up(position, project, anew=anew)


async def draw(novel_id: str) -> None:
    """Shows the graph of a novel as a picture in the Prefect UI; a picture is wanted, not needed."""
    try:
        await _draw(novel_id)
    except Exception as error:  # whatever a drawing library raises: no picture is worth a book
        logger.warning("The graph is not drawn: %s", error, extra={"action": "report"})


async def _draw(novel_id: str) -> None:
    given = await services()
    chapters = await given.views.chapters(novel_id)
    shown = network(await given.memory.graph.relations(novel_id, [one.id for one in chapters]))
    row = await given.storage.novel(novel_id)
    if row is not None and shown.ties:
        drawn = await asyncio.to_thread(png, shown, row.title, f"Chapters 1 to {len(chapters)}")
        await picture(f"{novel_id}-graph", drawn, f"Who is in {row.title}")


async def keep_up(novel_id: str) -> None:
    """Brings every projection of a novel up as far as its store lets it: what fails is said and tried again later."""
    given = await services()
    # Who writes a novel goes on at once when a store is down; the next chapter tries again.
    at_once: Any = project.with_options(retries=0)
    for lag in await given.memory.lags_of(novel_id):
        try:
            await given.memory.bring_up(lag.position, at_once)
        except Exception as error:  # kept at the position; whatever a store raises, no chapter is lost for it
            why = described(error)
            logger.warning("The %s are behind: %s", lag.position.name, why, extra={"action": "projection.behind"})
