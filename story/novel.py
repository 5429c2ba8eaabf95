"""A novel, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from story.base import Value
from story.canon import Canon
from story.cast import Cast
from story.chapter import Chapter
from story.events import (
    BibleAmended,
    CastAssembled,
    ChapterAccepted,
    ChapterEdited,
    ChapterHeld,
    ChapterImported,
    ChapterMoved,
    ChapterWithdrawn,
    Event,
    NovelDeleted,
    NovelFinished,
    NovelPaused,
    NovelRequested,
    NovelResumed,
    OutlineAmended,
    OutlineApproved,
    PlotOutlined,
    WorldBuilt,
)
from story.finding import Finding
from story.models import Models
from story.outline import ChapterPlan, Outline
from story.premise import Premise
from story.world import World

NovelState = Literal["requested", "writing", "paused", "held", "finished", "deleted"]


class Novel(Value):
    """What the log of one novel amounts to. ``version`` is the number of events folded."""

    version: int = 0
    state: NovelState = "requested"
    owner: str = ""
    premise: Premise | None = None
    models: Models = Models()
    max_calls: int = 0
    world: World | None = None
    cast: Cast | None = None
    outline: Outline | None = None
    approved_by: str = ""
    chapters: tuple[Chapter, ...] = ()
    held: tuple[Finding, ...] = ()
    holds: dict[str, int] = {}
    reason: str = ""

    @classmethod
    def of(cls, events: Iterable[Event]) -> Novel:
        """The novel after these events."""
        novel = cls()
        for event in events:
            novel = novel.after(event)
        return novel

    def after(self, event: Event) -> Novel:
        """The novel once the event has happened."""
        return self.model_copy(update={"version": self.version + 1, **self._changed_by(event)})

    def _changed_by(self, event: Event) -> dict[str, object]:
        match event:
            case NovelRequested(owner=owner, premise=premise, models=models, max_calls=max_calls):
                return {"owner": owner, "premise": premise, "models": models, "max_calls": max_calls}
            case WorldBuilt(world=world):
                return {"world": world, "state": "writing"}
            case CastAssembled(cast=cast):
                return {"cast": cast}
            case PlotOutlined(outline=outline) | OutlineAmended(outline=outline):
                return {"outline": outline}
            case OutlineApproved(by=by):
                return {"approved_by": by}
            case BibleAmended():
                return {"world": event.world or self.world, "cast": event.cast or self.cast}
            case ChapterAccepted(chapter=chapter) | ChapterImported(chapter=chapter):
                return {"chapters": (*self.chapters, chapter), "held": ()}
            case ChapterEdited(chapter=chapter):
                return {"chapters": tuple(chapter if one.id == chapter.id else one for one in self.chapters)}
            case ChapterMoved(chapter_id=key, position=position):
                return {"chapters": _moved(self.chapters, key, position)}
            case ChapterWithdrawn(chapter_id=key):
                state = "writing" if self.state == "finished" else self.state
                return {"chapters": tuple(one for one in self.chapters if one.id != key), "state": state}
            case ChapterHeld(chapter_id=key, findings=findings):
                holds = self.holds | {key: self.holds.get(key, 0) + 1}
                reason = "; ".join(finding.message for finding in findings)
                return {"state": "held", "held": findings, "holds": holds, "reason": reason}
            case NovelPaused(reason=reason):
                return {"state": "paused", "reason": reason}
            case NovelResumed():
                return {
                    "state": "writing",
                    "held": (),
                    "reason": "",
                    "models": event.models or self.models,
                    "max_calls": event.max_calls or self.max_calls,
                }
            case NovelFinished():
                return {"state": "finished"}
            case NovelDeleted():
                return {"state": "deleted"}

    @property
    def title(self) -> str:
        """The author's title, else the outline's, else nothing yet."""
        given = self.premise.title if self.premise else ""
        return given or (self.outline.title if self.outline else "")

    @property
    def words(self) -> int:
        """Words of the accepted chapters."""
        return sum(chapter.words for chapter in self.chapters)

    @property
    def planned_chapters(self) -> int:
        """How many chapters the book is to have; a book that was imported may have more than can be asked for."""
        asked = self.premise.chapters if self.premise else 0
        return max(len(self.outline.chapters) if self.outline else asked, len(self.chapters))

    @property
    def next_plan(self) -> ChapterPlan | None:
        """The first planned chapter that has not been accepted."""
        accepted = {chapter.id for chapter in self.chapters}
        plans = self.outline.chapters if self.outline else ()
        return next((plan for plan in plans if plan.id not in accepted), None)

    @cached_property
    def canon(self) -> Canon:
        """What is true after the accepted chapters."""
        return Canon.of(self.world, self.cast, self.outline, self.chapters)


def _moved(chapters: tuple[Chapter, ...], key: str, position: int) -> tuple[Chapter, ...]:
    rest = [one for one in chapters if one.id != key]
    rest[position - 1 : position - 1] = [one for one in chapters if one.id == key]
    return tuple(rest)
