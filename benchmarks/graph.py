"""How fast a novel's graph is written: in batches, and one statement per item, as one would without much thought.

Items are rows of nodes and edges. The plain way is one statement, and so one transaction, per item, for a sample of the
items; on Neo4j into a store that knows the novel's nodes, once with a uniqueness constraint and once without any.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, LiteralString

from sqlalchemy import insert

from storage.graph.bolt import Address, opened
from storage.graph.neo4j import Neo4jGraph
from storage.graph.ports import BIBLE, Edge, EdgeKind, Graph, Node, NodeKind, Part
from storage.graph.sql import SqlGraph
from storage.sql import Database, upgrade
from storage.sql.tables import graph_edges, graph_nodes
from tests.servers.neo4j import Neo4j, is_installed, running

CHAPTERS = 100
EDGES = 380
RUNS = 20
WARM_RUNS = 5
"""The last runs, by which Java has compiled what it runs often; before, a server is several times as slow."""

PLAIN_RUNS = 6
PLAIN_ITEMS = 400
TARGET_PER_SECOND = 20_000
TARGET_RATIO = 100

_QUOTE = "She put the lamp down, and said that nobody would cross before the tide had turned."
_KINDS: dict[EdgeKind, tuple[str, str]] = {
    "appears": ("character", "scene"),
    "named": ("scene", "character"),
    "together": ("character", "character"),
    "relates": ("character", "character"),
    "holds": ("character", "item"),
    "moves to": ("character", "place"),
}
_CONSTRAINT: LiteralString = "CREATE CONSTRAINT plain FOR (e:Plain) REQUIRE (e.novel_id, e.id) IS UNIQUE"
_UNCONSTRAINED: LiteralString = "DROP CONSTRAINT plain"
_CLEARED: LiteralString = "MATCH (e:Plain) DETACH DELETE e"
_KNOWN: LiteralString = "UNWIND $ids AS id CREATE (:Plain {novel_id: 'plain', id: id})"
_PLAIN_NODE: LiteralString = "MERGE (e:Plain {novel_id: $novel_id, id: $id}) SET e.kind = $kind, e.name = $name"
_PLAIN_EDGE: LiteralString = """
MERGE (a:Plain {novel_id: $novel_id, id: $source})
MERGE (b:Plain {novel_id: $novel_id, id: $target})
MERGE (a)-[r:TIE {novel_id: $novel_id, chapter_id: $chapter_id, version: $version, n: $n}]->(b)
SET r.kind = $kind, r.weight = $weight, r.scene = $scene, r.label = $label, r.quote = $quote
"""


def measure() -> dict[str, Any]:
    """Both ways on SQLite, and on Neo4j where it is installed."""
    parts = book()
    figures: dict[str, Any] = {"items": _items(parts), "chapters": CHAPTERS, "plain_items": PLAIN_ITEMS}
    figures["sqlite"] = asyncio.run(_sqlite(parts))
    if not is_installed():
        return figures | {"neo4j": "not measured: it is not installed, `make servers` gets it"}
    with running() as server:
        figures["neo4j"] = asyncio.run(_neo4j(server, parts))
    return figures | {"per_second_target": TARGET_PER_SECOND, "ratio_target": TARGET_RATIO}


def book() -> list[Part]:
    """The graph of a long novel: a cast of 60, 100 chapters of five scenes."""
    chance = random.Random(4)
    counts: dict[NodeKind, int] = {"character": 40, "place": 10, "item": 10}
    known = {kind: [f"{kind}/{n}" for n in range(count)] for kind, count in counts.items()}
    cast = [Node(id=id_, kind=kind, name=id_.title()) for kind, count in counts.items() for id_ in known[kind][:count]]
    bible = Part(chapter=BIBLE, version=1, nodes=tuple(cast))
    return [bible, *(_chapter(f"chapter-{n}", n + 1, known, chance) for n in range(1, CHAPTERS + 1))]


def _chapter(chapter: str, version: int, known: dict[NodeKind, list[str]], chance: random.Random) -> Part:
    scenes = [f"scene/{chapter}/{n}" for n in range(1, 6)]
    places: dict[str, list[str]] = {"scene": scenes, **dict(known.items())}
    return Part(
        chapter=chapter,
        version=version,
        nodes=tuple(Node(id=id_, kind="scene", name=id_) for id_ in scenes),
        edges=tuple(_edge(places, chance) for _ in range(EDGES)),
    )


def _edge(places: dict[str, list[str]], chance: random.Random) -> Edge:
    kind = chance.choice(list(_KINDS))
    source, target = (chance.choice(places[end]) for end in _KINDS[kind])
    quote = _QUOTE if kind in {"relates", "holds", "moves to"} else ""
    return Edge(source=source, target=target, kind=kind, weight=chance.randint(1, 9), scene=1, quote=quote)


def _items(parts: Sequence[Part]) -> int:
    return sum(len(part.nodes) + len(part.edges) for part in parts)


async def _neo4j(server: Neo4j, parts: Sequence[Part]) -> dict[str, Any]:
    graph = Neo4jGraph(server.url)
    await graph.prepare()
    cold, warm = await _batched(graph, parts)
    await graph.close()
    plain, naive = await _plain_neo4j(server, parts)
    return {
        "driver": "neo4j-rust-ext" if find_spec("neo4j._rust") else "neo4j, in Python alone",
        "batched_per_second_cold": cold,
        "batched_per_second_warm": warm,
        "plain_per_second": plain,
        "ratio": round(warm / plain),
        "plain_per_second_without_constraint": naive,
        "ratio_without_constraint": round(warm / naive),
    }


async def _sqlite(parts: Sequence[Part]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'graph.db')}"
        await upgrade(url)
        database = Database(url)
        cold, warm = await _batched(SqlGraph(database), parts)
        plain = await _plain_sqlite(database, parts)
        await database.close()
    return {
        "batched_per_second_cold": cold,
        "batched_per_second_warm": warm,
        "plain_per_second": plain,
        "ratio": round(warm / plain),
    }


async def _batched(graph: Graph, parts: Sequence[Part]) -> tuple[int, int]:
    """Items a second into an empty store: the first time, and the median of the warm runs."""
    rates = []
    for run in range(RUNS):
        seconds = await _seconds(graph.replace(f"novel-{run}", parts))
        rates.append(round(_items(parts) / seconds))
        await graph.remove(f"novel-{run}")
    return rates[0], round(statistics.median(rates[-WARM_RUNS:]))


async def _plain_neo4j(server: Neo4j, parts: Sequence[Part]) -> tuple[int, int]:
    """Items a second with constraints and without, warm."""
    items = [(_PLAIN_EDGE if "source" in row else _PLAIN_NODE, row) for row in _rows(parts)]
    known = sorted({node.id for part in parts for node in part.nodes})
    rates: list[list[int]] = [[], []]
    async with opened(Address(server.url)) as driver, driver.session() as session:

        async def one_by_one() -> None:
            for statement, item in items:
                await (await session.run(statement, item)).consume()

        for constraint, found in zip((_CONSTRAINT, _UNCONSTRAINED), rates, strict=True):
            await (await session.run(constraint)).consume()
            for _ in range(PLAIN_RUNS):
                await (await session.run(_KNOWN, ids=known)).consume()
                found.append(round(len(items) / await _seconds(one_by_one())))
                await (await session.run(_CLEARED)).consume()
    with_constraint, without = (round(statistics.median(found[PLAIN_RUNS // 2 :])) for found in rates)
    return with_constraint, without


def _rows(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """A sample of what the plain way writes."""
    rows = [
        {"novel_id": "plain", "chapter_id": part.chapter, "version": part.version, "n": n, **value.model_dump()}
        for part in parts
        for values in (part.nodes, part.edges)
        for n, value in enumerate(values)
    ]
    return random.Random(5).sample(rows, PLAIN_ITEMS)


async def _plain_sqlite(database: Database, parts: Sequence[Part]) -> int:
    async def one_by_one() -> None:
        for row in _rows(parts):
            async with database.committing() as connection:
                await connection.execute(insert(graph_edges if "source" in row else graph_nodes).values(**row))

    rates = []
    for _ in range(PLAIN_RUNS):
        rates.append(round(PLAIN_ITEMS / await _seconds(one_by_one())))
        await SqlGraph(database).remove("plain")
    return round(statistics.median(rates))


async def _seconds(work: Awaitable[None]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started
