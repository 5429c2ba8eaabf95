"""What only a store in SQL can suffer: changed rows, other processes, lost connections."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from storage.ports import StoreUnavailable
from storage.sql import Database, SqlStorage, dialects
from storage.sql.tables import events
from story.errors import InvalidInput
from story.events import NovelPaused
from tests.contract.conftest import write
from tests.contract.stories import EVERY_KIND, accepted, requested

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def store(sql_url):
    """A store with a novel of every kind of event."""
    storage = SqlStorage(Database(sql_url))
    await write(storage, "n", *EVERY_KIND)
    yield storage
    await storage.close()


async def change(storage, statement):
    """Changes rows behind the store's back."""
    async with storage._database._engine.begin() as connection:
        await connection.execute(statement)


class TestTampering:
    """The chain of hashes."""

    @pytest.mark.parametrize(
        "forged", [{"payload": {"kind": "novel_paused", "version": 1, "reason": "x"}}, {"hash": "0" * 64}]
    )
    async def test_a_changed_event_is_found(self, store, forged):
        """An event whose content or hash was changed is named."""
        await change(store, update(events).where(events.c.version == 5).values(**forged))
        assert await store.verify("n") == 5

    async def test_a_changed_time_is_found(self, store):
        """The time of an event cannot be changed either."""
        other = select(events.c.at).where(events.c.version == 1).scalar_subquery()
        await write(store, "n", NovelPaused(reason="later"))
        await change(store, update(events).where(events.c.version == len(EVERY_KIND) + 1).values(at=other))
        assert await store.verify("n") == len(EVERY_KIND) + 1

    @pytest.mark.parametrize(("removed", "found"), [(1, 2), (7, 8), (len(EVERY_KIND), len(EVERY_KIND))])
    async def test_a_missing_event_is_found(self, store, removed, found):
        """An event that was taken out is noticed at the next one, or where it was last."""
        await change(store, delete(events).where(events.c.version == removed))
        assert await store.verify("n") == found

    async def test_a_transplanted_event_is_found(self, store):
        """A log copied to another novel does not fit there."""
        columns = [column for column in events.c if column.name != "novel_id"]
        copied = select(*columns).add_columns(events.c.novel_id.op("||")("2"))
        await change(store, insert(events).from_select([*columns, events.c.novel_id], copied))
        assert await store.verify("n2") == 1


class TestSqliteProcesses:
    """Several processes and one file."""

    async def writer(self, url, count):
        """A process that writes to the novel."""
        command = [sys.executable, "-m", "tests.contract.writer", url, "n", str(count)]
        return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)

    async def test_two_processes_lose_nothing(self, sqlite_url):
        """What two processes append at the same time is all there, in one chain."""
        storage = SqlStorage(Database(sqlite_url))
        await write(storage, "n", requested())
        writers = [await self.writer(sqlite_url, 40) for _ in range(2)]
        printed = [(await one.communicate())[0].split() for one in writers]
        assert sorted(int(version) for lines in printed for version in lines) == list(range(2, 82))
        assert [one.version for one in await storage.events("n")] == list(range(1, 82))
        assert await storage.verify("n") is None
        await storage.close()

    async def test_kill_loses_no_acknowledged_event(self, sqlite_url):
        """After kill -9 in the middle of writing every acknowledged event is there, and the file is sound."""
        storage = SqlStorage(Database(sqlite_url))
        await write(storage, "n", requested())
        writer = await self.writer(sqlite_url, 100_000)
        for _ in range(30):
            await writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = [int(version) for version in (await writer.stdout.read()).split()]
        await writer.wait()
        last = (await storage.events("n"))[-1].version
        assert last in {max(acknowledged, default=31), max(acknowledged, default=31) + 1}
        assert await storage.verify("n") is None
        assert (await storage.novel("n")).version == last
        await storage.close()
        with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    async def test_a_locked_file(self, sqlite_url, monkeypatch):
        """A writer that keeps the file locked makes the store unavailable, not stuck; readers read on."""
        monkeypatch.setattr(dialects, "BUSY_SECONDS", 0.05)
        storage = SqlStorage(Database(sqlite_url))
        blocker = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await write(storage, "n", requested())
        assert await storage.novels("ada") == []
        blocker.execute("ROLLBACK")
        await write(storage, "n", requested())
        blocker.close()
        await storage.close()

    async def test_no_database(self, tmp_path):
        """A file that holds something else is a wrong setting."""
        (tmp_path / "novels.db").write_text("Once upon a time there was a text file. " * 50)
        with pytest.raises(InvalidInput, match="not a database"):
            await SqlStorage(Database(f"sqlite:///{tmp_path}/novels.db")).novels("ada")

    async def test_a_full_disk(self, sqlite_url):
        """A file that cannot grow makes the store unavailable, and what was there stays."""
        storage = SqlStorage(Database(sqlite_url))
        await write(storage, "n", requested())
        with pytest.raises(StoreUnavailable, match="full"):  # noqa: PT012 - the block is the subject
            async with storage.begin() as work:
                await work._connection.exec_driver_sql("PRAGMA max_page_count = 1")
                await work.append("n", 1, accepted("c0", "word " * 50_000))
        await storage.close()
        again = SqlStorage(Database(sqlite_url))
        assert len(await again.events("n")) == 1
        await again.close()


class TestPostgresConnections:
    """A server that goes away."""

    async def end_all(self, storage, server_url):
        """Ends every connection of a store but the one that does it."""
        import asyncpg

        connection = await asyncpg.connect(server_url)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
        await connection.close()

    async def test_lost_within_a_transaction(self, postgres_url):
        """A connection that breaks in a transaction makes the store unavailable; nothing is written; then it works."""
        storage = SqlStorage(Database(postgres_url))
        with pytest.raises(StoreUnavailable):  # noqa: PT012 - the block is the subject
            async with storage.begin() as work:
                await work.append("n", 0, requested())
                await self.end_all(storage, postgres_url)
                await work.append("n", 1, NovelPaused(reason="a"))
        await write(storage, "n", requested())
        assert len(await storage.events("n")) == 1
        await storage.close()

    async def test_refused(self, postgres_url):
        """A server that will not have us is a wrong setting, which no waiting changes."""
        storage = SqlStorage(Database(postgres_url + "_other"))
        with pytest.raises(InvalidInput, match=r"refuses .*does not exist.*database URL"):
            await storage.novels("ada")
        await storage.close()

    async def test_a_deletion_waits_for_an_append(self, postgres_url):
        """An event that was committed before a deletion keeps its version; the deletion has the next one."""
        storage = SqlStorage(Database(postgres_url))
        await write(storage, "n", requested())

        async def delete_novel():
            async with storage.begin() as work:
                await work.delete("n")
                await work.commit()

        async with storage.begin() as work:
            await work.append("n", 1, NovelPaused(reason="a"))
            deletion = asyncio.create_task(delete_novel())
            await asyncio.sleep(0.1)
            await work.commit()
        await deletion
        assert [one.version for one in await storage.events("n")] == [3]
        await storage.close()

    async def test_lost_between_transactions(self, postgres_url):
        """Connections that broke while idle are replaced unnoticed."""
        storage = SqlStorage(Database(postgres_url))
        await write(storage, "n", requested())
        await self.end_all(storage, postgres_url)
        assert len(await storage.novels("ada")) == 1
        await storage.close()
