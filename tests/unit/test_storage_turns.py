"""Taking turns."""

from __future__ import annotations

import pytest

from storage import turns
from storage.memory import MemoryStorage
from storage.ports import StoreUnavailable
from tests.contract.stories import requested


async def test_a_transaction_inside_another_does_not_wait_for_ever(monkeypatch):
    """A transaction that waits for itself gives up, and the outer one is not harmed."""
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.05)
    storage = MemoryStorage()
    async with storage.begin() as outer:
        with pytest.raises(StoreUnavailable):
            async with storage.begin():
                pass
        await outer.append("n", 0, requested())
        await outer.commit()
    assert len(await storage.events("n")) == 1
