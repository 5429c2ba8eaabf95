"""What every graph promises, on every store."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.graph.content import content_hash
from storage.graph.memory import MemoryGraph
from storage.graph.neo4j import Neo4jGraph
from storage.graph.ports import PATH, TIES, Part
from storage.graph.rules import edge_rows, node_rows
from storage.graph.sql import SqlGraph
from storage.ports import StoreUnavailable
from storage.sql import Database
from story.errors import InvalidInput
from tests.contract.graph_stores import (
    ANNA,
    BERT,
    BOOK,
    CAST,
    CLEO,
    DAVE,
    FIRST,
    MILL,
    RING,
    SECOND,
    edge,
    graph,
    neo4j_server,
    new_ids,
    node,
    novel,
)

__all__ = ["graph", "neo4j_server", "novel"]

CHAPTERS = ["c1", "c2"]


async def everything(graph, novel_id, chapters=("c2", "c1", "c3")):
    """All that a graph says of a novel."""
    people = (ANNA, BERT, CLEO, DAVE)
    return (
        await graph.relations(novel_id),
        await graph.relations(novel_id, chapters),
        await graph.neighbourhood(novel_id, people, chapters, PATH | {"is", "appears"}),
        [await graph.path(novel_id, one, other, chapters) for one in people[:2] for other in (*people, MILL)],
        await graph.together(novel_id, chapters),
    )


async def expected(*parts):
    """All that is said of a novel to which these parts, and nothing before, were given."""
    graph = MemoryGraph()
    await graph.replace("n", parts)
    return await everything(graph, "n")


class TestReplace:
    """Writing parts."""

    async def test_rows_are_read_back_as_they_were_written(self, graph, novel):
        """Every field of every row, with its key, sorted by chapter and n; the bible is first."""
        await graph.replace(novel, [SECOND, CAST, FIRST])
        read = await graph.relations(novel)
        assert list(read.nodes) == [row for part in BOOK for row in node_rows(part)]
        assert list(read.edges) == [row for part in BOOK for row in edge_rows(part)]

    async def test_chapters_are_read_in_the_order_asked_for(self, graph, novel):
        """The bible stays first."""
        await graph.replace(novel, BOOK)
        read = await graph.relations(novel, ["c2", "c1"])
        assert list(dict.fromkeys(row.chapter for row in read.edges)) == ["", "c2", "c1"]

    async def test_twice_is_as_good_as_once(self, graph, novel):
        """Writing the same parts again changes nothing."""
        await graph.replace(novel, BOOK)
        await graph.replace(novel, BOOK)
        assert await everything(graph, novel) == await expected(*BOOK)

    async def test_a_new_version_leaves_nothing_of_the_old(self, graph, novel):
        """Also where it has fewer rows, and other names."""
        await graph.replace(novel, BOOK)
        new = Part(chapter="c1", version=9, nodes=(node(ANNA, "Anna the Second"),), edges=(edge(DAVE, "meets", ANNA),))
        await graph.replace(novel, [new])
        assert await everything(graph, novel) == await expected(CAST, new, SECOND)

    async def test_of_two_parts_of_a_chapter_the_later_stands(self, graph, novel):
        """As if they had been given one after the other."""
        await graph.replace(novel, [CAST, FIRST, FIRST.model_copy(update={"version": 7, "edges": ()})])
        read = await graph.relations(novel)
        assert {(row.chapter, row.version) for row in read.nodes} == {("", 2), ("c1", 7)}
        assert {row.chapter for row in read.edges} == {""}

    async def test_edges_may_name_what_does_not_stand_yet(self, graph, novel):
        """A chapter can come before the bible."""
        await graph.replace(novel, [FIRST])
        assert await everything(graph, novel) == await expected(FIRST)
        await graph.replace(novel, [CAST])
        assert await everything(graph, novel) == await expected(CAST, FIRST)

    async def test_an_empty_part_is_nothing_to_be_read(self, graph, novel):
        """And takes what stood for its chapter away."""
        await graph.replace(novel, BOOK)
        await graph.replace(novel, [Part(chapter="c1", version=8)])
        assert await everything(graph, novel) == await expected(CAST, SECOND)

    async def test_many_rows(self, graph, novel):
        """More than one statement and one transaction take."""
        edges = tuple(edge(ANNA, "together", f"character/extra-{n % 50}", weight=n) for n in range(2_600))
        parts = [Part(chapter=f"c{n}", version=n, edges=edges) for n in range(1, 5)]
        await graph.replace(novel, parts)
        assert len((await graph.relations(novel)).edges) == 4 * len(edges)
        sums = await graph.together(novel, ["c1", "c3"])
        assert sums[ANNA, "character/extra-49"] == 2 * sum(range(49, 2_600, 50))

    async def test_two_writers_of_one_chapter(self, graph, novel):
        """Whoever comes last stands alone."""
        versions = [FIRST.model_copy(update={"version": version}) for version in range(1, 7)]
        await asyncio.gather(*(graph.replace(novel, [CAST, part]) for part in versions))
        read = await graph.relations(novel)
        assert len(read.edges) == len(CAST.edges) + len(FIRST.edges)
        assert len({row.version for row in read.edges if row.chapter == "c1"}) == 1


class TestRemove:
    """Taking parts away."""

    async def test_a_removed_chapter_leaves_nothing(self, graph, novel):
        """All else stays."""
        await graph.replace(novel, BOOK)
        await graph.remove(novel, ["c1", "c7"])
        assert await everything(graph, novel) == await expected(CAST, SECOND)

    async def test_the_bible_can_be_removed(self, graph, novel):
        """It is a chapter like the others."""
        await graph.replace(novel, BOOK)
        await graph.remove(novel, [""])
        assert await everything(graph, novel) == await expected(FIRST, SECOND)

    async def test_no_chapters_are_none(self, graph, novel):
        """An empty list removes nothing."""
        await graph.replace(novel, BOOK)
        await graph.remove(novel, [])
        assert await everything(graph, novel) == await expected(*BOOK)

    async def test_a_removed_novel_leaves_nothing(self, graph, novel):
        """Removing it again does no harm."""
        await graph.replace(novel, BOOK)
        await graph.remove(novel)
        await graph.remove(novel)
        assert await everything(graph, novel) == await expected()


class TestQueries:
    """Asking as of a chapter."""

    async def test_only_the_chapters_named_are_seen(self, graph, novel):
        """And the bible, always."""
        await graph.replace(novel, BOOK)
        assert {row.chapter for row in (await graph.relations(novel, ["c1"])).edges} == {"", "c1"}
        assert {row.chapter for row in (await graph.relations(novel, [])).nodes} == {""}

    async def test_neighbourhood(self, graph, novel):
        """Edges that begin or end there, of the kinds named, in the order of the book."""
        await graph.replace(novel, BOOK)
        near = await graph.neighbourhood(novel, [ANNA], CHAPTERS, TIES | {"holds"})
        assert [(row.chapter, row.scene, row.kind) for row in near] == [
            ("", 0, "relates"),
            ("c1", 1, "holds"),
            ("c1", 2, "together"),
            ("c2", 1, "together"),
        ]
        assert await graph.neighbourhood(novel, [RING], CHAPTERS, ["holds"]) == [near[1]]
        assert await graph.neighbourhood(novel, [ANNA], [], TIES) == [near[0]]
        assert await graph.neighbourhood(novel, [], CHAPTERS, TIES) == []

    async def test_an_edge_to_itself_is_a_neighbour_once(self, graph, novel):
        """What is stated of somebody begins and ends there."""
        await graph.replace(novel, BOOK)
        (stated,) = await graph.neighbourhood(novel, [BERT, MILL], CHAPTERS, ["is"])
        assert (stated.source, stated.target, stated.label) == (BERT, BERT, "arm: broken")

    async def test_together(self, graph, novel):
        """Weights are summed over the chapters seen."""
        await graph.replace(novel, BOOK)
        assert await graph.together(novel, CHAPTERS) == {(ANNA, CLEO): 2.5, (BERT, CLEO): 3.0}
        assert await graph.together(novel, ["c1"]) == {(ANNA, CLEO): 2.0}

    async def test_path(self, graph, novel):
        """Along ties, possessions and places, in either direction, as of the chapters seen."""
        await graph.replace(novel, BOOK)
        assert await graph.path(novel, RING, MILL, CHAPTERS) == [RING, ANNA, BERT, MILL]
        assert await graph.path(novel, RING, CLEO, ["c1"]) == [RING, ANNA, CLEO]
        assert await graph.path(novel, ANNA, MILL, ["c1"]) == []

    async def test_of_paths_as_short_the_one_that_sorts_first(self, graph, novel):
        """By the whole sequence of ids, not by the steps from the other end."""
        ends = [("a", "m"), ("a", "n"), ("m", "z2"), ("n", "z1"), ("z1", "q"), ("z2", "q"), ("n", "z0"), ("z0", "q")]
        ties = tuple(edge(f"character/{one}", "meets", f"character/{other}") for one, other in ends)
        await graph.replace(novel, [Part(chapter="c1", version=1, edges=ties)])
        there = await graph.path(novel, "character/a", "character/q", ["c1"])
        assert there == ["character/a", "character/m", "character/z2", "character/q"]
        back = await graph.path(novel, "character/q", "character/a", ["c1"])
        assert back == ["character/q", "character/z0", "character/n", "character/a"]

    @pytest.mark.parametrize(
        ("source", "target"), [(ANNA, DAVE), (DAVE, ANNA), (ANNA, "character/nobody"), (DAVE, DAVE)]
    )
    async def test_no_path(self, graph, novel, source, target):
        """Where nothing ties the two, or one of them is not there."""
        await graph.replace(novel, BOOK)
        assert await graph.path(novel, source, target, CHAPTERS) == []

    async def test_a_path_to_oneself(self, graph, novel):
        """It has one node."""
        await graph.replace(novel, BOOK)
        assert await graph.path(novel, ANNA, ANNA, CHAPTERS) == [ANNA]

    async def test_an_unknown_novel(self, graph, novel):
        """It has nothing."""
        assert await everything(graph, novel) == await expected()


class TestContent:
    """The hash of what stands there."""

    @pytest.mark.parametrize(
        "changed",
        [
            CAST.model_copy(update={"nodes": (*CAST.nodes[:-1], node(RING, "The Ring"))}),
            CAST.model_copy(update={"edges": ()}),
            CAST.model_copy(update={"version": 3}),
            FIRST.model_copy(update={"edges": (*FIRST.edges[:-1], edge("scene/c1/1", "opens", "promise/1", 1.5, 1))}),
        ],
    )
    async def test_any_change_is_seen(self, graph, novel, changed):
        """One field of one row is enough; the way back gives the hash of before."""
        await graph.replace(novel, BOOK)
        before = content_hash(await graph.relations(novel))
        await graph.replace(novel, [changed])
        assert content_hash(await graph.relations(novel)) != before
        await graph.replace(novel, BOOK)
        assert content_hash(await graph.relations(novel)) == before

    async def test_every_store_has_the_same(self, graph, novel):
        """The hash tells nothing of the store."""
        await graph.replace(novel, BOOK)
        other = MemoryGraph()
        await other.replace("n", BOOK)
        assert content_hash(await graph.relations(novel)) == content_hash(await other.relations("n"))


IDS = (ANNA, BERT, CLEO, DAVE, MILL, RING)
nodes = st.builds(node, st.sampled_from(IDS), st.sampled_from(["", "Anna", "Ember"]))
edges = st.builds(
    edge,
    st.sampled_from(IDS),
    st.sampled_from(["together", "holds", "moves to", "is", "relates"]),
    st.sampled_from(IDS),
    weight=st.integers(1, 4).map(float),
    scene=st.integers(0, 2),
)
parts = st.builds(
    Part,
    chapter=st.sampled_from(["", "c1", "c2", "c3"]),
    version=st.integers(1, 3),
    nodes=st.lists(nodes, max_size=3).map(tuple),
    edges=st.lists(edges, max_size=4).map(tuple),
)
chapters = st.lists(st.sampled_from(["", "c1", "c2", "c3"]), max_size=3)
steps = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.one_of(
            st.tuples(st.just("replace"), st.lists(parts, min_size=1, max_size=3)),
            st.tuples(st.just("remove"), st.none() | chapters),
        ),
    ),
    max_size=6,
)
function_scoped = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


async def apart(graph, taken):
    """Takes steps with three novels of the same names; each is always what it would be alone."""
    novels, alone = new_ids(3), [MemoryGraph() for _ in range(3)]
    try:
        for which, (action, argument) in taken:
            await getattr(graph, action)(novels[which], argument)
            await getattr(alone[which], action)("n", argument)
            for novel_id, one in zip(novels, alone, strict=True):
                assert await everything(graph, novel_id) == await everything(one, "n")
    finally:
        for novel_id in novels:
            await graph.remove(novel_id)


class TestIsolation:
    """Many novels in one store."""

    @settings(max_examples=8, suppress_health_check=function_scoped)
    @given(taken=steps)
    async def test_novels_do_not_touch_each_other(self, graph, taken):
        """Whatever is written, replaced and removed in one, the others are read as before."""
        await apart(graph, taken)

    @given(taken=steps)
    async def test_novels_in_memory_do_not_touch_each_other(self, taken):
        """The same on the store that the others are compared with."""
        graph = MemoryGraph()
        await apart(graph, taken)
        assert not any(graph._novels.values())

    async def test_ids_that_begin_alike(self, graph, novel):
        """The id of one novel may be the beginning of another's."""
        await graph.replace(novel, BOOK)
        await graph.replace(f"{novel}2", BOOK)
        await graph.remove(f"{novel}2")
        assert await everything(graph, novel) == await expected(*BOOK)


async def answers(graph, query, **parameters):
    """What a statement of the test's own finds in Neo4j."""
    async with graph._session() as session:
        return await (await session.run(query, parameters)).values()


class TestNeo4j:
    """What people see who look into Neo4j itself, and what only a server can suffer."""

    @pytest.fixture
    async def graph(self, neo4j_server):
        """The graph in Neo4j alone."""
        graph = Neo4jGraph(neo4j_server.url)
        await graph.prepare()
        await graph.prepare()
        yield graph
        await graph.close()

    async def test_entities_have_labels_and_names(self, graph, novel):
        """The name is the one that stands; what is only spoken of shows its id."""
        await graph.replace(novel, [CAST, FIRST])
        query = "MATCH (e:Entity {novel_id: $novel}) WHERE e.id IN $ids RETURN labels(e), e.name ORDER BY e.id"
        found = await answers(graph, query, novel=novel, ids=[ANNA, "promise/1"])
        assert found == [[["Entity", "Character"], "Anna Ember"], [["Entity", "Promise"], "promise/1"]]
        await graph.replace(novel, [SECOND, Part(chapter="", version=4, nodes=(node(ANNA, "Anna Rook"),))])
        found = await answers(graph, query, novel=novel, ids=[ANNA, "promise/1"])
        assert [name for _, name in found] == ["Anna Rook", "Who took the ring?"]
        await graph.remove(novel, ["", "c2"])
        found = await answers(graph, query, novel=novel, ids=[ANNA, "promise/1"])
        assert [name for _, name in found] == [ANNA, "promise/1"]

    async def test_relationships_are_typed_by_kind(self, graph, novel):
        """They can be asked for by it, and hold their key."""
        await graph.replace(novel, BOOK)
        query = "MATCH (:Character {novel_id: $novel})-[r:MOVES_TO]->(:Place) RETURN r.chapter_id, r.version, r.n"
        assert sorted(await answers(graph, query, novel=novel)) == [["c2", 6, 2], ["c2", 6, 3]]

    async def test_nothing_is_left_that_no_row_speaks_of(self, graph, novel):
        """Neither an entity after a chapter is gone, nor anything after all are."""
        query = "MATCH (one {novel_id: $novel}) RETURN coalesce(one.id, '') AS id ORDER BY id"
        await graph.replace(novel, BOOK)
        await graph.remove(novel, ["", "c1"])
        left = ["", ANNA, BERT, CLEO, MILL, "promise/1", "scene/c2/1"]
        assert [id_ for (id_,) in await answers(graph, query, novel=novel)] == left
        await graph.remove(novel, ["c2"])
        assert await answers(graph, query, novel=novel) == []

    async def test_rows_do_not_depend_on_the_constraints_alone(self, graph):
        """Entities and novels are unique, by a constraint each."""
        found = await answers(graph, "SHOW CONSTRAINTS YIELD name, properties RETURN name, properties ORDER BY name")
        assert ["scriptorium_entity", ["novel_id", "id"]] in found
        assert ["scriptorium_novel", ["novel_id"]] in found

    async def test_a_wrong_password_is_refused(self, neo4j_server):
        """In one line that does not repeat it."""
        parts = urlsplit(neo4j_server.url)
        graph = Neo4jGraph(f"{parts.scheme}://{parts.username}:not-the-word@{parts.hostname}:{parts.port}")
        with pytest.raises(InvalidInput, match="check SCRIPTORIUM_NEO4J_URL") as refused:
            await graph.relations("n")
        assert "not-the-word" not in str(refused.value)
        assert "\n" not in str(refused.value)
        await graph.close()

    async def test_an_unknown_database_is_refused(self, neo4j_server):
        """The server says which."""
        graph = Neo4jGraph(f"{neo4j_server.url.rstrip('/')}/elsewhere")
        with pytest.raises(InvalidInput, match="elsewhere"):
            await graph.relations("n")
        await graph.close()

    async def test_a_lost_server_is_unavailable_until_it_is_back(self, neo4j_server, novel):
        """Connections that were open when it went are not used again."""
        parts = urlsplit(neo4j_server.url)
        port = free_port()
        graph = Neo4jGraph(neo4j_server.url.replace(f":{parts.port}", f":{port}"))
        async with relay(port, parts.port):
            await graph.replace(novel, BOOK)
        with pytest.raises(StoreUnavailable, match="Check that its server runs"):
            await graph.replace(novel, [FIRST])
        async with relay(port, parts.port):
            assert await everything(graph, novel) == await expected(*BOOK)
        await graph.close()


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def relay(port, target):
    """A way to a server for the time of the block; at its end every connection is cut."""
    writers = []

    async def pump(reader, writer):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def accept(reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", target)
        writers.extend((writer, back))
        await asyncio.gather(pump(reader, back), pump(there, writer), return_exceptions=True)

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


@pytest.mark.parametrize("graph", ["sqlite", "postgres", "neo4j"], indirect=True)
async def test_a_chapter_is_replaced_whole_or_not_at_all(graph, novel, monkeypatch):
    """Where the new rows cannot be written, the old ones stay."""
    await graph.replace(novel, BOOK)
    torn = Part(chapter="c1", version=9, nodes=(node("scene/c1/1", "Torn"),), edges=(edge(ANNA, "together", BERT),))

    def broken(*args, **kwargs):
        raise StoreUnavailable("It went in the middle.")

    monkeypatch.setattr("storage.graph.sql._insert", broken)
    monkeypatch.setattr("storage.graph.neo4j._tie", broken)
    with pytest.raises(StoreUnavailable):
        await graph.replace(novel, [torn])
    assert await everything(graph, novel) == await expected(*BOOK)


class TestAbsence:
    """A store that is not there, or was never meant."""

    @pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
    async def test_no_neo4j(self, scheme):
        """Nobody listens."""
        graph = Neo4jGraph(f"{scheme}://neo4j:secret@127.0.0.1:{free_port()}")
        with pytest.raises(StoreUnavailable, match="Check that its server runs") as away:
            await graph.relations("n")
        assert "secret" not in str(away.value)
        await graph.close()

    async def test_no_postgres(self):
        """Nobody listens."""
        graph = SqlGraph(Database(f"postgresql://nobody@127.0.0.1:{free_port()}/none"))
        with pytest.raises(StoreUnavailable):
            await graph.replace("n", BOOK)
        await graph.close()

    @pytest.mark.parametrize(
        "url", ["", "localhost", "http://u:secret@h:7687", "bolt://u:secret@h:port", "bolt://", "neo4j://u:secret@"]
    )
    def test_an_address_that_cannot_be_used(self, url):
        """It is refused at once and not repeated."""
        with pytest.raises(InvalidInput, match="neo4j://user:password@host:7687") as refused:
            Neo4jGraph(url)
        assert "secret" not in str(refused.value)
