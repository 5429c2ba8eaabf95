"""Batch flows as a process of their own, which kills itself with SIGKILL where it is told to.

``python -m tests.e2e.projecting FLOW PLACE N`` runs a flow (or ``both``) until the N-th time (from 1) that a batch is to
be carried out (``write``), or its position to be moved after it was (``advance``); N = 0 kills nowhere.
``python -m tests.e2e.projecting content NOVEL`` prints the hash of what stands in the stores.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from deployments.cli.session import opened
from deployments.embedded import prefect_api
from storage.settings import data_folder


def kill_before(owner: type, method: str, n: int) -> None:
    """Ends this process before the n-th call of a method."""
    whole, left = getattr(owner, method), [n]

    async def counted(self, *args, **kwargs):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return await whole(self, *args, **kwargs)

    setattr(owner, method, counted)


async def print_content(novel: str) -> None:
    """Prints the hash of what stands in the stores of a novel."""
    async with opened() as given:
        sys.stdout.write(await given.memory.content(novel, given.owner))


def main() -> None:
    """Does what the arguments say."""
    if sys.argv[1] == "content":
        asyncio.run(print_content(sys.argv[2]))
    else:
        run_flows(sys.argv[1], sys.argv[2], int(sys.argv[3]))


def run_flows(name: str, place: str, n: int) -> None:
    """Runs the flow, or both, one after the other."""
    with prefect_api(data_folder()):
        from flows import projections
        from storage.projections import pending, projection, sql, story_memory

        story_memory.LOCK_SECONDS = 1.0  # the lock of a killed process is soon free
        pending.batches.__defaults__ = (600,)  # several batches in a short book
        owners = {"graph": projection.GraphProjection, "passages": projection.PassagesProjection}
        kinds = {"embed_passages": "passages", "ingest_graph": "graph"}
        if n:
            owner = sql.SqlPositions if place == "advance" else owners[kinds[name]]
            kill_before(owner, place, n)
        for one in kinds if name == "both" else (name,):
            asyncio.run(getattr(projections, one)())


if __name__ == "__main__":
    main()
