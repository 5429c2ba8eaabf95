"""The statements that the graph in Neo4j is written and read with; ``storage.graph.neo4j`` says what stands there.

The novel is a parameter of every one. Entities, keys and types come as lists apart and rows name them by their places:
the index is then asked once an entity and not once an end of an edge, and little is sent twice.
"""

from __future__ import annotations

from typing import LiteralString

CONSTRAINTS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT scriptorium_novel IF NOT EXISTS FOR (n:Novel) REQUIRE n.novel_id IS UNIQUE",
    "CREATE CONSTRAINT scriptorium_entity IF NOT EXISTS FOR (e:Entity) REQUIRE (e.novel_id, e.id) IS UNIQUE",
)

# Writing to the novel's node locks it until the transaction ends: writers of one novel take turns.
LOCK: LiteralString = """
MERGE (novel:Novel {novel_id: $novel_id})
SET novel.name = $novel_id
RETURN coalesce(novel.chapters, [])
"""

RELEASE: LiteralString = """
MATCH (novel:Novel {novel_id: $novel_id})
SET novel.chapters = $chapters
WITH novel WHERE size($chapters) = 0
DELETE novel
"""

CHAPTERS: LiteralString = "MATCH (novel:Novel {novel_id: $novel_id}) RETURN novel.chapters"

_ANCHORED: LiteralString = """
UNWIND range(0, size($entities) - 1) AS place
MERGE (e:Entity {novel_id: $novel_id, id: $entities[place][0]})
ON CREATE SET e:$($entities[place][1]), e.name = $entities[place][0]
WITH e ORDER BY place
WITH collect(e) AS entities
"""

INTRODUCE: LiteralString = (
    _ANCHORED
    + """
MATCH (novel:Novel {novel_id: $novel_id})
UNWIND $rows AS row
WITH novel, entities[row[0]] AS e, $keys[row[1]] AS key, row
CREATE (novel)-[:INTRODUCES {novel_id: $novel_id, chapter_id: key[0], version: key[1], n: row[2], kind: row[3],
  name: row[4], aliases: row[5]}]->(e)
"""
)

TIE: LiteralString = (
    _ANCHORED
    + """
UNWIND $rows AS row
WITH entities[row[0]] AS a, $keys[row[1]] AS key, row[2] AS n, entities[row[3]] AS b, $types[row[4]] AS type, row
CREATE (a)-[:$(type) {novel_id: $novel_id, chapter_id: key[0], version: key[1], n: n, weight: row[5], scene: row[6],
  label: row[7], quote: row[8]}]->(b)
"""
)

NAME: LiteralString = """
UNWIND $rows AS id
MATCH (e:Entity {novel_id: $novel_id, id: id})
SET e.name = coalesce(COLLECT {
  MATCH (e)<-[r:INTRODUCES]-() RETURN r.name ORDER BY r.chapter_id, r.version, r.n LIMIT 1
}[0], e.id)
"""

WITHDRAW: LiteralString = """
MATCH (:Novel {novel_id: $novel_id})-[r:INTRODUCES]->(e:Entity) WHERE r.chapter_id IN $chapters
WITH r, e.id AS id
DELETE r
RETURN DISTINCT id
"""

# The constraint's index answers for the first of its properties only where the second is spoken of, too.
UNTIE: LiteralString = """
MATCH (e:Entity)-[r]->(:Entity) WHERE e.novel_id = $novel_id AND e.id IS NOT NULL AND r.chapter_id IN $chapters
DELETE r
"""

SWEEP: LiteralString = """
MATCH (e:Entity) WHERE e.novel_id = $novel_id AND e.id IS NOT NULL AND NOT EXISTS { (e)--() }
DELETE e
"""

# Rows are collected by chapter: the driver takes longer for many short records than for few long ones.
NODES: LiteralString = """
MATCH (:Novel {novel_id: $novel_id})-[r:INTRODUCES]->(e:Entity)
WHERE $chapters IS NULL OR r.chapter_id IN $chapters
RETURN r.chapter_id, r.version, collect([r.n, e.id, r.kind, r.name, r.aliases])
"""

_EDGE_ROWS: LiteralString = """
RETURN r.chapter_id, r.version,
  collect([r.n, startNode(r).id, endNode(r).id, type(r), r.weight, r.scene, r.label, r.quote])
"""

EDGES: LiteralString = (
    """
MATCH (e:Entity)-[r]->(:Entity)
WHERE e.novel_id = $novel_id AND e.id IS NOT NULL AND ($chapters IS NULL OR r.chapter_id IN $chapters)
"""
    + _EDGE_ROWS
)

NEIGHBOURHOOD: LiteralString = (
    """
UNWIND $nodes AS id
MATCH (e:Entity {novel_id: $novel_id, id: id})-[r]-(:Entity)
WHERE type(r) IN $types AND r.chapter_id IN $chapters
WITH DISTINCT r
"""
    + _EDGE_ROWS
)

PAIRS: LiteralString = """
MATCH (e:Entity)-[r]->(other:Entity)
WHERE e.novel_id = $novel_id AND e.id IS NOT NULL AND type(r) IN $types AND r.chapter_id IN $chapters
RETURN e.id, other.id, sum(r.weight)
"""
