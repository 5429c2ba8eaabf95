"""Story memory: graph and passages of all novels, kept up with their logs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from storage.cache.ports import Cache, LockBusy, key
from storage.graph.ports import Graph
from storage.passages.searching import Passages
from storage.ports import Storage
from storage.projections.logs import Logs
from storage.projections.pending import Batch, Pending, batches, pending
from storage.projections.ports import Lag, Position, Positions, ProjectionName
from storage.projections.projection import GraphProjection, PassagesProjection, Projection
from story.base import digest
from story.errors import ScriptoriumError
from story.novel import Novel

LOCK_SECONDS = 30.0
"""After so long the lock of a process that died is free; a living one renews it."""

WAIT_SECONDS = 120.0
"""How long to wait for another process that brings the same projection up."""

Run = Callable[[Position, Batch, str], Awaitable[None]]
"""Carries out a batch as ``project`` does; the text says how far the work will be then."""


@dataclass(frozen=True)
class StoryMemory:
    """The projections and what they are written to. One instance serves one event loop."""

    storage: Storage
    graph: Graph
    passages: Passages
    positions: Positions
    cache: Cache

    @cached_property
    def logs(self) -> Logs:
        """The logs that are projected."""
        return Logs(self.storage)

    @cached_property
    def projections(self) -> Mapping[ProjectionName, Projection]:
        """Every projection by its name."""
        return {"graph": GraphProjection(self.graph), "passages": PassagesProjection(self.passages)}

    async def lags(self, owner: str | None = None) -> list[Lag]:
        """How far each projection is for the novels of an owner, or of all."""
        return [lag for name in self.projections for lag in await self.positions.lags(name, owner)]

    async def lags_of(self, novel_id: str) -> list[Lag]:
        """How far each projection of a novel is."""
        return [lag for name in self.projections if (lag := await self.positions.lag(name, novel_id))]

    async def bring_up(self, position: Position, run: Run | None = None, *, anew: bool = False) -> None:
        """Brings a projection of a novel to the end of its log; what fails is kept at its position, and raised.

        ``anew`` drops first all that it holds of the novel. Nobody else works on it meanwhile; raises ``LockBusy`` when
        somebody else does for ``WAIT_SECONDS``.
        """
        lock = key("projection", position.novel_id, position.name)
        try:
            async with self.cache.lock(lock, seconds=LOCK_SECONDS, wait=WAIT_SECONDS):
                if anew:
                    await self._drop(position)
                await self._bring_up(position, run or self._run)
        except LockBusy:
            raise  # whoever has the lock brings it up
        except Exception as error:
            # Whatever a store or a model raises: it is behind, and somebody has to see why.
            await self.positions.fail(position, described(error))
            raise

    async def project(self, position: Position, batch: Batch) -> None:
        """Carries out one batch and moves the position to where it reaches."""
        novel, projection = (await self.logs.of(position.novel_id)).novel, self.projections[position.name]
        await projection.write(position.novel_id, position.owner, novel, batch.still_standing(novel))
        await self.positions.advance(position, batch.reaches)

    async def wipe_vectors(self) -> None:
        """Removes the vectors of every novel, whatever model made them; the passages of all are then behind."""
        # Before, so that nothing counts as done if this breaks off; after, for whoever wrote in between.
        await self.positions.reset_all("passages")
        await self.passages.wipe_vectors()
        await self.positions.reset_all("passages")

    async def content(self, novel_id: str, owner: str) -> str:
        """A hash of what all projections hold of a novel, as it is read back from their stores."""
        return digest({name: await one.content(novel_id, owner) for name, one in self.projections.items()})

    async def close(self) -> None:
        """Lets go of every store but the storage itself."""
        await self.graph.close()
        await self.passages.close()
        await self.cache.close()

    async def _run(self, position: Position, batch: Batch, _label: str) -> None:
        await self.project(position, batch)

    async def _drop(self, position: Position) -> None:
        projection, novel = self.projections[position.name], (await self.logs.of(position.novel_id)).novel
        await projection.prepare()  # before anything is dropped: it may refuse to be written
        await self.positions.reset(position)
        await projection.drop(position.novel_id, position.owner, [one.id for one in novel.chapters])

    async def _bring_up(self, position: Position, run: Run) -> None:
        lag = await self.positions.lag(position.name, position.novel_id)
        if lag is None:
            return
        position, projection = lag.position, self.projections[position.name]
        if lag.is_deleted:
            await projection.remove(position.novel_id, position.owner)
            await self.positions.remove(position)
        elif lag.events:
            await self.positions.begin(position)
            await projection.prepare()
            log = await self.logs.of(position.novel_id)
            left = pending(log.events, position.version, with_bible=projection.with_bible)
            await _carry_out(position, left, log.novel, run)
        elif position.error:
            await self.positions.advance(position, position.version)  # somebody else did what had failed


async def _carry_out(position: Position, left: Pending, novel: Novel, run: Run) -> None:
    done, total = 0, len(left.written)
    for batch in batches(left, novel, position.version):
        done += len(batch.chapters)
        await run(position, batch, f"{done} of {total} chapters")
        position = position.model_copy(update={"version": batch.reaches})


def described(error: Exception) -> str:
    """Why something failed, in a line; an error that is none of ours is named as well."""
    lines = str(error).strip().splitlines() or [""]
    return lines[0] if isinstance(error, ScriptoriumError) else f"{type(error).__name__}: {lines[0][:300]}"
