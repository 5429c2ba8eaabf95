"""The graph in Neo4j.

Everybody and everything that a novel's rows speak of is one ``(:Entity {novel_id, id})``, with the kind as a second
label and the name to be read. Every row is a relationship that holds its whole key: a node's row leads from the
``(:Novel {novel_id})`` to its entity as ``INTRODUCES``, an edge's row from entity to entity under the edge's kind. So
an edge may speak of what no row introduces (yet), and an entity that no row speaks of any more is removed.

The novel's node holds which of its ``chapters`` stand there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, LiteralString, get_args

from storage.graph import cypher
from storage.graph.bolt import Address, opened, translated
from storage.graph.ports import PATH, EdgeKind, NodeKind, Part, Relations, StoredEdge, StoredNode
from storage.graph.rules import TOGETHER, by_key, by_scene, chunks, grouped, shortest, standing, summed, visible

if TYPE_CHECKING:
    from neo4j import AsyncDriver, AsyncManagedTransaction, AsyncSession

TRANSACTION_ROWS = 10_000
"""How many rows one transaction writes."""

STATEMENT_ROWS = 2_000
"""How many rows one statement writes; longer ones are no faster."""

REMOVED_CHAPTERS = 50
"""How many chapters one transaction removes."""


class Neo4jGraph:
    """Graphs in a Neo4j database, 5.26 or newer; see ``storage.graph.ports.Graph``.

    The URL is ``neo4j://user:password@host:7687/database``. It connects when it is first used. One instance serves one
    event loop.
    """

    def __init__(self, url: str) -> None:
        self._address = Address(url)
        self._driver: AsyncDriver | None = None

    async def prepare(self) -> None:
        """See ``Graph.prepare``."""
        async with self._session() as session:
            for constraint in cypher.CONSTRAINTS:
                await (await session.run(constraint)).consume()

    async def replace(self, novel_id: str, parts: Sequence[Part]) -> None:
        """See ``Graph.replace``."""
        for group in grouped(standing(parts), TRANSACTION_ROWS):
            async with self._session() as session:
                await session.execute_write(_replace, novel_id, group)

    async def remove(self, novel_id: str, chapters: Collection[str] | None = None) -> None:
        """See ``Graph.remove``."""
        stands = {chapter for (found,) in await self._read(cypher.CHAPTERS, novel_id) for chapter in found}
        for some in chunks(sorted(stands if chapters is None else stands & set(chapters)), REMOVED_CHAPTERS):
            async with self._session() as session:
                await session.execute_write(_remove, novel_id, some)

    async def relations(self, novel_id: str, chapters: Sequence[str] | None = None) -> Relations:
        """See ``Graph.relations``."""
        key, seen = by_key(chapters), None if chapters is None else visible(chapters)
        nodes = await self._read(cypher.NODES, novel_id, chapters=seen)
        edges = await self._read(cypher.EDGES, novel_id, chapters=seen)
        return Relations(nodes=tuple(sorted(_nodes(nodes), key=key)), edges=tuple(sorted(_edges(edges), key=key)))

    async def neighbourhood(
        self, novel_id: str, nodes: Collection[str], chapters: Sequence[str], kinds: Collection[EdgeKind]
    ) -> list[StoredEdge]:
        """See ``Graph.neighbourhood``."""
        meant = {"nodes": sorted(set(nodes)), "chapters": visible(chapters), "types": _types(kinds)}
        rows = await self._read(cypher.NEIGHBOURHOOD, novel_id, **meant)
        return sorted(_edges(rows), key=by_scene(chapters))

    async def path(self, novel_id: str, source: str, target: str, chapters: Sequence[str]) -> list[str]:
        """See ``Graph.path``."""
        # Not `allShortestPaths`: in a book in which everybody meets everybody there are thousands to choose from.
        pairs = await self._pairs(novel_id, chapters, PATH)
        return shortest(((one, other) for one, other, _ in pairs), source, target)

    async def together(self, novel_id: str, chapters: Sequence[str]) -> dict[tuple[str, str], float]:
        """See ``Graph.together``."""
        return summed(await self._pairs(novel_id, chapters, TOGETHER))

    async def close(self) -> None:
        """See ``Graph.close``."""
        if self._driver is not None:
            driver, self._driver = self._driver, None
            await driver.close()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        with translated():
            self._driver = driver = self._driver or opened(self._address)
            # Sessions that share their bookmarks read what the one before has written, on a cluster, too.
            bookmarks = driver.execute_query_bookmark_manager
            async with driver.session(database=self._address.database, bookmark_manager=bookmarks) as session:
                yield session

    async def _read(self, query: LiteralString, novel_id: str, **parameters: Any) -> list[Any]:
        async with self._session() as session:
            return await session.execute_read(_run, query, novel_id, **parameters)

    async def _pairs(
        self, novel_id: str, chapters: Sequence[str], kinds: Collection[EdgeKind]
    ) -> list[tuple[str, str, float]]:
        return await self._read(cypher.PAIRS, novel_id, chapters=visible(chapters), types=_types(kinds))


async def _replace(work: AsyncManagedTransaction, novel_id: str, parts: Sequence[Part]) -> None:
    """Puts parts in place, in one transaction."""
    chapters = {part.chapter for part in parts}
    stands = await _lock(work, novel_id)
    renamed = await _clear(work, novel_id, stands & chapters)
    await _introduce(work, novel_id, parts)
    await _tie(work, novel_id, parts)
    await _name(work, novel_id, renamed.union(node.id for part in parts for node in part.nodes))
    await _release(work, novel_id, stands | chapters, is_cleared=not stands.isdisjoint(chapters))


async def _remove(work: AsyncManagedTransaction, novel_id: str, chapters: Collection[str]) -> None:
    """Removes chapters, in one transaction."""
    stands = await _lock(work, novel_id)
    await _name(work, novel_id, await _clear(work, novel_id, stands.intersection(chapters)))
    await _release(work, novel_id, stands.difference(chapters), is_cleared=True)


async def _lock(work: AsyncManagedTransaction, novel_id: str) -> set[str]:
    """Waits for the novel's other writers; then, the chapters that stand there."""
    ((chapters,),) = await _run(work, cypher.LOCK, novel_id)
    return set(chapters)


async def _release(
    work: AsyncManagedTransaction, novel_id: str, chapters: Collection[str], *, is_cleared: bool
) -> None:
    if is_cleared:
        await _run(work, cypher.SWEEP, novel_id)
    await _run(work, cypher.RELEASE, novel_id, chapters=sorted(chapters))


async def _clear(work: AsyncManagedTransaction, novel_id: str, chapters: Collection[str]) -> set[str]:
    """Removes the rows of chapters; the ids of what they introduced."""
    if not chapters:
        return set()
    await _run(work, cypher.UNTIE, novel_id, chapters=sorted(chapters))
    return {id_ for (id_,) in await _run(work, cypher.WITHDRAW, novel_id, chapters=sorted(chapters))}


async def _introduce(work: AsyncManagedTransaction, novel_id: str, parts: Iterable[Part]) -> None:
    rows = [(part, n, node) for part in parts for n, node in enumerate(part.nodes)]
    for some in chunks(rows, STATEMENT_ROWS):
        entities = _places(node.id for _, _, node in some)
        keys = _places((part.chapter, part.version) for part, _, _ in some)
        packed = [
            (entities[node.id], keys[part.chapter, part.version], n, node.kind, node.name, node.aliases)
            for part, n, node in some
        ]
        await _run(work, cypher.INTRODUCE, novel_id, entities=_labelled(entities), keys=list(keys), rows=packed)


async def _tie(work: AsyncManagedTransaction, novel_id: str, parts: Iterable[Part]) -> None:
    types = _places(get_args(EdgeKind))
    rows = [(part, n, edge) for part in parts for n, edge in enumerate(part.edges)]
    for some in chunks(rows, STATEMENT_ROWS):
        entities = _places(end for _, _, edge in some for end in (edge.source, edge.target))
        keys = _places((part.chapter, part.version) for part, _, _ in some)
        packed = [
            (
                *(entities[edge.source], keys[part.chapter, part.version], n, entities[edge.target], types[edge.kind]),
                # What is empty is not stored: half of the edges have neither.
                *(edge.weight, edge.scene, edge.label or None, edge.quote or None),
            )
            for part, n, edge in some
        ]
        lists = {"entities": _labelled(entities), "keys": list(keys), "types": list(map(_type, types))}
        await _run(work, cypher.TIE, novel_id, **lists, rows=packed)


async def _name(work: AsyncManagedTransaction, novel_id: str, ids: Collection[str]) -> None:
    """Gives entities the names that their rows say now."""
    for some in chunks(sorted(ids), STATEMENT_ROWS):
        await _run(work, cypher.NAME, novel_id, rows=some)


async def _run(work: AsyncManagedTransaction, /, query: LiteralString, novel_id: str, **parameters: Any) -> list[Any]:
    """What a statement returns, as lists of values; the novel is added here."""
    result = await work.run(query, parameters, novel_id=novel_id)
    return await result.values()


def _nodes(rows: Iterable[list[Any]]) -> Iterable[StoredNode]:
    for chapter, version, collected in rows:
        for n, id_, kind, name, aliases in collected:
            yield StoredNode(chapter=chapter, version=version, n=n, id=id_, kind=kind, name=name, aliases=aliases)


def _edges(rows: Iterable[list[Any]]) -> Iterable[StoredEdge]:
    kinds = {_type(kind): kind for kind in get_args(EdgeKind)}
    for chapter, version, collected in rows:
        for n, source, target, type_, weight, scene, label, quote in collected:
            yield StoredEdge(
                chapter=chapter,
                version=version,
                n=n,
                source=source,
                target=target,
                kind=kinds[type_],
                weight=weight,
                scene=scene,
                label=label or "",
                quote=quote or "",
            )


def _places(values: Iterable[Any]) -> dict[Any, int]:
    return {value: place for place, value in enumerate(dict.fromkeys(values))}


def _labelled(ids: Iterable[str]) -> list[tuple[str, str]]:
    return [(id_, _label(id_)) for id_ in ids]


def _label(node_id: str) -> str:
    kind = node_id.partition("/")[0]
    return kind.capitalize() if kind in get_args(NodeKind) else "Entity"


def _type(kind: EdgeKind) -> str:
    return kind.upper().replace(" ", "_")


def _types(kinds: Iterable[EdgeKind]) -> list[str]:
    return sorted(map(_type, kinds))
