"""One Prefect task per agent capability: it asks the agent and returns plain JSON for its caller to validate.

The result is ``{"answer": …, "steps": […]}``: the answer, and the fingerprints of the calls that it came from.
"""

from __future__ import annotations

from typing import Any

from prefect import task

from agents.registry import installed
from agents.requests import (
    AssembleCast,
    BuildWorld,
    ChronicleChapter,
    EditChapter,
    OutlinePlot,
    Request,
    WriteChapter,
)
from tasks.assignment import Assignment
from tasks.policy import PAID
from tasks.wiring import services

Answered = dict[str, Any]

_NAME = "{assignment.label}"


@task(name="build-world", task_run_name=_NAME, **PAID)
async def build_world(assignment: Assignment, request: BuildWorld) -> Answered:
    """Asks for a ``World``."""
    return await _ask(assignment, request)


@task(name="assemble-cast", task_run_name=_NAME, **PAID)
async def assemble_cast(assignment: Assignment, request: AssembleCast) -> Answered:
    """Asks for a ``Cast``."""
    return await _ask(assignment, request)


@task(name="outline-plot", task_run_name=_NAME, **PAID)
async def outline_plot(assignment: Assignment, request: OutlinePlot) -> Answered:
    """Asks for an ``Outline``."""
    return await _ask(assignment, request)


@task(name="write-chapter", task_run_name=_NAME, **PAID)
async def write_chapter(assignment: Assignment, request: WriteChapter) -> Answered:
    """Asks for the ``Prose`` of a chapter, or of its revision."""
    return await _ask(assignment, request)


@task(name="edit-chapter", task_run_name=_NAME, **PAID)
async def edit_chapter(assignment: Assignment, request: EditChapter) -> Answered:
    """Asks for a ``Review``."""
    return await _ask(assignment, request)


@task(name="chronicle", task_run_name=_NAME, **PAID)
async def chronicle(assignment: Assignment, request: ChronicleChapter) -> Answered:
    """Asks for a ``Chronicle``."""
    return await _ask(assignment, request)


async def _ask(assignment: Assignment, request: Request) -> Answered:
    gateway = (await services()).gateway(assignment)
    answer = await installed().named(assignment.agent).run(request, gateway)
    return {"answer": answer.model_dump(mode="json"), "steps": gateway.used}
