"""The flow that writes a novel: it carries out what ``agents.decisions`` decides until there is nothing left to do."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Self, TypeVar
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from agents import decisions as do
from agents import requests as ask
from agents.context import Compiled
from agents.decisions import Candidate, decide
from agents.registry import installed
from storage.ports import CallLimitReached, Lease, LeaseLost
from story.base import Value
from story.cast import Cast
from story.chapter import Chronicle
from story.entities import Entities
from story.errors import TerminalError, TransientError
from story.events import (
    CastAssembled,
    ChapterAccepted,
    ChapterHeld,
    Event,
    NovelFinished,
    NovelPaused,
    PlotOutlined,
    WorldBuilt,
)
from story.finding import Finding
from story.novel import Novel
from story.order import Order
from story.outline import ChapterPlan, Outline
from story.world import World
from tasks import agents as agent_tasks
from tasks.assignment import Assignment
from tasks.contexts import compile_chapter
from tasks.novels import check_order, export_book, leased, open_novel, read_novel, record
from tasks.projections import draw, keep_up
from tasks.reports import Reports
from tasks.wiring import close_services, services, show_logs

A = TypeVar("A", bound=Value)

logger = logging.getLogger(__name__)


def _run_name() -> str:
    order = flow_run.parameters.get("order") or {}
    asked = order if isinstance(order, dict) else order.model_dump()
    return asked.get("title") or " ".join(str(asked.get("premise") or asked.get("novel") or "novel").split()[:8])


@flow(name="generate-novel", flow_run_name=_run_name, log_prints=False, persist_result=False)
async def generate_novel(order: Order) -> Any:
    """Writes a novel from a premise, or goes on with one, and makes its EPUB, DOCX and Markdown files.

    The result names the novel and its files. A novel that is paused or held ends the run in the state ``Paused``,
    with the reason; a new run with the novel's id goes on.
    """
    show_logs()
    novel_id = order.novel or str(flow_run.id).replace("-", "")[:12]
    try:
        await check_order(novel_id, order)
        async with leased(novel_id) as lease:
            await open_novel(lease, order)
            async with KeepingUp(novel_id) as memory:
                reports = Reports(novel_id, UUID(str(flow_run.id)))
                novel = await Writing(lease, await read_novel(novel_id), reports, memory).finished()
        if novel.state != "finished":
            return _paused(novel)
        files = await export_book(novel_id, order.out)
        await draw(novel_id)
        return {"novel": novel_id, "files": files}
    finally:
        await close_services()


def _paused(novel: Novel) -> State[Any]:
    return Completed(name="Paused", message=novel.reason)


class KeepingUp:
    """The projections of a novel, brought up beside its writing: after each chapter, in the order of the chapters."""

    def __init__(self, novel_id: str) -> None:
        self._novel_id = novel_id
        self._running: dict[int, asyncio.Task[None]] = {}

    def follow(self, chapters: int) -> None:
        """Begins to bring the projections to the log as it stands, which holds so many chapters."""
        before = next(reversed(self._running.values()), None)
        self._running[chapters] = asyncio.create_task(self._keep_up(before))

    async def reached(self, chapters: int) -> None:
        """Waits until the projections were brought to so many chapters, or as far as a store that is down lets them."""
        task = next((task for number, task in self._running.items() if number >= chapters), None)
        if task is not None and chapters > 0:
            await task

    async def __aenter__(self) -> Self:
        """Begins nothing yet."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Goes to the end of the log and waits for it; somebody who interrupts the run does not want to wait."""
        if kind is None or issubclass(kind, Exception):
            self.follow(max(self._running, default=0) + 1)
        else:
            for task in self._running.values():
                task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=kind is not None)

    async def _keep_up(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        await keep_up(self._novel_id)


class Writing:
    """One run's work on one novel: the novel as the log has it, and the drafts of the chapter in hand."""

    def __init__(self, lease: Lease, novel: Novel, reports: Reports, memory: KeepingUp) -> None:
        self._lease = lease
        self._novel = novel
        self._reports = reports
        self._drafts: tuple[Candidate, ...] = ()
        self._compiled: Compiled | None = None
        self._memory = memory

    async def finished(self) -> Novel:
        """Works until the novel is finished, paused or held; a terminal error pauses it and goes on up."""
        try:
            await self._start()
            self._memory.follow(len(self._novel.chapters))
            while self._novel.state != "finished":
                decision = decide(self._novel, self._drafts)
                logger.info("Next: %s", type(decision).__name__, extra={"action": "novel.decide"})
                if isinstance(decision, do.Pause):
                    break
                await self._carry_out(decision)
        except CallLimitReached as reached:
            await self._append(NovelPaused(reason=str(reached)), what="pause")
        except LeaseLost:
            raise
        except (TerminalError, TransientError) as error:  # a transient one has been tried as often as is sensible
            await self._append(NovelPaused(reason=str(error)), what="pause")
            raise
        finally:
            await self._reports.table(self._novel, (await services()).storage)
        return self._novel

    async def _start(self) -> None:
        if self._novel.title:
            await self._reports.named(self._novel.title)
        await self._reports.progressed(self._novel)

    async def _carry_out(self, decision: do.Decision) -> None:
        match decision:
            case do.BuildWorld():
                await self._build_world()
            case do.AssembleCast():
                await self._assemble_cast()
            case do.OutlinePlot():
                await self._outline_plot()
            case do.WriteChapter(plan):
                await self._write(plan)
            case do.ReviseChapter(plan, findings):
                await self._write(plan, self._drafts[-1].text, findings)
            case do.ReviewChapter(draft=draft):
                await self._review(draft)
            case do.ChronicleChapter(draft=draft):
                await self._chronicle(draft)
            case do.AcceptChapter():
                await self._accept(decision)
            case do.HoldChapter(plan, findings):
                steps = tuple(step for draft in self._drafts for step in draft.steps)
                await self._append(ChapterHeld(chapter_id=plan.id, findings=findings, steps=steps), what="hold")
            case do.Finish():
                await self._append(NovelFinished(), what="finish")

    async def _build_world(self) -> None:
        assert self._novel.premise
        request = ask.BuildWorld(premise=self._novel.premise)
        world, steps = await self._ask(agent_tasks.build_world, "build-world", request, World)
        await self._append(WorldBuilt(world=world, steps=steps), what="world")

    async def _assemble_cast(self) -> None:
        assert self._novel.premise and self._novel.world
        request = ask.AssembleCast(premise=self._novel.premise, world=self._novel.world)
        cast, steps = await self._ask(agent_tasks.assemble_cast, "assemble-cast", request, Cast)
        await self._append(CastAssembled(cast=cast, steps=steps), what="cast")

    async def _outline_plot(self) -> None:
        novel = self._novel
        assert novel.premise and novel.world and novel.cast
        request = ask.OutlinePlot(premise=novel.premise, world=novel.world, cast=novel.cast)
        outline, steps = await self._ask(agent_tasks.outline_plot, "outline-plot", request, Outline)
        await self._append(PlotOutlined(outline=outline.identified(), steps=steps), what="outline")
        await self._start()
        await self._reports.plan(self._novel)

    async def _write(self, plan: ChapterPlan, draft: str = "", findings: tuple[Finding, ...] = ()) -> None:
        novel = self._novel
        assert novel.premise and novel.world
        self._compiled = await self._context(plan)
        request = ask.WriteChapter(
            premise=novel.premise,
            world=novel.world,
            context=self._compiled.context,
            draft=draft,
            findings=findings,
            telling=novel.holds.get(plan.id, 0),
        )
        prose, steps = await self._ask(agent_tasks.write_chapter, "write-chapter", request, ask.Prose)
        self._drafts = (*self._drafts, Candidate(text=prose.text, steps=steps))

    async def _context(self, plan: ChapterPlan) -> Compiled:
        number = len(self._novel.chapters) + 1
        await self._memory.reached(number - 2)
        return Compiled.model_validate(await compile_chapter(self._lease, plan.id, number))

    async def _review(self, number: int) -> None:
        draft = self._drafts[number]
        assert self._novel.premise and self._compiled
        request = ask.EditChapter(premise=self._novel.premise, context=self._compiled.context, text=draft.text)
        review, steps = await self._ask(agent_tasks.edit_chapter, "edit-chapter", request, ask.Review)
        self._replace(number, draft, review=review.findings, steps=(*draft.steps, *steps))

    async def _chronicle(self, number: int) -> None:
        draft = self._drafts[number]
        assert self._novel.premise and self._compiled
        request = ask.ChronicleChapter(premise=self._novel.premise, context=self._compiled.context, text=draft.text)
        chronicle, steps = await self._ask(agent_tasks.chronicle, "chronicle", request, Chronicle)
        assert self._novel.world and self._novel.cast and self._novel.outline
        known, strange = Entities.of(self._novel.world, self._novel.cast, self._novel.outline).recognise(chronicle)
        proven, unproven = known.proven_by(draft.text)
        dropped = (*strange, *unproven)
        for change in dropped:
            logger.warning("Dropped, for want of its quote or of whom it names: %s", change)
        self._replace(number, draft, chronicle=proven, dropped=dropped, steps=(*draft.steps, *steps))

    def _replace(self, number: int, draft: Candidate, **fields: object) -> None:
        changed = draft.model_copy(update=fields)
        self._drafts = (*self._drafts[:number], changed, *self._drafts[number + 1 :])

    async def _accept(self, decision: do.AcceptChapter) -> None:
        number = len(self._novel.chapters) + 1
        event = ChapterAccepted(
            chapter=decision.chapter,
            findings=decision.findings,
            dropped=self._drafts[decision.draft].dropped,
            steps=tuple(step for draft in self._drafts for step in draft.steps),
        )
        await self._append(event, what=f"chapter {number}")
        trace = self._compiled.trace if self._compiled else ()
        self._drafts, self._compiled = (), None
        self._memory.follow(number)
        await self._reports.progressed(self._novel)
        await self._reports.chapter(number, decision.chapter, trace)

    async def _append(self, event: Event, what: str) -> None:
        await record(self._lease, self._novel.version, (event,), what)
        self._novel = self._novel.after(event)

    async def _ask(
        self, task: Any, capability: str, request: ask.Request, answer_type: type[A]
    ) -> tuple[A, tuple[str, ...]]:
        """The validated answer of the agent for a capability, and the steps that it came from."""
        novel = self._novel
        assert novel.premise
        genre = novel.world.genre if novel.world else novel.premise.genre
        agent = installed().choose(capability, genre, novel.premise.language)
        assignment = Assignment(
            lease=self._lease,
            owner=novel.owner,
            agent=agent.name,
            model=novel.models.of(agent.name),
            max_calls=novel.max_calls,
            chapter=request.context.contract.number if hasattr(request, "context") else 0,
        )
        answered = await task(assignment, request)
        return answer_type.model_validate(answered["answer"]), tuple(answered["steps"])
