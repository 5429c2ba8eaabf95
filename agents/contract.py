"""The agent contract: what an agent declares, and how it gets from a request to an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from agents.parsing import MOST_PROBLEMS, parse
from agents.prompts import Prompt, Prompts
from story.base import Value, digest

R = TypeVar("R", bound=Value)
A = TypeVar("A", bound=Value)


@dataclass(frozen=True)
class Question(Generic[A]):
    """One thing to ask a model: the prompt, what identifies it, and how its answer is read.

    ``identity`` is the part of the fingerprint that does not depend on the model. ``parse`` raises ``ValueError``
    with what is wrong with a text.
    """

    agent: str
    prompt: Prompt
    identity: dict[str, Any]
    answer_tokens: int
    parse: Callable[[str], A]


class Model(Protocol):
    """Something that answers questions."""

    async def ask(self, question: Question[A]) -> A:
        """The parsed answer; raises the typed errors of ``agents.models.outcomes``."""
        ...


class Agent(Generic[R, A]):
    """A strategy for one capability.

    A subclass declares what it is; ``name`` is what people write in ``--agent-model``, ``capability`` what the
    registry matches, ``template`` a file among its prompts. Raise ``version`` when the code around the prompt
    changes what is asked.
    """

    name: ClassVar[str]
    version: ClassVar[str] = "1"
    capability: ClassVar[str]
    genres: ClassVar[tuple[str, ...]] = ()
    languages: ClassVar[tuple[str, ...]] = ()
    request_type: ClassVar[type[Value]]
    answer_type: ClassVar[type[Value]]
    template: ClassVar[str]
    prompts: ClassVar[Prompts] = Prompts("agents")

    async def run(self, request: R, model: Model) -> A:
        """The model's answer to the request."""
        return await model.ask(self.question(request))

    def question(self, request: R) -> Question[A]:
        """What the model is asked for this request."""
        return Question(
            agent=self.name,
            prompt=self.prompts.render(self.template, self.capability, request, self.answer_type),
            identity=self.identity(request),
            answer_tokens=self.answer_tokens(request),
            parse=lambda text: self.parse(request, text),
        )

    def identity(self, request: R) -> dict[str, Any]:
        """What makes this request the same as another: agent, prompt, answer schema and the request's own value."""
        return {
            "agent": self.name,
            "version": self.version,
            "prompt": self.prompts.hash(self.template),
            "schema": digest(self.answer_type.model_json_schema()),
            "request": request.model_dump(mode="json"),
        }

    def parse(self, request: R, text: str) -> A:
        """The answer in a model's text; raises ``ValueError`` with what is wrong with it."""
        answer: A = parse(self.answer_type, text)  # type: ignore[assignment]  # answer_type is a ClassVar, it cannot name A
        if problems := self.problems(request, answer):
            raise ValueError("; ".join(problems[:MOST_PROBLEMS]))
        return answer

    def problems(self, request: R, answer: A) -> list[str]:
        """What makes a well-formed answer unusable for this request."""
        return []

    def answer_tokens(self, request: R) -> int:
        """A generous bound on the tokens of the answer, for providers that must be told one."""
        return 8_000


def fingerprint(identity: dict[str, Any], model: str) -> str:
    """The name of a call: SHA-256 over what identifies the question and the model asked."""
    return digest({"question": identity, "model": model})
