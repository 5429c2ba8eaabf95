"""An order: what somebody asks of a run, be it a new novel or one that goes on."""

from __future__ import annotations

from pydantic import Field

from story.errors import InvalidInput
from story.models import DEFAULT_MODEL, Models
from story.premise import MAX_PREMISE, Premise

_OWN = ("novel", "model", "agent_models", "max_calls", "fresh", "out")


class Order(Premise):
    """A premise with its measures, and how it is to be written. Prefect's form asks for exactly these fields."""

    premise: str = Field("", max_length=MAX_PREMISE, description="What the novel is about; empty to continue one.")
    novel: str = Field(
        "", pattern=r"^[a-z0-9-]{0,40}$", description="The id of a novel to continue; empty for a new one."
    )
    model: str = Field("", description=f"provider:model for all agents; {DEFAULT_MODEL} when empty.")
    agent_models: dict[str, str] = Field(default={}, description="Other models for single agents, by name.")
    max_calls: int | None = Field(
        None, ge=1, description="Pause at so many model calls; three times the plan if empty."
    )
    fresh: bool = Field(False, description="A new telling of a premise that was written before.")
    out: str = Field("", description="The folder for the book; novels/ in the data folder when empty.")

    def asked_premise(self) -> Premise:
        """The premise alone, its seed settled; raises ``InvalidInput`` when there is none."""
        if not self.premise:
            raise InvalidInput("A new novel needs a premise; give one, or the id of a novel to continue.")
        return Premise.model_validate(self.model_dump(exclude=set(_OWN))).seeded()

    def asked_models(self) -> Models:
        """The models for a new novel."""
        return Models(default=self.model or DEFAULT_MODEL, by_agent=self.agent_models)

    def amended_models(self, before: Models) -> Models:
        """The models for a novel that goes on: those named replace those before."""
        if self.model:
            return self.asked_models()
        return Models(default=before.default, by_agent=before.by_agent | self.agent_models)
