"""A novel folded from its events: what each of the seventeen does to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from story.changes import Learns
from story.chapter import Chapter, Chronicle
from story.events import (
    BibleAmended,
    CastAssembled,
    ChapterAccepted,
    ChapterEdited,
    ChapterHeld,
    ChapterImported,
    ChapterMoved,
    ChapterWithdrawn,
    NovelDeleted,
    NovelFinished,
    NovelPaused,
    NovelRequested,
    NovelResumed,
    OutlineAmended,
    OutlineApproved,
    PlotOutlined,
    WorldBuilt,
    read_event,
)
from story.finding import Finding
from story.models import Models
from story.novel import Novel
from tests.builders import MARA, a_cast, a_chapter, a_novel, a_premise, a_world, an_outline

STREAM = Path(__file__).parent / "streams" / "v1.json"


def written(*keys: str) -> Novel:
    """A novel with accepted chapters of these ids."""
    return a_novel().model_copy(update={"chapters": tuple(a_chapter(key=key) for key in keys)})


def keys(novel: Novel) -> list[str]:
    """The ids of a novel's chapters."""
    return [chapter.id for chapter in novel.chapters]


PROSE = Chapter(id="c9", title="T", text="One two three.", chronicle=Chronicle(summary="s"))
FINDINGS = (Finding(rule="a", message="first"), Finding(rule="b", message="second"))
OTHER = Models(default="openai:x")
NEW_WORLD = a_world().model_copy(update={"era": "1850"})
NEW_CAST = a_cast().model_copy(update={"characters": a_cast().characters[:1]})
EMPTY = Novel()
WRITING = written("a", "b", "c")
STOPPED = WRITING.model_copy(update={"state": "held", "reason": "why", "held": FINDINGS, "max_calls": 9})


@pytest.mark.parametrize(
    ("before", "event", "changed"),
    [
        (
            EMPTY,
            NovelRequested(owner="ada", premise=a_premise(), models=OTHER, max_calls=7),
            {"owner": "ada", "premise": a_premise(), "models": OTHER, "max_calls": 7},
        ),
        (EMPTY, WorldBuilt(world=a_world()), {"world": a_world(), "state": "writing"}),
        (EMPTY, CastAssembled(cast=a_cast()), {"cast": a_cast()}),
        (EMPTY, PlotOutlined(outline=an_outline()), {"outline": an_outline()}),
        (WRITING, OutlineApproved(by="ada"), {"approved_by": "ada"}),
        (WRITING, BibleAmended(by="ada", world=NEW_WORLD), {"world": NEW_WORLD}),
        (WRITING, BibleAmended(by="ada", cast=NEW_CAST), {"cast": NEW_CAST}),
        (WRITING, OutlineAmended(by="ada", outline=an_outline(5)), {"outline": an_outline(5)}),
        (STOPPED, ChapterAccepted(chapter=PROSE), {"chapters": (*STOPPED.chapters, PROSE), "held": ()}),
        (STOPPED, ChapterImported(chapter=PROSE), {"chapters": (*STOPPED.chapters, PROSE), "held": ()}),
        (
            WRITING,
            ChapterHeld(chapter_id="c9", findings=FINDINGS),
            {"state": "held", "held": FINDINGS, "holds": {"c9": 1}, "reason": "first; second"},
        ),
        (
            WRITING,
            ChapterEdited(by="ada", chapter=PROSE.model_copy(update={"id": "b"})),
            {"chapters": (WRITING.chapters[0], PROSE.model_copy(update={"id": "b"}), WRITING.chapters[2])},
        ),
        (WRITING, ChapterWithdrawn(chapter_id="b"), {"chapters": (WRITING.chapters[0], WRITING.chapters[2])}),
        (WRITING, NovelPaused(reason="no money"), {"state": "paused", "reason": "no money"}),
        (STOPPED, NovelResumed(), {"state": "writing", "held": (), "reason": ""}),
        (
            STOPPED,
            NovelResumed(models=OTHER, max_calls=50),
            {"state": "writing", "held": (), "reason": "", "models": OTHER, "max_calls": 50},
        ),
        (WRITING, NovelFinished(), {"state": "finished"}),
        (WRITING, NovelDeleted(), {"state": "deleted"}),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_an_event_changes_what_it_says_and_nothing_else(before, event, changed):
    """The version counts every event."""
    assert before.after(event) == before.model_copy(update={"version": before.version + 1, **changed})


@pytest.mark.parametrize(
    ("key", "position", "order"),
    [("a", 3, "bca"), ("c", 1, "cab"), ("b", 2, "abc"), ("a", 9, "bca"), ("unknown", 1, "abc")],
)
def test_a_moved_chapter_stands_at_its_new_position(key, position, order):
    """The others keep their order; identity is not position."""
    assert "".join(keys(WRITING.after(ChapterMoved(chapter_id=key, position=position)))) == order


def test_a_finished_book_is_written_on_when_a_chapter_is_withdrawn():
    """It is not whole any more."""
    finished = written("a").after(NovelFinished())
    assert finished.after(ChapterWithdrawn(chapter_id="a")).state == "writing"


def test_a_chapter_that_is_held_twice_is_counted_twice():
    """So that it is asked anew each time."""
    held = ChapterHeld(chapter_id="c1", findings=FINDINGS)
    novel = WRITING.after(held).after(NovelResumed()).after(held).after(ChapterHeld(chapter_id="c2", findings=()))
    assert novel.holds == {"c1": 2, "c2": 1}


def test_the_canon_of_a_novel_follows_its_events():
    """What was worked out before an event does not outlive it."""
    before = a_novel(chapters=3)
    assert "wreck" not in before.canon.knows(MARA)
    after = before.after(ChapterAccepted(chapter=a_chapter(Learns(character=MARA, fact="wreck"))))
    assert "wreck" in after.canon.knows(MARA)
    assert "wreck" not in before.canon.knows(MARA)


def test_the_authors_title_stands_before_the_outlines():
    """And a novel without either has none yet."""
    assert EMPTY.title == ""
    assert a_novel().title == "The Dark Lamp"
    assert a_novel(premise=a_premise(title="Mine")).title == "Mine"


def test_planned_chapters_are_the_outlines_else_the_premises():
    """A new novel already knows how long it will be."""
    assert EMPTY.planned_chapters == 0
    assert Novel.of([NovelRequested(owner="a", premise=a_premise(7), max_calls=1)]).planned_chapters == 7
    assert a_novel(chapters=4).planned_chapters == 4


def test_the_next_plan_is_the_first_one_without_a_chapter():
    """None when there is no outline and none when all are written."""
    assert EMPTY.next_plan is None
    assert a_novel(chapters=3, written=1).next_plan.id == "chapter-2"
    assert a_novel(chapters=3, written=3).next_plan is None


def test_words_are_those_of_the_accepted_chapters():
    """Counted from their texts."""
    assert (
        a_novel(chapters=3, written=2).words == sum(one.words for one in a_novel(chapters=3, written=2).chapters) == 200
    )


def test_folding_step_by_step_is_folding_at_once():
    """A run that goes on event by event sees the novel that a new run reads."""
    events = [read_event(payload) for payload in json.loads(STREAM.read_text())]
    novel = Novel()
    for number, event in enumerate(events, start=1):
        novel = novel.after(event)
        assert novel == Novel.of(events[:number])
    assert novel.version == len(events)
