"""A step: one model call, named by the fingerprint of its request, with what came of it."""

from __future__ import annotations

from typing import Any, Literal

from story.base import Value
from story.errors import TransientError

Outcome = Literal["ok", "truncated", "refused", "empty", "invalid", "overflow", "limited", "unavailable", "fatal"]
"""How a call ended; only the answer of an ``ok`` call is reused."""


class StepBusy(TransientError):
    """Another run is making the same call at this moment; its answer will serve both."""


class Usage(Value):
    """Tokens of one call as the provider counted them; 0 where it said nothing."""

    tokens_in: int = 0
    tokens_out: int = 0


class Step(Value):
    """What is known of a call: ``answer`` is None until one came, ``outcome`` until it was judged."""

    fingerprint: str
    agent: str
    model: str
    request: dict[str, Any]
    chapter: int = 0
    answer: str | None = None
    outcome: Outcome | None = None
    usage: Usage = Usage()
