"""Who lives."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from storage.ports import LEASE_SECONDS, Holder
from storage.processes import is_alive, started, this_process, utc_now

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)


@pytest.fixture
def child():
    """A process that waits, and us as if we were it."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    begun = started(psutil.Process(process.pid))
    yield process, this_process().model_copy(update={"pid": process.pid, "started": begun})
    process.stdin.close()
    process.kill()
    process.wait()


def test_this_process_lives():
    """We live as long as we are heard of."""
    assert this_process().pid == os.getpid()
    assert is_alive(this_process(), NOW, NOW)


def test_a_process_that_stands_still_is_taken_over():
    """Whoever has not been heard of for long is gone, though its process is there: the fence keeps it from writing."""
    assert not is_alive(this_process(), LONG_AGO, NOW)


def test_a_clock_that_is_set_kills_nobody(monkeypatch):
    """A process's start is counted from the machine's, which moves with the clock as it does."""
    me = this_process()
    real, boot = psutil.Process.create_time, psutil.boot_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: real(self) + 3600)
    monkeypatch.setattr(psutil, "boot_time", lambda: boot() + 3600)
    assert is_alive(me, NOW, NOW)


def test_a_child_lives_until_it_is_killed(child):
    """A killed process is gone at once, even while its parent has not looked after it."""
    process, holder = child
    assert is_alive(holder, NOW, NOW)
    process.kill()
    deadline = time.monotonic() + 5
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(holder, NOW, NOW)
    process.wait()
    assert not is_alive(holder, NOW, NOW)


@pytest.mark.parametrize(("shift", "lives"), [(0.5, True), (-0.5, True), (2.0, False), (-2.0, False)])
def test_a_reused_pid_is_another_process(shift, lives):
    """A process that started at another time is another process."""
    me = this_process()
    assert is_alive(me.model_copy(update={"started": me.started + shift}), NOW, NOW) is lives


@pytest.mark.parametrize(("age", "lives"), [(0.0, True), (LEASE_SECONDS - 1, True), (LEASE_SECONDS, False)])
def test_another_host_lives_by_its_heartbeat(age, lives):
    """A process elsewhere lives as long as it has been heard of lately."""
    holder = Holder(host="elsewhere.invalid", pid=os.getpid(), started=this_process().started)
    assert is_alive(holder, NOW - timedelta(seconds=age), NOW) is lives


def test_the_clock_knows_its_zone():
    """Times are timezone-aware."""
    assert utc_now().tzinfo is UTC
