"""What is next, whatever has been done."""

from __future__ import annotations

import pytest

from agents.decisions import (
    AcceptChapter,
    AssembleCast,
    BuildWorld,
    Candidate,
    ChronicleChapter,
    Finish,
    HoldChapter,
    OutlinePlot,
    Pause,
    ReviewChapter,
    ReviseChapter,
    WriteChapter,
    decide,
    default_max_calls,
    planned_calls,
)
from story.changes import Dies, Moves
from story.chapter import Chronicle
from story.events import ChapterAccepted, ChapterHeld, NovelFinished, NovelPaused, NovelResumed
from story.finding import Finding
from story.novel import Novel
from tests.builders import (
    CHAPEL,
    TOMAS,
    a_chapter,
    a_chronicle,
    a_novel,
    a_text,
    chapter_as_planned,
    events_of,
    shown,
)

NOVEL = a_novel(chapters=2, written=1)
PLAN = NOVEL.next_plan
SOUND = chapter_as_planned(PLAN, 2)
FIX = Finding(rule="style", message="a weak verb")
NOTE = Finding(rule="style", severity="note", message="a long sentence")


def fixes(count: int) -> tuple[Finding, ...]:
    """So many blemishes."""
    return (FIX,) * count


def draft(review=None, chronicle: Chronicle | None = None, text: str = SOUND.text) -> Candidate:
    """A draft of chapter 2 with what was said of it."""
    return Candidate(text=text, review=review, chronicle=chronicle)


@pytest.mark.parametrize(
    ("events", "expected"),
    [(1, BuildWorld()), (2, AssembleCast()), (3, OutlinePlot()), (4, WriteChapter(a_novel(2).next_plan))],
)
def test_the_bible_is_made_in_order(events, expected):
    """World, cast, outline, then the first chapter."""
    assert decide(Novel.of(events_of(chapters=2)[:events])) == expected


def test_a_book_whose_chapters_are_all_accepted_is_finished():
    """There is nothing left to write."""
    assert decide(a_novel(chapters=2, written=2)) == Finish()
    assert decide(a_novel(chapters=2, written=2).after(NovelFinished())) == Finish()


@pytest.mark.parametrize(
    "event",
    [NovelPaused(reason="no money"), ChapterHeld(chapter_id="c", findings=(Finding(rule="r", message="no money"),))],
)
@pytest.mark.parametrize("events", [1, 4, 5])
def test_a_paused_or_held_novel_waits_for_somebody(event, events):
    """With the reason, at any stage, until it is resumed."""
    novel = Novel.of(events_of(chapters=2, written=1)[:events]).after(event)
    assert decide(novel) == Pause("no money")
    assert not isinstance(decide(novel.after(NovelResumed())), Pause)


@pytest.mark.parametrize(
    ("drafts", "expected"),
    [
        ((), WriteChapter(PLAN)),
        ((draft(),), ReviewChapter(PLAN, 0)),
        ((draft(review=()),), ChronicleChapter(PLAN, 0)),
        ((draft(review=(NOTE,)),), ChronicleChapter(PLAN, 0)),
        ((draft(review=(NOTE, FIX)),), ReviseChapter(PLAN, (FIX,))),
        ((draft(review=(FIX,)), draft()), ReviewChapter(PLAN, 1)),
        ((draft(review=(FIX,)), draft(review=())), ChronicleChapter(PLAN, 1)),
        ((draft(review=fixes(2)), draft(review=fixes(1))), ChronicleChapter(PLAN, 1)),
        ((draft(review=fixes(1)), draft(review=fixes(2))), ChronicleChapter(PLAN, 0)),
        ((draft(review=fixes(1)), draft(review=fixes(1))), ChronicleChapter(PLAN, 0)),
        ((draft(review=(FIX,)), draft(review=(NOTE, NOTE))), ChronicleChapter(PLAN, 1)),
    ],
    ids=["nothing", "draft", "praised", "noted", "to mend", "revised", "mended", "better", "worse", "as good", "notes"],
)
def test_a_chapter_is_written_reviewed_and_revised_at_most_once(drafts, expected):
    """And the draft with the least against it is chronicled, the first one when in doubt."""
    assert decide(NOVEL, drafts) == expected


def test_a_sound_draft_is_accepted_as_it_is():
    """Under the identity and title of its plan, with the notes that were let pass."""
    drafts = (draft(review=(NOTE,), chronicle=SOUND.chronicle),)
    assert decide(NOVEL, drafts) == AcceptChapter(SOUND, (NOTE,), 0)


def unplanned(*changes) -> Chronicle:
    """A chronicle in which the plan's changes happen and these, too."""
    return SOUND.chronicle.model_copy(update={"changes": (*SOUND.chronicle.changes, *shown(*changes))})


SHORT = draft(review=(), chronicle=SOUND.chronicle, text=a_text(words=20))
GHOST = unplanned(Dies(character=TOMAS), Moves(character=TOMAS, place=CHAPEL))


def test_what_the_rules_find_is_revised_once():
    """The findings name what is wrong."""
    decision = decide(NOVEL, (SHORT,))
    assert isinstance(decision, ReviseChapter)
    assert [one.rule for one in decision.findings] == ["asked-length"]


def test_what_is_no_contradiction_passes_after_the_revision():
    """With the finding on record."""
    decision = decide(NOVEL, (SHORT, SHORT))
    assert isinstance(decision, AcceptChapter)
    assert (decision.draft, [one.rule for one in decision.findings]) == (0, ["asked-length"])


def test_a_contradiction_in_both_drafts_holds_the_chapter():
    """Only what blocks is named."""
    ghost = draft(review=(FIX,), chronicle=GHOST, text=a_text(words=20))
    assert isinstance(decide(NOVEL, (ghost.model_copy(update={"review": ()}),)), ReviseChapter)
    decision = decide(NOVEL, (ghost, ghost))
    assert isinstance(decision, HoldChapter)
    assert [(one.rule, one.severity) for one in decision.findings] == [("dead-do-not-act", "block")]
    assert decision.plan == PLAN


@pytest.mark.parametrize("good", [0, 1])
def test_the_draft_without_the_contradiction_is_accepted_whichever_it_is(good):
    """Even when the editor liked the other better."""
    drafts = [draft(review=(), chronicle=GHOST)] * 2
    drafts[good] = draft(review=fixes(3), chronicle=SOUND.chronicle)
    decision = decide(NOVEL, tuple(drafts))
    assert isinstance(decision, AcceptChapter)
    assert decision.draft == good
    assert decision.chapter == SOUND


def test_a_revision_that_contradicts_sends_back_to_the_first_draft():
    """The first is chronicled only now that it is wanted."""
    drafts = (draft(review=fixes(2)), draft(review=(), chronicle=GHOST))
    assert decide(NOVEL, drafts) == ChronicleChapter(PLAN, 0)
    drafts = (draft(review=fixes(2), chronicle=SOUND.chronicle), drafts[1])
    assert decide(NOVEL, drafts) == AcceptChapter(SOUND, fixes(2), 0)


def test_a_chapter_is_judged_by_the_chapters_accepted_before_it():
    """A death in the chapter that has just been accepted counts at once."""
    novel = a_novel(chapters=2)
    assert novel.canon.told == ()
    novel = novel.after(ChapterAccepted(chapter=a_chapter(Dies(character=TOMAS), key="chapter-1")))
    acts = a_chronicle(Moves(character=TOMAS, place=CHAPEL), day=2)
    decision = decide(novel, (draft(review=(), chronicle=acts),))
    assert isinstance(decision, ReviseChapter)
    assert "dead-do-not-act" in {one.rule for one in decision.findings}


class Desk:
    """Carries decisions out as the flow does, with answers that the test has laid out, and counts the calls."""

    def __init__(self, novel: Novel, reviews: list, chronicles: list[Chronicle]) -> None:
        self.novel, self.reviews, self.chronicles = novel, iter(reviews), iter(chronicles)
        self.done: list[str] = []
        self.drafts: tuple[Candidate, ...] = ()

    def work(self):
        """Works until a chapter is accepted or held; gives that decision."""
        while True:
            decision = decide(self.novel, self.drafts)
            self.done.append(type(decision).__name__)
            match decision:
                case WriteChapter() | ReviseChapter():
                    self.drafts = (*self.drafts, draft())
                case ReviewChapter(draft=number):
                    self._say(number, review=next(self.reviews))
                case ChronicleChapter(draft=number):
                    self._say(number, chronicle=next(self.chronicles))
                case _:
                    return decision

    def _say(self, number: int, **fields: object) -> None:
        drafts = list(self.drafts)
        drafts[number] = drafts[number].model_copy(update=fields)
        self.drafts = tuple(drafts)


WALK = ["WriteChapter", "ReviewChapter"]
AGAIN = ["ReviseChapter", "ReviewChapter"]


@pytest.mark.parametrize(
    ("reviews", "chronicles", "done"),
    [
        ([()], [SOUND.chronicle], [*WALK, "ChronicleChapter", "AcceptChapter"]),
        ([(FIX,), ()], [SOUND.chronicle], [*WALK, *AGAIN, "ChronicleChapter", "AcceptChapter"]),
        ([(FIX,), fixes(2)], [SOUND.chronicle], [*WALK, *AGAIN, "ChronicleChapter", "AcceptChapter"]),
        (
            [(), ()],
            [GHOST, SOUND.chronicle],
            [*WALK, "ChronicleChapter", *AGAIN, "ChronicleChapter", "AcceptChapter"],
        ),
        ([(), ()], [GHOST, GHOST], [*WALK, "ChronicleChapter", *AGAIN, "ChronicleChapter", "HoldChapter"]),
        (
            [(FIX,), ()],
            [GHOST, SOUND.chronicle],
            [*WALK, *AGAIN, "ChronicleChapter", "ChronicleChapter", "AcceptChapter"],
        ),
    ],
    ids=["at once", "mended", "spoiled", "contradiction mended", "contradiction kept", "contradiction made"],
)
def test_the_whole_walk_of_a_chapter(reviews, chronicles, done):
    """Every walk ends, with one revision at most."""
    desk = Desk(NOVEL, reviews, chronicles)
    desk.work()
    assert desk.done == done


def test_a_book_is_planned_with_three_calls_and_three_a_chapter():
    """And bounded by three times the plan."""
    assert [planned_calls(n) for n in (1, 12, 60)] == [6, 39, 183]
    assert default_max_calls(12) == 117


def test_a_book_without_revisions_takes_the_planned_calls():
    """The plan counts what is really decided."""
    novel, calls = a_novel(chapters=4), 3
    while not isinstance(decide(novel), Finish):
        number = len(novel.chapters) + 1
        chapter = chapter_as_planned(novel.next_plan, number)
        desk = Desk(novel, [()], [chapter.chronicle])
        decision = desk.work()
        calls += len(desk.done) - 1
        novel = novel.after(ChapterAccepted(chapter=decision.chapter))
    assert calls == planned_calls(4)
