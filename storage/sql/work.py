"""One transaction on the log: append, remember a file, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import CompoundSelect, delete, exists, insert, select, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import rules
from storage.chain import GENESIS, Stored, chained
from storage.ports import Deleted, ExportRow, Lease, Recorded, VersionConflict
from storage.processes import Alive, Clock
from storage.sql import leases, views
from storage.sql.dialects import translated
from storage.sql.projector import project, read_entry
from storage.sql.tables import calls, events, exports, novel_steps, novels, steps
from story.events import Event, NovelDeleted


class Head(NamedTuple):
    """The end of a log."""

    version: int = 0
    hash: str = GENESIS
    kind: str = ""


class SqlWork:
    """A transaction that was begun; ``committed`` fills once it is made so."""

    def __init__(self, connection: AsyncConnection, clock: Clock, alive: Alive, lease: Lease | None) -> None:
        self._connection = connection
        self._clock = clock
        self._alive = alive
        self._lease = lease
        self._recorded: list[Recorded] = []
        self.committed: list[Recorded] = []

    async def append(self, novel_id: str, expected: int, *events: Event) -> None:
        """See ``Work.append``."""
        rules.refuse_deletion_by_append(events)
        with translated():
            await self._fence(novel_id)
            # Locked before the log is read: what is read then stays the end of it.
            entry = await read_entry(self._connection, novel_id)
            head = await self._head(novel_id)
            rules.refuse_stale(novel_id, head.version, expected)
            stored = chained(head.hash, novel_id, head.version, self._clock(), events)
            if stored:
                await project(self._connection, entry, await self._insert(stored))

    async def record_export(self, novel_id: str, export: ExportRow) -> None:
        """See ``Work.record_export``."""
        with translated():
            if not await self._exists(novel_id):
                raise rules.unknown(novel_id)
            row = {"novel_id": novel_id, **export.model_dump()}
            await self._connection.execute(
                delete(exports).where(exports.c.novel_id == novel_id, exports.c.path == export.path)
            )
            await self._connection.execute(insert(exports).values(**row))

    async def delete(self, novel_id: str) -> Deleted:
        """See ``Work.delete``."""
        with translated():
            await self._refuse_living(novel_id)
            if await read_entry(self._connection, novel_id) is None:
                raise rules.unknown(novel_id)
            head = await self._head(novel_id)
            files = await views.export_rows(self._connection, novel_id)
            fingerprints = await self._remove_steps(novel_id)
            await self._remove_rows(novel_id)
            await self._insert(chained(GENESIS, novel_id, head.version, self._clock(), [NovelDeleted()]))
        return Deleted(fingerprints=fingerprints, exports=tuple(files))

    async def commit(self) -> None:
        """See ``Work.commit``."""
        with translated():
            await self._connection.commit()
        self.committed, self._recorded = [*self.committed, *self._recorded], []

    async def _fence(self, novel_id: str) -> None:
        if self._lease is not None:
            rules.refuse_foreign(self._lease, novel_id)
            await leases.fence(self._connection, self._lease, self._clock())

    async def _refuse_living(self, novel_id: str) -> None:
        if self._lease is not None:
            await self._fence(novel_id)
            return
        now = self._clock()
        rules.refuse_living(novel_id, await leases.locked(self._connection, novel_id, now), now, self._alive)

    async def _exists(self, novel_id: str) -> bool:
        return bool((await self._connection.execute(select(exists().where(novels.c.id == novel_id)))).scalar())

    async def _head(self, novel_id: str) -> Head:
        head = await read_head(self._connection, novel_id)
        if head.kind == "novel_deleted":
            raise rules.deleted(novel_id)
        return head

    async def _insert(self, stored: Sequence[Stored]) -> list[Recorded]:
        rows = [one.model_dump() | {"kind": one.payload["kind"]} for one in stored]
        try:
            await self._connection.execute(insert(events), rows)
        except IntegrityError as error:
            first = stored[0]
            raise VersionConflict(f"Novel {first.novel_id} has changed at this moment; read it again.") from error
        recorded = [one.read() for one in stored]
        self._recorded += recorded
        return recorded

    async def _remove_steps(self, novel_id: str) -> tuple[str, ...]:
        used_elsewhere = [
            exists().where(
                table.c.novel_id != novel_id,
                table.c.owner == steps.c.owner,
                table.c.fingerprint == steps.c.fingerprint,
            )
            for table in (novel_steps, calls)
        ]
        owner = select(novels.c.owner).where(novels.c.id == novel_id).scalar_subquery()
        mine = steps.c.owner == owner, steps.c.fingerprint.in_(_steps_of(novel_id))
        doomed = delete(steps).where(*mine, *(~used for used in used_elsewhere)).returning(steps.c.fingerprint)
        return tuple(sorted((await self._connection.execute(doomed)).scalars()))

    async def _remove_rows(self, novel_id: str) -> None:
        # Chapters, used steps and exports go with their novel, by their foreign keys.
        await self._connection.execute(delete(novels).where(novels.c.id == novel_id))
        await self._connection.execute(delete(calls).where(calls.c.novel_id == novel_id))
        await self._connection.execute(delete(events).where(events.c.novel_id == novel_id))
        await leases.remove(self._connection, novel_id)


async def read_head(connection: AsyncConnection, novel_id: str) -> Head:
    """The end of the log of a novel."""
    columns = events.c.version, events.c.hash, events.c.kind
    query = select(*columns).where(events.c.novel_id == novel_id).order_by(events.c.version.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return Head() if row is None else Head(*row)


def _steps_of(novel_id: str) -> CompoundSelect[tuple[str]]:
    return union(
        select(novel_steps.c.fingerprint).where(novel_steps.c.novel_id == novel_id),
        select(calls.c.fingerprint).where(calls.c.novel_id == novel_id),
    )
