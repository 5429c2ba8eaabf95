"""Bringing a database to the newest migration, and seeing cheaply whether it is there."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

from sqlalchemy import URL, Connection, column, inspect, select, table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.ports import SchemaMismatch
from storage.sql.dialects import begun, create_engine, lock_migrations, normalised, sqlite_file, translated

REVISIONS = ("0001", "0002")
"""Every migration, the oldest first. Listed here because to ask Alembic costs its import at every start."""

HEAD = REVISIONS[-1]
MIGRATIONS = Path(__file__).parent / "migrations"


async def upgrade(url: str) -> None:
    """Brings a database to the newest migration, and makes it where there is none.

    It is one transaction, which only one process at a time is in: a database is at its old or at its new
    migration, never between.

    Raises:
        SchemaMismatch: a newer version of Scriptorium has migrated the database; nothing is changed.
    """
    address = normalised(url)
    if (file := sqlite_file(address)) is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address)
    try:
        if await _current(engine) != HEAD:
            await _migrate(engine)
    finally:
        await engine.dispose()


async def check_head(url: str) -> None:
    """Raises ``SchemaMismatch`` when the database is not at the newest migration; changes nothing."""
    address = normalised(url)
    revision = await _revision_at(address)
    if revision is None:
        raise SchemaMismatch("The database is not set up yet; run `scriptorium doctor`, which migrates it.")
    _refuse_unknown(revision)
    if revision != HEAD:
        raise SchemaMismatch(
            f"The database is at migration {revision} and this version of Scriptorium needs {HEAD}; "
            "run `scriptorium doctor`, which migrates it."
        )


async def _revision_at(address: URL) -> str | None:
    file = sqlite_file(address)
    if file is not None and not file.exists():
        return None
    engine = create_engine(address)
    try:
        return await _current(engine)
    finally:
        await engine.dispose()


async def _current(engine: AsyncEngine) -> str | None:
    async with aclosing(await begun(engine, writes=False)) as connection:
        with translated():
            return await _revision(connection)


async def _migrate(engine: AsyncEngine) -> None:
    async with aclosing(await begun(engine, writes=True)) as connection:
        with translated():
            await lock_migrations(connection)
            revision = await _revision(connection)
            if revision is not None:
                _refuse_unknown(revision)
            await connection.run_sync(_run_alembic)
            await connection.commit()


async def _revision(connection: AsyncConnection) -> str | None:
    return await connection.run_sync(_read_revision)


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(select(column("version_num")).select_from(table("alembic_version"))).scalar()


def _refuse_unknown(revision: str) -> None:
    if revision not in REVISIONS:
        raise SchemaMismatch(
            f"The database is at a newer migration ({revision}) than this version of Scriptorium knows; "
            "upgrade Scriptorium."
        )


def _run_alembic(connection: Connection) -> None:
    # Imported here because almost every start finds the database migrated already.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
