"""What every store decides alike: who may write, who may call, which novel is meant. Pure, but for the errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage.ports import CallLimitReached, Holder, Lease, LeaseLost, NovelBusy, NovelRow, VersionConflict
from storage.processes import Alive
from story.base import Value
from story.errors import InvalidInput, UnknownNovel
from story.events import Event, NovelDeleted
from story.steps import Outcome, StepBusy

LATEST = "latest"
"""The name that stands for an owner's newest novel."""

CANDIDATES = 6
"""How many novels are looked at, and so at most named, when a name fits several."""


class Tenure(Value):
    """A lease as it is stored: the last one to hold it, and whether it was given back."""

    attempt: int = 0
    holder: Holder
    heartbeat: datetime
    held: bool = False

    def is_living(self, now: datetime, alive: Alive) -> bool:
        """Whether somebody alive holds it."""
        return self.held and alive(self.holder, self.heartbeat, now)


class Claimed(Value):
    """Who claimed a step last, and what came of it."""

    novel_id: str
    attempt: int
    outcome: Outcome | None


def is_living(tenure: Tenure | None, now: datetime, alive: Alive) -> bool:
    """Whether there is a lease that somebody alive holds."""
    return tenure is not None and tenure.is_living(now, alive)


def refuse_living(novel_id: str, tenure: Tenure | None, now: datetime, alive: Alive) -> None:
    """Raises ``NovelBusy`` when somebody alive holds the lease."""
    if tenure is not None and tenure.is_living(now, alive):
        holder = tenure.holder
        raise NovelBusy(
            f"Novel {novel_id} is being written by process {holder.pid} on {holder.host}; "
            "wait for it or end it, then try again."
        )


def refuse_answered_or_waiting(lease: Lease, claimed: Claimed, is_claimer_alive: bool) -> None:
    """Raises ``StepBusy`` when the step has its answer, or when another living run waits for it."""
    if claimed.outcome == "ok":
        raise StepBusy("Another run has the answer to this call by now; look at the step again.")
    is_mine = (claimed.novel_id, claimed.attempt) == (lease.novel_id, lease.attempt)
    if claimed.outcome is None and is_claimer_alive and not is_mine:
        raise StepBusy(f"Novel {claimed.novel_id} is making the same call at this moment; its answer will serve both.")


def refuse_beyond(novel_id: str, made: int, max_calls: int) -> None:
    """Raises ``CallLimitReached`` when that many calls have been made."""
    if made >= max_calls:
        raise CallLimitReached(
            f"The limit of {max_calls} model calls is reached for novel {novel_id}; "
            f"`scriptorium write --resume {novel_id} --max-calls {max_calls * 2 or 100}` goes on."
        )


def refuse_stale(novel_id: str, version: int, expected: int) -> None:
    """Raises ``VersionConflict`` when the log does not hold exactly the expected events."""
    if version != expected:
        raise VersionConflict(f"Novel {novel_id} is at version {version}, not {expected}; read it again.")


def refuse_foreign(lease: Lease, novel_id: str) -> None:
    """Raises ``InvalidInput`` when a lease is used for another novel than its own."""
    if lease.novel_id != novel_id:
        raise InvalidInput(f"The lease of novel {lease.novel_id} does not allow to write novel {novel_id}.")


def refuse_deletion_by_append(events: Sequence[Event]) -> None:
    """Raises ``InvalidInput`` for ``NovelDeleted``: it enters a log only together with the removal of all else."""
    if any(isinstance(event, NovelDeleted) for event in events):
        raise InvalidInput("A novel is deleted by deleting it, not by appending `NovelDeleted` to its log.")


def lease_lost(lease: Lease) -> LeaseLost:
    """The error of a run that is no longer the one to write its novel."""
    return LeaseLost(f"Attempt {lease.attempt} no longer holds novel {lease.novel_id}; this run stops.")


def deleted(novel_id: str) -> UnknownNovel:
    """The error of writing to a novel that is gone."""
    return UnknownNovel(f"Novel {novel_id} is deleted; `scriptorium status` lists those that are there.")


def unknown(name: str) -> UnknownNovel:
    """The error of a name that fits no novel."""
    return UnknownNovel(f"There is no novel {name!r}; `scriptorium status` lists those that are there.")


def doubled(chapter_id: str) -> InvalidInput:
    """The error of adding a chapter that the novel holds already."""
    return InvalidInput(f"Chapter {chapter_id} is in the novel already; edit it instead.")


def chosen(name: str, candidates: Sequence[NovelRow]) -> NovelRow:
    """The one novel meant by a name, of those whose id begins with it."""
    exact = [row for row in candidates if row.id == name]
    if not name or not candidates:
        raise unknown(name)
    if not exact and len(candidates) > 1:
        ids = ", ".join(row.id for row in candidates)
        raise UnknownNovel(f"{name!r} fits several novels ({ids}); give more of the id, see `scriptorium status`.")
    return (exact or candidates)[0]
