"""The composition root of workers and the command line: settings are read and services built here and nowhere else.

Services belong to an event loop: a connection made in one cannot be used in another. Tests override them.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from agents.models.settings import ModelSettings
from storage.ports import Recorded, Storage
from storage.settings import StorageSettings, data_folder
from story.errors import InvalidInput
from story.steps import Outcome, Step
from tasks.assignment import Assignment

if TYPE_CHECKING:
    from agents.models.gateway import Gateway
    from storage.cache.ports import Cache
    from storage.cache.views import Views
    from storage.graph.ports import Graph
    from storage.passages.ports import Embedder, Nearest
    from storage.passages.searching import Passages
    from storage.projections.story_memory import StoryMemory
    from storage.sql.database import Database

S = TypeVar("S", bound=BaseSettings)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """What tasks work with."""

    home: Path
    owner: str
    storage: Storage
    models: ModelSettings
    memory: StoryMemory
    views: Views

    def gateway(self, assignment: Assignment) -> Gateway:
        """The model of an assignment, with the steps that its run may claim."""
        from agents.models.gateway import Gateway
        from agents.models.providers import chat_model

        connect = partial(chat_model, settings=self.models)
        return Gateway(
            assignment.model,
            lambda name, answer_tokens: connect(name, answer_tokens=answer_tokens),
            LeasedSteps(self.storage, assignment),
            assignment.chapter,
        )


@dataclass(frozen=True)
class LeasedSteps:
    """The steps of an owner as the holder of a lease may claim them; what the gateway asks of a ledger."""

    storage: Storage
    assignment: Assignment

    async def find(self, fingerprint: str) -> Step | None:
        """What is known of a call."""
        return await self.storage.step(self.assignment.owner, fingerprint)

    async def claim(self, step: Step) -> None:
        """Announces a call under the lease and within the novel's bound on calls."""
        mine = self.assignment
        await self.storage.claim(mine.lease, mine.owner, step, mine.max_calls)

    async def answer(self, step: Step, seconds: float) -> None:
        """Keeps what came of a call."""
        await self.storage.answer(self.assignment.lease, self.assignment.owner, step, seconds)

    async def judge(self, fingerprint: str, outcome: Outcome) -> None:
        """Settles the outcome of an answer."""
        await self.storage.judge(self.assignment.owner, fingerprint, outcome)


class Settings:
    """The settings of this process, each read once, from the environment and ``.env`` in the data folder."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @cached_property
    def storage(self) -> StorageSettings:
        """Database and owner."""
        return read_settings(StorageSettings, self.home)

    @property
    def models_folder(self) -> Path:
        """Where converted embedding models are kept."""
        return self.home / "models"

    @cached_property
    def models(self) -> ModelSettings:
        """Keys and addresses of providers."""
        return read_settings(ModelSettings, self.home)


def read_settings(kind: type[S], home: Path) -> S:
    """Settings of a kind; raises ``InvalidInput`` naming the setting at fault, never its value."""
    try:
        return kind(_env_file=home / ".env")
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(map(str, first["loc"])).upper().removeprefix("SCRIPTORIUM_")
        raise InvalidInput(f"The setting SCRIPTORIUM_{name} cannot be used: {first['msg']}.") from error


_built: WeakKeyDictionary[asyncio.AbstractEventLoop, Services] = WeakKeyDictionary()
_override: ContextVar[Services | None] = ContextVar("services", default=None)


async def services() -> Services:
    """The services of the running event loop, built at the first call; the database must be at our migration."""
    given = _override.get()
    if given is not None:
        return given
    loop = asyncio.get_running_loop()
    if loop not in _built:
        _built[loop] = await _build(Settings(data_folder()))
    return _built[loop]


def show_logs() -> None:
    """Lets our own lines of INFO through to Prefect, which attaches its handler but leaves the level alone."""
    for package in ("agents", "storage", "tasks", "flows"):
        logging.getLogger(package).setLevel(logging.INFO)


async def close_services() -> None:
    """Lets go of what this event loop's services hold open."""
    built = _built.pop(asyncio.get_running_loop(), None)
    if built is not None:
        await built.memory.close()
        await built.storage.close()


@contextmanager
def override(given: Services) -> Iterator[None]:
    """Uses these services inside the block."""
    token = _override.set(given)
    try:
        yield
    finally:
        _override.reset(token)


async def _build(settings: Settings) -> Services:
    from storage.cache.memory import MemoryCache
    from storage.cache.views import Views, invalidating
    from storage.sql.database import Database
    from storage.sql.migrate import check_head
    from storage.sql.store import SqlStorage

    url = settings.storage.url(settings.home)
    await check_head(url)
    # Without a named server Prefect would start one of its own, in the user's own profile.
    subscribers = (publish,) if os.environ.get("PREFECT_API_URL") else ()
    database = Database(url)
    cache = _cache(settings.storage, database)
    # Views in the SQL database would cost what they save; without Redis they are kept in this process.
    kept = MemoryCache() if settings.storage.redis_url is None else cache
    storage = SqlStorage(database, subscribers=(*subscribers, invalidating(kept)))
    return Services(
        home=settings.home,
        owner=settings.storage.owner,
        storage=storage,
        models=settings.models,
        memory=_memory(settings, database, storage, cache),
        views=Views(storage, kept),
    )


def _memory(settings: Settings, database: Database, storage: Storage, cache: Cache) -> StoryMemory:
    from storage.projections.sql import SqlPositions
    from storage.projections.story_memory import StoryMemory

    return StoryMemory(
        storage=storage,
        graph=_graph(settings.storage, database),
        passages=_passages(settings, database),
        positions=SqlPositions(database),
        cache=cache,
    )


def _graph(settings: StorageSettings, database: Database) -> Graph:
    if settings.neo4j_url is None:
        from storage.graph.sql import SqlGraph

        return SqlGraph(database)
    from storage.graph.neo4j import Neo4jGraph

    return Neo4jGraph(settings.neo4j_url.get_secret_value())


def _passages(settings: Settings, database: Database) -> Passages:
    from storage.passages.embedding import SentenceEmbedder
    from storage.passages.searching import Passages
    from storage.passages.sql import SqlTexts

    embedder = SentenceEmbedder(settings.models_folder, settings.storage.embedding_model)
    nearest = _nearest(settings, embedder)
    return Passages(SqlTexts(database), nearest, embedder)


def _nearest(settings: Settings, embedder: Embedder) -> Nearest:
    if settings.storage.milvus_url is None:
        from storage.passages.lite import LiteNearest

        return LiteNearest(settings.home / "passages.db", embedder)
    from storage.passages.milvus import MilvusNearest

    url, token = settings.storage.milvus_address
    return MilvusNearest(url, token, embedder)


def _cache(settings: StorageSettings, database: Database) -> Cache:
    if settings.redis_url is None:
        from storage.cache.sql import SqlCache

        return SqlCache(database)
    from storage.cache.redis import RedisCache

    return RedisCache(settings.redis_url.get_secret_value())


async def publish(recorded: Recorded) -> None:
    """Sends an event of a novel out as a Prefect event (``scriptorium.chapter.accepted``), for automations."""
    from prefect.events import emit_event

    emit_event(
        event="scriptorium." + recorded.event.kind.replace("_", "."),
        resource={"prefect.resource.id": f"scriptorium.novel.{recorded.novel_id}"},
        payload={"novel": recorded.novel_id, "version": recorded.version},
    )
