"""How far each projection of each novel has come."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

from story.base import Value
from story.errors import TransientError

ProjectionName = Literal["graph", "passages"]


class Overtaken(TransientError):
    """Another process brought the projection on at the same time; what it did is done again from there."""


class Position(Value):
    """How far a projection of a novel has come. ``version`` is the last event it holds, 0 before the first.

    ``generation`` counts how often it was put back: two positions of one version, of which the second came after a
    rebuild, are not the same. ``error`` says why the last try failed, and is empty after one that did not.
    """

    novel_id: str
    name: ProjectionName
    owner: str
    version: int = 0
    generation: int = 0
    error: str = ""
    at: datetime | None = None


class Lag(Value):
    """A projection and the end of its novel's log; ``is_deleted`` says that only its removal is left to do."""

    position: Position
    head: int
    is_deleted: bool = False

    @property
    def events(self) -> int:
        """How many events it is behind."""
        return self.head - self.position.version

    @property
    def why(self) -> str:
        """Why it is behind, as far as that is known; one that has been brought up since is not."""
        return self.position.error if self.events else ""


class Positions(Protocol):
    """The positions of all projections of all novels."""

    async def lags(self, name: ProjectionName, owner: str | None = None) -> list[Lag]:
        """How far a projection is for the novels of an owner, or of all, also where it never began; by novel id.

        A deleted novel is among them for as long as the projection has a position for it.
        """
        ...

    async def lag(self, name: ProjectionName, novel_id: str) -> Lag | None:
        """How far a projection of a novel is; nothing where there is neither novel nor position."""
        ...

    async def begin(self, position: Position) -> None:
        """Makes sure that there is a position before anything is written, so that a deletion finds what to remove."""
        ...

    async def advance(self, position: Position, version: int) -> None:
        """Moves a position to this version and clears its error.

        Raises ``Overtaken`` when it is no longer where ``position`` says: what this process wrote may have replaced
        something newer. The position is then put back, in a new generation, to the lower of both versions, and whoever
        else is at it is overtaken as well: all is done again from there.
        """
        ...

    async def fail(self, position: Position, reason: str) -> None:
        """Keeps why a try failed."""
        ...

    async def reset(self, position: Position) -> None:
        """Puts a position back to 0 in a new generation, for a rebuild."""
        ...

    async def reset_all(self, name: ProjectionName) -> None:
        """Puts the positions of a projection of all novels of all owners back to 0, each in a new generation."""
        ...

    async def remove(self, position: Position) -> None:
        """Forgets the position of a novel that is gone."""
        ...
