"""Everything in which SQLite and PostgreSQL differ: addresses, connections, locks, upserts, errors."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.ports import SchemaMismatch, StoreUnavailable
from story.base import canonical_json
from story.errors import InvalidInput, ScriptoriumError

BUSY_SECONDS = 2.5
"""How long SQLite itself waits for the writer of another process."""

TRIES = 4
"""How often a transaction is begun before a locked SQLite file counts as unavailable."""

POOL_SIZE = 5
MAX_OVERFLOW = 5
POOL_SECONDS = 15.0
CONNECT_SECONDS = 10.0
QUERY_SECONDS = 60.0

MIGRATION_LOCK = 5_872_364_901
"""The number of the advisory lock that one migration holds in PostgreSQL."""

DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}

_WRITES = "scriptorium_writes"
_UNDEFINED = ("42P01", "42703")
"""SQLSTATE of a table or column that is not there."""

_REFUSING = ("28", "3D")
"""Classes of SQLSTATE in which waiting does not help: authorisation, unknown database."""

_PASSING = ("08", "40", "53", "55", "57")
"""Classes of SQLSTATE that pass: connection, rollback, resources, locks, operator intervention."""


def normalised(url: str) -> URL:
    """The address with the driver that is used for it.

    Raises:
        InvalidInput: it is no address of a SQLite file or a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not chained: what SQLAlchemy says of the address may hold its password.
        raise _unusable("it cannot be read") from None
    driver = DRIVERS.get(parsed.drivername)
    if driver is None:
        raise _unusable(f"{parsed.drivername!r} is not known")
    parsed = parsed.set(drivername=driver)
    if is_sqlite(parsed) and parsed.database in (None, "", ":memory:"):
        raise _unusable("it names no file")
    return parsed if is_sqlite(parsed) else _with_ssl(parsed)


def _unusable(reason: str) -> InvalidInput:
    return InvalidInput(
        f"The database URL cannot be used, {reason}; "
        "write sqlite:///path/to/file.db or postgresql://user:password@host/database."
    )


def _with_ssl(url: URL) -> URL:
    # Hosting providers hand out libpq's parameter; asyncpg calls the same thing `ssl`.
    mode = url.query.get("sslmode")
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode}) if mode else url


def is_sqlite(url: URL) -> bool:
    """Whether the address is that of a SQLite file."""
    return url.get_backend_name() == "sqlite"


def sqlite_file(url: URL) -> Path | None:
    """The file behind the address, when it is one of SQLite."""
    return Path(str(url.database)) if is_sqlite(url) else None


def create_engine(url: URL) -> AsyncEngine:
    """The engine for an address; it connects when it is first used."""
    if not is_sqlite(url):
        limits = {"timeout": CONNECT_SECONDS, "command_timeout": QUERY_SECONDS}
        return _engine(url, connect_args=limits, pool_pre_ping=True)
    engine = _engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    event.listen(engine.sync_engine, "invalidate", _abandon_sqlite)
    return engine


def _engine(url: URL, **options: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
        json_serializer=canonical_json,
        **options,
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own way to begin is switched off: it would begin late, and without a lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    # `synchronous` stays FULL: a committed answer was paid for, and power may fail.
    for pragma in ("journal_mode = WAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _abandon_sqlite(connection: Any, _record: object, _error: BaseException | None) -> None:
    # A connection whose statement was cancelled is closed, which in SQLite ends neither an unfinished statement nor
    # its transaction: the lock would be held until the last reference to the statement is gone.
    connection.rollback()


async def begun(engine: AsyncEngine, *, writes: bool) -> AsyncConnection:
    """A connection in a transaction; one that writes has SQLite's lock already. Closing it rolls back."""
    with translated():
        for _ in range(TRIES - 1):
            try:
                return await _begun(engine, writes)
            except OperationalError as error:
                if not _is_locked(error):
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - it spreads retries, it keeps no secret
        return await _begun(engine, writes)


async def _begun(engine: AsyncEngine, writes: bool) -> AsyncConnection:
    connection = await engine.connect()
    try:
        await connection.execution_options(**{_WRITES: writes})
        await connection.begin()
    except BaseException:
        await connection.close()
        raise
    return connection


def _is_locked(error: OperationalError) -> bool:
    return "locked" in str(error.orig) or "busy" in str(error.orig)


async def lock_migrations(connection: AsyncConnection) -> None:
    """Waits until no other process migrates; SQLite's write lock, which is held by now, does so already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})


def insert_missing(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that leaves a row that is there as it is."""
    return insert(connection, table).on_conflict_do_nothing()


def insert(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that can be told what to do with a row that is there."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the drivers raise into what the port promises."""
    try:
        yield
    except (PoolTimeout, OSError) as error:
        raise _unavailable(error) from error
    except DataError as error:
        raise InvalidInput(f"The database cannot hold a value ({_first_line(error.orig)}).") from error
    except DBAPIError as error:
        known = _translation(error)
        if known is None:
            raise
        raise known from error
    except Exception as error:
        # What asyncpg raises while it connects does not pass through SQLAlchemy.
        if not type(error).__module__.startswith("asyncpg"):
            raise
        raise _refusal(error) or _unavailable(error) from error


def _translation(error: DBAPIError) -> ScriptoriumError | None:
    line, state = _first_line(error.orig), _sqlstate(error.orig)
    if "no such table" in line or "no such column" in line or state in _UNDEFINED:
        return SchemaMismatch(f"The database is not set up ({line}); run `scriptorium doctor`, which migrates it.")
    if "not a database" in line or "malformed" in line:
        return InvalidInput(f"The file is no sound SQLite database ({line}); name another, or restore it.")
    passes = isinstance(error, OperationalError | InterfaceError) or state.startswith(_PASSING)
    is_away = passes or error.connection_invalidated
    return _refusal(error.orig) or (_unavailable(error.orig) if is_away else None)


def _refusal(error: BaseException | None) -> InvalidInput | None:
    """The error when the server is there but will not have us, which no waiting changes."""
    if not _sqlstate(error).startswith(_REFUSING):
        return None
    return InvalidInput(f"The database refuses the connection ({_first_line(error)}); check the database URL.")


def _unavailable(error: BaseException | None) -> StoreUnavailable:
    return StoreUnavailable(
        f"The database does not answer ({_first_line(error)}). Check that its server runs, or that the data folder "
        "can be written and its disk has room."
    )


def _sqlstate(error: BaseException | None) -> str:
    return str(getattr(error, "sqlstate", None) or "")


def _first_line(error: BaseException | None) -> str:
    message = str(error).strip() or type(error).__name__
    # Drivers put their class before what they say.
    return message.splitlines()[0].rpartition(">: ")[2]
