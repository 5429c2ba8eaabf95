"""Which process this is, whether the holder of a lease still lives, and what time it is."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psutil

from storage.ports import LEASE_SECONDS, Holder

Clock = Callable[[], datetime]
"""Tells the time, timezone-aware."""

Alive = Callable[[Holder, datetime, datetime], bool]
"""Whether a holder lives, given its last renewal and the time now."""

START_TOLERANCE = 1.0
"""Seconds by which two readings of one process's start may differ: they are rounded in different places."""


def utc_now() -> datetime:
    """The time of the machine."""
    return datetime.now(UTC)


def this_process() -> Holder:
    """The process that asks."""
    pid = os.getpid()
    return Holder(host=socket.gethostname(), pid=pid, started=started(psutil.Process(pid)))


def is_alive(holder: Holder, heartbeat: datetime, now: datetime) -> bool:
    """Whether the holder was heard of within ``LEASE_SECONDS`` and, on this host, its process exists.

    A process that stands still is not heard of; should it wake, the fence keeps it from writing.
    """
    heard_of = now - heartbeat < timedelta(seconds=LEASE_SECONDS)
    return heard_of and (holder.host != socket.gethostname() or _is_running(holder))


def started(process: psutil.Process) -> float:
    """When a process started, in seconds since the machine did: a clock that is set does not move it."""
    booted = psutil.boot_time()  # first, for create_time counts from the boot time that was read last
    return process.create_time() - booted


def _is_running(holder: Holder) -> bool:
    try:
        process = psutil.Process(holder.pid)
        # A killed child stays in the process table until its parent looks, and will never write again.
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(started(process) - holder.started) <= START_TOLERANCE
    except psutil.NoSuchProcess:
        return False
