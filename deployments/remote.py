"""Runs at a Prefect server that somebody else runs: the deployment is triggered there and followed."""

from __future__ import annotations

import asyncio
import os

import httpx

from deployments.cli.output import say
from deployments.runs import Ended
from story.errors import InvalidInput, TerminalError
from story.order import Order

DEPLOYMENT = "generate-novel/interactive"
POLL_SECONDS = 1.0
CHECK_SECONDS = 10.0


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


async def run_there(order: Order) -> Ended:
    """Triggers the deployment and waits for the end of its run; an interruption leaves the run alone."""
    from prefect.client.orchestration import get_client
    from prefect.deployments import arun_deployment
    from prefect.exceptions import ObjectNotFound

    try:
        run = await arun_deployment(
            DEPLOYMENT, parameters={"order": order.model_dump(mode="json")}, timeout=0, as_subflow=False
        )
    except ObjectNotFound as error:
        raise ServerUnusable(f"The Prefect server has no deployment {DEPLOYMENT}; run `scriptorium deploy`.") from error
    say(f"Triggered run {run.name} ({run.id}). It goes on there when this command is stopped.")
    async with get_client() as client:
        while not (run.state and run.state.is_final()):
            await asyncio.sleep(POLL_SECONDS)
            run = await client.read_flow_run(run.id)
    assert run.state
    if run.state.name == "Paused":
        return Ended(paused=run.state.message or "paused")
    if run.state.is_completed():
        return Ended()
    return Ended(error=RunFailed(f"The run ended as {run.state.name}: {run.state.message}"))
