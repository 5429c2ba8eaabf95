"""How calls end: every answer and every failure of a provider becomes one typed outcome.

A stop reason that is not on the list means that the answer is not whole: the official clients raise nothing when a
stream was cut off, the reason is simply missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import httpx
from langchain_core.messages import AIMessage

from story.errors import ScriptoriumError, TerminalError, TransientError
from story.steps import Outcome, Usage

WHOLE = frozenset({"stop", "end_turn", "stop_sequence", "STOP"})
"""Stop reasons of OpenAI, Anthropic, Ollama and compatible servers that mean a whole answer."""

REFUSED = frozenset({"refusal", "content_filter"})


class CallFailed(ScriptoriumError):
    """A model call did not give a usable answer."""

    outcome: ClassVar[Outcome]


class Unavailable(CallFailed, TransientError):
    """The provider does not answer at the moment."""

    outcome = "unavailable"


class TimedOut(Unavailable):
    """The model took longer than a call may take."""

    retries = 1


class Limited(CallFailed, TransientError):
    """The provider asks for patience."""

    outcome = "limited"


class Empty(CallFailed, TransientError):
    """The model answered with nothing."""

    outcome = "empty"
    retries = 2


class CutOff(CallFailed, TransientError):
    """The answer broke off."""

    outcome = "truncated"
    retries = 1


class Truncated(CallFailed, TerminalError):
    """The answer is longer than the model may write."""

    outcome = "truncated"


class Refused(CallFailed, TerminalError):
    """The model refused the request."""

    outcome = "refused"


class Overflow(CallFailed, TerminalError):
    """The prompt is longer than the model can read."""

    outcome = "overflow"


class Invalid(CallFailed, TerminalError):
    """The answer cannot be used, and neither can its repair."""

    outcome = "invalid"


class Fatal(CallFailed, TerminalError):
    """The provider refuses the call itself."""

    outcome = "fatal"


def check_whole(message: AIMessage, model: str) -> None:
    """Raises the ``CallFailed`` that a stop reason or an empty text means; a whole answer passes."""
    reason = stop_reason(message)
    if reason in REFUSED or message.additional_kwargs.get("refusal"):
        raise Refused(f"{model} refused the request; change the premise or name another model with --model.")
    if reason in ("length", "max_tokens"):
        raise Truncated(f"{model} stopped at its longest answer; ask fewer --words or --chapters, or another model.")
    if reason == "model_context_window_exceeded":
        raise Overflow(f"{model} cannot read a prompt of this length; name a model with a larger context window.")
    if reason not in WHOLE:
        raise CutOff(f"The answer of {model} broke off (stop reason {reason!r}).")
    if not message.text.strip():
        raise Empty(f"{model} answered with nothing.")


def stop_reason(message: AIMessage) -> str | None:
    """Why the model stopped, under whichever name its provider gives it."""
    meta = message.response_metadata
    reason = meta.get("finish_reason") or meta.get("stop_reason") or meta.get("done_reason")
    return str(reason) if reason else None


def usage_of(message: AIMessage) -> Usage:
    """The tokens that the provider counted."""
    counted = message.usage_metadata
    if not counted:
        return Usage()
    return Usage(tokens_in=counted["input_tokens"], tokens_out=counted["output_tokens"])


def failure(error: Exception, model: str) -> CallFailed:
    """The typed failure that an exception of a provider's client means."""
    if isinstance(error, CallFailed):
        return error
    if isinstance(error, ScriptoriumError):
        return Fatal(str(error))
    status, said = _status(error), _said(error)
    if status is None:
        return _without_status(error, model)
    if status == 429 and "insufficient_quota" in said:
        return Fatal(f"The quota at the provider of {model} is used up; add credit, then resume.")
    if status == 429:
        return Limited(f"{model} is rate limited.")
    if status in (408, 409) or status >= 500:
        return Unavailable(f"{model} is unavailable (HTTP {status}).")
    if "context_length" in said or "too long" in said:
        return Overflow(f"{model} cannot read a prompt of this length; name a model with a larger context window.")
    if status in (401, 403):
        return Fatal(f"The provider of {model} rejects the API key (HTTP {status}); check it, then resume.")
    if status == 404:
        return Fatal(f"The provider does not know the model {model} (HTTP 404); name another with --model.")
    return Fatal(f"The provider of {model} rejects the request (HTTP {status}): {said[:300]}")


def _without_status(error: Exception, model: str) -> CallFailed:
    if any(isinstance(one, httpx.TimeoutException | TimeoutError) for one in _chain(error)):
        return TimedOut(f"{model} did not answer in time; SCRIPTORIUM_MODEL_TIMEOUT (seconds) gives it longer.")
    if any(isinstance(one, httpx.TransportError | OSError | TimeoutError) for one in _chain(error)):
        return Unavailable(f"{model} cannot be reached ({type(error).__name__}).")
    return Fatal(f"The call of {model} failed: {type(error).__name__}: {str(error)[:300]}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it came from: clients wrap each other's errors several times."""
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        yield one
        seen.append(one)
        one = one.__cause__ or one.__context__


def _status(error: Exception) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) and status > 0 else None


def _said(error: Exception) -> str:
    return str(getattr(error, "body", None) or error)
