"""The events of a novel: a closed union with versioned payloads, and the way old payloads become new ones.

``steps`` are the fingerprints of the model calls whose answers the event carries: they say what it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from story.base import Value
from story.cast import Cast
from story.changes import Change
from story.chapter import Chapter
from story.errors import UnsupportedEvent
from story.finding import Finding
from story.models import Models
from story.outline import Outline
from story.premise import Premise
from story.world import World

Steps = tuple[str, ...]


class _Event(Value):
    version: Literal[1] = 1


class NovelRequested(_Event):
    """Somebody asked for a novel. ``max_calls`` bounds the model calls made for it, over all its runs."""

    kind: Literal["novel_requested"] = "novel_requested"
    owner: str
    premise: Premise
    models: Models = Models()
    max_calls: int


class WorldBuilt(_Event):
    """The world stands."""

    kind: Literal["world_built"] = "world_built"
    world: World
    steps: Steps = ()


class CastAssembled(_Event):
    """The cast stands."""

    kind: Literal["cast_assembled"] = "cast_assembled"
    cast: Cast
    steps: Steps = ()


class PlotOutlined(_Event):
    """The outline stands; its chapters have their ids."""

    kind: Literal["plot_outlined"] = "plot_outlined"
    outline: Outline
    steps: Steps = ()


class OutlineApproved(_Event):
    """Somebody approved the outline."""

    kind: Literal["outline_approved"] = "outline_approved"
    by: str


class BibleAmended(_Event):
    """Somebody changed world or cast; what is not given stays as it was."""

    kind: Literal["bible_amended"] = "bible_amended"
    by: str
    world: World | None = None
    cast: Cast | None = None


class OutlineAmended(_Event):
    """Somebody changed the outline."""

    kind: Literal["outline_amended"] = "outline_amended"
    by: str
    outline: Outline


class ChapterAccepted(_Event):
    """A chapter passed validation. ``dropped`` are the changes whose quote its text does not hold."""

    kind: Literal["chapter_accepted"] = "chapter_accepted"
    chapter: Chapter
    findings: tuple[Finding, ...] = ()
    dropped: tuple[Change, ...] = ()
    steps: Steps = ()


class ChapterHeld(_Event):
    """A chapter contradicts canon even after its revision; the novel waits."""

    kind: Literal["chapter_held"] = "chapter_held"
    chapter_id: str
    findings: tuple[Finding, ...]
    steps: Steps = ()


class ChapterEdited(_Event):
    """Somebody replaced the text of an accepted chapter."""

    kind: Literal["chapter_edited"] = "chapter_edited"
    by: str
    chapter: Chapter
    steps: Steps = ()


class ChapterImported(_Event):
    """A chapter written elsewhere joined the novel at its end."""

    kind: Literal["chapter_imported"] = "chapter_imported"
    chapter: Chapter
    steps: Steps = ()


class ChapterMoved(_Event):
    """An accepted chapter stands at another position (from 1)."""

    kind: Literal["chapter_moved"] = "chapter_moved"
    chapter_id: str
    position: Annotated[int, Field(ge=1)]


class ChapterWithdrawn(_Event):
    """An accepted chapter left the book."""

    kind: Literal["chapter_withdrawn"] = "chapter_withdrawn"
    chapter_id: str


class NovelPaused(_Event):
    """Writing stopped for a reason that somebody has to look at."""

    kind: Literal["novel_paused"] = "novel_paused"
    reason: str


class NovelResumed(_Event):
    """Writing goes on, with other models or another bound where given."""

    kind: Literal["novel_resumed"] = "novel_resumed"
    models: Models | None = None
    max_calls: int | None = None


class NovelFinished(_Event):
    """Every chapter of the outline is accepted."""

    kind: Literal["novel_finished"] = "novel_finished"


class NovelDeleted(_Event):
    """The novel is gone; this is the one event that remains of it, so that copies elsewhere can be removed."""

    kind: Literal["novel_deleted"] = "novel_deleted"


Event = Annotated[
    NovelRequested
    | WorldBuilt
    | CastAssembled
    | PlotOutlined
    | OutlineApproved
    | BibleAmended
    | OutlineAmended
    | ChapterAccepted
    | ChapterHeld
    | ChapterEdited
    | ChapterImported
    | ChapterMoved
    | ChapterWithdrawn
    | NovelPaused
    | NovelResumed
    | NovelFinished
    | NovelDeleted,
    Field(discriminator="kind"),
]

Payload = dict[str, Any]
Upcaster = Callable[[Payload], Payload]

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""What makes a payload of (kind, version) one of the next version. All kinds are at version 1 so far."""

_EVENTS: TypeAdapter[Event] = TypeAdapter(Event)


def read_event(payload: Payload, upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS) -> Event:
    """The event in a stored payload, brought to the version of today.

    Raises:
        UnsupportedEvent: a newer program wrote it, or its kind is unknown.
    """
    kind, version = payload.get("kind"), payload.get("version")
    try:
        while (upcast := upcasters.get((str(kind), int(version or 0)))) is not None:
            payload = upcast(payload)
            kind, version = payload["kind"], payload["version"]
        return _EVENTS.validate_python(payload)
    except ValueError as error:
        raise UnsupportedEvent(
            f"The log holds an event {kind!r} of version {version} that this version cannot read; upgrade Scriptorium."
        ) from error


def write_event(event: Event) -> Payload:
    """The payload that stores an event."""
    return event.model_dump(mode="json")
