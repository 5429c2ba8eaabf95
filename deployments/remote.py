"""Runs at a Prefect server that somebody else runs: the deployment is triggered there and followed."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from deployments.cli.output import say
from deployments.runs import Ended, Parameters, Wanted
from story.errors import InvalidInput, TerminalError

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

POLL_SECONDS = 1.0
CHECK_SECONDS = 10.0
IDLE_SECONDS = 10.0
"""After so long without a worker, the command says that one is missing."""


class ServerUnusable(InvalidInput):
    """The Prefect server cannot be used."""


class RunFailed(TerminalError):
    """The run at the Prefect server did not complete."""


def connect(server: str) -> None:
    """Points Prefect at the server, before it is first imported; raises ``ServerUnusable`` when it does not answer."""
    os.environ["PREFECT_API_URL"] = server
    # What is meant for that server must never start one of its own.
    os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "false"
    try:
        answer = httpx.get(f"{server.rstrip('/')}/health", timeout=CHECK_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServerUnusable(
            f"The Prefect server {server} does not answer ({type(error).__name__}); start it, or unset PREFECT_API_URL."
        ) from error
    if not answer.is_success:
        raise ServerUnusable(
            f"The Prefect server {server} answers with HTTP {answer.status_code}; check PREFECT_API_URL."
        )


async def run_there(wanted: Wanted, parameters: Parameters) -> Ended:
    """Triggers the deployment and waits for the end of its run; an interruption leaves the run alone."""
    from prefect.deployments import arun_deployment
    from prefect.exceptions import ObjectNotFound

    try:
        run = await arun_deployment(wanted.deployment, parameters=parameters, timeout=0, as_subflow=False)
    except ObjectNotFound as error:
        raise ServerUnusable(
            f"The Prefect server has no deployment {wanted.deployment}; run `scriptorium deploy`."
        ) from error
    say(f"Triggered run {run.name} ({run.id}). It goes on there when this command is stopped.")
    state = await _final_state(run.id)
    if state.name == "Paused":
        return Ended(paused=state.message or "paused")
    if state.is_completed():
        return Ended()
    return Ended(error=RunFailed(f"The run ended as {state.name}: {state.message}"))


async def _final_state(run_id: UUID) -> State[Any]:
    """The state in which the run ends; says so when nobody takes it, or when the server is away for a while."""
    from prefect.client.orchestration import get_client

    told, looks = "", 0
    async with get_client() as client:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            looks += 1
            try:
                state = (await asyncio.wait_for(client.read_flow_run(run_id), CHECK_SECONDS)).state
            except (httpx.HTTPError, TimeoutError):
                told = _tell(told, "Prefect's server does not answer; waiting for it.")
                continue
            if state is not None and state.is_final():
                return state
            if looks * POLL_SECONDS >= IDLE_SECONDS and (state is None or state.is_scheduled() or state.is_pending()):
                told = _tell(
                    told, "No worker has taken the run yet; start one: prefect worker start --pool scriptorium"
                )


def _tell(told: str, news: str) -> str:
    if news != told:
        say(news)
    return news
