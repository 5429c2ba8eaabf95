"""Steps and calls in SQL: what was asked of models, what they answered, and how often they were asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import rules
from storage.ports import Call, Lease
from storage.processes import Alive
from storage.rules import Claimed
from storage.sql import leases
from storage.sql.dialects import insert_missing
from storage.sql.tables import calls, steps
from story.steps import Outcome, Step, Usage


async def read_step(connection: AsyncConnection, owner: str, fingerprint: str) -> Step | None:
    """The step of an owner."""
    row = (await connection.execute(select(steps).where(_is(owner, fingerprint)))).mappings().one_or_none()
    if row is None:
        return None
    plain = {name: row[name] for name in ("fingerprint", "agent", "model", "chapter", "request", "answer", "outcome")}
    return Step(usage=_usage(row), **plain)


async def read_calls(connection: AsyncConnection, novel_id: str) -> list[Call]:
    """The calls of a novel, in the order in which they were claimed."""
    rows = await connection.execute(select(calls).where(calls.c.novel_id == novel_id).order_by(calls.c.id))
    names = ("attempt", "agent", "model", "chapter", "fingerprint", "outcome", "seconds")
    return [Call(usage=_usage(row), **{name: row[name] for name in names}) for row in rows.mappings()]


async def refuse_beyond(connection: AsyncConnection, novel_id: str, max_calls: int) -> None:
    """Raises ``CallLimitReached`` when that many calls were made for the novel."""
    made = await connection.execute(select(func.count()).where(calls.c.novel_id == novel_id))
    rules.refuse_beyond(novel_id, made.scalar_one(), max_calls)


async def claim_step(
    connection: AsyncConnection, lease: Lease, owner: str, step: Step, now: datetime, alive: Alive
) -> None:
    """Makes the step this lease's, unless it is answered or another living run waits for its answer."""
    row = _claim_row(lease, owner, step, now)
    added = await connection.execute(insert_missing(connection, steps).values(**row))
    if added.rowcount:
        return
    query = select(steps).where(_is(owner, step.fingerprint)).with_for_update()
    standing = (await connection.execute(query)).mappings().one()
    claimed = Claimed(novel_id=standing["claimed_by"], attempt=standing["attempt"], outcome=standing["outcome"])
    tenure = await leases.read(connection, claimed.novel_id, claimed.attempt)
    rules.refuse_answered_or_waiting(lease, claimed, rules.is_living(tenure, now, alive))
    await connection.execute(update(steps).where(_is(owner, step.fingerprint)).values(**row))


async def open_call(connection: AsyncConnection, lease: Lease, owner: str, step: Step, now: datetime) -> None:
    """Enters a call that is about to be made."""
    row = {
        "owner": owner,
        "novel_id": lease.novel_id,
        "attempt": lease.attempt,
        "agent": step.agent,
        "model": step.model,
        "chapter": step.chapter,
        "fingerprint": step.fingerprint,
        "tokens_in": 0,
        "tokens_out": 0,
        "started_at": now,
    }
    await connection.execute(insert(calls).values(**row))


async def answer_step(connection: AsyncConnection, owner: str, step: Step, now: datetime) -> None:
    """Keeps an answer, but never in the place of one that was found good."""
    replaceable = or_(steps.c.outcome.is_(None), steps.c.outcome != "ok")
    values = {"answer": step.answer, "answered_at": now, **_came_of(step)}
    await connection.execute(update(steps).where(_is(owner, step.fingerprint), replaceable).values(**values))


async def close_call(connection: AsyncConnection, lease: Lease, owner: str, step: Step, seconds: float) -> None:
    """Enters what came of the last call that this lease made for the step."""
    mine = and_(
        calls.c.owner == owner,
        calls.c.fingerprint == step.fingerprint,
        calls.c.novel_id == lease.novel_id,
        calls.c.attempt == lease.attempt,
        calls.c.seconds.is_(None),
    )
    await connection.execute(update(calls).where(_last(mine)).values(seconds=seconds, **_came_of(step)))


async def judge(connection: AsyncConnection, owner: str, fingerprint: str, outcome: Outcome) -> None:
    """Settles the outcome of a step and of the last call that answered it."""
    # What is settled already is not written again: a step that is reused is judged each time.
    is_other = steps.c.outcome.is_distinct_from(outcome)
    await connection.execute(update(steps).where(_is(owner, fingerprint), is_other).values(outcome=outcome))
    answered = and_(calls.c.owner == owner, calls.c.fingerprint == fingerprint, calls.c.seconds.is_not(None))
    is_other = calls.c.outcome.is_distinct_from(outcome)
    await connection.execute(update(calls).where(_last(answered), is_other).values(outcome=outcome))


def _is(owner: str, fingerprint: str) -> ColumnElement[bool]:
    return and_(steps.c.owner == owner, steps.c.fingerprint == fingerprint)


def _last(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return calls.c.id == select(func.max(calls.c.id)).where(condition).scalar_subquery()


def _usage(row: RowMapping) -> Usage:
    return Usage(tokens_in=row["tokens_in"], tokens_out=row["tokens_out"])


def _came_of(step: Step) -> dict[str, Any]:
    return {"outcome": step.outcome, **step.usage.model_dump()}


def _claim_row(lease: Lease, owner: str, step: Step, now: datetime) -> dict[str, Any]:
    return {
        "owner": owner,
        "fingerprint": step.fingerprint,
        "agent": step.agent,
        "model": step.model,
        "chapter": step.chapter,
        "request": step.request,
        "answer": None,
        "outcome": None,
        "tokens_in": 0,
        "tokens_out": 0,
        "claimed_by": lease.novel_id,
        "attempt": lease.attempt,
        "claimed_at": now,
        "answered_at": None,
    }
