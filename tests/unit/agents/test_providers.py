"""Providers over real HTTP: what is sent and answered, that nothing is retried, and what checks say."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from llmock.scenarios import Reply

from agents.models.gateway import Gateway
from agents.models.outcomes import CallFailed, Fatal, Limited, Overflow, Refused, Truncated, Unavailable
from agents.models.providers import (
    ModelUnusable,
    chat_model,
    check_name,
    check_reachable,
    is_paid,
)
from agents.models.settings import ModelSettings
from tests.unit.agents.test_gateway import ANSWER, GOOD, QUESTION, Ledger

KEY = "sk-the-key-of-the-house"
OPENAI, ANTHROPIC = "openai:gpt-4o-mini", "anthropic:claude-sonnet-4-5"
BOTH = pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])


@pytest.fixture
def house(llmock) -> ModelSettings:
    """Settings with a key, pointing at the test's server."""
    return ModelSettings(
        openai_api_key=KEY,
        openai_base_url=llmock.base_url("openai"),
        anthropic_api_key=KEY,
        anthropic_base_url=llmock.base_url("anthropic"),
        model_timeout=10,
    )


def settings(**fields: object) -> ModelSettings:
    """Settings that name these alone."""
    return ModelSettings(**fields)


@pytest.fixture(autouse=True)
def nobodys_environment(monkeypatch):
    """Only what a test sets."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


async def ask(model: str, given: ModelSettings, ledger: Ledger | None = None):
    """A question to a model through the gateway."""

    def connect(name: str, tokens: int):
        return chat_model(name, given, answer_tokens=tokens)

    return await Gateway(model, connect, ledger or Ledger(), chapter=1).ask(QUESTION)


@BOTH
async def test_a_model_answers_over_http(llmock, house, model):
    """System and human message go out, the answer comes back with its usage."""
    llmock.reply(GOOD)
    ledger = Ledger()
    assert await ask(model, house, ledger) == ANSWER
    (request,) = llmock.requests
    sent = json.dumps(request.body)
    assert "You edit." in sent
    assert "Edit this." in sent
    assert model.partition(":")[2] == request.model
    (step,) = ledger.steps.values()
    assert step.outcome == "ok"
    assert step.usage.tokens_in > 0
    assert step.usage.tokens_out > 0


async def test_anthropic_is_told_how_long_an_answer_may_be(llmock, house):
    """OpenAI is not: reasoning would count against it."""
    llmock.reply(GOOD, times=2)
    await ask(ANTHROPIC, house)
    await ask(OPENAI, house)
    assert llmock.requests[0].body["max_tokens"] == QUESTION.answer_tokens
    assert not {"max_tokens", "max_completion_tokens"} & set(llmock.requests[1].body)


@BOTH
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (lambda mock: mock.fail(500), Unavailable),
        (lambda mock: mock.fail(529), Unavailable),
        (lambda mock: mock.rate_limit(retry_after=0.01), Limited),
        (lambda mock: mock.fail(429, code="insufficient_quota", message="insufficient_quota"), Fatal),
        (lambda mock: mock.fail(401), Fatal),
        (lambda mock: mock.fail(404), Fatal),
        (lambda mock: mock.context_overflow(), Overflow),
        (lambda mock: mock.add(Reply(text=GOOD, finish_reason="length")), Truncated),
        (lambda mock: mock.add(Reply(text=GOOD, finish_reason="content_filter")), Refused),
    ],
    ids=["500", "529", "429", "quota", "401", "404", "overflow", "length", "refusal"],
)
async def test_a_fault_is_one_request_and_a_typed_failure(llmock, house, model, fault, kind):
    """The SDKs retry nothing, and no message holds the key."""
    fault(llmock)
    with pytest.raises(CallFailed) as caught:
        await ask(model, house)
    assert type(caught.value) is kind
    assert len(llmock.requests) == 1
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def closed() -> str:
    """An address of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@BOTH
async def test_a_provider_that_is_down_is_unavailable(model, closed):
    """Trying again later may help."""
    given = settings(openai_api_key=KEY, openai_base_url=closed, anthropic_api_key=KEY, anthropic_base_url=closed)
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        await ask(model, given)
    assert KEY not in str(caught.value)


async def test_a_local_model_that_is_down_is_unavailable(closed):
    """Ollama's client names the failure otherwise."""
    with pytest.raises(Unavailable, match="cannot be reached"):
        await ask("ollama:llama3", settings(ollama_base_url=closed))


def test_our_own_model_needs_nothing():
    """No key, no network, no list."""
    for check in (check_name, check_reachable):
        assert check("offline:storyteller", settings()) is None
    assert not is_paid("offline:storyteller")


@pytest.mark.parametrize(("name", "paid"), [(OPENAI, True), (ANTHROPIC, True), ("ollama:llama3", False)])
def test_what_runs_here_costs_nothing(name, paid):
    """Everything else may."""
    assert is_paid(name) is paid


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gpt-5", "write provider:model, as in openai:gpt-5 or offline:storyteller"),
        ("", "write provider:model"),
        ("openai:", "names no model"),
        ("mistral:large", "write offline:storyteller, or provider:model with one of openai, anthropic, ollama"),
        ("offline:poet", "write offline:storyteller, or provider:model with one of openai, anthropic, ollama"),
        (OPENAI, "export OPENAI_API_KEY="),
        (ANTHROPIC, "export ANTHROPIC_API_KEY="),
    ],
)
def test_a_name_that_cannot_be_used_is_one_line_with_a_remedy(name, said):
    """Asked before anything is paid."""
    with pytest.raises(ModelUnusable) as caught:
        check_name(name, settings())
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [OPENAI, ANTHROPIC, "ollama:llama3"])
def test_a_name_with_a_key_passes(name):
    """Ollama needs none."""
    check_name(name, settings(openai_api_key=KEY, anthropic_api_key=KEY))


def test_an_empty_key_is_no_key(monkeypatch):
    """`export OPENAI_API_KEY=` sets nothing."""
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with pytest.raises(ModelUnusable, match="needs an API key"):
        check_name(OPENAI, settings())


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "SCRIPTORIUM_OPENAI_API_KEY"])
def test_a_key_is_read_under_its_own_name_or_ours_and_never_shown(monkeypatch, name):
    """Settings hide it."""
    monkeypatch.setenv(name, KEY)
    given = settings()
    assert given.openai_api_key.get_secret_value() == KEY
    assert KEY not in repr(given) + str(given) + given.model_dump_json()


class Lister(BaseHTTPRequestHandler):
    """A provider's list of models."""

    def do_GET(self) -> None:
        """Gives what the test has laid out."""
        status, body = self.server.laid_out  # type: ignore[attr-defined]
        self.server.asked.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def lister():
    """A server that gives one list of models, and remembers how it was asked."""
    server = HTTPServer(("127.0.0.1", 0), Lister)
    server.asked, server.laid_out = [], (200, "{}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def pointing_at(server) -> ModelSettings:
    """Settings of all providers at one server."""
    url = f"http://127.0.0.1:{server.server_address[1]}"
    return settings(
        openai_api_key=KEY,
        openai_base_url=f"{url}/v1/",
        anthropic_api_key=KEY,
        anthropic_base_url=url,
        ollama_base_url=url,
    )


LISTED = json.dumps({"data": [{"id": "gpt-4o-mini"}, {"id": "claude-sonnet-4-5"}]})
TAGS = json.dumps({"models": [{"name": "llama3:latest"}, {"name": "mistral:7b"}]})


@pytest.mark.parametrize(
    ("name", "body", "path", "header"),
    [
        (OPENAI, LISTED, "/v1/models", ("Authorization", f"Bearer {KEY}")),
        (ANTHROPIC, LISTED, "/v1/models?limit=1000", ("x-api-key", KEY)),
        ("ollama:llama3", TAGS, "/api/tags", None),
        ("ollama:mistral:7b", TAGS, "/api/tags", None),
    ],
)
def test_a_model_that_the_provider_lists_is_reachable(lister, name, body, path, header):
    """Each provider is asked in its own way."""
    lister.laid_out = (200, body)
    check_reachable(name, pointing_at(lister))
    ((asked, headers),) = lister.asked
    assert asked == path
    assert header is None or {key.lower(): one for key, one in headers.items()}[header[0].lower()] == header[1]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("openai:gpt-9", LISTED, "has no model 'gpt-9'; it has claude-sonnet-4-5, gpt-4o-mini."),
        ("ollama:phi", TAGS, "has no model 'phi'; it has llama3:latest, mistral:7b."),
        (
            "openai:gpt-9",
            json.dumps({"data": [{"id": f"m{n:02}"} for n in range(20)]}),
            "it has m00, m01, m02, m03, m04, m05, m06, m07 and 12 more.",
        ),
    ],
)
def test_a_model_that_the_provider_does_not_list_is_refused_with_those_it_has(lister, name, body, said):
    """A few of them."""
    lister.laid_out = (200, body)
    with pytest.raises(ModelUnusable) as caught:
        check_reachable(name, pointing_at(lister))
    assert said in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_a_rejected_key_is_named_not_shown(lister, status):
    """The variable is named, its value is not."""
    lister.laid_out = (status, json.dumps({"error": f"Incorrect API key provided: {KEY}"}))
    with pytest.raises(ModelUnusable, match="check OPENAI_API_KEY") as caught:
        check_reachable(OPENAI, pointing_at(lister))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("answer", [(404, "no"), (500, "{}"), (200, "<html>"), (200, "[]"), (200, '{"data": [7]}')])
def test_a_server_without_a_list_of_models_passes(lister, answer):
    """A compatible server need not have one; the first call will tell."""
    lister.laid_out = answer
    check_reachable(OPENAI, pointing_at(lister))


@pytest.mark.parametrize("name", [OPENAI, ANTHROPIC])
def test_a_provider_that_does_not_answer_is_named_with_its_address(closed, name):
    """In one line without the key."""
    given = settings(openai_api_key=KEY, openai_base_url=closed, anthropic_api_key=KEY, anthropic_base_url=closed)
    with pytest.raises(ModelUnusable) as caught:
        check_reachable(name, given)
    assert closed in str(caught.value)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_address_that_is_none_is_refused():
    """A slip in the base URL."""
    with pytest.raises(ModelUnusable, match="cannot be reached"):
        check_reachable(OPENAI, settings(openai_api_key=KEY, openai_base_url="htp:/nowhere"))


def test_a_key_with_typographic_quotes_is_refused_not_crashed_on(closed):
    """Copied from a page."""
    with pytest.raises(ModelUnusable, match="check OPENAI_API_KEY") as caught:
        check_reachable(OPENAI, settings(openai_api_key=f"“{KEY}”", openai_base_url=closed))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("name", ["openai:gpt-9", "anthropic:claude-9"])
def test_the_checks_agree_with_a_real_list_of_models(llmock, house, name):
    """The mock lists models as the providers do."""
    with pytest.raises(ModelUnusable, match="has no model"):
        check_reachable(name, house)
