"""Positions of projections in process memory."""

from __future__ import annotations

from storage.ports import Storage
from storage.processes import Clock, utc_now
from storage.projections.ports import Lag, Overtaken, Position, ProjectionName


class MemoryPositions:
    """See ``storage.projections.ports.Positions``; the logs are those of a storage."""

    def __init__(self, storage: Storage, clock: Clock = utc_now) -> None:
        self._storage = storage
        self._clock = clock
        self._rows: dict[tuple[str, ProjectionName], Position] = {}

    async def lags(self, name: ProjectionName, owner: str, novel_id: str | None = None) -> list[Lag]:
        """See ``Positions.lags``."""
        heads = {row.id: row.version for row in await self._storage.novels(owner)}
        mine = {one.novel_id for one in self._rows.values() if (one.owner, one.name) == (owner, name)}
        return [self._lag(key, name, owner, heads) for key in sorted(heads.keys() | mine) if novel_id in (None, key)]

    def _lag(self, novel_id: str, name: ProjectionName, owner: str, heads: dict[str, int]) -> Lag:
        position = self._rows.get((novel_id, name)) or Position(novel_id=novel_id, name=name, owner=owner)
        if novel_id in heads:
            return Lag(position=position, head=heads[novel_id])
        return Lag(position=position, head=position.version + 1, is_deleted=True)

    async def begin(self, position: Position) -> None:
        """See ``Positions.begin``."""
        self._rows.setdefault((position.novel_id, position.name), position)

    async def advance(self, position: Position, version: int) -> None:
        """See ``Positions.advance``."""
        standing = self._standing(position)
        is_overtaken = standing != position.version
        self._set(position, min(standing, position.version) if is_overtaken else version)
        if is_overtaken:
            raise Overtaken

    async def fail(self, position: Position, reason: str) -> None:
        """See ``Positions.fail``."""
        self._set(position, self._standing(position), reason)

    async def reset(self, position: Position) -> None:
        """See ``Positions.reset``."""
        self._set(position, 0)

    async def reset_all(self, name: ProjectionName) -> None:
        """See ``Positions.reset_all``."""
        for row in [one for one in self._rows.values() if one.name == name]:
            self._set(row, 0)

    async def remove(self, position: Position) -> None:
        """See ``Positions.remove``."""
        self._rows.pop((position.novel_id, position.name), None)

    def _standing(self, position: Position) -> int:
        row = self._rows.get((position.novel_id, position.name))
        return row.version if row else 0

    def _set(self, position: Position, version: int, error: str = "") -> None:
        row = position.model_copy(update={"version": version, "error": error, "at": self._clock()})
        self._rows[position.novel_id, position.name] = row
