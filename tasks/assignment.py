"""An assignment: which agent asks which model, on whose behalf and under which lease. Data, so that it may travel."""

from __future__ import annotations

from storage.ports import Lease
from story.base import Value


class Assignment(Value):
    """``chapter`` is the chapter in hand, 0 for the whole book; ``max_calls`` bounds the novel's calls."""

    lease: Lease
    owner: str
    agent: str
    model: str
    max_calls: int
    chapter: int = 0

    @property
    def label(self) -> str:
        """What the Prefect UI calls the task's run."""
        return f"{self.agent}, chapter {self.chapter}" if self.chapter else self.agent


def result_key(owner: str, mark: str) -> str:
    """The file name of a step's result in Prefect's result storage."""
    return f"{owner}-{mark}"
