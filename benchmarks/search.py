"""How long a hybrid search takes among 20,000 passages, in SQLite and Milvus Lite, and its parts by themselves.

They are measured as one novel, which no novel is as long as, and as the passages of 32 novels. Text and questions are
generated, and a vector stands for its text only by hashes of its words: nothing is said here of what is found.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from storage.passages.collection import connect
from storage.passages.hashing import HashingEmbedder
from storage.passages.lite import LiteNearest
from storage.passages.ports import Part, Passage
from storage.passages.searching import DEPTH, Passages
from storage.passages.sql import SqlTexts
from storage.passages.words import STOP_WORDS
from storage.sql import Database, upgrade
from storage.sql.tables import novels

PASSAGES = 20_000
NOVELS = 32
CHAPTER = 50
PASSAGE_WORDS = 170
QUESTION_WORDS = 6
QUESTIONS = 60
DIMENSION = 384
VOCABULARY = 30_000
TARGET_MS = 15
OWNER = "benchmark"


def measure() -> dict[str, Any]:
    """Both shapes of the same 20,000 passages."""
    return {
        "passages": PASSAGES,
        "words_per_passage": PASSAGE_WORDS,
        "dimension": DIMENSION,
        "questions": QUESTIONS,
        "p50_target_ms": TARGET_MS,
        "one novel": asyncio.run(_measured(1)),
        f"{NOVELS} novels": asyncio.run(_measured(NOVELS)),
    }


async def _measured(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/novels.db"
        await upgrade(url)
        database = Database(url)
        embedder = HashingEmbedder(DIMENSION)
        texts, nearest = SqlTexts(database), LiteNearest(Path(folder) / "passages.db", embedder)
        passages = Passages(texts, nearest, embedder)
        books = {f"novel-{number}": _book(number, PASSAGES // count) for number in range(count)}
        try:
            seconds = await _timed(lambda: _fill(database, passages, books))
            figures = await _searched(passages, texts, nearest, embedder, next(iter(books.items())))
        finally:
            await database.close()
        alone = _lite_alone(Path(folder) / "passages.db", embedder, next(iter(books)))
    return {"store_seconds": round(seconds, 1), **figures, "milvus_lite_alone": alone}


async def _fill(database: Database, passages: Passages, books: dict[str, list[Part]]) -> None:
    async with database.committing() as connection:
        await connection.execute(insert(novels), [_novel(novel_id) for novel_id in books])
    for novel_id, parts in books.items():
        for start in range(0, len(parts), 20):
            await passages.write(novel_id, OWNER, parts[start : start + 20])


async def _searched(
    passages: Passages, texts: SqlTexts, nearest: LiteNearest, embedder: HashingEmbedder, book: tuple[str, list[Part]]
) -> dict[str, Any]:
    novel_id, parts = book
    chapters = [part.chapter for part in parts]
    questions = _questions()
    vectors = embedder.embed(questions)
    first = await _timed(lambda: passages.search(novel_id, "first", chapters, 5))

    return {
        "passages_searched": sum(len(part.passages) for part in parts),
        "first_search_ms": round(1000 * first, 1),
        "hybrid": await _spread(lambda number: passages.search(novel_id, questions[number], chapters, 5)),
        "words": await _spread(lambda number: texts.search(novel_id, questions[number], chapters, DEPTH)),
        "vectors": await _spread(lambda number: nearest.search(novel_id, vectors[number], chapters, DEPTH)),
    }


def _lite_alone(path: Path, embedder: HashingEmbedder, novel_id: str) -> dict[str, float]:
    """What the same search takes in Milvus Lite itself, all loaded and written out, as its own client asks for it."""
    client = connect(str(path))
    client.load_collection("passages")
    milliseconds = []
    for vector in embedder.embed(_questions()[:20]):
        started = time.perf_counter()
        client.search(
            "passages", [vector.tolist()], filter=f'novel_id == "{novel_id}"', limit=DEPTH, output_fields=["n"]
        )
        milliseconds.append(1000 * (time.perf_counter() - started))
    client.close()
    return _percentiles(milliseconds)


async def _spread(search: Callable[[int], Awaitable[object]]) -> dict[str, float]:
    return _percentiles([1000 * await _timed(partial(search, number)) for number in range(QUESTIONS)])


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


def _percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(milliseconds, n=20)
    return {"p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1)}


def _book(seed: int, size: int) -> list[Part]:
    words, weights = _vocabulary()
    source = random.Random(seed)
    texts = [" ".join(source.choices(words, cum_weights=weights, k=PASSAGE_WORDS)) for _ in range(size)]
    return [_part(f"chapter-{start // CHAPTER}", texts[start : start + CHAPTER]) for start in range(0, size, CHAPTER)]


def _part(chapter: str, texts: Sequence[str]) -> Part:
    passages = (Passage(chapter=chapter, version=1, n=n, window=n // 2, text=text) for n, text in enumerate(texts))
    return Part(chapter=chapter, version=1, passages=tuple(passages))


def _questions() -> list[str]:
    """Of words as frequent as those of the text, but for words of grammar."""
    words, weights = _vocabulary()
    told = len(STOP_WORDS)
    source = random.Random(-1)
    return [
        " ".join(
            source.choices(words[told:], cum_weights=[w - weights[told - 1] for w in weights[told:]], k=QUESTION_WORDS)
        )
        for _ in range(QUESTIONS)
    ]


def _vocabulary() -> tuple[list[str], list[float]]:
    """Words, the most frequent first, as those of grammar are; each as frequent as its rank lets one expect (Zipf)."""
    words = [*sorted(STOP_WORDS), *(_word(number) for number in range(VOCABULARY))]
    return words, list(accumulate(1 / rank for rank in range(3, len(words) + 3)))


def _word(number: int) -> str:
    consonants, vowels = "bdfgklmnprtvz", "aiou"
    syllables = ""
    while number or not syllables:
        number, rest = divmod(number, len(consonants) * len(vowels))
        syllables += consonants[rest % len(consonants)] + vowels[rest // len(consonants)]
    return syllables + "k"


def _novel(novel_id: str) -> dict[str, Any]:
    words = dict.fromkeys(("title", "given_title", "premise", "state", "reason"), "")
    numbers = dict.fromkeys(("variant", "chapters", "chapters_accepted", "words", "version", "max_calls"), 0)
    return {"id": novel_id, "owner": OWNER, "created_at": datetime.now(UTC), **words, **numbers}
