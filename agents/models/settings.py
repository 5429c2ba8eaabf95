"""Settings of the models: keys and addresses. Read by the wiring only, from the environment and the data folder."""

from __future__ import annotations

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ModelSettings(BaseSettings):
    """Keys and base addresses by provider, each under the name its own tools use or with ``SCRIPTORIUM_`` before it.

    ``model_timeout`` bounds one call, in seconds. ``ollama_context`` is the context window, in tokens, that a local
    model is asked to open: its own default is small and cuts prompts without a word.
    """

    model_config = SettingsConfigDict(env_prefix="SCRIPTORIUM_", extra="ignore", hide_input_in_errors=True)

    openai_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("SCRIPTORIUM_OPENAI_API_KEY", "OPENAI_API_KEY")
    )
    openai_base_url: str | None = Field(
        None, validation_alias=AliasChoices("SCRIPTORIUM_OPENAI_BASE_URL", "OPENAI_BASE_URL", "OPENAI_API_BASE")
    )
    anthropic_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("SCRIPTORIUM_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY")
    )
    anthropic_base_url: str | None = Field(
        None, validation_alias=AliasChoices("SCRIPTORIUM_ANTHROPIC_BASE_URL", "ANTHROPIC_BASE_URL")
    )
    ollama_base_url: str = Field(
        "http://127.0.0.1:11434", validation_alias=AliasChoices("SCRIPTORIUM_OLLAMA_BASE_URL", "OLLAMA_BASE_URL")
    )
    ollama_context: int = Field(32_768, ge=2_048)
    model_timeout: float = Field(300.0, gt=0)
