"""The store in process memory: the same promises as the real one, kept for as long as the process lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import Field

from storage import rules
from storage.bus import announce
from storage.chain import GENESIS, Stored, chained, first_broken
from storage.ports import (
    Call,
    ChapterRow,
    ContextKey,
    Deleted,
    ExportRow,
    Holder,
    Lease,
    NovelRow,
    Recorded,
    Subscriber,
)
from storage.processes import Alive, Clock, is_alive, utc_now
from storage.rules import Claimed, Tenure
from storage.turns import turn
from story.base import Value
from story.events import ChapterAccepted, ChapterImported, Event, NovelDeleted, Payload
from story.novel import Novel
from story.steps import Outcome, Step

Key = tuple[str, str]
"""Owner and fingerprint of a step."""


class _Book(Value):
    """The read models of one novel."""

    created_at: datetime
    novel: Novel = Novel()
    steps: frozenset[str] = frozenset()
    exports: dict[str, ExportRow] = Field(default_factory=dict)


class _Claim(Value):
    """A step, and the lease that claimed it last."""

    novel_id: str
    attempt: int
    step: Step


class _Entry(Value):
    """A call in the ledger."""

    owner: str
    novel_id: str
    call: Call


@dataclass
class _Tables:
    """All that is kept. The values are frozen, so a shallow copy can be changed without a trace in the original."""

    logs: dict[str, tuple[Stored, ...]] = field(default_factory=dict)
    books: dict[str, _Book] = field(default_factory=dict)
    leases: dict[str, Tenure] = field(default_factory=dict)
    claims: dict[Key, _Claim] = field(default_factory=dict)
    ledger: tuple[_Entry, ...] = ()
    contexts: dict[tuple[str, ContextKey], Payload] = field(default_factory=dict)

    def copy(self) -> _Tables:
        """Tables that can be changed apart from these."""
        return replace(
            self,
            logs=dict(self.logs),
            books=dict(self.books),
            leases=dict(self.leases),
            claims=dict(self.claims),
            contexts=dict(self.contexts),
        )

    def head(self, novel_id: str) -> tuple[int, str]:
        """Version and hash at the end of a log; raises ``UnknownNovel`` when the novel is deleted."""
        log = self.logs.get(novel_id, ())
        if log and log[-1].payload["kind"] == "novel_deleted":
            raise rules.deleted(novel_id)
        return (log[-1].version, log[-1].hash) if log else (0, GENESIS)

    def book(self, novel_id: str) -> _Book:
        """The read models of a novel that is there; raises ``UnknownNovel``."""
        if novel_id not in self.books:
            raise rules.unknown(novel_id)
        return self.books[novel_id]

    def is_held(self, lease: Lease) -> bool:
        """Whether nobody has taken the lease over or given it back."""
        tenure = self.leases.get(lease.novel_id)
        return tenure is not None and tenure.held and tenure.attempt == lease.attempt

    def fence(self, lease: Lease, now: datetime) -> None:
        """Renews a lease; raises ``LeaseLost``."""
        if not self.is_held(lease):
            raise rules.lease_lost(lease)
        self.leases[lease.novel_id] = self.leases[lease.novel_id].model_copy(update={"heartbeat": now})

    def update_last_call(self, owner: str, fingerprint: str, matches: tuple[str, int] | None, **fields: object) -> None:
        """Changes the last call for a step: the open one of a novel's attempt, or else the one that was answered."""
        for index in reversed(range(len(self.ledger))):
            entry = self.ledger[index]
            is_open = entry.call.seconds is None
            is_its = (entry.novel_id, entry.call.attempt) == matches if matches else not is_open
            if (entry.owner, entry.call.fingerprint) == (owner, fingerprint) and is_its and is_open == bool(matches):
                changed = entry.model_copy(update={"call": entry.call.model_copy(update=fields)})
                self.ledger = (*self.ledger[:index], changed, *self.ledger[index + 1 :])
                return


class MemoryWork:
    """A transaction on a copy of the tables; ``committed`` fills once it is made so."""

    def __init__(self, store: MemoryStorage, lease: Lease | None) -> None:
        self._store = store
        self._lease = lease
        self._tables = store.tables.copy()
        self._recorded: list[Recorded] = []
        self.committed: list[Recorded] = []

    async def append(self, novel_id: str, expected: int, *events: Event) -> None:
        """See ``Work.append``."""
        rules.refuse_deletion_by_append(events)
        self._fence(novel_id)
        version, last = self._tables.head(novel_id)
        rules.refuse_stale(novel_id, version, expected)
        self._record(novel_id, chained(last, novel_id, version, self._store.clock(), events))
        for event in events:
            self._project(novel_id, event)

    async def record_export(self, novel_id: str, export: ExportRow) -> None:
        """See ``Work.record_export``."""
        book = self._tables.book(novel_id)
        exports = book.exports | {export.path: export}
        self._tables.books[novel_id] = book.model_copy(update={"exports": exports})

    async def delete(self, novel_id: str) -> Deleted:
        """See ``Work.delete``."""
        tables, now = self._tables, self._store.clock()
        self._fence(novel_id)
        if self._lease is None:
            rules.refuse_living(novel_id, tables.leases.get(novel_id), now, self._store.alive)
        book = tables.book(novel_id)
        version, _ = tables.head(novel_id)
        fingerprints = self._remove_steps(novel_id)
        tables.ledger = tuple(entry for entry in tables.ledger if entry.novel_id != novel_id)
        tables.leases.pop(novel_id, None)
        tables.contexts = {key: kept for key, kept in tables.contexts.items() if key[0] != novel_id}
        del tables.books[novel_id], tables.logs[novel_id]
        self._record(novel_id, chained(GENESIS, novel_id, version, now, [NovelDeleted()]))
        return Deleted(fingerprints=fingerprints, exports=_sorted(book))

    async def commit(self) -> None:
        """See ``Work.commit``."""
        self._store.tables = self._tables
        self._tables = self._tables.copy()
        self.committed, self._recorded = [*self.committed, *self._recorded], []

    def _fence(self, novel_id: str) -> None:
        if self._lease is not None:
            rules.refuse_foreign(self._lease, novel_id)
            self._tables.fence(self._lease, self._store.clock())

    def _record(self, novel_id: str, stored: Sequence[Stored]) -> None:
        if stored:
            self._tables.logs[novel_id] = (*self._tables.logs.get(novel_id, ()), *stored)
            self._recorded += [one.read() for one in stored]

    def _project(self, novel_id: str, event: Event) -> None:
        created = self._tables.logs[novel_id][0].at
        book = self._tables.books.get(novel_id, _Book(created_at=created))
        if isinstance(event, ChapterAccepted | ChapterImported):
            _refuse_doubled(book.novel, event.chapter.id)
        update = {"novel": book.novel.after(event), "steps": book.steps | set(getattr(event, "steps", ()))}
        self._tables.books[novel_id] = book.model_copy(update=update)

    def _remove_steps(self, novel_id: str) -> tuple[str, ...]:
        tables = self._tables
        owner = tables.books[novel_id].novel.owner
        mine = {key for key in self._used(novel_id) if key[0] == owner and key in tables.claims}
        others = {key for other in {*tables.books, *self._callers()} - {novel_id} for key in self._used(other)}
        for key in mine - others:
            del tables.claims[key]
        return tuple(sorted(fingerprint for _, fingerprint in mine - others))

    def _callers(self) -> set[str]:
        return {entry.novel_id for entry in self._tables.ledger}

    def _used(self, novel_id: str) -> set[Key]:
        called = {(one.owner, one.call.fingerprint) for one in self._tables.ledger if one.novel_id == novel_id}
        if (book := self._tables.books.get(novel_id)) is None:
            return called
        return called | {(book.novel.owner, fingerprint) for fingerprint in book.steps}


class MemoryStorage:
    """Novels in memory; see ``storage.ports.Storage``."""

    def __init__(self, clock: Clock = utc_now, alive: Alive = is_alive, subscribers: Sequence[Subscriber] = ()) -> None:
        self.clock = clock
        self.alive = alive
        self.tables = _Tables()
        self._subscribers = tuple(subscribers)
        self._turns = asyncio.Lock()

    @asynccontextmanager
    async def begin(self, lease: Lease | None = None) -> AsyncIterator[MemoryWork]:
        """See ``Storage.begin``."""
        work = None
        try:
            async with turn(self._turns):
                work = MemoryWork(self, lease)
                yield work
        finally:
            if work is not None:
                await announce(self._subscribers, work.committed)

    async def events(self, novel_id: str, after: int = 0) -> list[Recorded]:
        """See ``Storage.events``."""
        return [one.read() for one in self.tables.logs.get(novel_id, ()) if one.version > after]

    async def verify(self, novel_id: str) -> int | None:
        """See ``Storage.verify``."""
        book = self.tables.books.get(novel_id)
        return first_broken(self.tables.logs.get(novel_id, ()), book.novel.version if book else 0)

    async def acquire(self, novel_id: str, holder: Holder) -> Lease:
        """See ``Storage.acquire``."""
        async with self._committing() as tables:
            now, tenure = self.clock(), tables.leases.get(novel_id)
            rules.refuse_living(novel_id, tenure, now, self.alive)
            tables.head(novel_id)
            attempt = tenure.attempt + 1 if tenure else 1
            tables.leases[novel_id] = Tenure(attempt=attempt, holder=holder, heartbeat=now, held=True)
        return Lease(novel_id=novel_id, attempt=attempt, holder=holder)

    async def renew(self, lease: Lease) -> None:
        """See ``Storage.renew``."""
        async with self._committing() as tables:
            tables.fence(lease, self.clock())

    async def release(self, lease: Lease) -> None:
        """See ``Storage.release``."""
        async with self._committing() as tables:
            if tables.is_held(lease):
                tables.leases[lease.novel_id] = tables.leases[lease.novel_id].model_copy(update={"held": False})

    async def step(self, owner: str, fingerprint: str) -> Step | None:
        """See ``Storage.step``."""
        claim = self.tables.claims.get((owner, fingerprint))
        return claim.step if claim else None

    async def claim(self, lease: Lease, owner: str, step: Step, max_calls: int) -> None:
        """See ``Storage.claim``."""
        async with self._committing() as tables:
            tables.fence(lease, self.clock())
            made = sum(entry.novel_id == lease.novel_id for entry in tables.ledger)
            rules.refuse_beyond(lease.novel_id, made, max_calls)
            self._refuse_taken(tables, lease, (owner, step.fingerprint))
            asked = Step(**step.model_dump(include={"fingerprint", "agent", "model", "chapter", "request"}))
            key = owner, step.fingerprint
            tables.claims[key] = _Claim(novel_id=lease.novel_id, attempt=lease.attempt, step=asked)
            entry = _Entry(owner=owner, novel_id=lease.novel_id, call=_opened(lease, asked))
            tables.ledger = (*tables.ledger, entry)

    async def answer(self, lease: Lease, owner: str, step: Step, seconds: float) -> None:
        """See ``Storage.answer``."""
        came_of = {"outcome": step.outcome, "usage": step.usage}
        async with self._committing() as tables:
            claim = tables.claims.get((owner, step.fingerprint))
            if claim is not None and claim.step.outcome != "ok":
                _settle(tables, (owner, step.fingerprint), claim, answer=step.answer, **came_of)
            caller = lease.novel_id, lease.attempt
            tables.update_last_call(owner, step.fingerprint, caller, seconds=seconds, **came_of)

    async def judge(self, owner: str, fingerprint: str, outcome: Outcome) -> None:
        """See ``Storage.judge``."""
        async with self._committing() as tables:
            if claim := tables.claims.get((owner, fingerprint)):
                _settle(tables, (owner, fingerprint), claim, outcome=outcome)
            tables.update_last_call(owner, fingerprint, None, outcome=outcome)

    async def context(self, novel_id: str, key: ContextKey) -> Payload | None:
        """See ``Storage.context``."""
        return self.tables.contexts.get((novel_id, key))

    async def keep_context(self, lease: Lease, key: ContextKey, compiled: Payload) -> None:
        """See ``Storage.keep_context``."""
        async with self._committing() as tables:
            tables.fence(lease, self.clock())
            tables.contexts.setdefault((lease.novel_id, key), compiled)

    async def calls(self, novel_id: str) -> list[Call]:
        """See ``Storage.calls``."""
        return [entry.call for entry in self.tables.ledger if entry.novel_id == novel_id]

    async def used_steps(self, novel_id: str) -> list[str]:
        """See ``Storage.used_steps``."""
        book = self.tables.books.get(novel_id)
        return sorted(book.steps) if book else []

    async def novels(self, owner: str) -> list[NovelRow]:
        """See ``Storage.novels``."""
        rows = [self._row(key) for key, book in self.tables.books.items() if book.novel.owner == owner]
        return sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)

    async def novel(self, novel_id: str) -> NovelRow | None:
        """See ``Storage.novel``."""
        return self._row(novel_id) if novel_id in self.tables.books else None

    async def find(self, owner: str, name: str) -> NovelRow:
        """See ``Storage.find``."""
        rows = await self.novels(owner)
        if name == rules.LATEST:
            return rules.chosen(name, rows[:1])
        matching = sorted((row for row in rows if row.id.startswith(name)), key=lambda row: len(row.id))
        return rules.chosen(name, matching[: rules.CANDIDATES])

    async def chapters(self, novel_id: str) -> list[ChapterRow]:
        """See ``Storage.chapters``."""
        book = self.tables.books.get(novel_id)
        return chapter_rows(book.novel) if book else []

    async def exports(self, novel_id: str) -> list[ExportRow]:
        """See ``Storage.exports``."""
        book = self.tables.books.get(novel_id)
        return list(_sorted(book)) if book else []

    async def close(self) -> None:
        """See ``Storage.close``."""

    @asynccontextmanager
    async def _committing(self) -> AsyncIterator[_Tables]:
        async with turn(self._turns):
            tables = self.tables.copy()
            yield tables
            self.tables = tables

    def _refuse_taken(self, tables: _Tables, lease: Lease, key: Key) -> None:
        if (claim := tables.claims.get(key)) is None:
            return
        tenure = tables.leases.get(claim.novel_id)
        is_current = tenure is not None and tenure.attempt == claim.attempt
        is_living = is_current and rules.is_living(tenure, self.clock(), self.alive)
        claimed = Claimed(novel_id=claim.novel_id, attempt=claim.attempt, outcome=claim.step.outcome)
        rules.refuse_answered_or_waiting(lease, claimed, is_living)

    def _row(self, novel_id: str) -> NovelRow:
        book = self.tables.books[novel_id]
        is_running = rules.is_living(self.tables.leases.get(novel_id), self.clock(), self.alive)
        return novel_row(novel_id, book.novel, book.created_at, running=is_running)


def novel_row(novel_id: str, novel: Novel, created_at: datetime, *, running: bool = False) -> NovelRow:
    """A folded novel as it stands in the library."""
    return NovelRow(
        id=novel_id,
        owner=novel.owner,
        title=novel.title,
        premise=novel.premise.premise if novel.premise else "",
        variant=novel.premise.variant if novel.premise else 0,
        state=novel.state,
        reason=novel.reason,
        chapters=novel.planned_chapters,
        chapters_accepted=len(novel.chapters),
        words=novel.words,
        version=novel.version,
        max_calls=novel.max_calls,
        created_at=created_at,
        running=running,
    )


def chapter_rows(novel: Novel) -> list[ChapterRow]:
    """The accepted chapters of a folded novel."""
    return [
        ChapterRow(
            id=chapter.id,
            position=position,
            title=chapter.title,
            words=chapter.words,
            summary=chapter.chronicle.summary,
            text=chapter.text,
        )
        for position, chapter in enumerate(novel.chapters, start=1)
    ]


def _sorted(book: _Book) -> tuple[ExportRow, ...]:
    return tuple(book.exports[path] for path in sorted(book.exports))


def _settle(tables: _Tables, key: Key, claim: _Claim, **fields: object) -> None:
    tables.claims[key] = claim.model_copy(update={"step": claim.step.model_copy(update=fields)})


def _opened(lease: Lease, step: Step) -> Call:
    return Call(
        attempt=lease.attempt,
        agent=step.agent,
        model=step.model,
        chapter=step.chapter,
        fingerprint=step.fingerprint,
        outcome=None,
        usage=step.usage,
        seconds=None,
    )


def _refuse_doubled(novel: Novel, chapter_id: str) -> None:
    if any(one.id == chapter_id for one in novel.chapters):
        raise rules.doubled(chapter_id)
