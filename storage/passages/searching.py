"""Passages of novels as one thing: their text, the index of its words, and vectors; written, searched, compared."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np

from storage.passages.cutting import joined
from storage.passages.keys import text_hash, windowed
from storage.passages.neighbours import smoothed
from storage.passages.ports import (
    Embedder,
    Matrix,
    Nearest,
    Part,
    Passage,
    PassageKey,
    Scored,
    Texts,
    VectorRow,
    VectorsMissing,
    Window,
)
from storage.passages.words import nameless, terms
from story.base import Value, digest

RANK = 60
"""What reciprocal rank fusion adds to a rank, so that the first few count about alike (Cormack et al. 2009)."""

DEPTH = 100
"""How many passages by vector and windows by words are fused, and more where more is asked for."""

BATCH = 256
"""How many texts are embedded before their vectors are kept."""

SAME = 0.9999
"""From which cosine on a vector counts as the one expected; other machines compute the last digits otherwise."""


class Found(Value):
    """A window that fits a question: its text, and that of the passage in it that fits best."""

    chapter: str
    version: int
    window: int
    text: str
    best: str
    score: float


class Passages:
    """Keeps the stores of passages in step with each other. One instance serves one event loop."""

    def __init__(self, texts: Texts, nearest: Nearest, embedder: Embedder) -> None:
        self._texts = texts
        self._nearest = nearest
        self._embedder = embedder

    async def search(self, novel_id: str, question: str, chapters: Sequence[str], limit: int) -> list[Found]:
        """The windows of these chapters that fit a question best, by meaning and by words, the best first.

        What is near in both lists comes before what is near in one; ties go by chapter and window.
        """
        worded, meant = await self._both(novel_id, question, chapters, limit)
        scores = fused(_ranked(_scores(meant)), _ranked(worded))
        return await self._found(novel_id, question, scores, limit, meant)

    async def rankings(
        self, novel_id: str, question: str, chapters: Sequence[str], limit: int
    ) -> dict[str, list[Found]]:
        """What each way of searching finds by itself, and both together, to compare them."""
        worded, meant = await self._both(novel_id, question, chapters, limit)
        by_meaning = _scores(meant)
        ways = {
            "hybrid": fused(_ranked(by_meaning), _ranked(worded)),
            "words alone (BM25)": worded,
            "vectors alone": by_meaning,
        }
        return {way: await self._found(novel_id, question, scores, limit, meant) for way, scores in ways.items()}

    async def write(self, novel_id: str, owner: str, parts: Sequence[Part]) -> None:
        """Puts each part in place of all that stood for its chapter; what was not embedded before is."""
        texts = {text_hash(one.text): one.text for part in parts for one in part.passages}
        before = await self._texts.known(owner, await self.model(), texts.keys())
        # The texts first: a vector is kept for as long as a text uses it. One that moves from a chapter into another is
        # in none for a moment.
        await self._texts.replace(novel_id, owner, parts)
        await self._texts.keep(owner, await self.model(), before)
        known = await self._embedded(owner, texts)
        vectors = [_placed(part.passages, known) for part in parts if part.passages]
        empty = np.zeros((0, self._embedder.dimension), dtype=np.float32)
        await self._nearest.replace(novel_id, parts, np.concatenate([empty, *vectors]))

    async def drop(self, novel_id: str, owner: str, standing: Collection[str]) -> None:
        """Removes the vectors of a novel from their store, and the text of other chapters than these.

        The text of those stays until it is written again, so that the vectors that were made of it are kept.
        """
        await self._nearest.remove(novel_id)
        await self._texts.remove(novel_id, owner, await self._texts.chapters(novel_id) - {*standing})

    async def remove(self, novel_id: str, owner: str, chapters: Collection[str] | None = None) -> None:
        """Removes the passages of these chapters, or of the novel, and the vectors that nothing else uses."""
        # Last of all the texts: as long as they are there, a removal that broke off can be done again.
        await self._nearest.remove(novel_id, chapters)
        await self._texts.remove(novel_id, owner, chapters)

    async def wipe_vectors(self) -> None:
        """Removes the vectors of all novels from their store, whatever model made them."""
        await self._nearest.reset()

    async def refuse_other(self) -> None:
        """Raises ``OtherEmbedding`` when the store of vectors was made with another model than the one that is set.

        Raises ``StoreUnavailable`` or ``InvalidInput`` when it does not answer or refuses us.
        """
        await self._nearest.refuse_other()

    async def count(self, novel_id: str) -> int:
        """How many passages of a novel there are."""
        return await self._texts.count(novel_id)

    async def close(self) -> None:
        """Lets go of the store of vectors."""
        await self._nearest.close()

    async def content(self, novel_id: str, owner: str) -> str:
        """A hash of all that stands in the stores for a novel, as it is read back.

        Vectors are not in it, but whether each is what the kept ones of its text and of its neighbours' make.
        """
        passages = await self._texts.passages(novel_id)
        texts, rows = {one.key: one for one in passages}, {row.key: row for row in await self._nearest.rows(novel_id)}
        model = await self.model()
        known = await self._texts.known(owner, model, {text_hash(one.text) for one in passages})
        expected = _expected(passages, known)
        described = (
            _described(key, texts.get(key), rows.get(key), expected) for key in sorted(texts.keys() | rows.keys())
        )
        return digest({"model": model, "rows": list(described)})

    async def model(self) -> str:
        """The name of the embedding model; raises ``EmbedderUnavailable``."""
        # The first use of a model may have to convert it, which takes seconds.
        return await asyncio.to_thread(lambda: self._embedder.model)

    async def _search_vectors(self, novel_id: str, question: str, chapters: Sequence[str], depth: int) -> list[Scored]:
        vector = await asyncio.to_thread(self._asked, question)
        return await self._nearest.search(novel_id, vector, chapters, depth)

    def _asked(self, question: str) -> Matrix:
        """The vector of a question, in which names count half: a passage that answers it may name nobody."""
        whole, unnamed = self._embedder.embed([question, nameless(question)])
        mean = whole + unnamed
        return np.asarray(mean / (float(np.linalg.norm(mean)) or 1.0), dtype=np.float32)

    async def _both(
        self, novel_id: str, question: str, chapters: Sequence[str], limit: int
    ) -> tuple[dict[Window, float], dict[Window, Scored]]:
        """The windows found by words, with their scores, and those found by meaning, with their nearest passages."""
        depth = max(DEPTH, 10 * limit)
        worded, meant = await asyncio.gather(
            self._texts.search(novel_id, question, chapters, depth),
            self._search_vectors(novel_id, question, chapters, depth),
        )
        if not meant and await self._texts.passages(novel_id, chapters):
            raise VectorsMissing(
                f"No vectors of {novel_id} are in their store: they are being made, which `scriptorium status` shows, "
                f"or were lost, and `scriptorium rebuild {novel_id}` puts them back."
            )
        return dict(worded), _nearest(meant)

    async def _found(
        self, novel_id: str, question: str, scores: Mapping[Window, float], limit: int, meant: Mapping[Window, Scored]
    ) -> list[Found]:
        chosen = _ranked(scores)[:limit]
        held = windowed(await self._texts.read(novel_id, chosen))
        return [
            Found(
                chapter=window.chapter,
                version=window.version,
                window=window.number,
                text=joined(held[window]),
                best=_best(held[window], meant.get(window), question),
                score=scores[window],
            )
            # A window that was replaced since it was found is no longer to be read.
            for window in chosen
            if window in held
        ]

    async def _embedded(self, owner: str, texts: Mapping[str, str]) -> dict[str, Matrix]:
        """The vectors of texts, by hash; those that are made here are kept batch by batch."""
        vectors = await self._texts.known(owner, await self.model(), texts.keys())
        left = [key for key in texts if key not in vectors]
        for start in range(0, len(left), BATCH):
            some = left[start : start + BATCH]
            made = await asyncio.to_thread(self._embedder.embed, [texts[key] for key in some])
            new = dict(zip(some, made, strict=True))
            await self._texts.keep(owner, await self.model(), new)
            vectors |= new
        return vectors


def fused(*rankings: Sequence[Window]) -> dict[Window, float]:
    """The score of every window, from its rank in each ranking that it is in."""
    scores: defaultdict[Window, float] = defaultdict(float)
    for ranking in rankings:
        for rank, window in enumerate(ranking, 1):
            scores[window] += 1 / (RANK + rank)
    return dict(scores)


def wordiest(passages: Sequence[Passage], question: str) -> Passage:
    """The passage that has the most terms of a question, the first of several."""
    asked = {*terms(question)}
    return max(passages, key=lambda passage: len(asked & {*terms(passage.text)}))


def _placed(passages: Sequence[Passage], vectors: Mapping[str, Matrix]) -> Matrix:
    """What stands for the passages of a chapter in the store of vectors, by the vectors of their texts."""
    return smoothed(np.array([vectors[text_hash(one.text)] for one in passages], dtype=np.float32))


def _expected(passages: Sequence[Passage], known: Mapping[str, Matrix]) -> dict[PassageKey, Matrix]:
    """What is to stand for passages, sorted by key, in chapters of which every vector was kept."""
    expected: dict[PassageKey, Matrix] = {}
    for _, group in groupby(passages, key=lambda one: one.key[:2]):
        chapter = [*group]
        if all(text_hash(one.text) in known for one in chapter):
            expected |= zip((one.key for one in chapter), _placed(chapter, known), strict=True)
    return expected


def _described(
    key: PassageKey, passage: Passage | None, row: VectorRow | None, expected: Mapping[PassageKey, Matrix]
) -> list[object]:
    text = None if passage is None else [passage.window, passage.text]
    vector = None if row is None else [row.window, row.text_hash, _is_same(row.vector, expected.get(key))]
    return [*key, text, vector]


def _is_same(vector: Matrix, expected: Matrix | None) -> bool:
    if expected is None or expected.shape != vector.shape:
        return False
    return float(expected @ vector) >= SAME * float(np.linalg.norm(expected) * np.linalg.norm(vector))


def _nearest(found: Iterable[Scored]) -> dict[Window, Scored]:
    """The best passage of each window: a vector of one stands for all that it says."""
    best: dict[Window, Scored] = {}
    for one in found:
        best.setdefault(_window(one), one)
    return best


def _scores(best: Mapping[Window, Scored]) -> dict[Window, float]:
    return {window: one.score for window, one in best.items()}


def _best(passages: Sequence[Passage], nearest: Scored | None, question: str) -> str:
    """The text of the passage that is nearest by meaning; where only words found the window, of the wordiest."""
    found = [passage for passage in passages if nearest is not None and passage.key == nearest.key]
    return (found[0] if found else wordiest(passages, question)).text


def _window(one: Scored) -> Window:
    return Window(one.key.chapter, one.key.version, one.window)


def _ranked(scores: Mapping[Window, float]) -> list[Window]:
    return sorted(scores, key=lambda window: (-scores[window], window))
