"""Prefect inside the command: its API in a thread of this process, with everything it keeps in the data folder.

Prefect reads its settings when it is first imported: from the environment, from profiles and from files of the
working folder. ``isolate`` therefore has to run before anything else imports it.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from story.errors import TransientError

if TYPE_CHECKING:
    from uvicorn import Server

START_SECONDS = 120.0
"""How long Prefect's API may take to start; a fresh database takes 10 to 20 s, on a busy machine more."""

_OWN = {
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # A failed run is told in one line by the command; its traceback stands with the run in Prefect.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "agents,storage,tasks,flows",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE": "20000",
    "DO_NOT_TRACK": "1",
}


class PrefectUnavailable(TransientError):
    """Prefect's API did not start."""


@contextmanager
def prefect_api(home: Path) -> Iterator[None]:
    """Prefect's API for the time of the block, on a free port of the loopback address; raises ``PrefectUnavailable``.

    A thread, not a child process: it ends with this process however that ends, and holds no output open.
    """
    folder = home / "prefect"
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        isolate(folder, listener.getsockname()[1])
        server, thread = _start(folder, listener)
        try:
            yield
        finally:
            _stop(server, thread)


def isolate(folder: Path, port: int) -> None:
    """Points Prefect at this folder and port alone, whatever the user's own Prefect is set to."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ.update(
        _OWN,
        PREFECT_HOME=str(folder),
        PREFECT_PROFILES_PATH=str(folder / "profiles.toml"),
        PREFECT_API_URL=f"http://127.0.0.1:{port}/api",
        PREFECT_SERVER_DATABASE_CONNECTION_URL=f"sqlite+aiosqlite:///{quote(str(folder / 'prefect.db'))}",
        PREFECT_RESULTS_LOCAL_STORAGE_PATH=str(results_folder(folder.parent)),
    )
    for name in ("NO_PROXY", "no_proxy"):  # a proxy does not lead to this process
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
    with chdir(folder):  # away from a .env, prefect.toml or pyproject.toml of the working folder
        import prefect.main  # noqa: F401  # the import is what reads the settings
        from prefect.context import refresh_global_settings_context

        refresh_global_settings_context()  # they were read before when somebody imported Prefect first
    for name in ("docket", "prefect.EventsWorker"):  # what Prefect's server says to itself is not the user's affair
        logging.getLogger(name).setLevel(logging.CRITICAL)


def results_folder(home: Path) -> Path:
    """Where the embedded Prefect keeps the results of tasks."""
    return home / "prefect" / "results"


def _start(folder: Path, listener: socket.socket) -> tuple[Server, threading.Thread]:
    from filelock import FileLock
    from prefect.server.api.server import create_app
    from uvicorn import Config, Server

    with FileLock(folder / "start.lock"):  # two first starts would both migrate the fresh database
        server = Server(Config(create_app(ephemeral=True), log_level="critical", access_log=False))
        # Signals are the command's; only the main thread may handle them.
        thread = threading.Thread(target=_serve, args=(server, listener), name="prefect-api", daemon=True)
        thread.start()
        _await_start(server, thread)
    return server, thread


def _serve(server: Server, listener: socket.socket) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server.run(sockets=[listener])


def _await_start(server: Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive():
            raise PrefectUnavailable(
                "Prefect's API could not start; check that the data folder can be written and its disk has room."
            )
        if time.monotonic() > deadline:
            raise PrefectUnavailable(f"Prefect's API did not start within {START_SECONDS:.0f} s; try again.")
        time.sleep(0.02)


def _stop(server: Server, thread: threading.Thread) -> None:
    from prefect.events.worker import EventsWorker

    EventsWorker.drain_all(timeout=5)
    server.should_exit = True
    thread.join(timeout=5)
