"""The graph in process memory: the same promises as the others, kept for as long as the process lives."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from storage.graph.ports import PATH, EdgeKind, Part, Relations, StoredEdge
from storage.graph.rules import TOGETHER, by_key, by_scene, edge_rows, node_rows, shortest, summed, visible


class MemoryGraph:
    """Graphs as the parts they were given; see ``storage.graph.ports.Graph``."""

    def __init__(self) -> None:
        self._novels: dict[str, dict[str, Part]] = {}

    async def prepare(self) -> None:
        """See ``Graph.prepare``."""

    async def replace(self, novel_id: str, parts: Sequence[Part]) -> None:
        """See ``Graph.replace``."""
        self._novels.setdefault(novel_id, {}).update({part.chapter: part for part in parts})

    async def remove(self, novel_id: str, chapters: Collection[str] | None = None) -> None:
        """See ``Graph.remove``."""
        parts = self._novels.get(novel_id, {})
        for chapter in list(parts) if chapters is None else chapters:
            parts.pop(chapter, None)

    async def relations(self, novel_id: str, chapters: Sequence[str] | None = None) -> Relations:
        """See ``Graph.relations``."""
        parts, key = self._parts(novel_id, chapters), by_key(chapters)
        return Relations(
            nodes=tuple(sorted((row for part in parts for row in node_rows(part)), key=key)),
            edges=tuple(sorted((row for part in parts for row in edge_rows(part)), key=key)),
        )

    async def neighbourhood(
        self, novel_id: str, nodes: Collection[str], chapters: Sequence[str], kinds: Collection[EdgeKind]
    ) -> list[StoredEdge]:
        """See ``Graph.neighbourhood``."""
        edges = self._edges(novel_id, chapters, kinds)
        return sorted((row for row in edges if row.source in nodes or row.target in nodes), key=by_scene(chapters))

    async def path(self, novel_id: str, source: str, target: str, chapters: Sequence[str]) -> list[str]:
        """See ``Graph.path``."""
        return shortest(((row.source, row.target) for row in self._edges(novel_id, chapters, PATH)), source, target)

    async def together(self, novel_id: str, chapters: Sequence[str]) -> dict[tuple[str, str], float]:
        """See ``Graph.together``."""
        edges = self._edges(novel_id, chapters, TOGETHER)
        return summed((row.source, row.target, row.weight) for row in edges)

    async def close(self) -> None:
        """See ``Graph.close``."""

    def _parts(self, novel_id: str, chapters: Sequence[str] | None) -> list[Part]:
        parts = self._novels.get(novel_id, {})
        return [parts[key] for key in (list(parts) if chapters is None else visible(chapters)) if key in parts]

    def _edges(self, novel_id: str, chapters: Sequence[str], kinds: Collection[EdgeKind]) -> Iterator[StoredEdge]:
        for part in self._parts(novel_id, chapters):
            yield from (row for row in edge_rows(part) if row.kind in kinds)
