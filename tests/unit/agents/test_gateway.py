"""The gateway: every call is a step, paid once, kept before it is judged, and ends in one typed outcome."""

from __future__ import annotations

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from agents.contract import Question
from agents.models import outcomes
from agents.models.gateway import Gateway
from agents.models.outcomes import CallFailed, Fatal, Invalid, failure
from agents.parsing import parse
from agents.prompts import Prompt
from agents.requests import Prose, Review
from story.errors import InvalidInput, TerminalError, TransientError
from story.finding import Finding
from story.steps import Step, Usage

MODEL = "openai:gpt-5"
ANSWER = Review(findings=(Finding(rule="r", message="m"),))
GOOD = ANSWER.model_dump_json()
BAD = '{"findings": 7}'
QUESTION = Question(
    agent="editor",
    prompt=Prompt("You edit.", "Edit this."),
    identity={"agent": "editor", "request": {"text": "t"}},
    answer_tokens=123,
    parse=lambda text: parse(Review, text),
)


class Killed(BaseException):
    """The process dies."""


class Refused(TerminalError):
    """The run may not make this call."""


def says(text: str, reason: str | None = "stop", name: str = "finish_reason", **extra) -> AIMessage:
    """A message as a provider gives it."""
    return AIMessage(text, response_metadata={name: reason} if reason else {}, **extra)


class Scripted(BaseChatModel):
    """A chat model that gives or raises what the test has laid out, and remembers what it was asked."""

    _script: list = PrivateAttr()
    _asked: list = PrivateAttr(default_factory=list)

    def __init__(self, *script: object) -> None:
        super().__init__()
        self._script = [says(one) if isinstance(one, str) else one for one in script]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        self._asked.append([(one.type, one.text) for one in messages])
        answer = self._script.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return ChatResult(generations=[ChatGeneration(message=answer)])


class Ledger:
    """The steps of one owner in a dictionary, with the operations in their order."""

    def __init__(self) -> None:
        self.steps: dict[str, Step] = {}
        self.operations: list[str] = []
        self.refusal: Exception | None = None
        self.dies_at = ""

    def _note(self, operation: str) -> None:
        self.operations.append(operation)
        if operation == self.dies_at:
            raise Killed

    async def find(self, fingerprint: str) -> Step | None:
        """What is known of a call."""
        return self.steps.get(fingerprint)

    async def claim(self, step: Step) -> None:
        """Refuses if told so."""
        if self.refusal:
            raise self.refusal
        self.steps[step.fingerprint] = step
        self._note("claim")

    async def answer(self, step: Step, seconds: float) -> None:
        """Keeps what came."""
        assert seconds >= 0
        self.steps[step.fingerprint] = step
        self._note("answer" if step.outcome is None else f"answer {step.outcome}")

    async def judge(self, fingerprint: str, outcome) -> None:
        """Settles the outcome."""
        self.steps[fingerprint] = self.steps[fingerprint].model_copy(update={"outcome": outcome})
        self._note(f"judge {outcome}")

    @property
    def outcomes(self) -> list:
        """How the calls ended, in order of their first claim."""
        return [step.outcome for step in self.steps.values()]


class Desk:
    """A ledger that stays, and a model that is laid out anew for every run."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.chat = Scripted()
        self.used: list[str] = []

    async def ask(self, *script: object, model: str = MODEL, question=QUESTION):
        """One run: what the model will say, and what comes of it."""
        self.chat = Scripted(*script)
        self.connected: list[tuple[str, int]] = []
        self.ledger.operations = []

        def connect(name: str, tokens: int) -> Scripted:
            self.connected.append((name, tokens))
            return self.chat

        gateway = Gateway(model, connect, self.ledger, chapter=4)
        try:
            return await gateway.ask(question)
        finally:
            self.used = gateway.used

    @property
    def asked(self) -> list:
        """What the model was sent in the last run."""
        return self.chat._asked


@pytest.fixture
def desk() -> Desk:
    """A desk with an empty ledger."""
    return Desk()


async def test_an_answer_is_kept_before_it_is_judged(desk):
    """Claimed, answered, then parsed: the ledger's operations say so."""
    seen = []

    def reading(text: str) -> Review:
        seen.extend(desk.ledger.operations)
        return parse(Review, text)

    question = Question(QUESTION.agent, QUESTION.prompt, QUESTION.identity, 123, reading)
    assert await desk.ask(GOOD, question=question) == ANSWER
    assert seen == ["claim", "answer"]
    assert desk.ledger.operations == ["claim", "answer", "judge ok"]
    assert desk.connected == [(MODEL, 123)]
    assert desk.asked == [[("system", "You edit."), ("human", "Edit this.")]]


async def test_a_step_says_what_was_asked_and_what_came(desk):
    """Agent, model, chapter, messages, answer, usage; no key."""
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    await desk.ask(says(GOOD, usage_metadata=usage))
    (step,) = desk.ledger.steps.values()
    assert step == Step(
        fingerprint=step.fingerprint,
        agent="editor",
        model=MODEL,
        request={"messages": [["system", "You edit."], ["human", "Edit this."]]},
        chapter=4,
        answer=GOOD,
        outcome="ok",
        usage=Usage(tokens_in=10, tokens_out=5),
    )
    assert desk.used == [step.fingerprint]


async def test_an_answer_that_is_known_is_not_paid_again(desk):
    """The second run asks nobody, and knows which step it used."""
    await desk.ask(GOOD)
    assert await desk.ask() == ANSWER
    assert desk.asked == []
    assert "claim" not in desk.ledger.operations
    assert desk.used == [*desk.ledger.steps]


async def test_another_model_is_another_call(desk):
    """Answers are not shared between models."""
    await desk.ask(GOOD)
    await desk.ask(GOOD, model="openai:gpt-5-mini")
    assert len(desk.ledger.steps) == 2


async def test_an_answer_that_nobody_judged_is_judged_not_paid_again(desk):
    """The process died between the answer and its judgement."""
    desk.ledger.dies_at = "answer"
    with pytest.raises(Killed):
        await desk.ask(GOOD)
    desk.ledger.dies_at = ""
    assert await desk.ask() == ANSWER
    assert desk.ledger.operations == ["judge ok"]
    assert desk.ledger.outcomes == ["ok"]


async def test_a_call_that_was_claimed_and_never_answered_is_made(desk):
    """The process died during the call."""
    desk.ledger.dies_at = "claim"
    with pytest.raises(Killed):
        await desk.ask(GOOD)
    assert desk.ledger.outcomes == [None]
    desk.ledger.dies_at = ""
    assert await desk.ask(GOOD) == ANSWER


async def test_an_unusable_answer_is_sent_back_once_with_what_is_wrong(desk):
    """The repair is a step of its own and shows the model its answer."""
    assert await desk.ask(BAD, GOOD) == ANSWER
    assert desk.ledger.operations == ["claim", "answer", "judge invalid", "claim", "answer", "judge ok"]
    opening, repair = desk.asked
    assert repair[:2] == opening
    assert repair[2] == ("ai", BAD)
    assert repair[3][0] == "human"
    assert "findings: Input should be a valid" in repair[3][1]
    assert desk.ledger.outcomes == ["invalid", "ok"]
    assert desk.used == [*desk.ledger.steps]


async def test_a_repaired_answer_is_not_paid_again(desk):
    """Neither the first answer nor its repair."""
    await desk.ask(BAD, GOOD)
    assert await desk.ask() == ANSWER
    assert desk.asked == []
    assert desk.used == [*desk.ledger.steps]


@pytest.mark.parametrize("dies_at", ["answer", "judge invalid"])
async def test_killed_before_the_repair_only_the_repair_is_paid(desk, dies_at):
    """The first answer was paid for and says what to repair."""
    desk.ledger.dies_at = dies_at
    with pytest.raises(Killed):
        await desk.ask(BAD)
    desk.ledger.dies_at = ""
    assert await desk.ask(GOOD) == ANSWER
    assert len(desk.asked) == 1
    assert desk.asked[0][2] == ("ai", BAD)


async def test_killed_before_the_repair_is_judged_nothing_is_paid(desk):
    """Its answer is there."""
    for dies_at, said in (("judge invalid", BAD), ("answer", GOOD)):
        desk.ledger.dies_at = dies_at
        with pytest.raises(Killed):
            await desk.ask(said)
    assert desk.ledger.outcomes == ["invalid", None]
    desk.ledger.dies_at = ""
    assert await desk.ask() == ANSWER
    assert desk.asked == []
    assert desk.ledger.operations[-1] == "judge ok"


async def test_two_unusable_answers_are_a_failure_that_says_why(desk):
    """Terminal: the same question has the same repair."""
    with pytest.raises(Invalid, match=r"openai:gpt-5 gave no usable answer to editor.*not JSON.*Resume") as caught:
        await desk.ask(BAD, "nonsense")
    assert isinstance(caught.value, TerminalError)
    assert desk.ledger.outcomes == ["invalid", "invalid"]


async def test_after_a_failed_repair_the_question_is_asked_anew(desk):
    """Who resumes gets a new answer, not the old failure."""
    with pytest.raises(Invalid):
        await desk.ask(BAD, BAD)
    assert await desk.ask(GOOD) == ANSWER
    assert [len(one) for one in desk.asked] == [2]
    assert await desk.ask() == ANSWER


async def test_after_a_failed_repair_the_same_bad_answer_is_repaired_anew(desk):
    """A repair that failed is never taken for an answer."""
    with pytest.raises(Invalid):
        await desk.ask(BAD, BAD)
    assert await desk.ask(BAD, GOOD) == ANSWER
    assert [len(one) for one in desk.asked] == [2, 4]


async def test_a_refused_claim_calls_nobody(desk):
    """The lease is lost or the bound is reached: no call, no step."""
    desk.ledger.refusal = Refused("no more calls")
    with pytest.raises(Refused):
        await desk.ask(GOOD)
    assert (desk.asked, desk.ledger.steps) == ([], {})


async def test_a_refused_claim_leaves_the_first_answer_for_the_repair_to_come(desk):
    """The bound was reached between an answer and its repair."""
    desk.ledger.dies_at = "judge invalid"
    with pytest.raises(Killed):
        await desk.ask(BAD)
    desk.ledger.dies_at, desk.ledger.refusal = "", Refused()
    with pytest.raises(Refused):
        await desk.ask(GOOD)
    desk.ledger.refusal = None
    assert await desk.ask(GOOD) == ANSWER
    assert len(desk.asked) == 1


class Rejected(Exception):
    """What a provider's client raises for an HTTP status."""

    def __init__(self, status: int, said: str = "") -> None:
        super().__init__(f"Error code: {status} - {said}")
        self.status_code = status
        self.body = {"error": {"message": said}}


def caused(cause: Exception) -> Exception:
    """A client's error with its cause."""
    error = RuntimeError("Connection error.")
    error.__cause__ = cause
    return error


TRANSIENT, TERMINAL = TransientError, TerminalError

UNWHOLE = [
    (says(GOOD, "length"), "Truncated", TERMINAL, "--words"),
    (says(GOOD, "max_tokens", "stop_reason"), "Truncated", TERMINAL, "--words"),
    (says(GOOD, None), "CutOff", TRANSIENT, "broke off"),
    (says(GOOD, "pause_turn", "stop_reason"), "CutOff", TRANSIENT, "pause_turn"),
    (says(GOOD, "tool_calls"), "CutOff", TRANSIENT, "tool_calls"),
    (says(""), "Empty", TRANSIENT, "nothing"),
    (says("  \n "), "Empty", TRANSIENT, "nothing"),
    (says("Sorry.", "content_filter"), "Refused", TERMINAL, "premise"),
    (says("Sorry.", "refusal", "stop_reason"), "Refused", TERMINAL, "premise"),
    (says("", additional_kwargs={"refusal": "No."}), "Refused", TERMINAL, "premise"),
    (says("", "model_context_window_exceeded", "stop_reason"), "Overflow", TERMINAL, "larger context"),
]

RAISED = [
    (Rejected(429, "slow down"), "Limited", TRANSIENT, "rate limited"),
    (Rejected(429, "insufficient_quota"), "Fatal", TERMINAL, "add credit"),
    (Rejected(400, "context_length_exceeded"), "Overflow", TERMINAL, "larger context"),
    (Rejected(400, "prompt is too long: 9 tokens"), "Overflow", TERMINAL, "larger context"),
    (Rejected(400, "bad temperature"), "Fatal", TERMINAL, "bad temperature"),
    (Rejected(401, "sk-secret"), "Fatal", TERMINAL, "API key"),
    (Rejected(403), "Fatal", TERMINAL, "API key"),
    (Rejected(404), "Fatal", TERMINAL, "--model"),
    (Rejected(408), "Unavailable", TRANSIENT, "HTTP 408"),
    (Rejected(409), "Unavailable", TRANSIENT, "HTTP 409"),
    (Rejected(500), "Unavailable", TRANSIENT, "HTTP 500"),
    (Rejected(503), "Unavailable", TRANSIENT, "HTTP 503"),
    (Rejected(529), "Unavailable", TRANSIENT, "HTTP 529"),
    (httpx.ConnectError("refused"), "Unavailable", TRANSIENT, "cannot be reached"),
    (caused(httpx.ReadTimeout("slow")), "TimedOut", TRANSIENT, "SCRIPTORIUM_MODEL_TIMEOUT"),
    (ConnectionResetError(), "Unavailable", TRANSIENT, "cannot be reached"),
    (TimeoutError(), "TimedOut", TRANSIENT, "SCRIPTORIUM_MODEL_TIMEOUT"),
    (KeyError("choices"), "Fatal", TERMINAL, "KeyError"),
    (InvalidInput("No key; export one."), "Fatal", TERMINAL, "No key; export one."),
]


@pytest.mark.parametrize(("came", "kind", "mark", "said"), UNWHOLE + RAISED)
async def test_a_call_that_failed_is_kept_with_its_outcome_and_typed(desk, came, kind, mark, said):
    """Transient or terminal by type, one line that says what to do, and never taken for an answer later."""
    with pytest.raises(CallFailed, match=said) as caught:
        await desk.ask(came)
    failed = caught.value
    assert type(failed) is getattr(outcomes, kind)
    assert isinstance(failed, mark)
    assert "\n" not in str(failed)
    assert desk.ledger.operations == ["claim", f"answer {failed.outcome}"]
    (step,) = desk.ledger.steps.values()
    assert step.answer == (came.text if isinstance(came, AIMessage) else None)
    assert await desk.ask(GOOD) == ANSWER
    assert len(desk.asked) == 1


async def test_a_failed_call_names_its_cause(desk):
    """Logs show what the client raised."""
    cause = Rejected(500)
    with pytest.raises(CallFailed) as caught:
        await desk.ask(cause)
    assert caught.value.__cause__ is cause


async def test_a_model_that_cannot_be_connected_is_a_failed_call(desk):
    """The factory's error is typed, too, and the claim is settled."""

    def connect(name: str, tokens: int) -> Scripted:
        raise InvalidInput("There is no such provider.")

    with pytest.raises(Fatal, match="no such provider"):
        await Gateway(MODEL, connect, desk.ledger, 1).ask(QUESTION)
    assert desk.ledger.outcomes == ["fatal"]


async def test_a_failed_repair_call_leaves_the_first_answer(desk):
    """The next run pays the repair alone."""
    with pytest.raises(CallFailed):
        await desk.ask(BAD, Rejected(503))
    assert desk.ledger.outcomes == ["invalid", "unavailable"]
    assert await desk.ask(GOOD) == ANSWER
    assert [len(one) for one in desk.asked] == [4]


@pytest.mark.parametrize("name", ["finish_reason", "stop_reason", "done_reason"])
@pytest.mark.parametrize("reason", ["stop", "end_turn", "stop_sequence", "STOP"])
async def test_a_whole_answer_is_accepted_under_each_providers_name_for_it(desk, name, reason):
    """Only reasons on the list pass."""
    assert await desk.ask(says(GOOD, reason, name)) == ANSWER


async def test_prose_is_asked_through_the_same_door(desk):
    """Text instead of JSON; an empty chapter is sent back."""
    question = Question("chapter-writer", QUESTION.prompt, {"q": 1}, 9, lambda text: parse(Prose, text))
    assert await desk.ask("# A Light\n\n", "She went.", question=question) == Prose(text="She went.")


def test_a_failure_is_typed_once():
    """What is typed already stays what it is."""
    typed = Fatal("no")
    assert failure(typed, MODEL) is typed
    assert type(failure(Statusless(), MODEL)) is Fatal


class Statusless(Exception):
    """An error whose status is no number."""

    status_code = "none"
