"""The cache in the SQL database, for processes that share one and no other server.

Who writes has the time of its own clock count: hosts that share a database keep their clocks together.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, Table, case, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.cache.locks import holding
from storage.processes import Clock, utc_now
from storage.sql.database import Database
from storage.sql.dialects import insert
from storage.sql.tables import cache_counters, cache_entries, cache_locks, cache_messages

POLL_SECONDS = 0.1
"""How long a listener that has heard everything waits before it looks again."""

SWEEP = timedelta(seconds=60)
"""How often a process removes what expired, and how old a message becomes."""

SWEPT = 1000
"""How many rows of a table one sweep removes: a sweep is a short transaction, too."""

MESSAGE_LOCK = 5_872_364_902
"""The number of the advisory lock that lets one message at a time into PostgreSQL."""


class _SqlLocks:
    """See ``storage.cache.locks.Locks``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def take(self, key: str, token: str, seconds: float) -> bool:
        """See ``Locks.take``. Whoever waits for a lock only reads, so as not to stand in the way of those who write."""
        now = self._clock()
        held = select(cache_locks.c.key).where(cache_locks.c.key == key, cache_locks.c.expires_at > now)
        async with self._database.reading() as connection:
            if (await connection.execute(held)).first() is not None:
                return False
        async with self._database.committing() as connection:
            row = {"key": key, "token": token, "expires_at": _after(now, seconds)}
            taking = insert(connection, cache_locks).values(**row)
            taken = taking.on_conflict_do_update(
                index_elements=["key"], set_=_without_key(row), where=cache_locks.c.expires_at <= now
            )
            return (await connection.execute(taken.returning(cache_locks.c.key))).first() is not None

    async def renew(self, key: str, token: str, seconds: float) -> bool:
        """See ``Locks.renew``."""
        now = self._clock()
        renewed = update(cache_locks).where(*_held(key, token, now)).values(expires_at=_after(now, seconds))
        async with self._database.committing() as connection:
            return bool((await connection.execute(renewed)).rowcount)

    async def give_back(self, key: str, token: str) -> bool:
        """See ``Locks.give_back``."""
        async with self._database.committing() as connection:
            given = await connection.execute(delete(cache_locks).where(*_held(key, token, self._clock())))
            return bool(given.rowcount)


class SqlCache:
    """See ``storage.cache.ports.Cache``."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._locks = _SqlLocks(database, clock)
        self._sweep_at = datetime.min.replace(tzinfo=UTC)

    async def get(self, key: str) -> str | None:
        """See ``Cache.get``."""
        table = cache_entries.c
        is_fresh = or_(table.expires_at.is_(None), table.expires_at > self._clock())
        async with self._database.reading() as connection:
            return (await connection.execute(select(table.value).where(table.key == key, is_fresh))).scalar()

    async def set(self, key: str, value: str, seconds: float | None = None) -> None:
        """See ``Cache.set``."""
        await self._sweep()
        row = {"key": key, "value": value, "expires_at": _after(self._clock(), seconds)}
        async with self._database.committing() as connection:
            setting = insert(connection, cache_entries).values(**row)
            await connection.execute(setting.on_conflict_do_update(index_elements=["key"], set_=_without_key(row)))

    async def delete(self, *keys: str) -> None:
        """See ``Cache.delete``."""
        async with self._database.committing() as connection:
            for table in (cache_entries, cache_counters):
                await connection.execute(delete(table).where(table.c.key.in_(keys)))

    async def increment(self, key: str, by: int = 1, seconds: float | None = None) -> int:
        """See ``Cache.increment``."""
        await self._sweep()
        now, table = self._clock(), cache_counters.c
        async with self._database.committing() as connection:
            counting = insert(connection, cache_counters).values(key=key, value=by, expires_at=_after(now, seconds))
            begun, is_over = counting.excluded, table.expires_at <= now
            counted = counting.on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "value": case((is_over, begun.value), else_=table.value + begun.value),
                    "expires_at": case((is_over, begun.expires_at), else_=table.expires_at),
                },
            )
            return int((await connection.execute(counted.returning(table.value))).scalar_one())

    @asynccontextmanager
    async def lock(self, key: str, seconds: float = 30.0, wait: float = 0.0) -> AsyncIterator[None]:
        """See ``Cache.lock``."""
        await self._sweep()
        async with holding(self._locks, key, seconds, wait):
            yield

    async def publish(self, channel: str, payload: str) -> None:
        """See ``Cache.publish``."""
        await self._sweep()
        message = cache_messages.insert().values(channel=channel, payload=payload, at=self._clock())
        async with self._database.committing() as connection:
            await _queue_up(connection)
            await connection.execute(message)

    def listening(self, channel: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """See ``Cache.listening``."""
        return _listening(self._database, channel)

    async def close(self) -> None:
        """See ``Cache.close``. Whoever made the database closes it."""

    async def _sweep(self) -> None:
        now = self._clock()
        if now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP
        async with self._database.committing() as connection:
            for statement in _sweeping(now):
                await connection.execute(statement)


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


def _without_key(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "key"}


def _held(key: str, token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    table = cache_locks.c
    return table.key == key, table.token == token, table.expires_at > now


def _sweeping(now: datetime) -> Sequence[Delete]:
    # The last message stays: without it SQLite would number the next one from 1, which no listener would see.
    last = select(func.max(cache_messages.c.id)).scalar_subquery()
    is_old = (cache_messages.c.at <= now - SWEEP) & (cache_messages.c.id < last)
    expired = [_removal(table, "key", table.c.expires_at <= now) for table in _EXPIRING]
    return [*expired, _removal(cache_messages, "id", is_old)]


_EXPIRING = (cache_entries, cache_counters, cache_locks)


def _removal(table: Table, name: str, is_over: ColumnElement[bool]) -> Delete:
    # A row that somebody is writing is left for the next sweep: two who waited for each other's would be stuck.
    column = table.c[name]
    chosen = select(column).where(is_over).limit(SWEPT).with_for_update(skip_locked=True)
    return delete(table).where(column.in_(chosen))


async def _queue_up(connection: AsyncConnection) -> None:
    # PostgreSQL numbers rows when they are written, not when they are committed: a listener that has seen 6 would
    # never look for a 5 that is committed after it.
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MESSAGE_LOCK})


@asynccontextmanager
async def _listening(database: Database, channel: str) -> AsyncIterator[AsyncIterator[str]]:
    async with database.reading() as connection:
        last = (await connection.execute(select(func.max(cache_messages.c.id)))).scalar() or 0
    async with aclosing(_messages(database, channel, last)) as messages:
        yield messages


async def _messages(database: Database, channel: str, seen: int) -> AsyncGenerator[str, None]:
    table = cache_messages.c
    query = select(table.id, table.payload).where(table.channel == channel).order_by(table.id)
    while True:
        async with database.reading() as connection:
            rows = (await connection.execute(query.where(table.id > seen))).all()
        for row in rows:
            yield row.payload
        if rows:
            seen = rows[-1].id
        else:
            await asyncio.sleep(POLL_SECONDS)
