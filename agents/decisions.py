"""What is next: a pure function of the novel and of the drafts of the chapter in hand.

The flow carries out what is decided here and knows no rule of its own. A chapter is written, reviewed, revised at
most once, chronicled, checked against canon, and then accepted or held.
"""

from __future__ import annotations

from dataclasses import dataclass

from story.base import Value
from story.canon import Canon
from story.changes import Change
from story.chapter import Chapter, Chronicle
from story.continuity import Draft, check
from story.finding import Finding, weight
from story.novel import Novel
from story.outline import ChapterPlan

CALLS_BEFORE_CHAPTERS = 3
CALLS_PER_CHAPTER = 3


class Candidate(Value):
    """A draft of the chapter in hand with what has been said about it so far. ``steps`` made it and judged it."""

    text: str
    steps: tuple[str, ...] = ()
    review: tuple[Finding, ...] | None = None
    chronicle: Chronicle | None = None
    dropped: tuple[Change, ...] = ()


@dataclass(frozen=True)
class BuildWorld:
    """Ask for the world."""


@dataclass(frozen=True)
class AssembleCast:
    """Ask for the cast."""


@dataclass(frozen=True)
class OutlinePlot:
    """Ask for the outline."""


@dataclass(frozen=True)
class WriteChapter:
    """Ask for a first draft of this chapter."""

    plan: ChapterPlan


@dataclass(frozen=True)
class ReviewChapter:
    """Ask the editor about the draft at that place among the candidates."""

    plan: ChapterPlan
    draft: int


@dataclass(frozen=True)
class ReviseChapter:
    """Ask for a second draft that mends these findings."""

    plan: ChapterPlan
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class ChronicleChapter:
    """Ask the chronicler about the draft at that place among the candidates."""

    plan: ChapterPlan
    draft: int


@dataclass(frozen=True)
class AcceptChapter:
    """Put the chapter into the log; the findings are what was let pass."""

    chapter: Chapter
    findings: tuple[Finding, ...]
    draft: int


@dataclass(frozen=True)
class HoldChapter:
    """Keep the chapter out of the book: it contradicts canon after its revision, too."""

    plan: ChapterPlan
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Finish:
    """Every chapter is accepted."""


@dataclass(frozen=True)
class Pause:
    """Nothing may be done until somebody resumes the novel."""

    reason: str


Decision = (
    BuildWorld
    | AssembleCast
    | OutlinePlot
    | WriteChapter
    | ReviewChapter
    | ReviseChapter
    | ChronicleChapter
    | AcceptChapter
    | HoldChapter
    | Finish
    | Pause
)


def planned_calls(chapters: int) -> int:
    """Model calls that a book of so many chapters takes when nothing has to be revised or repaired."""
    return CALLS_BEFORE_CHAPTERS + CALLS_PER_CHAPTER * chapters


def default_max_calls(chapters: int) -> int:
    """The bound on calls when nobody names one: three times the plan."""
    return 3 * planned_calls(chapters)


def decide(novel: Novel, drafts: tuple[Candidate, ...] = ()) -> Decision:
    """What is next for a novel, given the drafts of its next chapter."""
    if novel.state in ("paused", "held"):
        return Pause(novel.reason)
    if novel.world is None:
        return BuildWorld()
    if novel.cast is None:
        return AssembleCast()
    if novel.outline is None:
        return OutlinePlot()
    plan = novel.next_plan
    return Finish() if plan is None else _next_for_chapter(novel, plan, drafts)


def _next_for_chapter(novel: Novel, plan: ChapterPlan, drafts: tuple[Candidate, ...]) -> Decision:
    if not drafts:
        return WriteChapter(plan)
    latest = len(drafts) - 1
    review = drafts[latest].review
    if review is None:
        return ReviewChapter(plan, latest)
    mendable = tuple(finding for finding in review if weight((finding,)))
    if len(drafts) == 1 and mendable:
        return ReviseChapter(plan, mendable)
    best = _best(novel, plan, drafts)
    if drafts[best].chronicle is None:
        return ChronicleChapter(plan, best)
    return _judge(novel, plan, drafts, best)


def _judge(novel: Novel, plan: ChapterPlan, drafts: tuple[Candidate, ...], best: int) -> Decision:
    candidate = drafts[best]
    found = _contradictions(novel, plan, candidate)
    if len(drafts) == 1 and weight(found):
        return ReviseChapter(plan, found)
    blocking = tuple(finding for finding in found if finding.severity == "block")
    if blocking:
        return HoldChapter(plan, blocking)
    assert candidate.chronicle is not None
    chapter = Chapter(id=plan.id, title=plan.title, text=candidate.text, chronicle=candidate.chronicle)
    return AcceptChapter(chapter, (*(candidate.review or ()), *found), best)


def _best(novel: Novel, plan: ChapterPlan, drafts: tuple[Candidate, ...]) -> int:
    """The draft with the least against it; the earlier one unless the later is better."""
    return min(range(len(drafts)), key=lambda n: (_against(novel, plan, drafts[n]), n))


def _against(novel: Novel, plan: ChapterPlan, candidate: Candidate) -> tuple[bool, int]:
    found = (*(candidate.review or ()), *_contradictions(novel, plan, candidate))
    return any(finding.severity == "block" for finding in found), weight(found)


def _contradictions(novel: Novel, plan: ChapterPlan, candidate: Candidate) -> tuple[Finding, ...]:
    if candidate.chronicle is None:
        return ()
    assert novel.premise and novel.outline
    draft = Draft(
        position=len(novel.chapters) + 1,
        plan=plan,
        asked_words=novel.premise.words,
        text=candidate.text,
        chronicle=candidate.chronicle,
    )
    canon: Canon = novel.canon
    return check(canon, draft, novel.outline)
