"""What a graph store does, whatever it is made of, and the values it takes and gives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, Protocol

from story.base import Value

NodeKind = Literal["character", "place", "item", "thread", "promise", "fact", "scene"]

EdgeKind = Literal[
    "appears",  # character → scene: is on stage
    "set in",  # scene → place
    "named",  # scene → character, place or item; weight: how often the text names it
    "speaks",  # character → scene; weight: lines of dialogue that the text gives to the character by name
    "together",  # character → character, ids in order; weight: windows of text in which both are named
    "moves to",  # character → place
    "holds",  # character → item
    "gives",  # character → character; label: the item's node
    "loses",  # character → item
    "learns",  # character → fact
    "tells",  # character → character; label: the fact's node
    "meets",  # character → character
    "relates",  # character → character; label: the relation
    "is",  # character, place or item → itself; label: attribute and value, an injury, or "dies"
    "opens",  # scene → promise
    "pays",  # scene → promise
    "advances",  # scene → thread
]

BIBLE = ""
"""The chapter of what holds before the first chapter: world, cast and outline."""

TIES: frozenset[EdgeKind] = frozenset({"together", "gives", "tells", "meets", "relates"})
"""What ties one character to another."""

PATH: frozenset[EdgeKind] = TIES | {"holds", "moves to"}
"""What a path between two entities may lead along, in either direction."""


STATED: frozenset[EdgeKind] = PATH - {"together"} | {
    "loses",
    "learns",
    "is",
    "opens",
    "pays",
    "advances",
    "set in",
    "appears",
}
"""What is said of an entity, or what happens to a thread or promise; the rest is counted."""


class Node(Value):
    """Somebody or something. ``id`` is ``kind/id of the vocabulary``, for a scene ``scene/chapter id/number``."""

    id: str
    kind: NodeKind
    name: str
    aliases: tuple[str, ...] = ()


class Edge(Value):
    """How one node stands to another. ``scene`` counts from 1, 0 is the chapter; ``quote`` is the text's own words."""

    source: str
    target: str
    kind: EdgeKind
    weight: float = 1.0
    scene: int = 0
    label: str = ""
    quote: str = ""


class Part(Value):
    """All that one chapter at one version, or the bible, puts into the graph.

    ``n``, the last part of a row's key, is its place among the nodes, and among the edges, of its part.
    """

    chapter: str
    version: int
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


class StoredNode(Node):
    """A node and the key of its row."""

    chapter: str
    version: int
    n: int


class StoredEdge(Edge):
    """An edge and the key of its row."""

    chapter: str
    version: int
    n: int


class Relations(Value):
    """Nodes and edges as they were read back, sorted by chapter, version and n.

    Chapters are in the order in which they were asked for, the bible first; without such an order, by their ids.
    """

    nodes: tuple[StoredNode, ...] = ()
    edges: tuple[StoredEdge, ...] = ()


class Graph(Protocol):
    """The graphs of all novels; every call is about one novel and neither sees nor touches another's.

    ``chapters`` are the ids of the chapters that may be seen, in the order of the book; the bible is always seen.
    Raises ``StoreUnavailable`` when the store does not answer, ``InvalidInput`` when it refuses us.
    """

    async def prepare(self) -> None:
        """Makes what the store needs before the first write (constraints, indexes); twice is as good as once."""
        ...

    async def replace(self, novel_id: str, parts: Sequence[Part]) -> None:
        """Puts each part in place of all that stood for its chapter; twice is as good as once.

        A part is put in place as a whole or not at all. Of two parts of one chapter, the later stands.
        """
        ...

    async def remove(self, novel_id: str, chapters: Collection[str] | None = None) -> None:
        """Removes what stands for these chapters; without them, all of the novel."""
        ...

    async def relations(self, novel_id: str, chapters: Sequence[str] | None = None) -> Relations:
        """Everything there is of these chapters and the bible; without chapters, everything of the novel."""
        ...

    async def neighbourhood(
        self, novel_id: str, nodes: Collection[str], chapters: Sequence[str], kinds: Collection[EdgeKind]
    ) -> list[StoredEdge]:
        """The edges of these kinds that begin or end at one of the nodes.

        Sorted by the place of their chapter in ``chapters`` (the bible first), scene and n.
        """
        ...

    async def path(self, novel_id: str, source: str, target: str, chapters: Sequence[str]) -> list[str]:
        """The nodes of a shortest path along ``PATH``, both ends included; empty when there is none.

        Who is tied to anybody is a path to himself. Of several shortest paths, it is the one whose sequence of node
        ids sorts first.
        """
        ...

    async def together(self, novel_id: str, chapters: Sequence[str]) -> dict[tuple[str, str], float]:
        """For each pair of characters (ids in order), the sum of their weights of ``together``."""
        ...

    async def close(self) -> None:
        """Lets go of every connection."""
        ...
