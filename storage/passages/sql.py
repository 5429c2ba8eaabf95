"""Passages, the index of their words, and the vectors that are kept, in SQLite or PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

import numpy as np
from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.passages.bm25 import Statistics, at_best, scored
from storage.passages.index import INDEXES, Entry, WordIndex, adjoining, part_of, refuse_endless, window_of
from storage.passages.keys import text_hash, windowed
from storage.passages.ports import Matrix, Part, Passage, Window
from storage.passages.words import frequencies
from storage.sql.database import Database
from storage.sql.dialects import insert_missing
from storage.sql.tables import novels, passage_parts, passages
from storage.sql.tables import vectors as kept

T = TypeVar("T")

BATCH = 250
"""How many values stand in one statement; both drivers have bounds."""


LOCK = 5_872_364_903
"""Sets the advisory locks of owners apart from others in the same PostgreSQL database."""


class _Part(NamedTuple):
    """What the index holds of a chapter, counted."""

    chapter: str
    version: int
    windows: int
    terms: int


class SqlTexts:
    """See ``storage.passages.ports.Texts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, novel_id: str, owner: str, parts: Sequence[Part]) -> None:
        """See ``Texts.replace``. Each part is a transaction of its own, so that other writers need not wait for all."""
        for part in parts:
            refuse_endless(passage.window for passage in part.passages)
            entries = await asyncio.to_thread(_entries, part)
            async with self._database.committing() as connection:
                await _alone(connection, owner)
                gone = await _remove(connection, novel_id, [part.chapter])
                await _add(connection, novel_id, part, entries)
                await _forget(connection, owner, gone)

    async def remove(self, novel_id: str, owner: str, chapters: Collection[str] | None = None) -> None:
        """See ``Texts.remove``."""
        async with self._database.committing() as connection:
            await _alone(connection, owner)
            await _forget(connection, owner, await _remove(connection, novel_id, chapters))

    async def chapters(self, novel_id: str) -> set[str]:
        """See ``Texts.chapters``."""
        async with self._database.reading() as connection:
            return {part.chapter for part in (await _parts(connection, novel_id, None)).values()}

    async def known(self, owner: str, model: str, hashes: Collection[str]) -> dict[str, Matrix]:
        """See ``Texts.known``."""
        query = select(kept.c.text_hash, kept.c.vector).where(kept.c.owner == owner, kept.c.model == model)
        async with self._database.reading() as connection:
            rows = [
                row
                for some in _in_batches({*hashes})
                for row in await connection.execute(query.where(kept.c.text_hash.in_(some)))
            ]
        return {key: np.frombuffer(stored, dtype="<f4").astype(np.float32) for key, stored in rows}

    async def keep(self, owner: str, model: str, vectors: Mapping[str, Matrix]) -> None:
        """See ``Texts.keep``."""
        rows = [
            {"owner": owner, "model": model, "text_hash": key, "vector": np.asarray(vector, dtype="<f4").tobytes()}
            for key, vector in sorted(vectors.items())
        ]
        if rows:
            async with self._database.committing() as connection:
                await _alone(connection, owner)
                await connection.execute(insert_missing(connection, kept), rows)
                # What was replaced while it was embedded is of no use any more.
                await _forget(connection, owner, vectors.keys())

    async def passages(self, novel_id: str, chapters: Collection[str] | None = None) -> list[Passage]:
        """See ``Texts.passages``."""
        return await self._read(novel_id, _of_chapters(passages.c.chapter_id, chapters))

    async def count(self, novel_id: str) -> int:
        """See ``Texts.count``."""
        async with self._database.reading() as connection:
            query = select(func.count()).select_from(passages).where(passages.c.novel_id == novel_id)
            return int((await connection.execute(query)).scalar_one())

    async def read(self, novel_id: str, windows: Collection[Window]) -> list[Passage]:
        """See ``Texts.read``."""
        return await self._read(novel_id, map(_of_windows, _in_batches(windows)))

    async def search(
        self, novel_id: str, question: str, chapters: Sequence[str], limit: int
    ) -> list[tuple[Window, float]]:
        """See ``Texts.search``."""
        asked = sorted(frequencies(question))
        async with self._database.reading() as connection:
            parts = await _parts(connection, novel_id, chapters)
            found = await _index(connection).postings(connection, novel_id, asked, sorted(parts)) if parts else []
        statistics = Statistics(sum(p.windows for p in parts.values()), sum(p.terms for p in parts.values()))
        numbers, scores = at_best(*scored(found, statistics, adjoining), limit)
        of = (parts[part] for part in part_of(numbers).tolist())
        ranked = [
            (Window(part.chapter, part.version, number), score)
            for part, number, score in zip(of, window_of(numbers).tolist(), scores.tolist(), strict=True)
        ]
        return sorted(ranked, key=lambda one: (-one[1], one[0]))[:limit]

    async def _read(self, novel_id: str, conditions: Iterable[ColumnElement[bool]]) -> list[Passage]:
        """The passages that any of the conditions lets pass; sorted here, for databases sort text each in its way."""
        async with self._database.reading() as connection:
            rows = [
                row
                for condition in conditions
                for row in await connection.execute(_texts().where(passages.c.novel_id == novel_id, condition))
            ]
        return sorted(map(_passage, rows), key=lambda one: one.key)


async def _alone(connection: AsyncConnection, owner: str) -> None:
    """Waits for whoever writes texts or vectors of this owner; SQLite's write lock, held by now, does so already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(owner, LOCK))))


async def _forget(connection: AsyncConnection, owner: str, hashes: Collection[str]) -> None:
    """Removes those of these vectors, of every model, whose text no passage of this owner's novels holds."""
    is_used = exists().where(
        passages.c.text_hash == kept.c.text_hash,
        passages.c.novel_id == novels.c.id,
        novels.c.owner == kept.c.owner,
    )
    for some in _in_batches(hashes):
        await connection.execute(delete(kept).where(kept.c.owner == owner, kept.c.text_hash.in_(some), ~is_used))


def _entries(part: Part) -> list[Entry]:
    windows = windowed(part.passages).items()
    return [Entry(window.number, frequencies(*(one.text for one in held))) for window, held in windows]


def _index(connection: AsyncConnection) -> WordIndex:
    return INDEXES[connection.dialect.name]


async def _add(connection: AsyncConnection, novel_id: str, part: Part, entries: Sequence[Entry]) -> None:
    counted = {
        "novel_id": novel_id,
        "chapter_id": part.chapter,
        "version": part.version,
        "windows": len(entries),
        "terms": sum(entry.length for entry in entries),
    }
    added = await connection.execute(insert(passage_parts).values(counted).returning(passage_parts.c.id))
    if part.passages:
        await connection.execute(insert(passages), [_row(novel_id, passage) for passage in part.passages])
    await _index(connection).add(connection, novel_id, added.scalar_one(), entries)


async def _remove(connection: AsyncConnection, novel_id: str, chapters: Collection[str] | None) -> set[str]:
    """The hashes of the texts that stood there."""
    standing = [*await _parts(connection, novel_id, chapters)]
    if not standing:
        return set()
    gone: set[str] = set()
    await _index(connection).remove(connection, novel_id, standing)
    for condition in _of_chapters(passage_parts.c.chapter_id, chapters):
        await connection.execute(delete(passage_parts).where(passage_parts.c.novel_id == novel_id, condition))
    for condition in _of_chapters(passages.c.chapter_id, chapters):
        removed = delete(passages).where(passages.c.novel_id == novel_id, condition).returning(passages.c.text_hash)
        gone.update((await connection.execute(removed)).scalars())
    return gone


async def _parts(connection: AsyncConnection, novel_id: str, chapters: Collection[str] | None) -> dict[int, _Part]:
    """The parts that the index holds of these chapters, by number."""
    named = [passage_parts.c[name] for name in ("id", "chapter_id", "version", "windows", "terms")]
    rows = await connection.execute(select(*named).where(passage_parts.c.novel_id == novel_id))
    visible = None if chapters is None else {*chapters}
    return {number: _Part(*rest) for number, *rest in rows if visible is None or rest[0] in visible}


def _of_chapters(column: ColumnElement[str], chapters: Collection[str] | None) -> list[ColumnElement[bool]]:
    """One condition after the other, which together let these chapters pass; without chapters, one for all."""
    if chapters is None:
        return [column.is_not(None)]
    return [column.in_(some) for some in _in_batches({*chapters})]


def _of_windows(windows: Collection[Window]) -> ColumnElement[bool]:
    chapter, version, number = passages.c.chapter_id, passages.c.version, passages.c.window
    any_of_them = or_(*(and_(chapter == one[0], version == one[1], number == one[2]) for one in windows))
    # Without the chapters by themselves, SQLite would go through the whole novel.
    return and_(chapter.in_({one.chapter for one in windows}), any_of_them)


def _texts() -> Select[tuple[str, int, int, int, str]]:
    return select(passages.c.chapter_id, passages.c.version, passages.c.n, passages.c.window, passages.c.text)


def _passage(row: Row[tuple[str, int, int, int, str]]) -> Passage:
    return Passage(chapter=row.chapter_id, version=row.version, n=row.n, window=row.window, text=row.text)


def _row(novel_id: str, passage: Passage) -> dict[str, object]:
    return {
        "novel_id": novel_id,
        "chapter_id": passage.chapter,
        "version": passage.version,
        "n": passage.n,
        "window": passage.window,
        "text": passage.text,
        "text_hash": text_hash(passage.text),
    }


def _in_batches(values: Iterable[T]) -> Iterator[list[T]]:
    left = iter(values)
    while some := list(islice(left, BATCH)):
        yield some
