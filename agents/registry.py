"""Who does what: agents found through the entry-point group ``scriptorium.agents`` and chosen by capability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from agents.contract import Agent
from story.errors import InvalidInput, TerminalError

GROUP = "scriptorium.agents"
DECLARED = ("name", "capability", "genres", "languages", "request_type", "answer_type", "template", "run")
"""What an object must have to be used as an agent."""

AnyAgent = Agent[Any, Any]


class AgentUnusable(TerminalError):
    """An installed agent cannot be loaded."""


class Registry:
    """The agents at hand. Names are unique; a capability may have several agents."""

    def __init__(self, agents: Iterable[AnyAgent]) -> None:
        given = tuple(agents)
        for name, count in Counter(agent.name for agent in given).items():
            if count > 1:
                raise AgentUnusable(f"{count} agents are named {name!r}; uninstall all but one.")
        self._agents = {agent.name: agent for agent in given}

    @property
    def names(self) -> frozenset[str]:
        """The names of all agents."""
        return frozenset(self._agents)

    def named(self, name: str) -> AnyAgent:
        """The agent of that name; raises ``InvalidInput`` naming those there are."""
        if name not in self._agents:
            raise InvalidInput(f"There is no agent {name!r}; there are {', '.join(sorted(self._agents))}.")
        return self._agents[name]

    def choose(self, capability: str, genre: str = "", language: str = "en") -> AnyAgent:
        """The agent for a capability: one made for the genre or language before one for all, others before our own."""
        able = [one for one in self._agents.values() if one.capability == capability and _suits(one, genre, language)]
        if not able:
            raise InvalidInput(f"No installed agent can {capability!r} in language {language!r}.")
        return min(able, key=_rank)


@cache
def installed() -> Registry:
    """All agents of the installed packages; raises ``AgentUnusable`` naming the entry point at fault."""
    found = sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))
    for name, count in Counter(entry.name for entry in found).items():
        if count > 1:
            raise AgentUnusable(f"{count} installed packages bring an agent {name!r}; uninstall all but one.")
    return Registry(_load(entry.name, entry.value, entry.load) for entry in found)


def _load(name: str, value: str, load: Any) -> AnyAgent:
    try:
        agent: AnyAgent = load()()
    except Exception as error:
        raise AgentUnusable(f"The agent {name!r} ({value}) cannot be loaded: {error}") from error
    missing = [field for field in DECLARED if not hasattr(agent, field)]
    if missing:
        raise AgentUnusable(f"The agent {name!r} ({value}) does not declare {', '.join(missing)}.")
    return agent


def _suits(agent: AnyAgent, genre: str, language: str) -> bool:
    main_language = language.split("-", maxsplit=1)[0]
    return (not agent.genres or genre.casefold() in map(str.casefold, agent.genres)) and (
        not agent.languages or main_language in agent.languages
    )


def _rank(agent: AnyAgent) -> tuple[int, bool, str]:
    ours = type(agent).__module__.startswith("agents.")
    return (-bool(agent.genres) - bool(agent.languages), ours, agent.name)
