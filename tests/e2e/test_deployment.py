"""Novels at a real Prefect server, written and imported by a real process worker, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from agents.decisions import planned_calls
from deployments.bootstrap import DEPLOYMENTS
from tests.e2e.conftest import PREFECT, SECONDS, CommandLine, wait_for
from tests.e2e.test_story_memory import PEOPLE, answer, manuscript
from tests.servers.postgres import postgres_server

__all__ = ["postgres_server"]

PREMISE = "Tomas Reed, a bell founder, casts a bell that must not be rung before the siege ends."
START_SECONDS = 120

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what a database makes no difference to."""


@pytest.fixture(scope="module")
def prefect_url(tmp_path_factory) -> Iterator[str]:
    """``prefect server start`` from the pinned set, in a folder of its own."""
    folder = tmp_path_factory.mktemp("prefect")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shell = CommandLine(folder / "data", folder, PREFECT_HOME=str(folder / "prefect"))
    shell.environment |= {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    log = folder / "server.log"
    server = shell.serve("server", "start", "--host", "127.0.0.1", "--port", str(port), log=log)
    url = f"http://127.0.0.1:{port}/api"
    try:
        _wait(server, url, log)
        yield url
    finally:
        _end(server)


def _wait(server: subprocess.Popen[str], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            if httpx.get(f"{url}/health", timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.3)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request) -> Iterator[dict[str, str]]:
    """The settings that name the database: none, or a new one on a server."""
    if request.param == "sqlite":
        yield {}
        return
    postgres = request.getfixturevalue("postgres_server")
    url = asyncio.run(postgres.create())
    yield {"SCRIPTORIUM_DATABASE_URL": url}
    asyncio.run(postgres.drop(url))


@pytest.fixture(scope="module")
def site(prefect_url, database, models, tmp_path_factory) -> Iterator[CommandLine]:
    """A command line that knows the Prefect server, with everything deployed and a worker running."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "data").mkdir()
    (folder / "data" / "models").symlink_to(models)
    cli = CommandLine(folder / "data", folder, PREFECT_API_URL=prefect_url, PREFECT_HOME=str(folder / "prefect"))
    cli.environment |= database
    deployed = cli("deploy")
    assert deployed.returncode == 0, deployed.stderr
    log = folder / "worker.log"
    worker = cli.serve("worker", "start", "--pool", "scriptorium", log=log)
    yield cli
    ended = worker.poll()
    _end(worker)
    assert ended is None, log.read_text()


def found(prefect_url: str, kind: str, **criteria: object) -> list[dict]:
    """What the Prefect server has of a kind."""
    answered = httpx.post(f"{prefect_url}/{kind}/filter", json=criteria, timeout=30)
    assert answered.is_success, answered.text
    return answered.json()


def test_the_command_triggers_the_deployment_and_follows_it(site, prefect_url):
    """A worker writes the novel; the command ends with the book, as it does without a server."""
    made = answer(site("write", PREMISE, "--chapters", "2", "--words", "200", "--json"))
    assert made["chapters"] == 2 and made["calls_made"] >= planned_calls(2)
    assert set(made["files"]) == {"epub", "docx", "md"}
    flows = {"name": {"any_": ["generate-novel"]}}
    last, *_ = found(prefect_url, "flow_runs", flows=flows, sort="START_TIME_DESC")
    assert made["title"] in last["name"]
    keys = {one["key"] for one in found(prefect_url, "artifacts")}
    assert {f"{made['novel']}-{name}" for name in ("progress", "chapter-1", "chapter-2", "chapters")} <= keys


def test_a_run_started_from_prefect_alone_writes_a_novel(site):
    """``prefect deployment run`` with nothing but a premise, as the form in the UI does it."""
    before = len(answer(site("status", "--json"))["novels"])
    order = json.dumps({"premise": "A bell founder leaves the town.", "chapters": 1, "words": 200})
    command = [PREFECT, "deployment", "run", "generate-novel/interactive", "--param", f"order={order}", "--watch"]
    ran = subprocess.run(command, env=site.environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    novels = answer(site("status", "--json"))["novels"]
    assert len(novels) == before + 1
    assert ("finished", 1) in {(one["state"], one["chapters_accepted"]) for one in novels}


@on_sqlite
def test_a_book_is_taken_in_and_its_memory_rebuilt_by_the_worker(site):
    """Import and rebuild end with what they end with when the command runs them itself."""
    book = site.user / "weir.md"
    book.write_text(manuscript())
    made = answer(site("import", str(book), "--json"))
    assert (made["chapters"], made["characters"]) == (6, len(PEOPLE)) and made["passages"] >= 12
    (row,) = answer(site("rebuild", made["novel"], "--json"))["novels"]
    assert row["before"] == row["after"]


@on_sqlite
def test_ctrl_c_leaves_the_run_at_the_server_alone(site, prefect_url):
    """The command ends with 130 and says where the run goes on, which it does."""
    book = site.user / "left.md"
    book.write_text(manuscript(chapters=2))
    following = site.start("import", str(book), "--title", "Left Alone")
    while "Triggered run" not in following.stderr.readline():
        assert following.poll() is None
    following.send_signal(signal.SIGINT)
    _, said = following.communicate(timeout=30)
    assert following.returncode == 130, said
    assert f"Stopped following; the run goes on at {prefect_url}. See: scriptorium status " in said
    wait_for(lambda: ("Left Alone", "finished") in _novels(site), SECONDS)


def _novels(site: CommandLine) -> set[tuple[str, str]]:
    return {(one["title"], one["state"]) for one in answer(site("status", "--json"))["novels"]}


@on_sqlite
def test_deploying_twice_makes_each_thing_once(site, prefect_url):
    """One pool, its two queues beside Prefect's own, and the deployments of ``prefect.yaml``."""
    deployed = site("deploy")
    assert deployed.returncode == 0, deployed.stderr
    assert [pool["name"] for pool in found(prefect_url, "work_pools")] == ["scriptorium"]
    queues = found(prefect_url, "work_pools/scriptorium/queues")
    assert {queue["name"] for queue in queues} == {"default", "interactive", "batch"}
    flows = {flow["id"]: flow["name"] for flow in found(prefect_url, "flows")}
    made = [f"{flows[one['flow_id']]}/{one['name']}" for one in found(prefect_url, "deployments")]
    assert sorted(made) == sorted(_described())


def _described() -> list[str]:
    described = yaml.safe_load(DEPLOYMENTS.read_text())["deployments"]
    return [f"{one['entrypoint'].rpartition(':')[2].replace('_', '-')}/{one['name']}" for one in described]


def test_a_server_that_does_not_answer_is_named_at_once(cli):
    """Nothing is begun, and the line says what to do."""
    cli.environment["PREFECT_API_URL"] = "http://127.0.0.1:9/api"
    written = cli("write", PREMISE)
    assert written.returncode == 2
    assert "does not answer" in written.stderr and "Traceback" not in written.stderr
    assert json.loads(cli("status", "--json").stdout) == {"novels": []}
