"""The flow that takes in a book that somebody wrote elsewhere, and gives it what a novel of ours has."""

from __future__ import annotations

import time
from uuid import UUID

from prefect import flow
from prefect.runtime import flow_run
from pydantic import Field

from agents.decisions import default_max_calls
from agents.models.providers import check_models
from storage.ports import Lease
from story.base import Value
from story.errors import InvalidInput
from story.models import Models
from tasks.assignment import Assignment
from tasks.manuscripts import Book, Told, chronicled, chronicler, imported_events, read_book, told_plainly
from tasks.novels import leased, record
from tasks.projections import draw, keep_up
from tasks.reports import BatchReports
from tasks.wiring import close_services, services, show_logs


class ImportOrder(Value):
    """What is to be imported, and how. Prefect's form asks for exactly these fields."""

    path: str = Field(description="The manuscript, as the worker sees it: EPUB, DOCX, Markdown or text.")
    title: str = Field("", description="The title; the file's own when empty.")
    author: str = Field("", description="The author; the file's own when empty.")
    model: str = Field("", description="provider:model that chronicles each chapter; without one, no model is asked.")
    novel: str = Field("", pattern=r"^[a-z0-9-]{0,40}$", description="The id of the new novel; made up when empty.")


def _run_name() -> str:
    order = flow_run.parameters.get("order") or {}
    asked = order if isinstance(order, dict) else order.model_dump()
    return f"import {str(asked.get('path', '')).rpartition('/')[2]}"


@flow(name="import-manuscript", flow_run_name=_run_name, log_prints=False, persist_result=False)
async def import_manuscript(order: ImportOrder) -> dict[str, str | int]:
    """Reads a manuscript, finds its chapters and people, and puts them into the log of a new novel, all or nothing.

    Its graph and passages are made at once; where a store is down, the novel is there all the same and they follow.
    """
    show_logs()
    novel_id = order.novel or str(flow_run.id).replace("-", "")[:12]
    started = time.monotonic()
    try:
        given = await services()
        book = await read_book(order.path, order.title, order.author)
        models = Models(default=order.model) if order.model else Models()
        check_models(models, given.models, book.manuscript.language if order.model else "en")
        reports = BatchReports(UUID(str(flow_run.id)), novel_id)
        async with leased(novel_id) as lease:
            await _refuse_taken(novel_id)
            told = told_plainly(book)
            if order.model:
                told = await _chronicled(lease, book, told, models, reports)
            await record(lease, 0, imported_events(given.owner, book, told, models), "manuscript")
        await keep_up(novel_id)
        await draw(novel_id)
        summary: dict[str, str | int] = {
            "novel": novel_id,
            "chapters": len(book.manuscript.chapters),
            "words": book.words,
            "passages": await given.memory.passages.count(novel_id),
            "characters": len(book.cast.characters) if book.cast else 0,
            "seconds": round(time.monotonic() - started),
        }
        await reports.table([summary], f"Import of {book.manuscript.title}")
        return summary
    finally:
        await close_services()


async def _refuse_taken(novel_id: str) -> None:
    """Raises ``InvalidInput`` where a log is, before any call is paid for; a deleted novel gave no lease before."""
    if await (await services()).storage.events(novel_id):
        raise InvalidInput(f"Novel {novel_id} is there already; import under another id, or leave the id out.")


async def _chronicled(
    lease: Lease, book: Book, told: tuple[Told, ...], models: Models, reports: BatchReports
) -> tuple[Told, ...]:
    """The chapters as the model chronicles them, in order; what it said stays said when the run is killed."""
    agent, owner = chronicler(book.manuscript.language), (await services()).owner
    better: list[Told] = []
    for number, one in enumerate(told, start=1):
        assignment = Assignment(
            lease=lease,
            owner=owner,
            agent=agent,
            model=models.of(agent),
            max_calls=default_max_calls(len(told)),
            chapter=number,
        )
        better.append(await chronicled(assignment, book, one, number))
        await reports.progressed(number, len(told))
    return tuple(better)
