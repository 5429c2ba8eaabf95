"""Leases in SQL: taking one over raises its attempt, and every write of its holder checks that number first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import rules
from storage.ports import Holder, Lease
from storage.processes import Alive
from storage.rules import Tenure
from storage.sql.dialects import insert_missing
from storage.sql.tables import leases

NOBODY = Holder(host="", pid=0, started=0.0)


def tenure_of(row: RowMapping) -> Tenure | None:
    """The lease in a row, which may be the empty side of an outer join."""
    if row["attempt"] is None:
        return None
    holder = Holder(host=row["host"], pid=row["pid"], started=row["started"])
    return Tenure(attempt=row["attempt"], holder=holder, heartbeat=row["heartbeat"], held=row["held"])


async def locked(connection: AsyncConnection, novel_id: str, now: datetime) -> Tenure | None:
    """The lease of a novel, which nobody else can change until this transaction ends."""
    vacant = {"novel_id": novel_id, "attempt": 0, "heartbeat": now, "held": False, **NOBODY.model_dump()}
    # A row to lock has to be there, or two could take the lease of a new novel at once.
    await connection.execute(insert_missing(connection, leases).values(**vacant))
    query = select(leases).where(leases.c.novel_id == novel_id).with_for_update()
    row = (await connection.execute(query)).mappings().one_or_none()
    # It is not there when the novel was deleted while we waited for the lock.
    return None if row is None else tenure_of(row)


async def take(connection: AsyncConnection, novel_id: str, holder: Holder, now: datetime, alive: Alive) -> Lease:
    """Takes the lease over, unless somebody alive holds it."""
    tenure = await locked(connection, novel_id, now)
    rules.refuse_living(novel_id, tenure, now, alive)
    lease = Lease(novel_id=novel_id, attempt=tenure.attempt + 1 if tenure else 1, holder=holder)
    taken = {"attempt": lease.attempt, "heartbeat": now, "held": True, **holder.model_dump()}
    await connection.execute(update(leases).where(leases.c.novel_id == novel_id).values(**taken))
    return lease


async def fence(connection: AsyncConnection, lease: Lease, now: datetime) -> None:
    """Renews a lease, and holds it until this transaction ends; raises ``LeaseLost``."""
    renewed = await connection.execute(update(leases).where(_still(lease)).values(heartbeat=now))
    if renewed.rowcount == 0:
        raise rules.lease_lost(lease)


async def give_back(connection: AsyncConnection, lease: Lease) -> None:
    """Gives a lease back, if it is still held."""
    await connection.execute(update(leases).where(_still(lease)).values(held=False))


async def remove(connection: AsyncConnection, novel_id: str) -> None:
    """Leaves no lease to a novel."""
    await connection.execute(delete(leases).where(leases.c.novel_id == novel_id))


async def read(connection: AsyncConnection, novel_id: str, attempt: int) -> Tenure | None:
    """The lease of that attempt, if nobody has taken it over."""
    query = select(leases).where(leases.c.novel_id == novel_id, leases.c.attempt == attempt)
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else tenure_of(row)


def _still(lease: Lease) -> ColumnElement[bool]:
    return and_(leases.c.novel_id == lease.novel_id, leases.c.attempt == lease.attempt, leases.c.held)
