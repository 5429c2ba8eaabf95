"""A Milvus server of our own, or the one at ``SCRIPTORIUM_TEST_MILVUS_URL``; and Milvus Lite's own server.

Milvus has no place that a test could have for itself: a test that needs an empty store drops the collection first, so
that a server is used by one test at a time.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import require_server

PROGRAM = Path(__file__).parents[2] / ".servers" / "milvus" / "bin" / "milvus-server"
START_SECONDS = 180.0
END_SECONDS = 30.0
# ``milvus-lite`` that heeds Ctrl-C also where it is ignored, as it is in what runs in the background of a shell.
LITE_PROGRAM = (
    "import signal, sys; from milvus_lite.cmdline import main; "
    "signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(main())"
)
PARTS = (
    "proxy", "proxy-internal", "root-coord", "query-coord", "query-node", "index-coord", "index-node", "data-coord",
    "data-node", "etcd",
)  # fmt: skip


@dataclass(frozen=True)
class Milvus:
    """A server; ``pid`` is set when it is ours."""

    url: str
    pid: int | None = None


def is_installed() -> bool:
    """Whether there is a Milvus server to be started."""
    return PROGRAM.exists()


@contextmanager
def running() -> Iterator[Milvus]:
    """A Milvus server on free ports with its data in a temporary folder, for the time of the block."""
    folder = Path(tempfile.mkdtemp(prefix="scriptorium-milvus-"))
    *ports, peers = _free_ports(len(PARTS) + 1)
    options = [f"--{part}-port={port}" for part, port in zip(PARTS, ports, strict=True)]
    # The part that keeps its metadata takes its ports from a file, not from an option.
    named = {**os.environ, "PYTHONUNBUFFERED": "1", "ETCD_CONFIG_PATH": str(_etcd(folder, ports[-1], peers))}
    try:
        with _started([str(PROGRAM), f"--data={folder}", *options], "Ctrl+C", folder / "output", named) as pid:
            yield Milvus(f"http://127.0.0.1:{ports[0]}", pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_lite(data: Path, port: int | None = None) -> Iterator[Milvus]:
    """Milvus Lite's own server over the file, for the time of the block; it ends as with Ctrl-C.

    After a flush it goes on writing files of indexes in the background, and loads no collection with half a one.
    """
    (port,) = [port] if port else _free_ports(1)
    command = [sys.executable, "-c", LITE_PROGRAM, "server", "--data-dir", str(data)]
    named = {**os.environ, "PYTHONUNBUFFERED": "1"}
    address = ["--host", "127.0.0.1", "--port", str(port)]
    with _started([*command, *address], "listening", Path(f"{data}.output"), named, signal.SIGINT) as pid:
        yield Milvus(f"http://127.0.0.1:{port}", pid)


def _etcd(folder: Path, port: int, peers: int) -> Path:
    client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peers}"
    file = folder / "etcd.yaml"
    file.write_text(
        f"name: default\ndata-dir: {folder / 'etcd'}\n"
        f"listen-client-urls: {client}\nadvertise-client-urls: {client}\n"
        f"listen-peer-urls: {peer}\ninitial-advertise-peer-urls: {peer}\ninitial-cluster: default={peer}\n"
    )
    return file


@contextmanager
def _started(
    command: list[str], sign: str, log: Path, named: dict[str, str], end: signal.Signals = signal.SIGKILL
) -> Iterator[int]:
    # In a process group of its own: Milvus' program starts the server proper and would leave it behind.
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, env=named, start_new_session=True)
    try:
        deadline = time.monotonic() + START_SECONDS
        while sign.encode() not in log.read_bytes():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield server.pid
    finally:
        os.killpg(server.pid, end)
        try:
            server.wait(timeout=END_SECONDS)
        finally:
            server.kill()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@pytest.fixture(scope="session")
def milvus_server() -> Iterator[Milvus]:
    """The Milvus server of this session."""
    if given := os.environ.get("SCRIPTORIUM_TEST_MILVUS_URL"):
        yield Milvus(given)
        return
    if not is_installed():
        require_server("Milvus", "make servers")
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def milvus_lite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Milvus]:
    """Milvus Lite's own server of this session."""
    with running_lite(tmp_path_factory.mktemp("milvus-lite") / "vectors.db") as server:
        yield server
