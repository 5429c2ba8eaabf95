"""What each event does to the read models, as small changes in the transaction that appends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CursorResult, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import rules
from storage.ports import Recorded
from storage.sql.dialects import insert_missing
from storage.sql.tables import chapters, novel_steps, novels
from story.base import Value
from story.chapter import Chapter
from story.events import (
    ChapterAccepted,
    ChapterEdited,
    ChapterImported,
    ChapterMoved,
    ChapterWithdrawn,
    Event,
)
from story.novel import Novel, NovelState


class Entry(Value):
    """A row of ``novels``. ``given_title`` is the author's, which the outline's never replaces."""

    id: str
    created_at: datetime
    owner: str = ""
    title: str = ""
    given_title: str = ""
    premise: str = ""
    variant: int = 0
    state: NovelState = "requested"
    reason: str = ""
    chapters: int = 0
    chapters_accepted: int = 0
    words: int = 0
    version: int = 0
    max_calls: int = 0

    def after(self, event: Event) -> Entry:
        """The row once the event has happened, but for what is counted over chapters."""
        before = Novel(
            version=self.version, state=self.state, owner=self.owner, max_calls=self.max_calls, reason=self.reason
        )
        novel = before.after(event)
        fields = {name: getattr(novel, name) for name in ("version", "state", "owner", "max_calls", "reason")}
        return self.model_copy(update=fields | self._from_premise(novel) | self._from_outline(novel))

    def counting(self, change: Change) -> Entry:
        """The row with so many more chapters and words."""
        return self.model_copy(
            update={
                "chapters_accepted": self.chapters_accepted + change.chapters,
                "words": self.words + change.words,
            }
        )

    def _from_premise(self, novel: Novel) -> dict[str, object]:
        if (premise := novel.premise) is None:
            return {}
        return {
            "given_title": premise.title,
            "title": premise.title or self.title,
            "premise": premise.premise,
            "variant": premise.variant,
            "chapters": premise.chapters,
        }

    def _from_outline(self, novel: Novel) -> dict[str, object]:
        if (outline := novel.outline) is None:
            return {}
        return {"title": self.given_title or outline.title, "chapters": len(outline.chapters)}


class Change(NamedTuple):
    """By how many chapters and words a book grew."""

    chapters: int = 0
    words: int = 0


async def read_entry(connection: AsyncConnection, novel_id: str) -> Entry | None:
    """The row of a novel, which nobody else can change until this transaction ends."""
    query = select(novels).where(novels.c.id == novel_id).with_for_update()
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else Entry.model_validate(dict(row))


async def project(connection: AsyncConnection, entry: Entry | None, recorded: Sequence[Recorded]) -> None:
    """Brings the read models of a novel, whose row is given if there is one, from before these events to after them."""
    entry = entry or await _new_entry(connection, recorded[0])
    for one in recorded:
        entry = entry.after(one.event).counting(await _project_chapters(connection, one.novel_id, one.event))
        await _project_steps(connection, one.novel_id, entry.owner, one.event)
    await connection.execute(update(novels).where(novels.c.id == entry.id).values(**entry.model_dump()))


async def _new_entry(connection: AsyncConnection, first: Recorded) -> Entry:
    entry = Entry(id=first.novel_id, created_at=first.at)
    await connection.execute(insert(novels).values(**entry.model_dump()))
    return entry


async def _project_steps(connection: AsyncConnection, novel_id: str, owner: str, event: Event) -> None:
    used = dict.fromkeys(getattr(event, "steps", ()))
    if used:
        rows = [{"novel_id": novel_id, "owner": owner, "fingerprint": step} for step in used]
        await connection.execute(insert_missing(connection, novel_steps), rows)


async def _project_chapters(connection: AsyncConnection, novel_id: str, event: Event) -> Change:
    match event:
        case ChapterAccepted(chapter=chapter) | ChapterImported(chapter=chapter):
            return await _add(connection, novel_id, chapter)
        case ChapterEdited(chapter=chapter):
            return await _replace(connection, novel_id, chapter)
        case ChapterMoved(chapter_id=key, position=position):
            return await _move(connection, novel_id, key, position)
        case ChapterWithdrawn(chapter_id=key):
            return await _remove(connection, novel_id, key)
        case _:
            return Change()


def _told(chapter: Chapter) -> dict[str, object]:
    return {
        "title": chapter.title,
        "words": chapter.words,
        "summary": chapter.chronicle.summary,
        "text": chapter.text,
    }


async def _add(connection: AsyncConnection, novel_id: str, chapter: Chapter) -> Change:
    position = await _count(connection, novel_id) + 1
    row = {"novel_id": novel_id, "id": chapter.id, "position": position, **_told(chapter)}
    try:
        await connection.execute(insert(chapters).values(**row))
    except IntegrityError as error:
        raise rules.doubled(chapter.id) from error
    return Change(chapters=1, words=chapter.words)


async def _replace(connection: AsyncConnection, novel_id: str, chapter: Chapter) -> Change:
    standing = await _standing(connection, novel_id, chapter.id)
    if standing is None:
        return Change()
    mine = chapters.c.novel_id == novel_id, chapters.c.id == chapter.id
    await connection.execute(update(chapters).where(*mine).values(**_told(chapter)))
    return Change(words=chapter.words - standing.words)


async def _move(connection: AsyncConnection, novel_id: str, key: str, position: int) -> Change:
    standing = await _standing(connection, novel_id, key)
    if standing is not None:
        target = min(position, await _count(connection, novel_id))
        await _shift(connection, novel_id, standing.position, -1)
        await _shift(connection, novel_id, target - 1, +1)
        mine = chapters.c.novel_id == novel_id, chapters.c.id == key
        await connection.execute(update(chapters).where(*mine).values(position=target))
    return Change()


async def _remove(connection: AsyncConnection, novel_id: str, key: str) -> Change:
    standing = await _standing(connection, novel_id, key)
    if standing is None:
        return Change()
    await connection.execute(delete(chapters).where(chapters.c.novel_id == novel_id, chapters.c.id == key))
    await _shift(connection, novel_id, standing.position, -1)
    return Change(chapters=-1, words=-standing.words)


class _Standing(NamedTuple):
    position: int
    words: int


async def _standing(connection: AsyncConnection, novel_id: str, key: str) -> _Standing | None:
    mine = chapters.c.novel_id == novel_id, chapters.c.id == key
    row = (await connection.execute(select(chapters.c.position, chapters.c.words).where(*mine))).one_or_none()
    return None if row is None else _Standing(*row)


async def _count(connection: AsyncConnection, novel_id: str) -> int:
    counted = await connection.execute(select(func.count()).where(chapters.c.novel_id == novel_id))
    return counted.scalar_one()


async def _shift(connection: AsyncConnection, novel_id: str, after: int, by: int) -> CursorResult[object]:
    later = chapters.c.novel_id == novel_id, chapters.c.position > after
    return await connection.execute(update(chapters).where(*later).values(position=chapters.c.position + by))
