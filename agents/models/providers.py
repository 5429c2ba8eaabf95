"""Providers by name, as in ``provider:model``: what each needs, and how its chat model is made and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import httpx
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from agents.models.settings import ModelSettings
from story.errors import InvalidInput
from story.models import Models

OFFLINE = "offline:storyteller"
CHECK_SECONDS = 15.0


class ModelUnusable(InvalidInput):
    """The model cannot be used as named."""


@dataclass(frozen=True)
class Provider:
    """What ``init_chat_model`` is given for a provider, and how its list of models is asked for.

    ``listing`` gives address and headers of the list, ``listed`` the field of an entry that holds the model's name.
    """

    options: Callable[[ModelSettings, int], dict[str, Any]]
    listing: Callable[[ModelSettings], tuple[str, dict[str, str]]]
    listed: str
    key: str = ""

    def key_missing(self, settings: ModelSettings) -> bool:
        """Whether the provider wants a key that is not set."""
        given: SecretStr | None = getattr(settings, self.key.lower()) if self.key else None
        return bool(self.key) and not (given and given.get_secret_value())


def _openai(settings: ModelSettings, answer_tokens: int) -> dict[str, Any]:
    # No bound on the answer: reasoning models count their thinking against it.
    return {"api_key": settings.openai_api_key, "base_url": settings.openai_base_url}


def _openai_listing(settings: ModelSettings) -> tuple[str, dict[str, str]]:
    base = settings.openai_base_url or "https://api.openai.com/v1"
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    return f"{base.rstrip('/')}/models", {"Authorization": f"Bearer {key}"}


def _anthropic(settings: ModelSettings, answer_tokens: int) -> dict[str, Any]:
    options = {"api_key": settings.anthropic_api_key, "max_tokens": answer_tokens}
    return options | ({"base_url": settings.anthropic_base_url} if settings.anthropic_base_url else {})


def _anthropic_listing(settings: ModelSettings) -> tuple[str, dict[str, str]]:
    base = settings.anthropic_base_url or "https://api.anthropic.com"
    key = settings.anthropic_api_key.get_secret_value() if settings.anthropic_api_key else ""
    return f"{base.rstrip('/')}/v1/models?limit=1000", {"x-api-key": key, "anthropic-version": "2023-06-01"}


def _ollama(settings: ModelSettings, answer_tokens: int) -> dict[str, Any]:
    return {
        "base_url": settings.ollama_base_url,
        "num_ctx": settings.ollama_context,
        "num_predict": answer_tokens,
        "client_kwargs": {"timeout": settings.model_timeout},
    }


def _ollama_listing(settings: ModelSettings) -> tuple[str, dict[str, str]]:
    return f"{settings.ollama_base_url.rstrip('/')}/api/tags", {}


PROVIDERS = {
    "openai": Provider(_openai, _openai_listing, "id", key="OPENAI_API_KEY"),
    "anthropic": Provider(_anthropic, _anthropic_listing, "id", key="ANTHROPIC_API_KEY"),
    "ollama": Provider(_ollama, _ollama_listing, "name"),
}


def chat_model(name: str, settings: ModelSettings, answer_tokens: int) -> BaseChatModel:
    """The LangChain chat model of that name, with the SDK's own retries off: Prefect's are the one layer."""
    if name == OFFLINE:
        from agents.models.storyteller.chat import Storyteller

        return Storyteller()
    from langchain.chat_models import init_chat_model

    provider, model = _parts(name)
    options = PROVIDERS[provider].options(settings, answer_tokens)
    if provider != "ollama":
        options |= {"max_retries": 0, "timeout": settings.model_timeout}
    return cast(BaseChatModel, init_chat_model(model, model_provider=provider, **options))


def is_paid(name: str) -> bool:
    """Whether calls of this model may cost money."""
    return name != OFFLINE and not name.startswith("ollama:")


def check_models(models: Models, settings: ModelSettings, language: str) -> None:
    """Raises ``ModelUnusable`` for a model that cannot be used as named or does not write the language; asks nobody."""
    for name in models.names:
        check_name(name, settings)
    if OFFLINE in models.names and language.split("-", maxsplit=1)[0] != "en":
        raise ModelUnusable(f"{OFFLINE} writes English only, not {language!r}; name a model with --model.")


def check_name(name: str, settings: ModelSettings) -> None:
    """Raises ``ModelUnusable`` for an unknown provider or a missing key; asks nobody."""
    if name == OFFLINE:
        return
    provider, model = _parts(name)
    if not model:
        raise ModelUnusable(f"{name!r} names no model; write provider:model, as in openai:gpt-5 or {OFFLINE}.")
    entry = PROVIDERS.get(provider)
    if entry is None:
        known = ", ".join(PROVIDERS)
        raise ModelUnusable(f"There is no model {name!r}: write {OFFLINE}, or provider:model with one of {known}.")
    if entry.key_missing(settings):
        raise ModelUnusable(f"{name} needs an API key: export {entry.key}=… or put it into .env of the data folder.")


def check_reachable(name: str, settings: ModelSettings) -> None:
    """Asks the provider whether it has the model; raises ``ModelUnusable`` with what it says.

    A compatible server without a list of models passes: its first call will tell.
    """
    if name == OFFLINE:
        return
    provider, model = _parts(name)
    entry = PROVIDERS[provider]
    address, headers = entry.listing(settings)
    try:
        answer = httpx.get(address, headers=headers, timeout=CHECK_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelUnusable(f"{name} cannot be reached at {address}: {type(error).__name__}.") from error
    except UnicodeEncodeError as error:
        raise ModelUnusable(f"The API key for {name} holds a character that no key has; check {entry.key}.") from error
    if answer.status_code in (401, 403):
        raise ModelUnusable(f"The provider of {name} rejects the API key; check {entry.key}.")
    names = _listed(answer, entry.listed)
    if names and not any(_is_meant(model, listed) for listed in names):
        raise ModelUnusable(f"The provider of {name} has no model {model!r}; it has {_some(names)}.")


def _listed(answer: httpx.Response, field: str) -> list[str]:
    if not answer.is_success:
        return []
    try:
        body = answer.json()
        return [entry[field] for entry in body.get("data") or body.get("models") or []]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []


def _is_meant(model: str, listed: str) -> bool:
    """Whether a listed model is the named one: itself, its latest tag, or the dated version of an alias."""
    return listed in (model, f"{model}:latest") or listed.startswith(f"{model}-")


def _some(names: list[str], most: int = 8) -> str:
    shown = sorted(names)[:most]
    return ", ".join(shown) + (f" and {len(names) - most} more" if len(names) > most else "")


def _parts(name: str) -> tuple[str, str]:
    provider, _, model = name.partition(":")
    return provider, model
