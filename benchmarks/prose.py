"""What the offline storyteller's books are like, by figures: alarms, not quality.

Six premises, one of each genre, by four seeds, 12 chapters of 1,500 words, and two books of 40 chapters of 2,500:
the shape of the prose beside that of real novels, repetition within a book and between books, lengths, promises,
continuity, grammar by LanguageTool where it is installed (``make languagetool``), time and memory.
"""

from __future__ import annotations

import gc
import re
import resource
import statistics
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from benchmarks.grammar import Checker
from story.changes import PaysPromise
from story.premise import Premise
from tests.unit.storyteller.book import Book, write

EXAMPLES = Path(__file__).parents[1] / "examples"
SEEDS = (1, 2, 3, 4)
SHORT, LONG = (12, 1_500), (40, 2_500)
LONG_BOOKS = (("lighthouse", 1), ("salt-thief", 2))
WINDOW = 8_000
"""Words in which repetition is counted; the window moves by half of itself."""

TARGETS: dict[str, tuple[float, float]] = {
    "sentence_words": (10.0, 23.0),
    "sentence_variation": (0.60, 0.95),
    "vocabulary_500": (0.48, 0.62),
    "dialogue_share": (0.06, 0.40),
    "repeated_4grams": (0.0, 0.05),
    "distinct_openings": (0.75, 1.0),
    "same_first_word": (0.0, 0.09),
    "duplicate_sentences": (0, 0),
    "length_worst": (0.0, 0.15),
    "promises_paid": (1.0, 1.0),
    "findings": (0, 0),
    "grammar_per_1000": (0.0, 1.0),
    "shared_5grams": (0.0, 0.02),
    "seconds_per_100000": (0.0, 60.0),
    "peak_mb": (0.0, 300.0),
}
"""Lowest and highest wanted. The shape of prose is that of five novels of 1847 to 1907, widened to the 10th and 90th
percentile of 50 stories by models."""


@dataclass(frozen=True)
class Written:
    """One book of the benchmark."""

    name: str
    seed: int
    words: int
    book: Book
    seconds: float


def measure() -> dict[str, Any]:
    """The figures of every book, what any two share, and what is outside of what is wanted."""
    short = [written(path.stem, seed, *SHORT) for path in sorted(EXAMPLES.glob("*.toml")) for seed in SEEDS]
    long = [written(name, seed, *LONG) for name, seed in LONG_BOOKS]
    with Checker() as checker:
        books = [figures(one, checker.errors) for one in (*short, *long)]
    found = {
        "books": books,
        "shared_5grams": overlap(short),
        "seconds_per_100000": round(
            statistics.median(one.seconds / len(words(one.book.text)) * 100_000 for one in long), 1
        ),
        "peak_mb": peak(),
    }
    return {"targets": TARGETS, "outside": outside(found), **found}


def written(name: str, seed: int, chapters: int, length: int) -> Written:
    """A book of an example by a seed, at that size."""
    premise = Premise(**tomllib.loads((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")))
    premise = premise.model_copy(update={"chapters": chapters, "words": length, "seed": seed})
    gc.collect()
    started = time.process_time()
    book = write(premise)
    return Written(name, seed, length, book, time.process_time() - started)


def peak() -> int:
    """The most memory that a process needs for a book of 100,000 words, in MB, without that of the measurement."""
    code = f"from benchmarks import prose; prose.written({LONG_BOOKS[0][0]!r}, 1, *prose.LONG); print(prose.resident())"
    return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def resident() -> int:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def figures(one: Written, errors: Callable[[str], int | None]) -> dict[str, Any]:
    """What is measured of one book."""
    text = one.book.text.replace("* * *", "")
    tokens = words(text)
    found = errors(text)
    return {
        "book": one.name,
        "seed": one.seed,
        "words": len(tokens),
        **shape(text),
        "repeated_4grams": max(
            repeated(tokens[at : at + WINDOW]) for at in range(0, max(1, len(tokens) - WINDOW), WINDOW // 2)
        ),
        "length_worst": round(max(abs(chapter.words / one.words - 1) for chapter in one.book.novel.chapters), 3),
        "promises_paid": promises(one.book),
        "findings": sum(finding.severity != "note" for finding in (*one.book.findings, *one.book.reviews)),
        "grammar_per_1000": None if found is None else round(found / len(tokens) * 1000, 2),
    }


def shape(text: str) -> dict[str, float]:
    """The shape of prose: sentences, words, dialogue, openings."""
    lines, tokens = sentences(text), words(text)
    lengths = [len(words(line)) for line in lines]
    openings = [tuple(words(line)[:2]) for line in lines]
    spoken = sum(len(words(part)) for part in re.findall(r"“[^”]{1,800}”", text))
    windows = [len(set(tokens[at : at + 500])) / 500 for at in range(0, len(tokens) - 500, 50)]
    long = Counter(" ".join(words(line)) for line in lines if len(words(line)) >= 8)
    return {
        "sentence_words": round(statistics.mean(lengths), 1),
        "sentence_variation": round(statistics.pstdev(lengths) / statistics.mean(lengths), 2),
        "vocabulary_500": round(statistics.mean(windows), 3),
        "dialogue_share": round(spoken / len(tokens), 2),
        "distinct_openings": round(len(set(openings[:400])) / len(openings[:400]), 2),
        "same_first_word": round(sum(a[:1] == b[:1] for a, b in pairwise(openings)) / (len(openings) - 1), 3),
        "duplicate_sentences": sum(count - 1 for count in long.values()),
    }


def promises(book: Book) -> float:
    """The share of promises that were paid."""
    assert book.novel.outline
    changes = (change for chapter in book.novel.chapters for change in chapter.chronicle.changes)
    paid = {change.promise for change in changes if isinstance(change, PaysPromise)}
    return sum(one.id in paid for one in book.novel.outline.promises) / max(1, len(book.novel.outline.promises))


def overlap(books: list[Written]) -> dict[str, float]:
    """What share of the shorter one's 5-grams two books have in common: of one premise, and of two."""
    runs = [(one.name, set(ngrams(words(one.book.text), 5))) for one in books]
    pairs = [(m == n, len(a & b) / min(len(a), len(b))) for (m, a), (n, b) in combinations(runs, 2)]
    same, other = ([share for alike, share in pairs if alike is wanted] for wanted in (True, False))
    return {
        "same_premise": round(max(same), 4), "same_premise_mean": round(statistics.mean(same), 4),
        "other_premise": round(max(other), 4), "other_premise_mean": round(statistics.mean(other), 4),
    }  # fmt: skip


def outside(found: dict[str, Any]) -> list[str]:
    """Every figure that is not as wanted, by name."""
    single = [
        (f"{one['book']} {one['seed']} {name}", name, one[name])
        for one in found["books"]
        for name in TARGETS
        if one.get(name) is not None
    ]
    shared = [(f"shared_5grams {name}", "shared_5grams", value) for name, value in found["shared_5grams"].items()]
    whole = [(name, name, found[name]) for name in ("seconds_per_100000", "peak_mb")]
    return [
        f"{label}: {value}"
        for label, name, value in (*single, *shared, *whole)
        if not TARGETS[name][0] <= value <= TARGETS[name][1]
    ]


def words(text: str) -> list[str]:
    """The words of a text, lower case."""
    return re.findall(r"[a-z’'-]+", text.lower())


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    flat = re.sub(r"\s+", " ", text)
    split = re.sub(r"([.!?][”\"’']?)\s+(?=[“\"‘'A-Z])", r"\1\n", flat).split("\n")
    return [line for line in split if words(line)]


def ngrams(tokens: list[str], size: int) -> list[tuple[str, ...]]:
    """Every run of so many words."""
    return list(zip(*(tokens[n:] for n in range(size)), strict=False))


def repeated(tokens: list[str]) -> float:
    """The share of 4-grams that stood before."""
    runs = ngrams(tokens, 4)
    return round(1 - len(set(runs)) / max(1, len(runs)), 4)
