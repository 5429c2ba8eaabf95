"""The chain of hashes that makes a change to a stored event visible."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from storage.ports import Recorded
from story.base import Value, canonical_json
from story.events import Event, Payload, read_event, write_event

GENESIS = ""
"""What stands for the hash before the first event of a log."""


class Stored(Value):
    """An event as it lies in the store, its payload unread."""

    novel_id: str
    version: int
    at: datetime
    payload: Payload
    hash: str

    def read(self) -> Recorded:
        """The event in today's form."""
        return Recorded(
            novel_id=self.novel_id, version=self.version, at=self.at, event=read_event(self.payload), hash=self.hash
        )


def link(previous: str, novel_id: str, version: int, at: datetime, payload: Payload) -> str:
    """The hash of an event that follows the event with the hash ``previous``."""
    content = canonical_json([novel_id, version, at.isoformat(), payload])
    return hashlib.sha256((previous + content).encode()).hexdigest()


def chained(previous: str, novel_id: str, version: int, at: datetime, events: Iterable[Event]) -> list[Stored]:
    """These events as they are to be stored after the event of that version and hash."""
    at = at.astimezone(UTC)
    stored = []
    for number, event in enumerate(events, start=version + 1):
        payload = write_event(event)
        previous = link(previous, novel_id, number, at, payload)
        stored.append(Stored(novel_id=novel_id, version=number, at=at, payload=payload, hash=previous))
    return stored


def first_broken(log: Iterable[Stored], length: int) -> int | None:
    """The version of the first event whose hash does not fit, or that is missing from a log of that length."""
    previous, last = GENESIS, 0
    for one in log:
        if one.hash != link(previous, one.novel_id, one.version, one.at, one.payload):
            return one.version
        previous, last = one.hash, one.version
    return last + 1 if last < length else None
