"""A Neo4j server of our own, made of the jars that ``make servers`` gets, or the one at ``SCRIPTORIUM_TEST_NEO4J_URL``.

Neo4j Community holds a single database, so that tests share it; each uses novels of its own.
"""

from __future__ import annotations

import os
import secrets
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

LIBRARY = Path(__file__).parents[2] / ".servers" / "neo4j" / "lib"
START_SECONDS = 180.0
SETTINGS = {
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "server.memory.heap.initial_size": "512m",
    "server.memory.heap.max_size": "512m",
    "server.memory.pagecache.size": "128m",
    "dbms.usage_report.enabled": "false",
    "db.tx_log.rotation.retention_policy": "keep_none",
}


@dataclass(frozen=True)
class Neo4j:
    """A server; ``pid`` is set when it is ours."""

    url: str
    pid: int | None = None


def is_installed() -> bool:
    """Whether there is Java, and the jars."""
    return shutil.which("java") is not None and any(LIBRARY.glob("neo4j-server-*.jar"))


@contextmanager
def running() -> Iterator[Neo4j]:
    """A server on a free port of the loopback address with its data in a temporary folder, for the time of the block."""
    home, port, password = Path(tempfile.mkdtemp(prefix="scriptorium-neo4j-")), _free_port(), secrets.token_hex(8)
    try:
        _configure(home, port, password)
        server = _started(home, port)
        try:
            yield Neo4j(f"bolt://neo4j:{password}@127.0.0.1:{port}", server.pid)
        finally:
            server.kill()  # the folder goes with it, so that nothing has to be saved
            server.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _configure(home: Path, port: int, password: str) -> None:
    folder = home / "conf"
    folder.mkdir()
    address = {"server.bolt.listen_address": f"127.0.0.1:{port}"}
    lines = [f"{name}={value}\n" for name, value in (SETTINGS | address).items()]
    (folder / "neo4j.conf").write_text("".join(lines), encoding="utf-8")
    # Without the two variables the command sets the password of a database in the working folder.
    named = {**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(folder)}
    command = [*_java("org.neo4j.server.startup.Neo4jAdminCommand"), "dbms", "set-initial-password", password]
    subprocess.run(command, env=named, check=True, capture_output=True)


def _started(home: Path, port: int) -> subprocess.Popen[bytes]:
    folders = [f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
    log = home / "output"
    with log.open("wb") as output:
        command = [*_java("org.neo4j.server.CommunityEntryPoint"), *folders]
        server = subprocess.Popen(command, stdout=output, stderr=output, cwd=home)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise RuntimeError(f"Neo4j does not start on port {port}:\n{log.read_text()}")
        time.sleep(0.1)
    return server


def _java(entry: str) -> list[str]:
    return ["java", "-Xmx512m", "-cp", f"{LIBRARY}/*", entry]


def _answers(port: int) -> bool:
    # Bolt is opened last, once the database can be used.
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Neo4j]:
    """The server of this session."""
    if given := os.environ.get("SCRIPTORIUM_TEST_NEO4J_URL"):
        yield Neo4j(given)
        return
    if not is_installed():
        require_server("Neo4j", "make servers")
    with running() as server:
        yield server
