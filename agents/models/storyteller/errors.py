"""What the storyteller cannot do, said in one line."""

from __future__ import annotations

from story.errors import TerminalError


class UnsupportedLanguage(TerminalError, ValueError):
    """The offline storyteller writes English; name a model for another language."""


class UnreadableTask(TerminalError, ValueError):
    """The messages hold no task that the offline storyteller knows."""
