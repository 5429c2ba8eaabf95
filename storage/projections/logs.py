"""The log of a novel as it is read on: what was read and folded once is not read and folded again."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from storage.ports import Recorded, Storage
from story.events import NovelDeleted
from story.novel import Novel


class Log(NamedTuple):
    """All events of a novel so far, and the novel that they amount to."""

    events: tuple[Recorded, ...] = ()
    novel: Novel = Novel()

    @property
    def version(self) -> int:
        """That of the last event, 0 before the first."""
        return self.events[-1].version if self.events else 0


class Logs:
    """Remembers the log that was read last: who projects or writes a novel asks for the same one again and again."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._novel_id = ""
        self._log = Log()

    async def of(self, novel_id: str) -> Log:
        """The log of a novel to its end."""
        known = self._log if novel_id == self._novel_id else Log()
        news = await self._storage.events(novel_id, known.version)
        log = await asyncio.to_thread(_read_on, known, news) if news else known
        self._novel_id, self._log = novel_id, log
        return log


def _read_on(log: Log, news: list[Recorded]) -> Log:
    # A deletion takes every event before it out of the log.
    events, novel = ((), Novel()) if isinstance(news[-1].event, NovelDeleted) else log
    for one in news:
        novel = novel.after(one.event)
    return Log((*events, *news), novel)
