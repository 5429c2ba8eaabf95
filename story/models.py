"""Which language model each agent asks."""

from __future__ import annotations

from pydantic import Field

from story.base import Value

DEFAULT_MODEL = "offline:storyteller"


class Models(Value):
    """Models by name, as ``provider:model``: one for all, and others for single agents by the agent's name."""

    default: str = DEFAULT_MODEL
    by_agent: dict[str, str] = Field(default_factory=dict)

    def of(self, agent: str) -> str:
        """The model that this agent asks."""
        return self.by_agent.get(agent, self.default)

    @property
    def names(self) -> tuple[str, ...]:
        """Every model named, each once."""
        return tuple(dict.fromkeys((self.default, *self.by_agent.values())))
