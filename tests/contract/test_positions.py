"""What is promised of how far projections have come, on every store."""

from __future__ import annotations

import pytest

from storage.memory import MemoryStorage
from storage.projections.memory import MemoryPositions
from storage.projections.ports import Overtaken
from storage.projections.sql import SqlPositions
from tests.contract.conftest import write
from tests.contract.stories import accepted, requested


@pytest.fixture
def positions(storage, surroundings):
    """Positions of the novels of a store."""
    if isinstance(storage, MemoryStorage):
        return MemoryPositions(storage, surroundings.clock)
    return SqlPositions(storage._database, surroundings.clock)


async def lag(positions, name="graph", novel_id="novel-1", owner="ada"):
    """How far a projection of the novel is."""
    found = await positions.lag(name, novel_id)
    assert found in await positions.lags(name, owner)
    return found


async def delete(storage, novel_id):
    """Deletes a novel."""
    async with storage.begin() as work:
        await work.delete(novel_id)
        await work.commit()


async def test_a_projection_that_never_began_is_behind(positions, novel):
    """It stands at 0, and the whole log is left."""
    found = await lag(positions)
    assert (found.position.version, found.head, found.events, found.position.error) == (0, 1, 1, "")


async def test_a_position_moves_on(positions, storage, novel, surroundings):
    """What was reached is where it stands, and what was appended since is left."""
    await positions.advance((await lag(positions)).position, 1)
    await write(storage, novel, accepted("c0"), accepted("c1"))
    found = await lag(positions)
    assert (found.position.version, found.events, found.position.at) == (1, 2, surroundings.now)


async def test_projections_stand_apart(positions, novel):
    """One projection moves without the other."""
    await positions.advance((await lag(positions)).position, 1)
    assert (await lag(positions, "passages")).position.version == 0


async def test_novels_and_owners_stand_apart(positions, storage, novel):
    """Each owner sees the projections of their own novels, one by one or all by id."""
    await write(storage, "novel-0", requested())
    await write(storage, "theirs", requested("bob"))
    assert [one.position.novel_id for one in await positions.lags("graph", "ada")] == ["novel-0", "novel-1"]
    assert [one.position.novel_id for one in await positions.lags("graph", "bob")] == ["theirs"]
    assert [one.position.owner for one in await positions.lags("graph")] == ["ada", "ada", "bob"]
    assert await positions.lag("graph", "nobody") is None


async def test_whoever_was_overtaken_does_it_again(positions, storage, novel):
    """A slower process that finds the position moved on puts it back: it may have replaced something newer."""
    await write(storage, novel, accepted("c0"), accepted("c1"))
    slow = (await lag(positions)).position
    await positions.advance(slow, 3)
    with pytest.raises(Overtaken):
        await positions.advance(slow, 2)
    assert (await lag(positions)).position.version == 0


async def test_whoever_overtook_does_it_again_too(positions, storage, novel):
    """A process that went on after its lock was lost may have written over what the next one wrote before it moves."""
    await write(storage, novel, accepted("c0"))
    stopped = (await lag(positions)).position
    await positions.reset(stopped)
    rebuilding = (await lag(positions)).position
    for late in (stopped, rebuilding):
        with pytest.raises(Overtaken):
            await positions.advance(late, 2)
    assert (await lag(positions)).events == 2


async def test_whoever_was_reset_meanwhile_moves_nothing(positions, storage, novel):
    """A rebuild that began in between is not overridden by what was begun before it."""
    await write(storage, novel, accepted("c0"))
    await positions.advance((await lag(positions)).position, 2)
    old = (await lag(positions)).position
    await positions.reset(old)
    with pytest.raises(Overtaken):
        await positions.advance(old, 2)
    assert (await lag(positions)).position.version == 0


async def test_whoever_was_reset_and_overtaken_moves_nothing(positions, storage, novel):
    """A position that was put back and came to the same version again is another one."""
    await write(storage, novel, accepted("c0"))
    old = (await lag(positions)).position
    await positions.reset(old)
    assert (await lag(positions)).position.version == old.version
    with pytest.raises(Overtaken):
        await positions.advance(old, 2)
    assert (await lag(positions)).events == 2


async def test_a_failure_is_kept_until_something_succeeds(positions, novel):
    """The reason stands beside the position, which does not move; the next advance clears it."""
    await positions.fail((await lag(positions)).position, "It is down.")
    assert (await lag(positions)).position.error == "It is down."
    assert (await lag(positions)).position.version == 0
    await positions.advance((await lag(positions)).position, 1)
    assert (await lag(positions)).position.error == ""


async def test_a_failure_that_others_made_good_is_no_reason(positions, novel):
    """Whoever failed while somebody else brought the projection up leaves it up to date."""
    standing = (await lag(positions)).position
    await positions.advance(standing, 1)
    await positions.fail(standing, "The lock is taken.")
    found = await lag(positions)
    assert (found.events, found.why) == (0, "")


async def test_a_reset_puts_back(positions, novel):
    """After a reset everything is left again."""
    await positions.advance((await lag(positions)).position, 1)
    await positions.reset((await lag(positions)).position)
    assert (await lag(positions)).events == 1


async def test_all_are_reset(positions, storage, novel):
    """The projections of all novels of all owners go back, those of another name do not."""
    await write(storage, "theirs", requested("bob"))
    for owner, novel_id in (("ada", novel), ("bob", "theirs")):
        for name in ("graph", "passages"):
            await positions.advance((await lag(positions, name, novel_id, owner)).position, 1)
    await positions.reset_all("passages")
    assert (await lag(positions, "passages")).position.version == 0
    assert (await lag(positions, "passages", "theirs", "bob")).position.version == 0
    assert (await lag(positions, "graph")).position.version == 1


async def test_a_deleted_novel_is_left_to_be_removed(positions, storage, novel):
    """What was begun for a novel outlives it until it is removed from the other stores, too."""
    await positions.begin((await lag(positions)).position)
    await delete(storage, novel)
    found = await lag(positions)
    assert found.is_deleted and found.events > 0
    await positions.remove(found.position)
    assert await positions.lags("graph", "ada") == []


async def test_a_novel_that_was_never_projected_leaves_nothing(positions, storage, novel):
    """Its deletion has nothing to remove."""
    await delete(storage, novel)
    assert await positions.lags("graph", "ada") == []
