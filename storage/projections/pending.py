"""What a projection has still to do to come from one version of a log to its end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from storage.ports import Recorded
from story.base import Value
from story.events import (
    BibleAmended,
    CastAssembled,
    ChapterAccepted,
    ChapterEdited,
    ChapterImported,
    ChapterWithdrawn,
    OutlineAmended,
    PlotOutlined,
    WorldBuilt,
)
from story.novel import Novel

BATCH_WORDS = 30_000
"""Words of text in one batch: about 200 passages, some seconds of embedding on two cores."""

_BIBLE = (WorldBuilt, CastAssembled, PlotOutlined, BibleAmended, OutlineAmended)


class Written(Value):
    """A chapter to be projected, and the version of the event that wrote its text last."""

    chapter: str
    version: int


class Batch(Value):
    """A piece of work that is done as a whole. Once it is, the projection is at ``reaches``.

    ``bible`` is the version of world, cast and outline to be projected, 0 where they stand already.
    """

    chapters: tuple[Written, ...] = ()
    removed: tuple[str, ...] = ()
    bible: int = 0
    reaches: int

    def still_standing(self, novel: Novel) -> Batch:
        """The batch without chapters that were withdrawn since it was planned, which a later one removes."""
        standing = {chapter.id for chapter in novel.chapters}
        return self.model_copy(update={"chapters": tuple(one for one in self.chapters if one.chapter in standing)})


class Pending(Value):
    """All that is left: what to write, the oldest first, and what to remove."""

    head: int = 0
    written: tuple[Written, ...] = ()
    removed: tuple[str, ...] = ()
    bible: int = 0


def pending(log: Iterable[Recorded], position: int, *, with_bible: bool) -> Pending:
    """What happened after a version, in sum: a chapter written three times is written once, as it stands now.

    A projection ``with_bible`` shows names of world and cast in every chapter: when those change, all are done anew.
    """
    standing: dict[str, int] = {}
    gone: set[str] = set()
    bible = head = 0
    for one in log:
        head = one.version
        match one.event:
            case ChapterAccepted(chapter=chapter) | ChapterImported(chapter=chapter):
                standing[chapter.id] = head
            case ChapterEdited(chapter=chapter) if chapter.id in standing:
                standing[chapter.id] = head
            case ChapterWithdrawn(chapter_id=key) if standing.pop(key, None) is not None and head > position:
                gone.add(key)
            case event if isinstance(event, _BIBLE):
                bible = head
    since = 0 if with_bible and bible > position else position
    written = [Written(chapter=key, version=at) for key, at in standing.items() if at > since]
    return Pending(
        head=head,
        written=tuple(sorted(written, key=lambda one: one.version)),
        removed=tuple(sorted(gone - standing.keys())),
        bible=bible if with_bible and bible > position else 0,
    )


def batches(left: Pending, novel: Novel, position: int, words: int = BATCH_WORDS) -> Iterator[Batch]:
    """The work in pieces of about so many words, in an order in which every piece can be the last for now.

    Chapters go by the version that wrote them, so that after each batch the projection holds everything up to the
    version of its last chapter; what was removed, and the bible, go first.
    """
    lengths = {chapter.id: chapter.words for chapter in novel.chapters}
    groups = list(_grouped(left.written, lengths, words)) or [()]
    for n, group in enumerate(groups, start=1):
        is_first, is_last = n == 1, n == len(groups)
        yield Batch(
            chapters=group,
            removed=left.removed if is_first else (),
            bible=left.bible if is_first else 0,
            reaches=left.head if is_last else max(position, group[-1].version),
        )


def _grouped(written: tuple[Written, ...], lengths: dict[str, int], most: int) -> Iterator[tuple[Written, ...]]:
    group: list[Written] = []
    words = 0
    for one in written:
        length = lengths[one.chapter]
        if group and words + length > most:
            yield tuple(group)
            group, words = [], 0
        group.append(one)
        words += length
    if group:
        yield tuple(group)
