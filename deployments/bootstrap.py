"""``scriptorium deploy``: work pool and queues first, then ``prefect.yaml``. Twice is as good as once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from deployments.cli.output import say
from deployments.cli.session import opened, prefect_api_url
from story.errors import InvalidInput, TransientError

POOL = "scriptorium"
QUEUES = {"interactive": 1, "batch": 2}
"""Queues of the pool with their priority; what a person waits for goes first."""

DEPLOYMENTS = Path(__file__).parent.parent / "prefect.yaml"


class DeployFailed(TransientError):
    """The deployments were not made."""


def deploy_all() -> int:
    """Makes everything that runs need at the Prefect server of ``PREFECT_API_URL``, or leaves it as it is."""
    from deployments.remote import connect

    server = prefect_api_url()
    if not server:
        raise InvalidInput("PREFECT_API_URL names no Prefect server; export it, as in http://127.0.0.1:4200/api.")
    if not DEPLOYMENTS.is_file():
        raise InvalidInput(f"{DEPLOYMENTS} is not there; run `scriptorium deploy` from a checkout of Scriptorium.")
    connect(server)
    asyncio.run(_migrate())
    asyncio.run(_make_pool())
    _deploy()
    say(f"Deployed to {server}. Start a worker with: prefect worker start --pool {POOL}")
    return 0


async def _migrate() -> None:
    async with opened():
        """Workers only check that the database is at our migration; this brings it there."""


async def _make_pool() -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound
    from prefect.workers.process import ProcessWorker

    async with get_client() as client:
        try:
            await client.read_work_pool(POOL)
        except ObjectNotFound:
            template = ProcessWorker.get_default_base_job_template()
            await client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
        there = {queue.name for queue in await client.read_work_queues(work_pool_name=POOL)}
        for name, priority in QUEUES.items():
            if name not in there:
                await client.create_work_queue(name, work_pool_name=POOL, priority=priority)


def _deploy() -> None:
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", DEPLOYMENTS.name]
    done = subprocess.run(command, cwd=DEPLOYMENTS.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DeployFailed(f"Prefect did not take the deployments: {(done.stderr or done.stdout)[-600:]}")
