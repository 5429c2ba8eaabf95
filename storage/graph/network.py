"""A graph as people look at it: each pair of entities with the sum of what ties them, communities and importance."""

from __future__ import annotations

from storage.graph.ports import EdgeKind, NodeKind
from story.base import Value


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
