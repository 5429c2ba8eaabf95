"""Runs one batch flow as a process of its own, and kills itself with SIGKILL where it is told to.

Usage: ``python -m tests.e2e.projecting FLOW PLACE N``: before the N-th time (from 1) that a batch is carried out
(``write``), or that its position is moved after it was (``advance``); N = 0 kills nowhere.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

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


def main() -> None:
    """Runs the flow."""
    name, place, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
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
        asyncio.run(getattr(projections, name)())


if __name__ == "__main__":
    main()
