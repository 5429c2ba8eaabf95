"""The flow that imports a manuscript, on Prefect's real engine, with stores in memory."""

from __future__ import annotations

import pytest

from flows.import_manuscript import ImportOrder, import_manuscript
from story.errors import InvalidInput

BOOK = """# The Weir

## Chapter 1

Martin Hale came to the weir at dawn. “It is high,” said Martin Hale.

Ada Finch watched the water. “It was higher in March,” said Ada Finch.

## Chapter 2

Ada Finch did not come. Martin Hale waited by the weir until Ada Finch sent word.
"""


@pytest.fixture
def order(tmp_path):
    """An order that has every chapter chronicled."""
    file = tmp_path / "weir.md"
    file.write_text(BOOK)
    return ImportOrder(path=str(file), novel="weir-1", model="offline:storyteller")


@pytest.mark.parametrize("is_deleted", [False, True])
async def test_an_id_that_is_taken_is_refused_before_anything_is_paid_for(given, order, is_deleted):
    """Onto a novel that is there, or was deleted, nothing is imported, and no call is charged."""
    await import_manuscript(order.model_copy(update={"model": ""}))
    if is_deleted:
        async with given.storage.begin() as work:
            await work.delete("weir-1")
            await work.commit()
    log = await given.storage.events("weir-1")
    with pytest.raises(InvalidInput, match=r"\ANovel weir-1 is (there already|deleted); [^\n]+\Z"):
        await import_manuscript(order)
    assert await given.storage.calls("weir-1") == []
    assert await given.storage.events("weir-1") == log
