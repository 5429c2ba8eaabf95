"""The stores that the contract is tested on."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.memory import MemoryStorage
from storage.ports import LEASE_SECONDS, Holder, Lease, Recorded, Storage
from storage.sql import Database, SqlStorage, upgrade
from story.events import Event
from tests.contract.stories import requested
from tests.servers.postgres import empty_postgres_url, postgres_server, postgres_url

__all__ = ["empty_postgres_url", "postgres_server", "postgres_url"]

ME = Holder(host="here", pid=1, started=1.0)
OTHER = Holder(host="there", pid=2, started=2.0)


@dataclass
class World:
    """What a store asks of its surroundings: the time, who lives, who listens."""

    now: datetime = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
    dead: set[Holder] = field(default_factory=set)
    heard: list[Recorded] = field(default_factory=list)

    def clock(self) -> datetime:
        """The time now."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.now += timedelta(seconds=seconds)

    def alive(self, holder: Holder, heartbeat: datetime, now: datetime) -> bool:
        """Whether a holder lives: it was not killed and its heartbeat is young."""
        return holder not in self.dead and now - heartbeat < timedelta(seconds=LEASE_SECONDS)

    async def hear(self, recorded: Recorded) -> None:
        """Remembers what was announced."""
        self.heard.append(recorded)


@pytest.fixture
def surroundings() -> World:
    """The surroundings of the store under test."""
    return World()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """Copies a migrated SQLite file, and gives the URL of the copy."""
    template = tmp_path_factory.mktemp("template") / "template.db"

    async def copied(target: Path) -> str:
        if not template.exists():
            await upgrade(f"sqlite:///{template}")
        shutil.copy(template, target)
        return f"sqlite:///{target}"

    return copied


@pytest.fixture
async def sqlite_url(migrated_file, tmp_path: Path) -> str:
    """The URL of a new SQLite file at the newest migration."""
    return await migrated_file(tmp_path / "novels.db")


@pytest.fixture(params=["sqlite", "postgres"])
def sql_url(request: pytest.FixtureRequest) -> str:
    """The URL of a new database at the newest migration."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'novels.db'}"
    return request.getfixturevalue("empty_postgres_url")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def storage(request: pytest.FixtureRequest, surroundings: World) -> AsyncIterator[Storage]:
    """A new store without novels."""
    tools = {"clock": surroundings.clock, "alive": surroundings.alive, "subscribers": (surroundings.hear,)}
    async with AsyncExitStack() as stack:
        store: Storage
        is_memory = request.param == "memory"
        store = MemoryStorage(**tools) if is_memory else SqlStorage(Database(await _url(request, stack)), **tools)
        stack.push_async_callback(store.close)
        yield store


async def _url(request: pytest.FixtureRequest, stack: AsyncExitStack) -> str:
    # Async fixtures cannot be asked for by name inside a running one.
    if request.param == "sqlite":
        copied = request.getfixturevalue("migrated_file")
        return await copied(request.getfixturevalue("tmp_path") / "novels.db")
    server = request.getfixturevalue("postgres_server")
    url = await server.create_migrated()
    stack.push_async_callback(server.drop, url)
    return url


async def write(storage: Storage, novel_id: str, *events: Event, lease: Lease | None = None) -> None:
    """Appends events to whatever is there, and commits."""
    expected = len(await storage.events(novel_id))
    async with storage.begin(lease) as work:
        await work.append(novel_id, expected, *events)
        await work.commit()


@pytest.fixture
async def novel(storage: Storage) -> str:
    """A novel that was requested."""
    await write(storage, "novel-1", requested())
    return "novel-1"


@pytest.fixture
async def lease(storage: Storage, novel: str) -> Lease:
    """Our lease of that novel."""
    return await storage.acquire(novel, ME)
