"""A SQL database as everything that is kept in one shares it: one engine, and transactions that read or write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.sql.dialects import begun, create_engine, is_sqlite, normalised, translated
from storage.turns import turn


class Database:
    """A database at an address; it connects when it is first used. One instance serves one event loop.

    It has to be at the newest migration: see ``storage.sql.upgrade``.
    """

    def __init__(self, url: str) -> None:
        address = normalised(url)
        self._engine = create_engine(address)
        # SQLite lets waiting writers in at random; within one process they queue up instead.
        self._turns = asyncio.Lock() if is_sqlite(address) else None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        async with aclosing(await begun(self._engine, writes=False)) as connection:
            with translated():
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes, and is rolled back unless the block commits it."""
        async with self._turn(), aclosing(await begun(self._engine, writes=True)) as connection:
            yield connection

    @asynccontextmanager
    async def committing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes, and is committed when the block ends well."""
        async with self.writing() as connection:
            with translated():
                yield connection
                await connection.commit()

    async def close(self) -> None:
        """Lets go of every connection."""
        await self._engine.dispose()

    def _turn(self) -> AbstractAsyncContextManager[None]:
        return turn(self._turns) if self._turns is not None else nullcontext()
