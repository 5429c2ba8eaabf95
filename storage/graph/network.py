"""A graph as people look at it: each pair of entities with the sum of what ties them, communities and importance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from storage.graph.ports import BIBLE, PATH, EdgeKind, NodeKind, Relations, StoredEdge, StoredNode
from story.base import Value

if TYPE_CHECKING:
    import networkx as nx

SHOWN: frozenset[NodeKind] = frozenset({"character", "place", "item"})
"""The kinds of nodes that are shown; scenes, threads, promises and facts are what is told of them."""

DIGITS = 6
"""To how many digits importance is given: what differs by less is equal, on every machine."""


class Entity(Value):
    """A node to be shown.

    ``mentions`` is how often the text names it, ``community`` numbers the group it belongs to (from 0, the largest
    first), ``importance`` is its PageRank over weighted ties, from 0 to 1.
    """

    id: str
    kind: NodeKind
    name: str
    aliases: tuple[str, ...] = ()
    mentions: int = 0
    community: int = 0
    importance: float = 0.0


class Tie(Value):
    """What ties two entities, summed over all chapters seen. ``label`` is the latest relation in words, if there is."""

    source: str
    target: str
    kind: EdgeKind
    weight: float
    label: str = ""


class Network(Value):
    """Entities by falling importance (ties by id), and ties by falling weight (ties by ids and kind)."""

    entities: tuple[Entity, ...] = ()
    ties: tuple[Tie, ...] = ()


def introduced(relations: Relations) -> Relations:
    """The relations without whom and what no chapter has named yet: the bible knows them before the reader does."""
    told = {end for edge in relations.edges if edge.chapter != BIBLE for end in (edge.source, edge.target)}
    return Relations(
        nodes=tuple(one for one in relations.nodes if one.id in told),
        edges=tuple(one for one in relations.edges if {one.source, one.target} <= told),
    )


def network(relations: Relations) -> Network:
    """What is shown of relations, whose chapters are in the order of the book."""
    named = _named(relations.nodes)
    ids = sorted(id_ for id_, node in named.items() if node.kind in SHOWN)
    ties = _ties(relations, named)
    graph = _graph(ids, ties)
    importance, communities = _importance(graph), _communities(graph)
    mentions = _mentions(relations.edges)
    entities = [
        Entity(
            **named[id_].model_dump(include={"id", "kind", "name", "aliases"}),
            mentions=mentions[id_],
            community=communities[place],
            importance=importance[place],
        )
        for place, id_ in enumerate(ids)
    ]
    return Network(
        entities=tuple(sorted(entities, key=lambda one: (-one.importance, one.id))),
        ties=tuple(sorted(ties, key=lambda one: (-one.weight, one.source, one.target, one.kind))),
    )


def _named(nodes: Iterable[StoredNode]) -> dict[str, StoredNode]:
    """Each node as it was introduced first; what it is called later is another alias."""
    named: dict[str, StoredNode] = {}
    for node in nodes:
        first = named.setdefault(node.id, node)
        others = dict.fromkeys((*first.aliases, node.name, *node.aliases))
        others.pop(first.name, None)
        named[node.id] = first.model_copy(update={"aliases": tuple(others)})
    return named


def _mentions(edges: Iterable[StoredEdge]) -> Counter[str]:
    mentions: Counter[str] = Counter()
    for edge in edges:
        if edge.kind == "named":
            mentions[edge.target] += round(edge.weight)
    return mentions


def _ties(relations: Relations, named: Mapping[str, StoredNode]) -> list[Tie]:
    shown = {id_ for id_, node in named.items() if node.kind in SHOWN}
    ties: dict[tuple[str, str, EdgeKind], Tie] = {}
    for edge in relations.edges:
        if edge.kind in PATH and {edge.source, edge.target} <= shown:
            key = edge.source, edge.target, edge.kind
            before = ties.get(key) or Tie(source=edge.source, target=edge.target, kind=edge.kind, weight=0.0)
            label = _label(edge, named) or before.label
            ties[key] = before.model_copy(update={"weight": before.weight + edge.weight, "label": label})
    return list(ties.values())


def _label(edge: StoredEdge, named: Mapping[str, StoredNode]) -> str:
    # What is given or told is named by its id.
    return named[edge.label].name if edge.label in named else edge.label


def _graph(ids: list[str], ties: Iterable[Tie]) -> nx.Graph[int]:
    """Entities by their place among the ids: the order of numbers in a set does not change from run to run."""
    import networkx as nx

    places = {id_: place for place, id_ in enumerate(ids)}
    weights: dict[tuple[int, int], float] = {}
    for tie in ties:
        one, other = sorted((places[tie.source], places[tie.target]))
        weights[one, other] = weights.get((one, other), 0.0) + tie.weight
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(ids)))
    graph.add_weighted_edges_from((one, other, weight) for (one, other), weight in sorted(weights.items()))
    return graph


def _importance(graph: nx.Graph[int]) -> dict[int, float]:
    import networkx as nx

    return {place: round(rank, DIGITS) for place, rank in nx.pagerank(graph).items()}


def _communities(graph: nx.Graph[int]) -> dict[int, int]:
    """The number of each one's community."""
    import networkx as nx

    found = nx.community.louvain_communities(graph, seed=0) if graph else []
    # Ids are sorted, so that the smallest place is the smallest id.
    ordered = sorted(found, key=lambda one: (-len(one), min(one)))
    return {place: number for number, community in enumerate(ordered) for place in community}
