"""Services in memory, for tests of flows and tasks."""

from __future__ import annotations

from pathlib import Path

from agents.models.settings import ModelSettings
from storage.cache.memory import MemoryCache
from storage.cache.views import Views
from storage.graph.memory import MemoryGraph
from storage.memory import MemoryStorage
from storage.passages.hashing import HashingEmbedder
from storage.passages.memory import MemoryNearest, MemoryTexts
from storage.passages.searching import Passages
from storage.projections.memory import MemoryPositions
from storage.projections.story_memory import StoryMemory
from tasks.wiring import Services


def in_memory(home: Path, owner: str, storage: MemoryStorage | None = None) -> Services:
    """Every store in memory, and an embedder that needs no model; no claim about quality rests on it."""
    storage = storage or MemoryStorage()
    memory = StoryMemory(
        storage=storage,
        graph=MemoryGraph(),
        passages=Passages(MemoryTexts(), MemoryNearest(), HashingEmbedder()),
        positions=MemoryPositions(storage),
        cache=MemoryCache(),
    )
    return Services(
        home=home,
        owner=owner,
        storage=storage,
        models=ModelSettings(),
        memory=memory,
        views=Views(storage, MemoryCache()),
    )
