"""The graph in tables of the SQL database, SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.graph.ports import PATH, Edge, EdgeKind, Node, Part, Relations, StoredEdge, StoredNode
from storage.graph.rules import (
    by_key,
    by_scene,
    chunks,
    grouped,
    shortest,
    standing,
    summed,
    visible,
)
from storage.sql.database import Database
from storage.sql.tables import graph_edges, graph_nodes

TRANSACTION_ROWS = 2_000
"""How many rows one transaction writes: in SQLite, some 30 ms in which nobody else can write."""

STATEMENT_ROWS = 1_000
"""How many rows are given to the driver at once."""

REMOVED_CHAPTERS = 50
"""How many chapters one transaction removes."""

LOCK = 7_301_155_482
"""Sets the advisory locks of the graph apart from others in the same PostgreSQL database."""

_TABLES = (graph_nodes, graph_edges)
_NODES = [graph_nodes.c.chapter_id.label("chapter"), *graph_nodes.c["version", "n", "id", "kind", "name", "aliases"]]
_EDGES = [
    graph_edges.c.chapter_id.label("chapter"),
    *graph_edges.c["version", "n", "source", "target", "kind", "weight", "scene", "label", "quote"],
]


class SqlGraph:
    """Graphs in a SQL database at its newest migration; see ``storage.graph.ports.Graph``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prepare(self) -> None:
        """See ``Graph.prepare``; the migrations have made the tables."""

    async def replace(self, novel_id: str, parts: Sequence[Part]) -> None:
        """See ``Graph.replace``."""
        for group in grouped(standing(parts), TRANSACTION_ROWS):
            async with self._database.committing() as connection:
                await _lock(connection, novel_id)
                await _remove(connection, novel_id, [part.chapter for part in group])
                for part in group:
                    await _insert(connection, graph_nodes, novel_id, part, part.nodes)
                    await _insert(connection, graph_edges, novel_id, part, part.edges)

    async def remove(self, novel_id: str, chapters: Collection[str] | None = None) -> None:
        """See ``Graph.remove``."""
        stands = await self._chapters(novel_id)
        for some in chunks(sorted(stands if chapters is None else stands & set(chapters)), REMOVED_CHAPTERS):
            async with self._database.committing() as connection:
                await _lock(connection, novel_id)
                await _remove(connection, novel_id, some)

    async def relations(self, novel_id: str, chapters: Sequence[str] | None = None) -> Relations:
        """See ``Graph.relations``."""
        key = by_key(chapters)
        async with self._database.reading() as connection:
            nodes = (await connection.execute(select(*_NODES).where(_seen(graph_nodes, novel_id, chapters)))).mappings()
            edges = (await connection.execute(select(*_EDGES).where(_seen(graph_edges, novel_id, chapters)))).mappings()
        return Relations(
            nodes=tuple(sorted((StoredNode.model_validate(dict(row)) for row in nodes), key=key)),
            edges=tuple(sorted((StoredEdge.model_validate(dict(row)) for row in edges), key=key)),
        )

    async def neighbourhood(
        self, novel_id: str, nodes: Collection[str], chapters: Sequence[str], kinds: Collection[EdgeKind]
    ) -> list[StoredEdge]:
        """See ``Graph.neighbourhood``."""
        touches = or_(graph_edges.c.source.in_(nodes), graph_edges.c.target.in_(nodes))
        query = select(*_EDGES).where(_seen(graph_edges, novel_id, chapters), graph_edges.c.kind.in_(kinds), touches)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).mappings()
        return sorted((StoredEdge.model_validate(dict(row)) for row in rows), key=by_scene(chapters))

    async def path(self, novel_id: str, source: str, target: str, chapters: Sequence[str]) -> list[str]:
        """See ``Graph.path``."""
        ends = graph_edges.c["source", "target"]
        query = select(*ends).distinct().where(_seen(graph_edges, novel_id, chapters), graph_edges.c.kind.in_(PATH))
        async with self._database.reading() as connection:
            pairs = (await connection.execute(query)).all()
        return shortest(((row.source, row.target) for row in pairs), source, target)

    async def together(self, novel_id: str, chapters: Sequence[str]) -> dict[tuple[str, str], float]:
        """See ``Graph.together``."""
        ends = graph_edges.c["source", "target"]
        is_meant = and_(_seen(graph_edges, novel_id, chapters), graph_edges.c.kind == "together")
        query = select(*ends, func.sum(graph_edges.c.weight).label("weight")).where(is_meant).group_by(*ends)
        async with self._database.reading() as connection:
            pairs = (await connection.execute(query)).all()
        return summed((row.source, row.target, row.weight) for row in pairs)

    async def close(self) -> None:
        """See ``Graph.close``. Whoever made the database closes it."""

    async def _chapters(self, novel_id: str) -> set[str]:
        async with self._database.reading() as connection:
            found = [
                await connection.execute(select(table.c.chapter_id).distinct().where(table.c.novel_id == novel_id))
                for table in _TABLES
            ]
        return {chapter for rows in found for chapter in rows.scalars()}


async def _lock(connection: AsyncConnection, novel_id: str) -> None:
    # Of two that write the same chapter at once, neither would see, and so remove, the other's rows. SQLite lets in
    # one writer at a time anyhow.
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(novel_id, LOCK))))


async def _remove(connection: AsyncConnection, novel_id: str, chapters: Sequence[str]) -> None:
    for table in _TABLES:
        await connection.execute(delete(table).where(table.c.novel_id == novel_id, table.c.chapter_id.in_(chapters)))


async def _insert(
    connection: AsyncConnection, table: Table, novel_id: str, part: Part, values: Sequence[Node | Edge]
) -> None:
    key = {"novel_id": novel_id, "chapter_id": part.chapter, "version": part.version}
    rows = [{**key, "n": n, **value.model_dump()} for n, value in enumerate(values)]
    for some in chunks(rows, STATEMENT_ROWS):
        await connection.execute(insert(table), some)


def _seen(table: Table, novel_id: str, chapters: Sequence[str] | None) -> ColumnElement[bool]:
    is_of_novel = table.c.novel_id == novel_id
    return is_of_novel if chapters is None else and_(is_of_novel, table.c.chapter_id.in_(visible(chapters)))
