"""The Prefect task that compiles what a chapter's agents are told, and keeps it before anybody is asked."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from prefect import task

from agents.context import basis_of, compile_context
from agents.recall import Gap, Recalled, Recollection, Stated, Tier, memorable, questions
from agents.requests import Bond, Excerpt
from storage.graph.ports import BIBLE, TIES, EdgeKind, StoredEdge
from storage.passages.searching import Found
from storage.ports import ContextKey, Lease, Recorded
from storage.projections.pending import pending
from storage.projections.ports import ProjectionName
from storage.projections.story_memory import described
from story.errors import TransientError
from story.novel import Novel
from story.outline import ChapterPlan
from tasks.policy import STORE
from tasks.wiring import Services, services

logger = logging.getLogger(__name__)

RECALLED = 10
"""Windows asked of the passages for each scene; more than are passed on, since some may tell too much."""

_BONDS: frozenset[EdgeKind] = TIES - {"together", "tells"}
"""What a writer is told of the graph. Who told whom what is knowledge, which canon deals out by point of view."""


@task(name="compile-context", task_run_name="context of chapter {number}", **STORE)
async def compile_chapter(lease: Lease, chapter_id: str, number: int) -> dict[str, Any]:
    """The ``Compiled`` context of the next chapter in JSON: the one that was kept, or a new one, which then is."""
    given = await services()
    log, novel = await given.memory.logs.of(lease.novel_id)
    key = ContextKey(chapter_id=chapter_id, telling=novel.holds.get(chapter_id, 0), basis=basis_of(novel))
    kept = await given.storage.context(lease.novel_id, key)
    if kept is None:
        plan = next(plan for plan in novel.outline.chapters if plan.id == chapter_id) if novel.outline else None
        assert plan is not None
        recalled = await recall(given, lease.novel_id, log, novel, plan)
        kept = compile_context(novel, plan, recalled).model_dump(mode="json")
        await given.storage.keep_context(lease, key, kept)
    return kept


async def recall(given: Services, novel_id: str, log: Sequence[Recorded], novel: Novel, plan: ChapterPlan) -> Recalled:
    """What story memory says of a chapter; a store that is down or behind is a gap, and never an error."""
    chapters = [one.id for one in memorable(novel)]
    if not chapters:
        return Recalled()
    gaps: list[Gap] = []
    bonds: tuple[Stated, ...] = ()
    recollections: tuple[Recollection, ...] = ()
    # Whatever a store or a model raises: what memory does not say, the rest of the context has to do without.
    try:
        await _refuse_behind(given, "graph", novel_id, log, chapters)
        bonds = await _bonds(given, novel_id, novel, plan, chapters)
    except Exception as error:
        gaps.append(_gap("bond", error))
    try:
        await _refuse_behind(given, "passages", novel_id, log, chapters)
        recollections = await _recollections(given, novel_id, novel, plan, chapters)
    except Exception as error:
        gaps.append(_gap("excerpt", error))
    return Recalled(bonds=bonds, recollections=recollections, gaps=tuple(gaps))


def _gap(tier: Tier, error: Exception) -> Gap:
    why = described(error)
    logger.warning("The context does without the tier %s: %s", tier, why, extra={"action": "context.gap"})
    return Gap(tier=tier, why=why)


class Behind(TransientError):
    """The projection has not reached the chapters that it is asked about."""


async def _refuse_behind(
    given: Services, name: ProjectionName, novel_id: str, log: Sequence[Recorded], chapters: Sequence[str]
) -> None:
    """Raises ``Behind`` unless all of these chapters stand in the projection as they stand in the log."""
    lag = await given.memory.positions.lag(name, novel_id)
    version, why = (lag.position.version, lag.position.error) if lag else (0, "")
    left = pending(log, version, with_bible=given.memory.projections[name].with_bible)
    if {one.chapter for one in left.written} & set(chapters):
        raise Behind(f"The {name} are behind the log by {left.head - version} events. {why}".strip())


async def _bonds(
    given: Services, novel_id: str, novel: Novel, plan: ChapterPlan, chapters: Sequence[str]
) -> tuple[Stated, ...]:
    on_stage = [f"character/{key}" for key in plan.concerned]
    edges = await given.memory.graph.neighbourhood(novel_id, on_stage, chapters, _BONDS)
    # How somebody who is not on stage stands to others may be what the bible keeps for later.
    visible = [one for one in edges if one.chapter != BIBLE or one.source in on_stage]
    numbers = {one.id: number for number, one in enumerate(novel.chapters, start=1)}
    latest = {_bonded(one): one for one in visible}
    ranked = sorted(latest.values(), key=lambda one: (-numbers.get(one.chapter, 0), _bonded(one)))
    return tuple(Stated(bond=_bond(one, numbers.get(one.chapter, 0)), words=one.quote) for one in ranked)


def _bonded(edge: StoredEdge) -> tuple[str, ...]:
    """What a later edge replaces: a relation is the latest, but of gifts each thing is one."""
    return edge.source, edge.target, edge.kind, edge.label if edge.kind == "gives" else ""


def _bond(edge: StoredEdge, since: int) -> Bond:
    of, to = (one.partition("/")[2] for one in (edge.source, edge.target))
    how = edge.label if edge.kind == "relates" else f"{edge.kind} {edge.label.partition('/')[2]}".strip()
    return Bond(of=of, to=to, how=how, since=since)


async def _recollections(
    given: Services, novel_id: str, novel: Novel, plan: ChapterPlan, chapters: Sequence[str]
) -> tuple[Recollection, ...]:
    answers = [await given.memory.passages.search(novel_id, one, chapters, RECALLED) for one in questions(novel, plan)]
    titles = {one.id: (number, one.title) for number, one in enumerate(novel.chapters, start=1)}
    return tuple(_recollection(one, *titles[one.chapter]) for one in in_turn(answers))


def in_turn(answers: Sequence[Sequence[Found]]) -> list[Found]:
    """The best of each answer, then the second best of each, and so on; each window once."""
    ranked = [(rank, n, one) for n, answer in enumerate(answers) for rank, one in enumerate(answer)]
    unique: dict[tuple[str, int], Found] = {}
    for _, _, one in sorted(ranked, key=lambda entry: entry[:2]):
        unique.setdefault((one.chapter, one.window), one)
    return list(unique.values())


def _recollection(found: Found, number: int, title: str) -> Recollection:
    excerpt = Excerpt(chapter=number, title=title, text=found.text)
    return Recollection(key=f"chapter {number}, window {found.window}", excerpt=excerpt)
