"""The store in SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from storage import rules
from storage.bus import announce
from storage.chain import first_broken
from storage.ports import Call, ChapterRow, ContextKey, ExportRow, Holder, Lease, NovelRow, Recorded, Subscriber
from storage.processes import Alive, Clock, is_alive, utc_now
from storage.sql import contexts, leases, ledger, views
from storage.sql.database import Database
from storage.sql.work import SqlWork, read_head
from story.events import Payload
from story.steps import Outcome, Step


class SqlStorage:
    """Novels in a SQL database; see ``storage.ports.Storage``."""

    def __init__(
        self,
        database: Database,
        clock: Clock = utc_now,
        alive: Alive = is_alive,
        subscribers: Sequence[Subscriber] = (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._alive = alive
        self._subscribers = tuple(subscribers)

    @asynccontextmanager
    async def begin(self, lease: Lease | None = None) -> AsyncIterator[SqlWork]:
        """See ``Storage.begin``."""
        work = None
        try:
            async with self._database.writing() as connection:
                work = SqlWork(connection, self._clock, self._alive, lease)
                yield work
        finally:
            if work is not None:
                await announce(self._subscribers, work.committed)

    async def events(self, novel_id: str, after: int = 0) -> list[Recorded]:
        """See ``Storage.events``."""
        async with self._database.reading() as connection:
            stored = await views.stored(connection, novel_id, after)
        return [one.read() for one in stored]

    async def verify(self, novel_id: str) -> int | None:
        """See ``Storage.verify``."""
        async with self._database.reading() as connection:
            # The length first: what is appended between the two is then no gap.
            length = await views.log_length(connection, novel_id)
            stored = await views.stored(connection, novel_id)
        return first_broken(stored, length)

    async def acquire(self, novel_id: str, holder: Holder) -> Lease:
        """See ``Storage.acquire``."""
        async with self._database.committing() as connection:
            lease = await leases.take(connection, novel_id, holder, self._clock(), self._alive)
            if (await read_head(connection, novel_id)).kind == "novel_deleted":
                raise rules.deleted(novel_id)
        return lease

    async def renew(self, lease: Lease) -> None:
        """See ``Storage.renew``."""
        async with self._database.committing() as connection:
            await leases.fence(connection, lease, self._clock())

    async def release(self, lease: Lease) -> None:
        """See ``Storage.release``."""
        async with self._database.committing() as connection:
            await leases.give_back(connection, lease)

    async def step(self, owner: str, fingerprint: str) -> Step | None:
        """See ``Storage.step``."""
        async with self._database.reading() as connection:
            return await ledger.read_step(connection, owner, fingerprint)

    async def claim(self, lease: Lease, owner: str, step: Step, max_calls: int) -> None:
        """See ``Storage.claim``."""
        async with self._database.committing() as connection:
            now = self._clock()
            await leases.fence(connection, lease, now)
            await ledger.refuse_beyond(connection, lease.novel_id, max_calls)
            await ledger.claim_step(connection, lease, owner, step, now, self._alive)
            await ledger.open_call(connection, lease, owner, step, now)

    async def answer(self, lease: Lease, owner: str, step: Step, seconds: float) -> None:
        """See ``Storage.answer``."""
        async with self._database.committing() as connection:
            await ledger.answer_step(connection, owner, step, self._clock())
            await ledger.close_call(connection, lease, owner, step, seconds)

    async def judge(self, owner: str, fingerprint: str, outcome: Outcome) -> None:
        """See ``Storage.judge``."""
        async with self._database.committing() as connection:
            await ledger.judge(connection, owner, fingerprint, outcome)

    async def context(self, novel_id: str, key: ContextKey) -> Payload | None:
        """See ``Storage.context``."""
        async with self._database.reading() as connection:
            return await contexts.read(connection, novel_id, key)

    async def keep_context(self, lease: Lease, key: ContextKey, compiled: Payload) -> None:
        """See ``Storage.keep_context``."""
        async with self._database.committing() as connection:
            await leases.fence(connection, lease, self._clock())
            await contexts.keep(connection, lease.novel_id, key, compiled)

    async def calls(self, novel_id: str) -> list[Call]:
        """See ``Storage.calls``."""
        async with self._database.reading() as connection:
            return await ledger.read_calls(connection, novel_id)

    async def used_steps(self, novel_id: str) -> list[str]:
        """See ``Storage.used_steps``."""
        async with self._database.reading() as connection:
            return await views.used_steps(connection, novel_id)

    async def novels(self, owner: str) -> list[NovelRow]:
        """See ``Storage.novels``."""
        async with self._database.reading() as connection:
            return await views.novel_rows(connection, views.of_owner(owner), self._clock(), self._alive)

    async def novel(self, novel_id: str) -> NovelRow | None:
        """See ``Storage.novel``."""
        async with self._database.reading() as connection:
            rows = await views.novel_rows(connection, views.of_id(novel_id), self._clock(), self._alive)
        return rows[0] if rows else None

    async def find(self, owner: str, name: str) -> NovelRow:
        """See ``Storage.find``."""
        query = views.of_owner(owner).limit(1) if name == rules.LATEST else views.beginning(owner, name)
        async with self._database.reading() as connection:
            rows = await views.novel_rows(connection, query, self._clock(), self._alive)
        return rules.chosen(name, rows)

    async def chapters(self, novel_id: str) -> list[ChapterRow]:
        """See ``Storage.chapters``."""
        async with self._database.reading() as connection:
            return await views.chapter_rows(connection, novel_id)

    async def exports(self, novel_id: str) -> list[ExportRow]:
        """See ``Storage.exports``."""
        async with self._database.reading() as connection:
            return await views.export_rows(connection, novel_id)

    async def close(self) -> None:
        """See ``Storage.close``."""
        await self._database.close()
