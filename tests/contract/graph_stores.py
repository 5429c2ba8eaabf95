"""The graphs that their contract is tested on, and small parts to fill them with."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from storage.graph.memory import MemoryGraph
from storage.graph.neo4j import Neo4jGraph
from storage.graph.ports import BIBLE, Edge, Graph, Node, Part
from storage.graph.sql import SqlGraph
from storage.sql import Database
from tests.servers.neo4j import neo4j_server

__all__ = ["neo4j_server"]

ANNA, BERT, CLEO, DAVE = (f"character/{name}" for name in ("anna", "bert", "cleo", "dave"))
MILL, RING = "place/mill", "item/ring"


def node(id_: str, name: str = "", *aliases: str) -> Node:
    """A node, named by its id unless it has a name."""
    kind, _, rest = id_.partition("/")
    return Node.model_validate({"id": id_, "kind": kind, "name": name or rest.title(), "aliases": aliases})


def edge(source: str, kind: str, target: str, weight: float = 1.0, scene: int = 0, **words: str) -> Edge:
    """An edge, in the order in which it is read."""
    fields = {"source": source, "kind": kind, "target": target, "weight": weight, "scene": scene, **words}
    return Edge.model_validate(fields)


CAST = Part(
    chapter=BIBLE,
    version=2,
    nodes=(node(ANNA, "Anna Ember", "Annie", "the miller"), node(BERT), node(CLEO), node(DAVE), node(MILL), node(RING)),
    edges=(edge(ANNA, "relates", BERT, label="sister", quote="Bert's elder sister"),),
)
FIRST = Part(
    chapter="c1",
    version=5,
    nodes=(node("scene/c1/1", "At the mill"), node("scene/c1/2", "On the road")),
    edges=(
        edge("scene/c1/1", "set in", MILL, scene=1),
        edge(ANNA, "appears", "scene/c1/1", scene=1),
        edge(ANNA, "together", CLEO, weight=2, scene=2),
        edge(ANNA, "holds", RING, scene=1, quote="She “held” the ring\nfast."),
        edge(BERT, "is", BERT, scene=2, label="arm: broken"),
        edge("scene/c1/1", "opens", "promise/1", scene=1),
    ),
)
SECOND = Part(
    chapter="c2",
    version=6,
    nodes=(node("scene/c2/1", "At the mill again"), node("promise/1", "Who took the ring?")),
    edges=(
        edge(ANNA, "together", CLEO, weight=0.5, scene=1),
        edge(BERT, "together", CLEO, weight=3, scene=1),
        edge(BERT, "moves to", MILL, scene=1),
        edge(CLEO, "moves to", MILL, scene=1),
    ),
)
BOOK = (CAST, FIRST, SECOND)


@pytest.fixture(params=["memory", "sqlite", "postgres", "neo4j"])
async def graph(request: pytest.FixtureRequest) -> AsyncIterator[Graph]:
    """A graph that is ready to be written."""
    async with AsyncExitStack() as stack:
        store = await _opened(request, stack)
        stack.push_async_callback(store.close)
        await store.prepare()
        yield store


async def _opened(request: pytest.FixtureRequest, stack: AsyncExitStack) -> Graph:
    # Async fixtures cannot be asked for by name inside a running one.
    match request.param:
        case "memory":
            return MemoryGraph()
        case "sqlite":
            copied = request.getfixturevalue("migrated_file")
            return _in_sql(await copied(request.getfixturevalue("tmp_path") / "novels.db"), stack)
        case "postgres":
            server = request.getfixturevalue("postgres_server")
            url = await server.create_migrated()
            stack.push_async_callback(server.drop, url)
            return _in_sql(url, stack)
        case _:
            return Neo4jGraph(request.getfixturevalue("neo4j_server").url)


def new_ids(count: int) -> list[str]:
    """Ids of novels that nobody has: the tests share one Neo4j."""
    run = uuid.uuid4().hex[:12]
    return [f"novel-{run}-{n}" for n in range(count)]


@pytest.fixture
async def novel(graph: Graph) -> AsyncIterator[str]:
    """The id of a novel without a graph, which is removed when the test is over."""
    (novel_id,) = new_ids(1)
    yield novel_id
    await graph.remove(novel_id)


def _in_sql(url: str, stack: AsyncExitStack) -> SqlGraph:
    database = Database(url)
    stack.push_async_callback(database.close)
    return SqlGraph(database)
