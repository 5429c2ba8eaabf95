"""Ctrl-C and SIGTERM while a command starts: libraries that load may swallow them, so they are remembered here."""

from __future__ import annotations

import logging
import signal
from types import FrameType

from deployments.cli.output import say

_asked: list[int] = []


def asked() -> bool:
    """Whether somebody asked this command to stop while it started."""
    return bool(_asked)


def remember() -> None:
    """From here to ``hand_over``, an interruption is remembered, whatever becomes of its ``KeyboardInterrupt``."""
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    # What a connection says when it is cut is not for the user.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)


class Terminated(BaseException):
    """SIGTERM came while a command was at work."""


def hand_over() -> None:
    """Leaves Ctrl-C to the event loop, which cancels its work; raises ``KeyboardInterrupt`` if one was swallowed.

    SIGTERM raises ``Terminated`` from here on; while a flow runs in this process, Prefect has a way of its own.
    """
    if _asked:
        raise KeyboardInterrupt
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def _interrupt(number: int, _frame: FrameType | None) -> None:
    if not _asked:
        say("Stopped before anything was begun.")
    _asked.append(number)
    raise KeyboardInterrupt
