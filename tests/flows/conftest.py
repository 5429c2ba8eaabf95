"""Prefect's real API in a thread, once for all flow tests, and services on which a flow may run."""

from __future__ import annotations

import pytest

from tasks import agents as agent_tasks
from tasks.wiring import override
from tests.services import in_memory


@pytest.fixture(scope="session", autouse=True)
def prefect_server(tmp_path_factory):
    """Prefect as the command line runs it, in a folder of its own."""
    from deployments.embedded import prefect_api

    with prefect_api(tmp_path_factory.mktemp("home")):
        yield


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Retries follow at once."""
    for name in ("build_world", "assemble_cast", "outline_plot", "write_chapter", "edit_chapter", "chronicle"):
        monkeypatch.setattr(getattr(agent_tasks, name), "retry_delay_seconds", 0)


@pytest.fixture
def given(tmp_path):
    """Services on memory, in force for the test."""
    made = in_memory(tmp_path, f"owner-{tmp_path.name}")
    with override(made):
        yield made
