"""The two projections: each writes batches of chapters from the folded log into its store, and reads it back."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Protocol

from storage.graph.content import content_hash
from storage.graph.ports import Graph
from storage.passages.cutting import cut
from storage.passages.searching import Passages
from storage.projections.pending import Batch
from storage.projections.ports import ProjectionName
from storage.projections.relations import Names, bible_part, chapter_part
from story.novel import Novel


class Projection(Protocol):
    """What is rebuilt from a novel's log. Writing the same twice is as good as once."""

    name: ProjectionName
    with_bible: bool
    """Whether a change of world, cast or outline changes what stands of the chapters."""

    async def prepare(self) -> None:
        """Makes what the store needs before it is written; raises ``InvalidInput`` when it cannot be, as it is."""
        ...

    async def write(self, novel_id: str, owner: str, novel: Novel, batch: Batch) -> None:
        """Carries out a batch."""
        ...

    async def drop(self, novel_id: str, owner: str, standing: Collection[str]) -> None:
        """Removes what is to be projected anew; of these chapters, what is dear to make is kept."""
        ...

    async def remove(self, novel_id: str, owner: str) -> None:
        """Removes all of a novel that is gone."""
        ...

    async def content(self, novel_id: str, owner: str) -> str:
        """A hash of all rows of a novel as they are read back from the store."""
        ...


class GraphProjection:
    """Characters, places, things, threads and scenes, and how they relate."""

    name: ProjectionName = "graph"
    with_bible = True

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def prepare(self) -> None:
        """See ``Projection.prepare``."""
        await self._graph.prepare()

    async def write(self, novel_id: str, owner: str, novel: Novel, batch: Batch) -> None:
        """See ``Projection.write``."""
        names, chapters = Names.of(novel), {one.id: one for one in novel.chapters}
        if batch.removed:
            await self._graph.remove(novel_id, batch.removed)
        bible = [bible_part(novel, batch.bible)] if batch.bible else []
        parts = [
            await asyncio.to_thread(chapter_part, names, chapters[one.chapter], one.version) for one in batch.chapters
        ]
        await self._graph.replace(novel_id, [*bible, *parts])

    async def drop(self, novel_id: str, owner: str, standing: Collection[str]) -> None:
        """See ``Projection.drop``."""
        await self._graph.remove(novel_id)

    async def remove(self, novel_id: str, owner: str) -> None:
        """See ``Projection.remove``."""
        await self._graph.remove(novel_id)

    async def content(self, novel_id: str, owner: str) -> str:
        """See ``Projection.content``."""
        return content_hash(await self._graph.relations(novel_id))


class PassagesProjection:
    """The text of chapters, cut into passages, with their words indexed and their vectors."""

    name: ProjectionName = "passages"
    with_bible = False

    def __init__(self, passages: Passages) -> None:
        self._passages = passages

    async def prepare(self) -> None:
        """See ``Projection.prepare``."""
        await self._passages.refuse_other()

    async def write(self, novel_id: str, owner: str, novel: Novel, batch: Batch) -> None:
        """See ``Projection.write``."""
        chapters = {one.id: one for one in novel.chapters}
        parts = [
            await asyncio.to_thread(cut, one.chapter, one.version, chapters[one.chapter].text) for one in batch.chapters
        ]
        await self._passages.write(novel_id, owner, parts)
        # Last, for what a chapter took over from one that was withdrawn is not embedded again.
        if batch.removed:
            await self._passages.remove(novel_id, owner, batch.removed)

    async def drop(self, novel_id: str, owner: str, standing: Collection[str]) -> None:
        """See ``Projection.drop``."""
        await self._passages.drop(novel_id, owner, standing)

    async def remove(self, novel_id: str, owner: str) -> None:
        """See ``Projection.remove``."""
        await self._passages.remove(novel_id, owner)

    async def content(self, novel_id: str, owner: str) -> str:
        """See ``Projection.content``."""
        return await self._passages.content(novel_id, owner)
