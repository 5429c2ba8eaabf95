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
"""Seconds by which two readings of one process's start may differ: it is counted from a boot time that is adjusted."""


def utc_now() -> datetime:
    """The time of the machine."""
    return datetime.now(UTC)


def this_process() -> Holder:
    """The process that asks."""
    pid = os.getpid()
    return Holder(host=socket.gethostname(), pid=pid, started=psutil.Process(pid).create_time())


def is_alive(holder: Holder, heartbeat: datetime, now: datetime) -> bool:
    """Whether the holder's process exists, or, on another host, was heard of within ``LEASE_SECONDS``."""
    if holder.host == socket.gethostname():
        return _is_running(holder)
    return now - heartbeat < timedelta(seconds=LEASE_SECONDS)


def _is_running(holder: Holder) -> bool:
    try:
        process = psutil.Process(holder.pid)
        # A killed child stays in the process table until its parent looks, and will never write again.
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(process.create_time() - holder.started) <= START_TOLERANCE
    except psutil.NoSuchProcess:
        return False
