"""What every graph store decides alike: which part stands, how rows are sorted, which path is the shortest. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from storage.graph.ports import BIBLE, EdgeKind, Part, StoredEdge, StoredNode

T = TypeVar("T")

TOGETHER: frozenset[EdgeKind] = frozenset({"together"})
"""The kind that ``together`` sums."""


def standing(parts: Iterable[Part]) -> list[Part]:
    """The parts without those that a later one of the same chapter replaces."""
    return list({part.chapter: part for part in parts}.values())


def size(part: Part) -> int:
    """How many rows a part has."""
    return len(part.nodes) + len(part.edges)


def grouped(parts: Iterable[Part], most: int) -> Iterator[list[Part]]:
    """The parts in groups of at most so many rows; a part that has more is a group of its own, never divided."""
    group: list[Part] = []
    rows = 0
    for part in parts:
        if group and rows + size(part) > most:
            yield group
            group, rows = [], 0
        group.append(part)
        rows += size(part)
    if group:
        yield group


def chunks(rows: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """The rows in pieces of at most so many."""
    for start in range(0, len(rows), most):
        yield rows[start : start + most]


def node_rows(part: Part) -> Iterator[StoredNode]:
    """The nodes of a part with their keys."""
    for n, node in enumerate(part.nodes):
        yield StoredNode(**dict(node), chapter=part.chapter, version=part.version, n=n)


def edge_rows(part: Part) -> Iterator[StoredEdge]:
    """The edges of a part with their keys."""
    for n, edge in enumerate(part.edges):
        yield StoredEdge(**dict(edge), chapter=part.chapter, version=part.version, n=n)


def visible(chapters: Iterable[str]) -> list[str]:
    """The chapters that may be seen, once each, the bible first."""
    return list(dict.fromkeys((BIBLE, *chapters)))


def by_key(chapters: Sequence[str] | None) -> Callable[[StoredNode | StoredEdge], tuple[int, str, int, int]]:
    """The order of rows: by the place of their chapter, or without chapters by its id, then by version and n."""
    places = _places(chapters or ())
    return lambda row: (places.get(row.chapter, len(places)), row.chapter, row.version, row.n)


def by_scene(chapters: Sequence[str]) -> Callable[[StoredEdge], tuple[int, int, int]]:
    """The order in which a reader comes by edges."""
    places = _places(chapters)
    return lambda row: (places[row.chapter], row.scene, row.n)


def _places(chapters: Sequence[str]) -> dict[str, int]:
    return {chapter: place for place, chapter in enumerate(visible(chapters))}


def shortest(ties: Iterable[tuple[str, str]], source: str, target: str) -> list[str]:
    """The path that a graph's ``path`` promises, given the pairs of nodes that are tied."""
    import networkx as nx

    graph = nx.Graph(list(ties))
    if source not in graph or target not in graph:
        return []
    distances: dict[str, int] = nx.single_source_shortest_path_length(graph, target)
    if source not in distances:
        return []
    path = [source]
    while path[-1] != target:
        # Among those one step nearer, the smallest id: of all shortest paths, this one sorts first.
        path.append(min(node for node in graph[path[-1]] if distances[node] < distances[path[-1]]))
    return path


def summed(pairs: Iterable[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """The weight of each pair, its ids in order."""
    weights: dict[tuple[str, str], float] = {}
    for source, target, weight in pairs:
        pair = min(source, target), max(source, target)
        weights[pair] = weights.get(pair, 0.0) + weight
    return weights
