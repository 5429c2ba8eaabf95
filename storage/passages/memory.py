"""Passages, kept vectors and nearest vectors in process, for tests and for novels that nobody keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from storage.passages.bm25 import Postings, Statistics, scored
from storage.passages.exact import View
from storage.passages.index import Entry, adjoining, length_of, number
from storage.passages.keys import checked, text_hash, window_of, windowed
from storage.passages.ports import Matrix, Part, Passage, PassageKey, Scored, VectorRow, Window
from storage.passages.words import frequencies


class MemoryTexts:
    """See ``storage.passages.ports.Texts``."""

    def __init__(self) -> None:
        self._chapters: defaultdict[str, dict[str, tuple[Passage, ...]]] = defaultdict(dict)
        self._words: dict[tuple[str, ...], dict[str, int]] = {}
        self._owners: dict[str, str] = {}
        self._vectors: defaultdict[tuple[str, str], dict[str, Matrix]] = defaultdict(dict)

    async def replace(self, novel_id: str, owner: str, parts: Sequence[Part]) -> None:
        """See ``Texts.replace``."""
        self._owners[novel_id] = owner
        self._chapters[novel_id] |= {part.chapter: part.passages for part in parts}
        self._forget(owner)

    async def remove(self, novel_id: str, owner: str, chapters: Collection[str] | None = None) -> None:
        """See ``Texts.remove``."""
        for chapter in list(self._chapters[novel_id]) if chapters is None else chapters:
            self._chapters[novel_id].pop(chapter, None)
        self._forget(owner)

    async def chapters(self, novel_id: str) -> set[str]:
        """See ``Texts.chapters``."""
        return {*self._chapters[novel_id]}

    async def known(self, owner: str, model: str, hashes: Collection[str]) -> dict[str, Matrix]:
        """See ``Texts.known``."""
        vectors = self._vectors[owner, model]
        return {key: vectors[key] for key in hashes if key in vectors}

    async def keep(self, owner: str, model: str, vectors: Mapping[str, Matrix]) -> None:
        """See ``Texts.keep``."""
        for key, vector in vectors.items():
            self._vectors[owner, model].setdefault(key, np.array(vector, dtype=np.float32))
        self._forget(owner)

    async def passages(self, novel_id: str, chapters: Collection[str] | None = None) -> list[Passage]:
        """See ``Texts.passages``."""
        return self._passages(novel_id, chapters)

    async def count(self, novel_id: str) -> int:
        """See ``Texts.count``."""
        return len(self._passages(novel_id, None))

    async def read(self, novel_id: str, windows: Collection[Window]) -> list[Passage]:
        """See ``Texts.read``."""
        return [one for one in self._passages(novel_id, None) if window_of(one) in windows]

    async def search(
        self, novel_id: str, question: str, chapters: Sequence[str], limit: int
    ) -> list[tuple[Window, float]]:
        """See ``Texts.search``."""
        visible = windowed(self._passages(novel_id, chapters))
        parts = {chapter: place for place, chapter in enumerate(sorted({window.chapter for window in visible}))}
        entries = {window: Entry(window.number, self._frequencies(held)) for window, held in visible.items()}
        numbered = {number(parts[one.chapter], one.number, entry.length): one for one, entry in entries.items()}
        held = {which: entries[window].frequencies for which, window in numbered.items()}
        statistics = Statistics(len(entries), sum(entry.length for entry in entries.values()))
        postings = [_postings(held, term) for term in sorted(frequencies(question))]
        numbers, scores = scored([one for one in postings if one], statistics, adjoining)
        ranked = [(numbered[which], score) for which, score in zip(numbers.tolist(), scores.tolist(), strict=True)]
        return sorted(ranked, key=lambda one: (-one[1], one[0]))[:limit]

    def _passages(self, novel_id: str, chapters: Collection[str] | None) -> list[Passage]:
        standing = self._chapters[novel_id]
        chosen = standing.keys() if chapters is None else standing.keys() & {*chapters}
        return sorted((one for chapter in chosen for one in standing[chapter]), key=lambda one: one.key)

    def _forget(self, owner: str) -> None:
        mine = [novel_id for novel_id, whose in self._owners.items() if whose == owner]
        used = {text_hash(one.text) for novel_id in mine for one in self._passages(novel_id, None)}
        for (whose, _), vectors in self._vectors.items():
            for key in vectors.keys() - used if whose == owner else ():
                del vectors[key]

    def _frequencies(self, passages: Sequence[Passage]) -> dict[str, int]:
        texts = tuple(passage.text for passage in passages)
        if texts not in self._words:
            self._words[texts] = frequencies(*texts)
        return self._words[texts]


def _postings(held: Mapping[int, Mapping[str, int]], term: str) -> Postings | None:
    counts = {which: frequencies[term] for which, frequencies in held.items() if term in frequencies}
    documents = np.array([*counts], dtype=np.int64)
    return Postings(documents, length_of(documents), np.array([*counts.values()], dtype=np.int64)) if counts else None


class MemoryNearest:
    """See ``storage.passages.ports.Nearest``. It holds one model's vectors, which is that of the process."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, dict[PassageKey, VectorRow]] = defaultdict(dict)

    async def replace(self, novel_id: str, parts: Sequence[Part], vectors: Matrix) -> None:
        """See ``Nearest.replace``."""
        rows = checked(parts, vectors)
        await self.remove(novel_id, {part.chapter for part in parts})
        self._rows[novel_id] |= {row.key: row for row in rows}

    async def remove(self, novel_id: str, chapters: Collection[str] | None = None) -> None:
        """See ``Nearest.remove``."""
        rows = self._rows[novel_id]
        for key in [key for key in rows if chapters is None or key.chapter in chapters]:
            del rows[key]

    async def search(self, novel_id: str, vector: Matrix, chapters: Sequence[str], limit: int) -> list[Scored]:
        """See ``Nearest.search``."""
        return View.of(self._rows[novel_id].values()).nearest(vector, chapters, limit)

    async def refuse_other(self) -> None:
        """See ``Nearest.refuse_other``."""

    async def rows(self, novel_id: str) -> list[VectorRow]:
        """See ``Nearest.rows``."""
        return sorted(self._rows[novel_id].values(), key=lambda row: row.key)

    async def reset(self) -> None:
        """See ``Nearest.reset``."""
        self._rows.clear()

    async def close(self) -> None:
        """See ``Nearest.close``."""
