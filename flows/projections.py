"""Batch flows on projections: embed passages, ingest the graph, rebuild both from the log."""

from __future__ import annotations

from uuid import UUID

from prefect import flow
from prefect.runtime import flow_run

from storage.cache.ports import LockBusy
from storage.passages.ports import OtherEmbedding
from storage.projections.ports import Lag, ProjectionName
from storage.projections.story_memory import described
from story.errors import TransientError
from tasks.projections import bring_up, wipe_vectors
from tasks.reports import BatchReports
from tasks.wiring import Services, close_services, services, show_logs


class SomeBehind(TransientError):
    """Some projections could not be brought up; the rest was, and the next run goes on with these."""


@flow(name="embed-passages", log_prints=False, persist_result=False)
async def embed_passages(novels: list[str] | None = None) -> dict[str, int]:
    """Cuts, indexes and embeds the text of all novels that are behind, or of the named ones.

    Gives how many events each was brought on. Nothing that was embedded before is embedded again.
    """
    return await _catch_up("passages", novels)


@flow(name="ingest-graph", log_prints=False, persist_result=False)
async def ingest_graph(novels: list[str] | None = None) -> dict[str, int]:
    """Brings the graph of all novels that are behind, or of the named ones, up to their logs."""
    return await _catch_up("graph", novels)


@flow(name="rebuild-projections", log_prints=False, persist_result=False)
async def rebuild_projections(novels: list[str] | None = None) -> list[dict[str, str]]:
    """Drops graph and passages of all novels, or of the named ones, and builds them anew from the log.

    Gives for each the hash of what stood in the stores before and after: the rows as they are read back.
    """
    show_logs()
    try:
        given = await services()
        reports = BatchReports(UUID(str(flow_run.id)), "rebuild")
        ids = await _named(given, novels)
        before = {novel_id: await _content(given, novel_id) for novel_id in ids}
        lags = [lag for novel_id in ids for lag in await given.memory.lags_of(novel_id)]
        if not novels and await _is_of_other_embedding(given):
            await wipe_vectors()  # a store holds vectors of one model, and those of other owners are made anew, too
            lags = [lag for lag in lags if lag.position.name != "passages"]
            lags += await given.memory.positions.lags("passages")
        await _bring_up_all(given, lags, reports, anew=True)
        rows = [{"novel": key, "before": before[key], "after": await _content(given, key)} for key in ids]
        await reports.table(rows, "Contents before and after")
        return rows
    finally:
        await close_services()


async def _is_of_other_embedding(given: Services) -> bool:
    try:
        await given.memory.passages.refuse_other()
    except OtherEmbedding:
        return True
    return False


async def _content(given: Services, novel_id: str) -> str:
    return await given.memory.content(novel_id, given.owner)


async def _catch_up(name: ProjectionName, novels: list[str] | None) -> dict[str, int]:
    show_logs()
    try:
        given = await services()
        reports = BatchReports(UUID(str(flow_run.id)), name)
        wanted = [lag for lag in await _wanted(given, name, novels) if lag.events]
        await _bring_up_all(given, wanted, reports)
        return {lag.position.novel_id: await _brought(given, lag) for lag in wanted}
    finally:
        await close_services()


async def _wanted(given: Services, name: ProjectionName, novels: list[str] | None) -> list[Lag]:
    """The projection of the named novels of this owner, or of all novels of all owners."""
    lags = await given.memory.positions.lags(name, given.owner if novels else None)
    ids = await _named(given, novels) if novels else [lag.position.novel_id for lag in lags]
    return [lag for lag in lags if lag.position.novel_id in ids]


async def _named(given: Services, novels: list[str] | None) -> list[str]:
    """The ids of the named novels, or of all; raises ``UnknownNovel``."""
    if novels:
        return [(await given.storage.find(given.owner, name)).id for name in novels]
    return [row.id for row in await given.storage.novels(given.owner)]


async def _bring_up_all(given: Services, lags: list[Lag], reports: BatchReports, *, anew: bool = False) -> None:
    """One novel after the other, for embedding takes every core; one that fails does not stop the rest."""
    failed: list[str] = []
    for done, lag in enumerate(lags):
        try:
            await bring_up(lag.position, anew=anew)
        except Exception as error:  # kept at the position, and said below: one novel does not stop the rest
            # Whoever has the lock brings it up, but does not build it anew.
            if anew or not isinstance(error, LockBusy):
                failed.append(f"{lag.position.novel_id}: {described(error)}")
        await reports.progressed(done + 1, len(lags))
    await reports.table([await _row(given, lag) for lag in lags], "Projections")
    if failed:
        raise SomeBehind(f"{len(failed)} of {len(lags)} could not be brought up. {failed[0]}")


async def _brought(given: Services, lag: Lag) -> int:
    """How many events a projection was brought on; those of a deleted novel's are its removal."""
    now = await given.memory.positions.lag(lag.position.name, lag.position.novel_id)
    return now.position.version - lag.position.version if now else lag.events


async def _row(given: Services, lag: Lag) -> dict[str, str | int]:
    position = lag.position
    now = await given.memory.positions.lag(position.name, position.novel_id)
    return {
        "novel": position.novel_id,
        "projection": position.name,
        "from event": position.version,
        "to event": now.position.version if now else lag.head,
        "error": now.position.error if now else "",
    }
