"""The gateway: the one way from a question to a model's answer.

Every call is a step: claimed before it is made, kept when the answer comes and before anything judges it. A step that
is known to be ``ok`` is never paid again. An answer that cannot be used is sent back once with what is wrong with it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

from agents.contract import Question, fingerprint
from agents.models.outcomes import CallFailed, Invalid, check_whole, failure, usage_of
from story.base import Value, digest
from story.errors import TransientError
from story.steps import Outcome, Step, StepBusy

A = TypeVar("A", bound=Value)

KEEP_SECONDS = 120.0
"""How long an answer is held while the store that is to keep it does not answer."""

KEEP_WAIT_SECONDS = 10.0

LOOK_AGAIN_SECONDS = 0.5
"""How often a run that waits for another's call looks for its answer."""


class Steps(Protocol):
    """The steps of one owner, as one run may claim them."""

    async def find(self, fingerprint: str) -> Step | None:
        """What is known of a call."""
        ...

    async def claim(self, step: Step) -> None:
        """Announces a call; raises ``StepBusy`` while another run makes it, and others when the run may not."""
        ...

    async def answer(self, step: Step, seconds: float) -> None:
        """Keeps what came of a call."""
        ...

    async def judge(self, fingerprint: str, outcome: Outcome) -> None:
        """Settles the outcome of an answer."""
        ...


@dataclass(frozen=True)
class _Attempt:
    """One call: the step that it is, as far as it is known beforehand, and the messages it sends."""

    step: Step
    messages: list[BaseMessage]
    answer_tokens: int


class Gateway:
    """Answers questions with one model. ``used`` collects the fingerprints of the steps that answers came from."""

    def __init__(self, model: str, connect: Callable[[str, int], BaseChatModel], steps: Steps, chapter: int) -> None:
        self._model = model
        self._connect = connect
        self._steps = steps
        self._chapter = chapter
        self.used: list[str] = []

    async def ask(self, question: Question[A]) -> A:
        """The parsed answer, from a known step or a new call; one repair when it cannot be used.

        Raises:
            CallFailed: in the type that says whether trying again may help.
        """
        opening = self._opening(question)
        text = await self._opening_text(question, opening)
        try:
            answer = question.parse(text)
        except ValueError as problem:
            await self._steps.judge(opening.step.fingerprint, "invalid")
            return await self._repair(question, self._repairing(question, opening, text, str(problem)))
        await self._steps.judge(opening.step.fingerprint, "ok")
        return answer

    async def _repair(self, question: Question[A], repair: _Attempt) -> A:
        known = await self._steps.find(repair.step.fingerprint)
        reusable = known is not None and known.outcome in (None, "ok")
        text = await self._text(repair, known if reusable else None)
        try:
            answer = question.parse(text)
        except ValueError as problem:
            await self._steps.judge(repair.step.fingerprint, "invalid")
            raise Invalid(
                f"{self._model} gave no usable answer to {question.agent}, not even when told what was wrong: "
                f"{str(problem)[:400]}. Resume to ask again, or name another model with --model."
            ) from problem
        await self._steps.judge(repair.step.fingerprint, "ok")
        return answer

    async def _opening_text(self, question: Question[A], opening: _Attempt) -> str:
        """The first answer. An invalid one is kept as long as its repair has not failed, for it was paid for."""
        known = await self._steps.find(opening.step.fingerprint)
        if known is not None and known.outcome == "invalid" and await self._repair_failed(question, opening, known):
            known = None
        return await self._text(opening, known)

    async def _repair_failed(self, question: Question[A], opening: _Attempt, known: Step) -> bool:
        try:
            question.parse(known.answer or "")
        except ValueError as problem:
            repair = self._repairing(question, opening, known.answer or "", str(problem))
            step = await self._steps.find(repair.step.fingerprint)
            return step is not None and step.outcome == "invalid"
        return False

    async def _text(self, attempt: _Attempt, known: Step | None) -> str:
        self.used.append(attempt.step.fingerprint)
        while known is None or known.answer is None or known.outcome not in (None, "ok", "invalid"):
            try:
                await self._steps.claim(attempt.step)
            except StepBusy:  # ends by itself: the other run answers, or its lease does not outlive it
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
                known = await self._steps.find(attempt.step.fingerprint)
            else:
                return await self._call(attempt)
        return known.answer

    async def _call(self, attempt: _Attempt) -> str:
        started = time.monotonic()
        step, failed = await self._invoke(attempt)
        await self._keep(step, time.monotonic() - started)
        if failed is not None:
            raise failed
        assert step.answer is not None
        return step.answer

    async def _keep(self, step: Step, seconds: float) -> None:
        """Keeps what came of a call. It was paid for, so a store that is away is waited for."""
        waiting = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            wait=wait_exponential(max=KEEP_WAIT_SECONDS),
            stop=stop_after_delay(KEEP_SECONDS),
            reraise=True,
        )
        await waiting(self._steps.answer, step, seconds)

    async def _invoke(self, attempt: _Attempt) -> tuple[Step, CallFailed | None]:
        """What came of a call: the step to keep, and the failure to raise once it is kept."""
        try:
            chat = self._connect(self._model, attempt.answer_tokens)
            message = await chat.ainvoke(attempt.messages)
        except Exception as error:  # whatever a client raises becomes a typed failure
            failed = failure(error, self._model)
            failed.__cause__ = error
            return attempt.step.model_copy(update={"outcome": failed.outcome}), failed
        kept = attempt.step.model_copy(update={"answer": str(message.text), "usage": usage_of(message)})
        try:
            check_whole(message, self._model)
        except CallFailed as failed:
            return kept.model_copy(update={"outcome": failed.outcome}), failed
        return kept, None

    def _opening(self, question: Question[A]) -> _Attempt:
        messages = [SystemMessage(question.prompt.system), HumanMessage(question.prompt.human)]
        return self._attempt(question, fingerprint(question.identity, self._model), messages)

    def _repairing(self, question: Question[A], opening: _Attempt, text: str, problem: str) -> _Attempt:
        complaint = f"That answer could not be used: {problem}\nAnswer again, whole, in the form that was asked."
        messages = [*opening.messages, AIMessage(text), HumanMessage(complaint)]
        return self._attempt(question, digest([opening.step.fingerprint, text, complaint]), messages)

    def _attempt(self, question: Question[A], mark: str, messages: list[BaseMessage]) -> _Attempt:
        request: dict[str, Any] = {"messages": [[message.type, str(message.text)] for message in messages]}
        step = Step(fingerprint=mark, agent=question.agent, model=self._model, request=request, chapter=self._chapter)
        return _Attempt(step, messages, question.answer_tokens)
