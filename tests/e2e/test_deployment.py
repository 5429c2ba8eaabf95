"""Novels at a real Prefect server, written by a real process worker, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest

from agents.decisions import planned_calls
from tests.e2e.conftest import PREFECT, CommandLine
from tests.servers.postgres import empty_postgres_url, postgres_server

__all__ = ["empty_postgres_url", "postgres_server"]

PREMISE = "Tomas Reed, a bell founder, casts a bell that must not be rung before the siege ends."
START_SECONDS = 120


@pytest.fixture(scope="module")
def prefect_url(tmp_path_factory) -> Iterator[str]:
    """``prefect server start`` from the pinned set, in a folder of its own."""
    folder = tmp_path_factory.mktemp("prefect")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shell = CommandLine(folder / "data", folder, PREFECT_HOME=str(folder / "prefect"))
    shell.environment |= {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    server = shell.start("server", "start", "--host", "127.0.0.1", "--port", str(port), program=PREFECT)
    url = f"http://127.0.0.1:{port}/api"
    _wait(server, url)
    yield url
    _end(server)


def _wait(server: subprocess.Popen[str], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert server.poll() is None, server.communicate()
        assert time.monotonic() < deadline, "Prefect's server did not start"
        try:
            if httpx.get(f"{url}/health", timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.3)


def _end(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request, prefect_url, tmp_path) -> Iterator[CommandLine]:
    """A command line that knows the Prefect server, with everything deployed and a worker running."""
    cli = CommandLine(tmp_path / "data", tmp_path, PREFECT_API_URL=prefect_url, PREFECT_HOME=str(tmp_path / "prefect"))
    if request.param == "postgresql":
        cli.environment["SCRIPTORIUM_DATABASE_URL"] = request.getfixturevalue("empty_postgres_url")
    for _ in range(2):
        deployed = cli("deploy")
        assert deployed.returncode == 0, deployed.stderr
    worker = cli.start("worker", "start", "--pool", "scriptorium", program=PREFECT)
    yield cli
    _end(worker)


def test_the_command_triggers_the_deployment_and_follows_it(site, prefect_url):
    """A worker writes the novel; the command ends with the book, as it does without a server."""
    written = site("write", PREMISE, "--chapters", "2", "--words", "200", "--json")
    assert written.returncode == 0, written.stderr
    made = json.loads(written.stdout)
    assert made["chapters"] == 2 and made["calls_made"] >= planned_calls(2)
    assert set(made["files"]) == {"epub", "docx", "md"}
    runs = httpx.post(f"{prefect_url}/flow_runs/filter", json={"sort": "START_TIME_DESC"}).json()
    assert made["title"] in runs[0]["name"]
    keys = {one["key"] for one in httpx.post(f"{prefect_url}/artifacts/filter", json={}).json()}
    assert {f"{made['novel']}-{name}" for name in ("progress", "chapter-1", "chapter-2", "chapters")} <= keys


def test_a_run_started_from_prefect_alone_writes_a_novel(site):
    """``prefect deployment run`` with nothing but a premise, as the form in the UI does it."""
    order = json.dumps({"premise": PREMISE, "chapters": 1, "words": 200})
    command = [PREFECT, "deployment", "run", "generate-novel/interactive", "--param", f"order={order}", "--watch"]
    ran = subprocess.run(command, env=site.environment, capture_output=True, text=True, timeout=240, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    novels = json.loads(site("status", "--json").stdout)["novels"]
    assert [(one["state"], one["chapters_accepted"]) for one in novels] == [("finished", 1)]


def test_deploying_twice_makes_each_thing_once(site, prefect_url):
    """One pool, its two queues beside Prefect's own, one deployment."""
    pools = httpx.post(f"{prefect_url}/work_pools/filter", json={}).json()
    assert [pool["name"] for pool in pools] == ["scriptorium"]
    queues = httpx.post(f"{prefect_url}/work_pools/scriptorium/queues/filter", json={}).json()
    assert {queue["name"] for queue in queues} == {"default", "interactive", "batch"}
    deployments = httpx.post(f"{prefect_url}/deployments/filter", json={}).json()
    assert [one["name"] for one in deployments] == ["interactive"]


def test_a_server_that_does_not_answer_is_named_at_once(cli):
    """Nothing is begun, and the line says what to do."""
    cli.environment["PREFECT_API_URL"] = "http://127.0.0.1:9/api"
    written = cli("write", PREMISE)
    assert written.returncode == 2
    assert "does not answer" in written.stderr and "Traceback" not in written.stderr
    assert json.loads(cli("status", "--json").stdout) == {"novels": []}
