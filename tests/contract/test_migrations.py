"""Bringing a database to the newest migration."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from storage.ports import ExportRow, SchemaMismatch
from storage.projections.sql import SqlPositions
from storage.sql import Database, SqlStorage, check_head, migrate, upgrade
from storage.sql.dialects import create_engine, normalised
from storage.sql.tables import metadata
from tests.contract.conftest import ME, write
from tests.contract.stories import EVERY_KIND, accepted, call, requested

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


NOVELS = tuple(f"novel-{number}" for number in range(12))
"""As many as give most partitions of a table one."""


async def upgrade_to(url, revision):
    """Brings a new database to a migration that is not the newest one."""
    run = command.upgrade
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: run(config, revision))
        await upgrade(url)


async def downgrade_to(url, revision):
    """Brings a database back to an older migration."""
    engine = create_engine(normalised(url))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: command.downgrade(config, revision))
        await migrate._migrate(engine)
    await engine.dispose()


async def fill(storage):
    """Writes novels with all that there was at the first migration: two owners, steps, calls, a lease and files."""
    await write(storage, NOVELS[0], *EVERY_KIND)
    for number, novel in enumerate(NOVELS[1:]):
        await write(storage, novel, requested(("ada", "bob")[number % 2], f"Of «{novel}»"), accepted("c0", "Été 雪."))
    lease = await storage.acquire(NOVELS[0], ME)
    await storage.claim(lease, "ada", call("s0"), 9)
    await storage.answer(lease, "ada", call("s0", "Once."), 1.25)
    await storage.claim(lease, "ada", call("s1"), 9)
    async with storage.begin(lease) as work:
        await work.record_export(NOVELS[0], ExportRow(format="epub", path="novels/hive.epub"))
        await work.commit()


async def copy(source, target):
    """Inserts the rows of one database into another one, whose tables are of an older migration."""
    names = await look(target, tables)
    there = await look(
        target, lambda c: {name: [one["name"] for one in inspect(c).get_columns(name)] for name in names}
    )
    theirs, ours = create_engine(normalised(source)), create_engine(normalised(target))
    async with theirs.connect() as reading, ours.begin() as writing:
        for table in (one for one in metadata.sorted_tables if one.name in there):
            rows = (await reading.execute(select(*(table.c[name] for name in there[table.name])))).mappings().all()
            assert rows, table.name
            await writing.execute(table.insert(), [dict(row) for row in rows])
    await theirs.dispose()
    await ours.dispose()


async def seen(url):
    """All that a store says of its novels."""
    storage = SqlStorage(Database(url))
    novels = {
        novel: (
            await storage.events(novel),
            await storage.verify(novel),
            await storage.chapters(novel),
            await storage.exports(novel),
            await storage.calls(novel),
            await storage.used_steps(novel),
        )
        for novel in NOVELS
    }
    owners = {owner: await storage.novels(owner) for owner in ("ada", "bob")}
    steps = [await storage.step("ada", fingerprint) for fingerprint in ("s0", "s1")]
    await storage.close()
    return novels, owners, steps


async def test_what_was_written_before(empty_url, sqlite_url):
    """Novels of the first migration are all there after the newest, whole, and go on; their projections are behind."""
    storage = SqlStorage(Database(sqlite_url))
    await fill(storage)
    await storage.close()
    await upgrade_to(empty_url, "0001")
    await copy(sqlite_url, empty_url)
    await upgrade(empty_url)
    novels, owners, steps = await seen(empty_url)
    assert (novels, owners, steps) == await seen(sqlite_url)
    assert len(novels[NOVELS[0]][0]) == len(EVERY_KIND) and all(broken is None for _, broken, *_ in novels.values())
    database = Database(empty_url)
    storage = SqlStorage(database)
    await write(storage, NOVELS[1], accepted("c1"))
    assert (len(await storage.chapters(NOVELS[1])), await storage.verify(NOVELS[1])) == (2, None)
    lags = await SqlPositions(database).lags("passages")
    assert {one.position.novel_id: one.events for one in lags} == {
        novel: len(events) + (novel == NOVELS[1]) for novel, (events, *_) in novels.items()
    }
    await storage.close()


async def test_back_and_forth(empty_url):
    """A database that goes back to the first migration and on again keeps its novels, and goes on with them."""
    await upgrade(empty_url)
    storage = SqlStorage(Database(empty_url))
    await fill(storage)
    await storage.close()
    before = await seen(empty_url)
    for _ in range(2):
        await downgrade_to(empty_url, "0001")
        assert await look(empty_url, migrate._read_revision) == "0001"
        await upgrade(empty_url)
    await check_head(empty_url)
    assert (await look(empty_url, tables), await seen(empty_url)) == ({*metadata.tables, "alembic_version"}, before)
    storage = SqlStorage(Database(empty_url))
    await write(storage, NOVELS[1], accepted("c1"))
    assert (len(await storage.chapters(NOVELS[1])), await storage.verify(NOVELS[1])) == (2, None)
    await storage.close()


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
