"""What stands in a graph store, as one hash."""

from __future__ import annotations

from storage.graph.ports import Relations
from story.base import digest


def content_hash(relations: Relations) -> str:
    """A hash of all rows that were read back: when one node or edge is changed, it is another."""
    return digest(relations.model_dump(mode="json"))
