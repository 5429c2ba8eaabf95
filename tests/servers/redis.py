"""A Redis server of our own, or the one at ``SCRIPTORIUM_TEST_REDIS_URL``; every test has a prefix of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import require_server

START_SECONDS = 30.0


@dataclass
class Redis:
    """A server that can be stopped and started again, empty, at the same place."""

    folder: Path
    port: int
    password: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://{f':{self.password}@' if self.password else ''}127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it, and waits until it takes connections."""
        program = shutil.which("redis-server")
        if program is None:
            require_server("Redis", "apt-get install redis-server")
        settings = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "no"}
        if self.password:
            settings["requirepass"] = self.password
        options = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
        log = self.folder / "log"
        with log.open("wb") as output:
            self.process = subprocess.Popen([program, *options], stdout=output, stderr=output, cwd=self.folder)
        _wait(self.process, log)

    def stop(self) -> None:
        """Ends it by its pid, its connections with it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=START_SECONDS)
            self.process = None


def _wait(server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while b"Ready to accept connections" not in log.read_bytes():
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise RuntimeError(f"Redis does not start:\n{log.read_text()}")
        time.sleep(0.02)


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_redis(password: str = "") -> Iterator[Redis]:
    """A server for the time of the block."""
    folder = Path(tempfile.mkdtemp(prefix="scriptorium-redis-"))
    server = Redis(folder, free_port(), password)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of the server of this session."""
    if given := os.environ.get("SCRIPTORIUM_TEST_REDIS_URL"):
        yield given
        return
    with running_redis() as server:
        yield server.url


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A server of one test, which may stop it."""
    with running_redis() as server:
        yield server


@pytest.fixture
def closed_redis() -> Iterator[Redis]:
    """A server that asks for a password."""
    with running_redis(password="open-sesame") as server:
        yield server
