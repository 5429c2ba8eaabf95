"""What tasks ask story memory for a chapter, with stores in memory."""

from __future__ import annotations

import pytest

from story.changes import Gives, Relates
from story.events import ChapterAccepted
from story.novel import Novel
from tasks.contexts import recall
from tests.builders import CHAPEL, IDA, LAMP, LEDGER, MARA, TOMAS, a_chapter, a_plan, a_scene, events_of
from tests.services import in_memory


@pytest.fixture
def given(tmp_path):
    """Services in memory."""
    return in_memory(tmp_path, "ada")


async def told(given, plan, *chapters):
    """The bonds that are recalled for a plan after these chapters and one more."""
    events = (*events_of(5), *(ChapterAccepted(chapter=one) for one in (*chapters, a_chapter(key="last"))))
    async with given.storage.begin() as work:
        for version, event in enumerate(events):
            await work.append("n", version, event)
        await work.commit()
    for lag in await given.memory.lags_of("n"):
        await given.memory.bring_up(lag.position)
    recalled = await recall(given, "n", await given.storage.events("n"), Novel.of(events), plan)
    assert recalled.gaps == ()
    return {(one.bond.of, one.bond.to, one.bond.how, one.bond.since) for one in recalled.bonds}


def plan_of(*people, effects=()):
    """A chapter with these people on stage."""
    return a_plan(a_scene(*effects, place=CHAPEL, pov=people[0], others=people[1:]), key="next")


async def test_relations_of_the_bible_are_told_of_those_on_stage(given):
    """Mara distrusts Tomas from the start, which her chapters may know."""
    assert await told(given, plan_of(MARA), a_chapter()) == {(MARA, TOMAS, "distrusts", 0)}


async def test_what_the_bible_has_of_others_is_not_told(given):
    """How Mara stands to Tomas is no affair of a chapter that she is not in."""
    assert await told(given, plan_of(TOMAS, IDA), a_chapter()) == set()


async def test_who_is_touched_by_an_intended_change_counts_as_on_stage(given):
    """A chapter in which Ida is to give something to Mara is told how Mara stands to others."""
    gives = Gives(character=IDA, receiver=MARA, item=LAMP)
    assert await told(given, plan_of(IDA, effects=(gives,)), a_chapter()) == {(MARA, TOMAS, "distrusts", 0)}


async def test_the_latest_relation_counts_and_every_gift(given):
    """A relation takes the place of an earlier one; one gift does not take the place of another."""
    first = a_chapter(
        Relates(character=MARA, other=IDA, relation="fears"), Gives(character=IDA, receiver=TOMAS, item=LAMP), key="a"
    )
    second = a_chapter(
        Relates(character=MARA, other=IDA, relation="trusts"),
        Gives(character=IDA, receiver=TOMAS, item=LEDGER),
        key="b",
    )
    assert await told(given, plan_of(IDA), first, second) == {
        (MARA, IDA, "trusts", 2),
        (IDA, TOMAS, "gives lamp", 1),
        (IDA, TOMAS, "gives ledger", 2),
    }


async def test_a_projection_that_never_began_is_a_gap(given):
    """Nothing is told of a graph that has not reached the chapters asked about, and the reason is given."""
    events = events_of(5, written=3)
    async with given.storage.begin() as work:
        for version, event in enumerate(events):
            await work.append("n", version, event)
        await work.commit()
    recalled = await recall(given, "n", await given.storage.events("n"), Novel.of(events), plan_of(MARA))
    assert [one.tier for one in recalled.gaps] == ["bond", "excerpt"]
    assert all("behind the log by 7 events" in one.why for one in recalled.gaps)
