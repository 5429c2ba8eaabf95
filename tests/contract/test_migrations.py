"""Bringing a database to the newest migration."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from storage.ports import SchemaMismatch
from storage.sql import Database, SqlStorage, check_head, migrate, upgrade
from storage.sql.dialects import create_engine, normalised
from storage.sql.tables import metadata

ROOT = Path(__file__).parents[2]


async def look(url, function):
    """What a function says of a database."""
    engine = create_engine(normalised(url))
    async with engine.connect() as connection:
        seen = await connection.run_sync(function)
    await engine.dispose()
    return seen


async def mark(url, revision):
    """Says that the database is at that migration."""
    engine = create_engine(normalised(url))
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
    await engine.dispose()


def tables(connection):
    """The names of the tables that are there, but for partitions and what a full-text index keeps for itself."""
    return {name for name in inspect(connection).get_table_names() if is_described(name)}


def is_described(name):
    """Whether a table is one that the code describes, and no part of another."""
    return not re.search(r"^(events|passages)_\d+$|^passage_words", name)


async def test_a_new_database_is_set_up(empty_url):
    """A database without tables gets them, and is then at the newest migration."""
    await upgrade(empty_url)
    await check_head(empty_url)
    assert await look(empty_url, tables) == {*metadata.tables, "alembic_version"}


async def test_twice_changes_nothing(empty_url):
    """A database that is at the newest migration stays as it is."""
    await upgrade(empty_url)
    await upgrade(empty_url)
    await check_head(empty_url)


async def test_many_at_once(empty_url):
    """Any number of upgrades at once all succeed."""
    await asyncio.gather(*(upgrade(empty_url) for _ in range(4)))
    await check_head(empty_url)


async def test_two_processes_at_once(empty_url):
    """Two processes that upgrade at once both succeed."""
    program = "import asyncio, sys; from storage.sql import upgrade; asyncio.run(upgrade(sys.argv[1]))"
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, empty_url, cwd=ROOT) for _ in range(2)
    ]
    assert [await one.wait() for one in started] == [0, 0]
    await check_head(empty_url)


async def test_interrupted(empty_url, monkeypatch):
    """A migration that is interrupted leaves the database as it was, and the next one does it all."""
    run = migrate._run_alembic

    def interrupted(connection):
        run(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(migrate, "_run_alembic", interrupted)
    with pytest.raises(KeyboardInterrupt):
        await upgrade(empty_url)
    assert await look(empty_url, tables) == set()
    monkeypatch.undo()
    await upgrade(empty_url)
    await check_head(empty_url)


async def test_not_set_up(empty_url, tmp_path):
    """A database without tables is not at the newest migration, and looking makes no file."""
    with pytest.raises(SchemaMismatch, match="scriptorium doctor"):
        await check_head(empty_url)
    assert list(tmp_path.iterdir()) == []


async def test_used_before_it_is_set_up(empty_url):
    """A store without tables says what to do."""
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir()
    storage = SqlStorage(Database(empty_url))
    with pytest.raises(SchemaMismatch, match="scriptorium doctor"):
        await storage.novels("ada")
    await storage.close()


async def test_older(sql_url, monkeypatch):
    """A database at an older migration is told to be migrated."""
    monkeypatch.setattr(migrate, "REVISIONS", ("0000", migrate.HEAD))
    await mark(sql_url, "0000")
    with pytest.raises(SchemaMismatch, match=r"migration 0000 .* needs 0002; run"):
        await check_head(sql_url)


@pytest.mark.parametrize("command", [check_head, upgrade])
async def test_newer(sql_url, command):
    """A database that a newer version has migrated is refused and not changed."""
    await mark(sql_url, "9999")
    with pytest.raises(SchemaMismatch, match=r"newer migration \(9999\).*upgrade Scriptorium"):
        await command(sql_url)
    assert await look(sql_url, migrate._read_revision) == "9999"


async def test_models_and_migrations_agree(sql_url):
    """The migrations make exactly the tables that the code describes."""
    options = {"include_name": lambda name, kind, _: kind != "table" or is_described(name)}
    differences = await look(sql_url, lambda c: compare_metadata(MigrationContext.configure(c, opts=options), metadata))
    assert differences == []


async def test_sqlite_waits_for_no_reader(sqlite_url):
    """The file is in WAL mode, in which readers and a writer do not wait for each other."""
    storage = SqlStorage(Database(sqlite_url))
    await storage.novels("ada")
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    await storage.close()
