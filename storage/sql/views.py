"""The read side: flat rows out of SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.chain import Stored
from storage.ports import ChapterRow, ExportRow, NovelRow
from storage.processes import Alive
from storage.rules import CANDIDATES, is_living
from storage.sql.leases import tenure_of
from storage.sql.tables import chapters, events, exports, leases, novel_steps, novels

_TENURE = (leases.c.attempt, leases.c.host, leases.c.pid, leases.c.started, leases.c.heartbeat, leases.c.held)
_NOVELS = select(novels, *_TENURE).outerjoin_from(novels, leases, novels.c.id == leases.c.novel_id)
_LATEST_FIRST = (novels.c.created_at.desc(), novels.c.id.desc())


def of_owner(owner: str) -> Select[tuple[object, ...]]:
    """The novels of an owner, the latest first."""
    return _NOVELS.where(novels.c.owner == owner).order_by(*_LATEST_FIRST)


def of_id(novel_id: str) -> Select[tuple[object, ...]]:
    """One novel."""
    return _NOVELS.where(novels.c.id == novel_id)


def beginning(owner: str, name: str) -> Select[tuple[object, ...]]:
    """Novels of an owner whose id begins with a name, an id that is the name first."""
    # Not LIKE: to it, names hold wildcards, and in SQLite it takes no notice of case.
    begins = func.substr(novels.c.id, 1, len(name)) == name
    matching = _NOVELS.where(novels.c.owner == owner, begins)
    return matching.order_by(func.length(novels.c.id), *_LATEST_FIRST).limit(CANDIDATES)


async def novel_rows(
    connection: AsyncConnection, query: Select[tuple[object, ...]], now: datetime, alive: Alive
) -> list[NovelRow]:
    """The novels that a query of this module finds."""
    rows = (await connection.execute(query)).mappings()
    return [_novel_row(row, now, alive) for row in rows]


def _novel_row(row: RowMapping, now: datetime, alive: Alive) -> NovelRow:
    fields = {name: row[name] for name in NovelRow.model_fields if name != "running"}
    planned = max(row["chapters"], row["chapters_accepted"])  # a book that was imported may have more than one can ask
    return NovelRow(running=is_living(tenure_of(row), now, alive), **fields | {"chapters": planned})


async def stored(connection: AsyncConnection, novel_id: str, after: int = 0) -> list[Stored]:
    """The log of a novel as it lies there."""
    query = select(events).where(events.c.novel_id == novel_id, events.c.version > after).order_by(events.c.version)
    rows = (await connection.execute(query)).mappings()
    return [Stored.model_validate({name: row[name] for name in Stored.model_fields}) for row in rows]


async def log_length(connection: AsyncConnection, novel_id: str) -> int:
    """How many events the read models have seen."""
    return (await connection.execute(select(novels.c.version).where(novels.c.id == novel_id))).scalar() or 0


async def chapter_rows(connection: AsyncConnection, novel_id: str) -> list[ChapterRow]:
    """The accepted chapters, in the order of the book."""
    query = select(chapters).where(chapters.c.novel_id == novel_id).order_by(chapters.c.position)
    rows = (await connection.execute(query)).mappings()
    return [ChapterRow.model_validate({name: row[name] for name in ChapterRow.model_fields}) for row in rows]


async def export_rows(connection: AsyncConnection, novel_id: str) -> list[ExportRow]:
    """The files made of a novel, by path."""
    query = select(exports.c.format, exports.c.path).where(exports.c.novel_id == novel_id).order_by(exports.c.path)
    return [ExportRow(format=form, path=path) for form, path in await connection.execute(query)]


async def used_steps(connection: AsyncConnection, novel_id: str) -> list[str]:
    """The steps that the events of a novel carry, sorted."""
    column = novel_steps.c.fingerprint
    query = select(column).where(novel_steps.c.novel_id == novel_id).order_by(column)
    return list((await connection.execute(query)).scalars())
