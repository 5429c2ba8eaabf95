"""The one base of all errors that Scriptorium raises on purpose, and the two marks that retries look at."""

from __future__ import annotations

from typing import Any, ClassVar


class ScriptoriumError(Exception):
    """Something went wrong that a person can act on; the message says what happened and what to do.

    All arguments go to ``Exception.__init__``, so that every subclass survives pickling: Prefect pickles the
    failures of flows.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*(args or (type(self).__doc__,)))

    def __str__(self) -> str:
        return str(self.args[0])


class TransientError(ScriptoriumError):
    """Trying the same again later may succeed. ``retries`` bounds how often that is sensible."""

    retries: ClassVar[int] = 4


class TerminalError(ScriptoriumError):
    """Trying the same again cannot succeed; somebody has to change something first."""


class InvalidInput(TerminalError):
    """The input cannot be used."""


class UnknownNovel(InvalidInput):
    """No novel answers to that name; `scriptorium status` lists them."""


class UnsupportedEvent(TerminalError):
    """The log holds an event that this version cannot read; upgrade Scriptorium."""
