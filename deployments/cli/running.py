"""Where a command runs its flows: in this process, or at the Prefect server that the user named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from deployments.cli import interruption
from deployments.cli.output import INTERRUPTED, TERMINATED, say
from deployments.cli.session import prefect_api_url
from deployments.runs import Runner, run_here
from storage.settings import data_folder


@contextmanager
def runner(server: str) -> Iterator[Runner]:
    """The way to run flows for the time of the block; starts Prefect's API here when no server is named."""
    if server:
        from deployments.remote import connect, run_there

        connect(server)
        yield run_there
        return
    from deployments.embedded import prefect_api

    say("Starting Prefect …")
    with prefect_api(data_folder()):
        yield run_here


def run_interruptibly(work: Callable[[Runner], Coroutine[Any, Any, int]], interrupted: Callable[[str], None]) -> int:
    """The exit code of work that runs flows; ``interrupted`` says what stopping means, given the server if any.

    Until the work begins, an interruption is what ``interruption.remember`` makes of it.
    """
    server = prefect_api_url()  # asked before a Prefect of our own, if one is started, is named in its place
    with runner(server) as run:
        interruption.hand_over()
        try:
            return asyncio.run(work(run))
        except KeyboardInterrupt:
            interrupted(server)
            return INTERRUPTED
        except BaseException as error:
            # The other one is what Prefect makes of SIGTERM.
            if not isinstance(error, interruption.Terminated) and type(error).__name__ != "TerminationSignal":
                raise
            interrupted(server)
            return TERMINATED
