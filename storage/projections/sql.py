"""Positions of projections in the SQL database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, and_, case, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.processes import Clock, utc_now
from storage.projections.ports import Lag, Overtaken, Position, ProjectionName
from storage.sql.database import Database
from storage.sql.dialects import insert_missing
from storage.sql.tables import novels, projections

_FIRST = {"version": 0, "generation": 0, "error": ""}
"""What stands where a projection never began."""

_ANEW = {"version": 0, "generation": projections.c.generation + 1, "error": ""}


class SqlPositions:
    """See ``storage.projections.ports.Positions``."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def lags(self, name: ProjectionName, owner: str | None = None) -> list[Lag]:
        """See ``Positions.lags``."""
        return await self._lags(name, *(() if owner is None else (("owner", owner),)))

    async def lag(self, name: ProjectionName, novel_id: str) -> Lag | None:
        """See ``Positions.lag``."""
        return next(iter(await self._lags(name, ("novel_id", novel_id))), None)

    async def begin(self, position: Position) -> None:
        """See ``Positions.begin``."""
        async with self._database.committing() as connection:
            await self._begin(connection, position)

    async def advance(self, position: Position, version: int) -> None:
        """See ``Positions.advance``."""
        table = projections.c
        async with self._database.committing() as connection:
            await self._begin(connection, position)
            is_there = and_(table.version == position.version, table.generation == position.generation)
            moved = await self._set(connection, position, is_there, version=version, error="")
            if not moved:
                first = case((table.version > position.version, position.version), else_=table.version)
                await self._set(connection, position, version=first, generation=table.generation + 1)
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
            await self._set(connection, position, **_ANEW)

    async def reset_all(self, name: ProjectionName) -> None:
        """See ``Positions.reset_all``."""
        change = update(projections).where(projections.c.name == name).values(**_ANEW, at=self._clock())
        async with self._database.committing() as connection:
            await connection.execute(change)

    async def remove(self, position: Position) -> None:
        """See ``Positions.remove``."""
        async with self._database.committing() as connection:
            await connection.execute(delete(projections).where(*_row(position)))

    async def _lags(self, name: ProjectionName, *those: tuple[str, str]) -> list[Lag]:
        async with self._database.reading() as connection:
            lags = [*await _of_novels(connection, name, *those), *await _of_the_gone(connection, name, *those)]
        return sorted(lags, key=lambda one: one.position.novel_id)

    async def _begin(self, connection: AsyncConnection, position: Position) -> None:
        row = {"novel_id": position.novel_id, "name": position.name, "owner": position.owner}
        await connection.execute(
            insert_missing(connection, projections).values(**row, version=0, generation=0, error="", at=self._clock())
        )

    async def _set(self, connection: AsyncConnection, position: Position, *conditions: Any, **fields: Any) -> bool:
        change = update(projections).where(*_row(position), *conditions).values(**fields, at=self._clock())
        return bool((await connection.execute(change)).rowcount)


def _row(position: Position) -> tuple[Any, ...]:
    return projections.c.novel_id == position.novel_id, projections.c.name == position.name


async def _of_novels(connection: AsyncConnection, name: ProjectionName, *those: tuple[str, str]) -> list[Lag]:
    table = projections.c
    its = and_(novels.c.id == table.novel_id, table.name == name)
    kept = [func.coalesce(table[field], empty).label(field) for field, empty in _FIRST.items()]
    of_novel = {"novel_id": novels.c.id, "owner": novels.c.owner}
    query = select(*(column.label(key) for key, column in of_novel.items()), novels.c.version.label("head"), table.at)
    query = query.add_columns(*kept).outerjoin_from(novels, projections, its)
    rows = await connection.execute(query.where(*(of_novel[key] == value for key, value in those)))
    return [Lag(position=_position(row, name), head=row["head"]) for row in rows.mappings()]


async def _of_the_gone(connection: AsyncConnection, name: ProjectionName, *those: tuple[str, str]) -> list[Lag]:
    table = projections.c
    is_gone = ~exists().where(novels.c.id == table.novel_id)
    query = select(projections).where(table.name == name, is_gone, *(table[key] == value for key, value in those))
    rows = (await connection.execute(query)).mappings()
    return [Lag(position=_position(row, name), head=row["version"] + 1, is_deleted=True) for row in rows]


def _position(row: RowMapping, name: ProjectionName) -> Position:
    return Position(name=name, **{field: row[field] for field in ("novel_id", "owner", "at", *_FIRST)})
