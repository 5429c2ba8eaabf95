"""Positions of projections in the SQL database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, and_, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.processes import Clock, utc_now
from storage.projections.ports import Lag, Overtaken, Position, ProjectionName
from storage.sql.database import Database
from storage.sql.dialects import insert_missing
from storage.sql.tables import novels, projections


class SqlPositions:
    """See ``storage.projections.ports.Positions``."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def lags(self, name: ProjectionName, owner: str, novel_id: str | None = None) -> list[Lag]:
        """See ``Positions.lags``."""
        async with self._database.reading() as connection:
            lags = [*await _of_novels(connection, name, owner), *await _of_the_gone(connection, name, owner)]
        wanted = (one for one in lags if novel_id in (None, one.position.novel_id))
        return sorted(wanted, key=lambda one: one.position.novel_id)

    async def begin(self, position: Position) -> None:
        """See ``Positions.begin``."""
        async with self._database.committing() as connection:
            await self._begin(connection, position)

    async def advance(self, position: Position, version: int) -> None:
        """See ``Positions.advance``."""
        table = projections.c
        async with self._database.committing() as connection:
            await self._begin(connection, position)
            moved = await self._set(connection, position, table.version == position.version, version=version, error="")
            if not moved:
                is_past = table.version > position.version
                await self._set(connection, position, is_past, version=position.version)
        if not moved:
            raise Overtaken

    async def fail(self, position: Position, reason: str) -> None:
        """See ``Positions.fail``."""
        async with self._database.committing() as connection:
            await self._begin(connection, position)
            await self._set(connection, position, error=reason)

    async def reset(self, position: Position) -> None:
        """See ``Positions.reset``."""
        async with self._database.committing() as connection:
            await self._begin(connection, position)
            await self._set(connection, position, version=0, error="")

    async def reset_all(self, name: ProjectionName) -> None:
        """See ``Positions.reset_all``."""
        change = update(projections).where(projections.c.name == name).values(version=0, error="", at=self._clock())
        async with self._database.committing() as connection:
            await connection.execute(change)

    async def remove(self, position: Position) -> None:
        """See ``Positions.remove``."""
        async with self._database.committing() as connection:
            await connection.execute(delete(projections).where(*_row(position)))

    async def _begin(self, connection: AsyncConnection, position: Position) -> None:
        row = {"novel_id": position.novel_id, "name": position.name, "owner": position.owner}
        await connection.execute(
            insert_missing(connection, projections).values(**row, version=0, error="", at=self._clock())
        )

    async def _set(self, connection: AsyncConnection, position: Position, *conditions: Any, **fields: object) -> bool:
        change = update(projections).where(*_row(position), *conditions).values(**fields, at=self._clock())
        return bool((await connection.execute(change)).rowcount)


def _row(position: Position) -> tuple[Any, ...]:
    return projections.c.novel_id == position.novel_id, projections.c.name == position.name


async def _of_novels(connection: AsyncConnection, name: ProjectionName, owner: str) -> list[Lag]:
    table = projections.c
    its = and_(novels.c.id == table.novel_id, table.name == name)
    version, error = func.coalesce(table.version, 0).label("version"), func.coalesce(table.error, "").label("error")
    columns = novels.c.id.label("novel_id"), novels.c.version.label("head"), version, error, table.at
    query = select(*columns).outerjoin_from(novels, projections, its).where(novels.c.owner == owner)
    rows = (await connection.execute(query)).mappings()
    return [Lag(position=_position(row, name, owner), head=row["head"]) for row in rows]


async def _of_the_gone(connection: AsyncConnection, name: ProjectionName, owner: str) -> list[Lag]:
    table = projections.c
    is_gone = ~exists().where(novels.c.id == table.novel_id)
    query = select(projections).where(table.name == name, table.owner == owner, is_gone)
    rows = (await connection.execute(query)).mappings()
    return [Lag(position=_position(row, name, owner), head=row["version"] + 1, is_deleted=True) for row in rows]


def _position(row: RowMapping, name: ProjectionName, owner: str) -> Position:
    kept = {field: row[field] for field in ("novel_id", "version", "error", "at")}
    return Position(name=name, owner=owner, **kept)
