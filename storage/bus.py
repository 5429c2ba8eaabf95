"""Telling subscribers of what was committed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from storage.ports import Recorded, Subscriber

log = logging.getLogger(__name__)


async def announce(subscribers: Sequence[Subscriber], recorded: Iterable[Recorded]) -> None:
    """Tells each subscriber of each event, in order.

    A subscriber that fails is logged and keeps neither the others nor the writer from going on: what it is told
    of is committed, and a writer that saw an error here would believe it is not.
    """
    for one in recorded:
        for subscriber in subscribers:
            try:
                await subscriber(one)
            except Exception:
                fields = {"action": "subscriber_failed", "novel": one.novel_id, "version": one.version}
                log.exception("A subscriber failed", extra=fields)
