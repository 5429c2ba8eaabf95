"""A PostgreSQL cluster of our own, or the one at ``SCRIPTORIUM_TEST_POSTGRES_URL``, with a new database per test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from storage.sql import upgrade
from tests.servers import require_server

START_SECONDS = 30.0
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "restart_after_crash": "off",
}


class Postgres:
    """A server that makes databases; ``pid`` is set when it is ours."""

    def __init__(self, url: str, pid: int | None = None) -> None:
        self.url = url.rpartition("/")[0]
        self.pid = pid
        self._maintenance = url
        self._template: str | None = None

    async def create(self, template: str | None = None) -> str:
        """The URL of a new database."""
        name = f"test_{uuid.uuid4().hex}"
        await self._run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return f"{self.url}/{name}"

    async def create_migrated(self) -> str:
        """The URL of a new database that holds our tables; they are made once and copied."""
        if self._template is None:
            url = await self.create()
            await upgrade(url)
            self._template = _name(url)
        return await self.create(self._template)

    async def drop(self, url: str) -> None:
        """Removes a database, whoever is connected to it."""
        await self._run(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")

    async def close(self) -> None:
        """Removes the template."""
        if self._template is not None:
            await self.drop(f"{self.url}/{self._template}")

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._maintenance)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def find_binaries() -> Path | None:
    """The folder of PostgreSQL's programs; they are often not on the path."""
    found = [Path(program).resolve().parent] if (program := shutil.which("initdb")) else []
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    folders = [folder for folder in (*found, *reversed(installed)) if (folder / "postgres").exists()]
    return folders[0] if folders else None


def _unprivileged() -> dict[str, Any]:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def start_cluster(folder: Path, binaries: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A running server with its data in the folder, and its URL."""
    account = _unprivileged()
    if account:
        os.chown(folder, account["user"], account["group"])
    data, log = folder / "data", folder / "log"
    initdb = [binaries / "initdb", "-D", data, "-U", "scriptorium", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **account)
    port = _free_port()
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    command = [binaries / "postgres", "-D", data, "-p", str(port), *options]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, **account)
    _wait(server, port, log)
    return server, f"postgresql://scriptorium@127.0.0.1:{port}/postgres"


def stop_cluster(server: subprocess.Popen[bytes]) -> None:
    """Ends a server by its pid, its connections with it."""
    server.send_signal(signal.SIGINT)
    server.wait(timeout=START_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while b"ready to accept connections" not in log.read_bytes():
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise RuntimeError(f"PostgreSQL does not start on port {port}:\n{log.read_text()}")
        time.sleep(0.02)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The server of this session."""
    if given := os.environ.get("SCRIPTORIUM_TEST_POSTGRES_URL"):
        yield Postgres(given)
        return
    if (binaries := find_binaries()) is None:
        require_server("PostgreSQL", "apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="scriptorium-postgres-"))
    server, url = start_cluster(folder, binaries)
    try:
        yield Postgres(url, server.pid)
    finally:
        stop_cluster(server)
        shutil.rmtree(folder)


@pytest.fixture
async def empty_postgres_url(postgres_server: Postgres) -> AsyncIterator[str]:
    """The URL of a new database without tables."""
    url = await postgres_server.create()
    yield url
    await postgres_server.drop(url)


@pytest.fixture
async def postgres_url(postgres_server: Postgres) -> AsyncIterator[str]:
    """The URL of a new database at the newest migration."""
    url = await postgres_server.create_migrated()
    yield url
    await postgres_server.drop(url)
