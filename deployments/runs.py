"""How a run of a flow ends, and running it in this process; ``deployments.remote`` runs it at a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Parameters = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """A flow to be run: where it stands, and the deployment that runs it at a server."""

    entrypoint: str
    deployment: str


GENERATE_NOVEL = Wanted("flows.generate_novel:generate_novel", "generate-novel/interactive")
IMPORT_MANUSCRIPT = Wanted("flows.import_manuscript:import_manuscript", "import-manuscript/interactive")
REBUILD_PROJECTIONS = Wanted("flows.projections:rebuild_projections", "rebuild-projections/interactive")


@dataclass(frozen=True)
class Ended:
    """How a run ended: its error, or the reason why it is paused, or neither."""

    error: Exception | None = None
    paused: str = ""


Runner = Callable[[Wanted, Parameters], Awaitable[Ended]]
"""Runs a flow to its end, here or there; parameters are JSON."""


async def run_here(wanted: Wanted, parameters: Parameters) -> Ended:
    """Runs the flow in this process."""
    module, _, name = wanted.entrypoint.partition(":")
    flow = getattr(import_module(module), name)
    state = await flow(**parameters, return_state=True)
    if state.name == "Paused":
        return Ended(paused=state.message or "paused")
    if state.is_completed():
        return Ended()
    return Ended(error=await state.aresult(raise_on_failure=False))
