"""What the offline storyteller's prose is like.

Writes each premise of ``examples/`` twice, by two seeds, 12 chapters of 1,500 words, and measures repetition, overlap
between books, lengths, promises, continuity and time. Figures raise alarms; reading decides.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from story.changes import PaysPromise
from story.premise import Premise
from tests.unit.storyteller.book import Book, write

EXAMPLES = Path(__file__).parents[1] / "examples"
CHAPTERS, WORDS, SEEDS = 12, 1_500, (1, 2)
SAMPLE = 8_000
TARGETS = {
    "repeated_4grams": 0.10,
    "duplicate_sentences": 0,
    "lengths_within_25": 1.0,
    "promises_paid": 1.0,
    "findings": 0,
    "shared_5grams": 0.10,
}


@dataclass(frozen=True)
class Written:
    """One book of the benchmark."""

    name: str
    seed: int
    book: Book
    seconds: float


def measure() -> dict[str, Any]:
    """The figures of every book, and what books of different premises share."""
    books = [_written(path, seed) for path in sorted(EXAMPLES.glob("*.toml")) for seed in SEEDS]
    return {"targets": TARGETS, "books": [figures(one) for one in books], "shared_5grams": overlap(books)}


def _written(path: Path, seed: int) -> Written:
    premise = Premise(**tomllib.loads(path.read_text(encoding="utf-8")))
    premise = premise.model_copy(update={"chapters": CHAPTERS, "words": WORDS, "seed": seed})
    started = time.perf_counter()
    book = write(premise)
    return Written(path.stem, seed, book, time.perf_counter() - started)


def figures(one: Written) -> dict[str, Any]:
    """What is measured of one book."""
    tokens = words(one.book.text)
    long = Counter(line for line in sentences(one.book.text) if len(words(line)) >= 8)
    chapters = one.book.novel.chapters
    fit = [abs(chapter.words - WORDS) <= 0.25 * WORDS for chapter in chapters]
    return {
        "book": one.name,
        "seed": one.seed,
        "words": len(tokens),
        "repeated_4grams": round(repeated(tokens[:SAMPLE]), 3),
        "duplicate_sentences": sum(count - 1 for count in long.values()),
        "lengths_within_25": sum(fit) / len(fit),
        "length_worst": round(max(abs(chapter.words / WORDS - 1) for chapter in chapters), 3),
        "promises_paid": promises(one.book),
        "findings": sum(finding.severity != "note" for finding in one.book.findings),
        "seconds": round(one.seconds, 2),
    }


def promises(book: Book) -> float:
    """The share of promises that were paid."""
    assert book.novel.outline
    paid = {
        change.promise
        for chapter in book.novel.chapters
        for change in chapter.chronicle.changes
        if isinstance(change, PaysPromise)
    }
    return sum(one.id in paid for one in book.novel.outline.promises) / max(1, len(book.novel.outline.promises))


def overlap(books: list[Written]) -> dict[str, float]:
    """The mean and the largest share of 5-grams that books of different premises share."""
    runs = [(one.name, set(ngrams(words(one.book.text), 5))) for one in books]
    shares = [len(a & b) / min(len(a), len(b)) for (m, a), (n, b) in combinations(runs, 2) if m != n]
    return {"mean": round(sum(shares) / max(1, len(shares)), 4), "most": round(max(shares, default=0), 4)}


def words(text: str) -> list[str]:
    """The words of a text, lower case."""
    return re.findall(r"[a-z’'-]+", text.lower())


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    flat = re.sub(r"\s+", " ", text.replace("* * *", " "))
    return re.sub(r"([.!?][”\"’']?)\s+(?=[“\"‘'A-Z])", r"\1\n", flat).split("\n")


def ngrams(tokens: list[str], size: int) -> list[tuple[str, ...]]:
    """Every run of so many words."""
    return list(zip(*(tokens[n:] for n in range(size)), strict=False))


def repeated(tokens: list[str]) -> float:
    """The share of 4-grams that stood before."""
    runs = ngrams(tokens, 4)
    return 1 - len(set(runs)) / max(1, len(runs))
