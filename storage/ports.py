"""What a store does, whatever it is made of, and the rows that it gives.

The log is the truth and the steps are the second truth beside it; every row here is written in one transaction with
one of them. All times are timezone-aware UTC.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from story.base import Value
from story.errors import InvalidInput, TerminalError, TransientError
from story.events import Event, Payload
from story.novel import NovelState
from story.steps import Outcome, Step, Usage

HEARTBEAT_SECONDS = 10.0
"""How often the holder of a lease renews it."""

LEASE_SECONDS = 60.0
"""How long a lease outlives its last renewal when nobody can tell whether the holder's process lives."""


class VersionConflict(TransientError):
    """The novel has changed since it was read; read it again."""


class LeaseLost(TerminalError):
    """Another run has taken this novel over; this one stops and writes nothing."""


class NovelBusy(TerminalError):
    """The novel is being written by another run that is alive."""


class CallLimitReached(TerminalError):
    """The bound on model calls is reached; `--max-calls` raises it."""


class StoreUnavailable(TransientError):
    """The database does not answer."""


class SchemaMismatch(InvalidInput):
    """The database is at another migration than this version of Scriptorium."""


class Holder(Value):
    """Who holds a lease: a process on a host. ``started`` (seconds since boot) tells a reused pid apart."""

    host: str
    pid: int
    started: float


class Lease(Value):
    """The right to write a novel. Every take-over raises ``attempt``, which fences the holder before."""

    novel_id: str
    attempt: int
    holder: Holder


class Recorded(Value):
    """An event as it stands in the log; ``hash`` is over itself and the hash before it."""

    novel_id: str
    version: int
    at: datetime
    event: Event
    hash: str


class NovelRow(Value):
    """A novel in the library. ``running`` says that somebody alive holds its lease."""

    id: str
    owner: str
    title: str
    premise: str
    variant: int
    state: NovelState
    reason: str
    chapters: int
    chapters_accepted: int
    words: int
    version: int
    max_calls: int
    created_at: datetime
    running: bool


class ChapterRow(Value):
    """An accepted chapter in the order of the book; ``position`` counts from 1."""

    id: str
    position: int
    title: str
    words: int
    summary: str
    text: str


class Call(Value):
    """One model call that was made, as the ledger holds it. ``chapter`` is 0 for calls about the whole book."""

    attempt: int
    agent: str
    model: str
    chapter: int
    fingerprint: str
    outcome: Outcome | None
    usage: Usage
    seconds: float | None


class ExportRow(Value):
    """A file that was made of a novel. ``path`` is relative to the user's data folder when it lies in it."""

    format: str
    path: str


class Deleted(Value):
    """What a deletion leaves to be removed outside the database."""

    fingerprints: tuple[str, ...]
    exports: tuple[ExportRow, ...]


class ContextKey(Value):
    """Which context is meant: of which chapter, at which telling of it, compiled from what.

    ``basis`` is a digest of everything that a context is compiled from: another outline or text asks for another.
    """

    chapter_id: str
    telling: int
    basis: str


Subscriber = Callable[[Recorded], Awaitable[None]]
"""Told of each event after its transaction is committed, in order."""


class Work(Protocol):
    """One transaction. Leaving its block rolls back unless ``commit`` was called."""

    async def append(self, novel_id: str, expected: int, *events: Event) -> None:
        """Adds events to the log, with their read models.

        Raises:
            VersionConflict: the log does not hold exactly ``expected`` events.
            LeaseLost: the work was begun with a lease that has been taken over.
            UnknownNovel: the novel is deleted.
            InvalidInput: a chapter is added whose id is in the novel already, the lease is another novel's, or an
                event is ``NovelDeleted``, which only ``delete`` writes.
        """
        ...

    async def record_export(self, novel_id: str, export: ExportRow) -> None:
        """Remembers a file, once a path; raises ``UnknownNovel``."""
        ...

    async def delete(self, novel_id: str) -> Deleted:
        """Removes the events of a novel, its read models, calls, exports and the steps that no other novel uses.

        A step is used by the novels whose events it went into, and by those that called it. One ``NovelDeleted``
        remains in the log. Raises ``NovelBusy`` when the lease is held by somebody alive (but for the lease that the
        work was begun with), ``UnknownNovel`` when there is no such novel.
        """
        ...

    async def commit(self) -> None:
        """Makes it so; subscribers are told afterwards."""
        ...


class Storage(Protocol):
    """Everything that is kept of novels, of all owners; one owner never sees another's steps or novels."""

    def begin(self, lease: Lease | None = None) -> AbstractAsyncContextManager[Work]:
        """A transaction; with a lease, every append first checks that it is still held."""
        ...

    async def events(self, novel_id: str, after: int = 0) -> list[Recorded]:
        """The log of a novel from the event after that version; empty when there is none."""
        ...

    async def verify(self, novel_id: str) -> int | None:
        """The version of the first event whose hash does not fit or that is missing; None when the chain is whole."""
        ...

    async def acquire(self, novel_id: str, holder: Holder) -> Lease:
        """Takes the lease of a novel, or takes it over from a holder that is gone.

        A holder is gone when its last renewal is older than ``LEASE_SECONDS``, and on the same host at once when no
        process has its pid and start time. Raises ``NovelBusy``, naming the holder, and ``UnknownNovel`` when the novel
        is deleted; one that has no events yet can be taken.
        """
        ...

    async def renew(self, lease: Lease) -> None:
        """Says that the holder lives; raises ``LeaseLost``."""
        ...

    async def release(self, lease: Lease) -> None:
        """Gives the lease back; nothing happens when it was taken over."""
        ...

    async def step(self, owner: str, fingerprint: str) -> Step | None:
        """What is known of a call."""
        ...

    async def claim(self, lease: Lease, owner: str, step: Step, max_calls: int) -> None:
        """Announces a call just before it is made: its step row and its row in the ledger of calls.

        Raises:
            LeaseLost: another run has taken the novel over.
            CallLimitReached: ``max_calls`` calls have been made for the novel already.
            StepBusy: another run that is alive has claimed the same call and waits for its answer or its verdict, or
                the step is ``ok`` by now; look at it again.
        """
        ...

    async def answer(self, lease: Lease, owner: str, step: Step, seconds: float) -> None:
        """Keeps what came of a claimed call (``answer``, ``outcome``, ``usage``), before anything judges it.

        It is kept even when the lease has been taken over since: the answer was paid for. It never replaces an answer
        that is ``ok``, and is dropped when the novel, and the step with it, was deleted.
        """
        ...

    async def judge(self, owner: str, fingerprint: str, outcome: Outcome) -> None:
        """Settles the outcome of an answered call."""
        ...

    async def context(self, novel_id: str, key: ContextKey) -> Payload | None:
        """The compiled context that was kept, in JSON."""
        ...

    async def keep_context(self, lease: Lease, key: ContextKey, compiled: Payload) -> None:
        """Keeps a compiled context before a call is made with it; one that is there stays. Raises ``LeaseLost``."""
        ...

    async def calls(self, novel_id: str) -> list[Call]:
        """The calls made for a novel, in order."""
        ...

    async def used_steps(self, novel_id: str) -> list[str]:
        """Fingerprints of the steps that the events of a novel were made from, sorted."""
        ...

    async def novels(self, owner: str) -> list[NovelRow]:
        """The novels of an owner, the latest first."""
        ...

    async def novel(self, novel_id: str) -> NovelRow | None:
        """One novel."""
        ...

    async def find(self, owner: str, name: str) -> NovelRow:
        """The novel that an id, an unambiguous beginning of one, or ``latest`` names; raises ``UnknownNovel``."""
        ...

    async def chapters(self, novel_id: str) -> list[ChapterRow]:
        """The accepted chapters of a novel, in order."""
        ...

    async def exports(self, novel_id: str) -> list[ExportRow]:
        """The files that were made of a novel, by path."""
        ...

    async def close(self) -> None:
        """Lets go of every connection."""
        ...
