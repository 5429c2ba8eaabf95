"""The full-text index of windows, which is another kind of table in SQLite and in PostgreSQL.

Both only index what ``storage.passages.words`` makes of a text. A term is marked with its novel, so that a posting
list holds one novel's windows alone, however many novels there are. A window is known by the number of its part
(a row of ``passage_parts``) and its own number in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.passages.bm25 import Numbers, Postings
from storage.passages.words import MOST
from story.errors import InvalidInput

LENGTH_BITS, WINDOW_BITS = 12, 20
PART_BITS = LENGTH_BITS + WINDOW_BITS
MAX_LENGTH, MAX_WINDOW = (1 << LENGTH_BITS) - 1, (1 << WINDOW_BITS) - 1


class Entry(NamedTuple):
    """What the index is to hold of a window: its number in its part, and how often it has each term."""

    window: int
    frequencies: Mapping[str, int]

    @property
    def length(self) -> int:
        """How many terms it has, as far as that is counted."""
        return min(sum(self.frequencies.values()), MAX_LENGTH)


class WordIndex(Protocol):
    """The index in one kind of database. Every call is made in the caller's transaction."""

    async def add(self, connection: AsyncConnection, novel_id: str, part: int, entries: Sequence[Entry]) -> None:
        """Adds the windows of a part that is not there yet."""
        ...

    async def remove(self, connection: AsyncConnection, novel_id: str, parts: Sequence[int]) -> None:
        """Removes whole parts."""
        ...

    async def postings(
        self, connection: AsyncConnection, novel_id: str, terms: Sequence[str], parts: Sequence[int]
    ) -> list[Postings]:
        """Where in these parts each of the terms is, but for those that are nowhere."""
        ...


def number(part: int, window: int, length: int) -> int:
    """One number for a window in its novel, which tells all that a search asks of it."""
    return part << PART_BITS | window << LENGTH_BITS | length


def part_of(numbers: Numbers) -> Numbers:
    """The parts of numbered windows."""
    return numbers >> PART_BITS


def window_of(numbers: Numbers) -> Numbers:
    """What numbered windows are numbered in their parts."""
    return numbers >> LENGTH_BITS & MAX_WINDOW


def length_of(numbers: Numbers) -> Numbers:
    """The lengths of numbered windows."""
    return numbers & MAX_LENGTH


def adjoining(numbers: Numbers) -> NDArray[np.bool_]:
    """See ``storage.passages.bm25.Adjoining``: windows of one part whose numbers there follow each other."""
    return np.asarray(np.diff(numbers >> LENGTH_BITS) == 1)


def refuse_endless(windows: Iterable[int]) -> None:
    """Raises ``InvalidInput`` when a chapter has more windows than can be numbered."""
    if max(windows, default=0) > MAX_WINDOW:
        raise InvalidInput(f"A chapter of more than {MAX_WINDOW:,} windows cannot be searched; split it.")


class SqliteIndex:
    """An FTS5 table. The number of a row is that of its window.

    It keeps no places of terms: one that a window has three times is there as ``term.1 term.2 term.3``. Rows are
    then found without reading anything else, in half the time and room.
    """

    async def add(self, connection: AsyncConnection, novel_id: str, part: int, entries: Sequence[Entry]) -> None:
        """See ``WordIndex.add``."""
        mark = _mark(novel_id)
        rows = [
            {"id": number(part, one.window, one.length), "terms": _levels(mark, one.frequencies)} for one in entries
        ]
        if rows:
            await connection.execute(text("INSERT INTO passage_words (rowid, terms) VALUES (:id, :terms)"), rows)

    async def remove(self, connection: AsyncConnection, novel_id: str, parts: Sequence[int]) -> None:  # noqa: ARG002
        """See ``WordIndex.remove``."""
        ranges = [{"first": part << PART_BITS, "last": (part + 1 << PART_BITS) - 1} for part in parts]
        if ranges:
            await connection.execute(text("DELETE FROM passage_words WHERE rowid BETWEEN :first AND :last"), ranges)

    async def postings(
        self, connection: AsyncConnection, novel_id: str, terms: Sequence[str], parts: Sequence[int]
    ) -> list[Postings]:
        """See ``WordIndex.postings``."""
        mark = _mark(novel_id)
        tokens = [f'"{mark}{term}.{level}"' for term in terms for level in range(1, MOST + 1)]
        # One text of numbers a term: to fetch them as rows takes twice as long.
        query = text(
            "SELECT t.key / :most AS term, group_concat(w.rowid) FROM json_each(:tokens) AS t "
            "CROSS JOIN passage_words AS w WHERE w.passage_words MATCH t.value GROUP BY 1 ORDER BY 1"
        )
        found = await connection.execute(query, {"tokens": json.dumps(tokens), "most": MOST})
        visible = np.array(parts, dtype=np.int64)
        lists = (_visible(np.fromstring(numbers, dtype=np.int64, sep=","), visible) for _, numbers in found)
        return [_counted(numbers) for numbers in lists if len(numbers)]


class PostgresIndex:
    """A table with a ``tsvector``, written as one, so that no parser of PostgreSQL touches a term."""

    async def add(self, connection: AsyncConnection, novel_id: str, part: int, entries: Sequence[Entry]) -> None:
        """See ``WordIndex.add``."""
        mark = _mark(novel_id)
        rows = [
            {"novel": novel_id, "part": part, "n": e.window, "length": e.length, "terms": _vector(mark, e.frequencies)}
            for e in entries
        ]
        insert = "INSERT INTO passage_words (novel_id, part, n, length, terms)"
        values = "VALUES (:novel, :part, :n, :length, CAST(CAST(:terms AS text) AS tsvector))"
        if rows:
            await connection.execute(text(f"{insert} {values}"), rows)

    async def remove(self, connection: AsyncConnection, novel_id: str, parts: Sequence[int]) -> None:
        """See ``WordIndex.remove``."""
        query = text("DELETE FROM passage_words WHERE novel_id = :novel AND part = ANY(:parts)")
        await connection.execute(query, {"novel": novel_id, "parts": [*parts]})

    async def postings(
        self, connection: AsyncConnection, novel_id: str, terms: Sequence[str], parts: Sequence[int]
    ) -> list[Postings]:
        """See ``WordIndex.postings``."""
        tokens = [_mark(novel_id) + term for term in terms]
        query = text(
            "SELECT t.lexeme, array_agg(w.part), array_agg(w.n), array_agg(w.length), "
            "array_agg(cardinality(t.positions)) FROM passage_words AS w CROSS JOIN LATERAL unnest(w.terms) AS t "
            "WHERE w.novel_id = :novel AND w.part = ANY(:parts) AND t.lexeme = ANY(:tokens) "
            'AND w.terms @@ CAST(CAST(:any AS text) AS tsquery) GROUP BY t.lexeme ORDER BY t.lexeme COLLATE "C"'
        )
        asked = {"novel": novel_id, "parts": [*parts], "tokens": tokens, "any": " | ".join(map(_quoted, tokens))}
        found = await connection.execute(query, asked)
        return [_posted(*map(np.array, columns)) for _, *columns in found]


INDEXES: Mapping[str, WordIndex] = {"sqlite": SqliteIndex(), "postgresql": PostgresIndex()}
"""The index of each kind of database, by the name of its dialect."""


def _mark(novel_id: str) -> str:
    """What marks the terms of a novel. Where two novels had the same, their windows would still be told apart."""
    return sha256(novel_id.encode()).hexdigest()[:10]


def _levels(mark: str, frequencies: Mapping[str, int]) -> str:
    return " ".join(f"{mark}{term}.{level}" for term, count in frequencies.items() for level in range(1, count + 1))


def _vector(mark: str, frequencies: Mapping[str, int]) -> str:
    # Only how many positions there are is ever asked.
    positions = {count: ",".join(map(str, range(1, count + 1))) for count in {*frequencies.values()}}
    return " ".join(f"{_quoted(mark + term)}:{positions[count]}" for term, count in frequencies.items())


def _quoted(token: str) -> str:
    # A term is made of letters and digits, so there is nothing in it to be escaped.
    return f"'{token}'"


def _visible(numbers: Numbers, parts: Numbers) -> Numbers:
    return numbers[np.isin(part_of(numbers), parts)]


def _counted(numbers: Numbers) -> Postings:
    windows, frequencies = np.unique(numbers, return_counts=True)
    return Postings(windows, length_of(windows), frequencies)


def _posted(part: Numbers, n: Numbers, length: Numbers, frequencies: Numbers) -> Postings:
    windows = part.astype(np.int64) << PART_BITS | n.astype(np.int64) << LENGTH_BITS | length
    return Postings(windows, length.astype(np.int64), frequencies.astype(np.int64))
