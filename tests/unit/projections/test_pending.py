"""What a projection has still to do, and the order in which every piece can be the last for now."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from storage.ports import Recorded
from storage.projections.pending import Written, batches, pending
from story.events import (
    BibleAmended,
    ChapterEdited,
    ChapterMoved,
    ChapterWithdrawn,
    NovelPaused,
)
from story.novel import Novel
from tests.contract.stories import EVERY_KIND, accepted, chapter, logs, requested


def recorded(*events):
    """Events as they stand in a log."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [Recorded(novel_id="n", version=v, at=at, event=one, hash="") for v, one in enumerate(events, start=1)]


class Shelf:
    """A store of chapters and their versions, as the rules of a projection keep it, and how far it has come."""

    def __init__(self):
        self.parts: dict[str, tuple[int, str]] = {}
        self.position = 0

    def catch_up(self, log, *, with_bible=False, at_most=None, words=4):
        """Carries out batches, all or so many of them, as a projection does."""
        novel = Novel.of(one.event for one in log)
        texts = {one.id: one.text for one in novel.chapters}
        left = pending(log, self.position, with_bible=with_bible)
        for n, batch in enumerate(batches(left, novel, self.position, words)):
            if n == at_most:
                return
            for key in batch.removed:
                self.parts.pop(key, None)
            self.parts |= {one.chapter: (one.version, texts[one.chapter]) for one in batch.chapters}
            self.position = batch.reaches


def test_everything_is_pending_at_first():
    """A new projection writes every chapter, the oldest first, and the bible."""
    left = pending(recorded(*EVERY_KIND), 0, with_bible=True)
    assert [one.chapter for one in left.written] == ["c2", "c1", "x"]
    assert (left.bible, left.removed, left.head) == (7, ("c0",), len(EVERY_KIND))


def test_nothing_is_pending_at_the_end():
    """At the end of the log there is nothing to write and nothing to remove."""
    left = pending(recorded(*EVERY_KIND), len(EVERY_KIND), with_bible=True)
    assert (left.written, left.removed, left.bible) == ((), (), 0)


def test_a_chapter_written_twice_is_written_once():
    """Only the last version counts."""
    log = recorded(requested(), accepted("c0"), ChapterEdited(by="ada", chapter=chapter("c0", "New.")))
    assert pending(log, 0, with_bible=False).written == (Written(chapter="c0", version=3),)


def test_an_edit_of_what_is_not_there_is_nothing():
    """The fold leaves out such an edit, and so does a projection."""
    log = recorded(requested(), ChapterEdited(by="ada", chapter=chapter("c0", "New.")))
    assert pending(log, 0, with_bible=False).written == ()


def test_a_withdrawn_chapter_is_removed():
    """What was projected and is withdrawn goes."""
    log = recorded(requested(), accepted("c0"), ChapterWithdrawn(chapter_id="c0"))
    assert pending(log, 2, with_bible=False).removed == ("c0",)


def test_a_chapter_that_came_back_is_written():
    """Withdrawn and accepted again, it is written and not removed."""
    log = recorded(requested(), accepted("c0"), ChapterWithdrawn(chapter_id="c0"), accepted("c0", "Again."))
    left = pending(log, 2, with_bible=False)
    assert (left.removed, left.written) == ((), (Written(chapter="c0", version=4),))


def test_a_move_changes_nothing():
    """Rows name a chapter, not its place."""
    log = recorded(requested(), accepted("c0"), accepted("c1"), ChapterMoved(chapter_id="c1", position=1))
    assert pending(log, 3, with_bible=True).written == ()


def test_an_amended_bible_is_shown_in_every_chapter():
    """New names may stand in old chapters, so a projection with the bible does all of them anew, others none."""
    log = recorded(requested(), accepted("c0"), BibleAmended(by="ada"), NovelPaused(reason="Enough."))
    assert pending(log, 2, with_bible=True).written == (Written(chapter="c0", version=2),)
    assert pending(log, 2, with_bible=True).bible == 3
    assert pending(log, 2, with_bible=False).written == ()


def test_a_chapter_withdrawn_since_is_left_out():
    """A batch that was planned before a chapter was withdrawn is carried out without it."""
    log = recorded(requested(), accepted("c0"), accepted("c1"))
    left = pending(log, 0, with_bible=False)
    (batch,) = batches(left, Novel.of(one.event for one in log), 0)
    now = Novel.of((*(one.event for one in log), ChapterWithdrawn(chapter_id="c0")))
    assert [one.chapter for one in batch.still_standing(now).chapters] == ["c1"]
    assert batch.still_standing(now).reaches == batch.reaches


@given(log=logs, cuts=st.lists(st.tuples(st.integers(0, 14), st.integers(0, 3)), max_size=4), with_bible=st.booleans())
def test_interrupted_anywhere_it_ends_the_same(log, cuts, with_bible):
    """Caught up in any number of tries, each broken off after some batch, the rows equal those of one that was not."""
    whole, broken = Shelf(), Shelf()
    everything = recorded(*log)
    for length, at_most in sorted(cuts):
        broken.catch_up(everything[: length + 1], with_bible=with_bible, at_most=at_most)
    broken.catch_up(everything, with_bible=with_bible)
    whole.catch_up(everything, with_bible=with_bible)
    assert (broken.parts, broken.position) == (whole.parts, whole.position)
