"""Positions of projections in process memory."""

from __future__ import annotations

from storage.memory import MemoryStorage
from storage.processes import Clock, utc_now
from storage.projections.ports import Lag, Overtaken, Position, ProjectionName


class MemoryPositions:
    """See ``storage.projections.ports.Positions``; the logs are those of a storage."""

    def __init__(self, storage: MemoryStorage, clock: Clock = utc_now) -> None:
        self._storage = storage
        self._clock = clock
        self._rows: dict[tuple[str, ProjectionName], Position] = {}

    async def lags(self, name: ProjectionName, owner: str | None = None) -> list[Lag]:
        """See ``Positions.lags``."""
        novels = [key for key, book in self._storage.tables.books.items() if owner in (None, book.novel.owner)]
        begun = [one.novel_id for one in self._rows.values() if one.name == name and owner in (None, one.owner)]
        return [lag for key in sorted({*novels, *begun}) if (lag := await self.lag(name, key))]

    async def lag(self, name: ProjectionName, novel_id: str) -> Lag | None:
        """See ``Positions.lag``."""
        row, position = await self._storage.novel(novel_id), self._rows.get((novel_id, name))
        if row is not None:
            return Lag(position=position or Position(novel_id=novel_id, name=name, owner=row.owner), head=row.version)
        return Lag(position=position, head=position.version + 1, is_deleted=True) if position else None

    async def begin(self, position: Position) -> None:
        """See ``Positions.begin``."""
        self._rows.setdefault((position.novel_id, position.name), position)

    async def advance(self, position: Position, version: int) -> None:
        """See ``Positions.advance``."""
        standing = self._standing(position)
        if (standing.version, standing.generation) != (position.version, position.generation):
            first = min(standing.version, position.version)
            self._set(standing, version=first, generation=standing.generation + 1, error=standing.error)
            raise Overtaken
        self._set(standing, version=version)

    async def fail(self, position: Position, reason: str) -> None:
        """See ``Positions.fail``."""
        self._set(self._standing(position), error=reason)

    async def reset(self, position: Position) -> None:
        """See ``Positions.reset``."""
        self._reset(self._standing(position))

    async def reset_all(self, name: ProjectionName) -> None:
        """See ``Positions.reset_all``."""
        for row in [one for one in self._rows.values() if one.name == name]:
            self._reset(row)

    async def remove(self, position: Position) -> None:
        """See ``Positions.remove``."""
        self._rows.pop((position.novel_id, position.name), None)

    def _standing(self, position: Position) -> Position:
        first = position.model_copy(update={"version": 0, "generation": 0})
        return self._rows.get((position.novel_id, position.name), first)

    def _reset(self, standing: Position) -> None:
        self._set(standing, version=0, generation=standing.generation + 1)

    def _set(self, standing: Position, **fields: object) -> None:
        changed = standing.model_copy(update={"error": "", "at": self._clock()} | fields)
        self._rows[standing.novel_id, standing.name] = changed
