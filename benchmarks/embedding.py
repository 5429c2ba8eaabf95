"""Embedding: passages a second by our embedder and by sentence-transformers as it is plainly used, in the same run.

The text is that of the novels beside the checkout where there are any, else sentences made by chance. Seconds of a
processor are given beside those of the clock: they say the same on a machine that is busy with something else.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from storage.passages.convert import source
from storage.passages.cutting import cut
from storage.passages.embedding import SentenceEmbedder
from storage.passages.ports import Matrix
from storage.passages.saved import DEFAULT_MODEL

NOVELS = Path(__file__).parents[2] / "shared" / "data" / "novels"
PASSAGES = 160
SINGLES = 24
"""How many are embedded one by one: it is slow, and each call is like the others."""

ROUNDS = 3
BUDGET_SECONDS = 90.0
"""No further round is begun after this."""

NEIGHBOURS = 10

COLD_START = """
import sys
from pathlib import Path
from storage.passages.embedding import SentenceEmbedder
SentenceEmbedder(Path(sys.argv[1])).embed(["Who hid the letters behind the clock?"])
"""


@dataclass(frozen=True)
class Timed:
    """What one way of embedding took, per passage, and what it gave."""

    wall: float
    processor: float
    vectors: Matrix


def measure() -> dict[str, Any]:
    """Rounds of all ways by turns, so that what else the machine does falls on each of them."""
    texts, origin = _texts()
    with tempfile.TemporaryDirectory() as name:
        conversion = _cold_start(name)
        cold = [_cold_start(name) for _ in range(ROUNDS)]
        rounds = _rounds(SentenceEmbedder(Path(name)), texts)
    ours, listed, _ = rounds[-1]
    return {
        "text": origin,
        "passages": len(texts),
        "words_per_passage": round(sum(len(text.split()) for text in texts) / len(texts)),
        "rounds": len(rounds),
        "ours": _figures([one for one, _, _ in rounds]),
        "plain_list": _figures([one for _, one, _ in rounds]),
        "plain_one_by_one": _figures([one for _, _, one in rounds]),
        "ratio_to_list": _ratio(rounds, 1, lambda one: one.wall),
        "ratio_to_list_by_processor": _ratio(rounds, 1, lambda one: one.processor),
        "ratio_to_one_by_one": _ratio(rounds, 2, lambda one: one.wall),
        "ratio_to_one_by_one_by_processor": _ratio(rounds, 2, lambda one: one.processor),
        "top_10_overlap_with_list": round(_overlap(ours.vectors, listed.vectors), 4),
        "least_cosine_with_list": round(float(np.min(np.sum(ours.vectors * listed.vectors, axis=1))), 7),
        "conversion": {"seconds": round(conversion[0], 1), "peak_mb": round(conversion[1])},
        "cold_start_of_a_query": {
            "seconds": round(median(seconds for seconds, _ in cold), 2),
            "peak_mb": round(median(peak for _, peak in cold)),
        },
    }


def _texts() -> tuple[list[str], str]:
    """So many passages, from all over the text."""
    novels = [path.read_text(encoding="utf-8") for path in sorted(NOVELS.glob("*.txt"))]
    passages = [passage.text for text in novels or [_generated()] for passage in cut("c", 1, text).passages]
    return passages[:: max(1, len(passages) // PASSAGES)][:PASSAGES], "novels" if novels else "generated"


def _generated() -> str:
    chance = random.Random(4)
    syllables = ("an", "ber", "cor", "del", "el", "fan", "gar", "hol", "is", "jun", "kel", "lor", "mar", "nor", "ol")
    vocabulary = ["".join(chance.choices(syllables, k=chance.randint(1, 3))) for _ in range(3000)]
    sentences = (" ".join(chance.choices(vocabulary, k=chance.randint(5, 25))).capitalize() + "." for _ in range(2500))
    return " ".join(sentences)


def _rounds(embedder: SentenceEmbedder, texts: list[str]) -> list[tuple[Timed, Timed, Timed]]:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - the other measurements go without PyTorch

    plain = SentenceTransformer(source(DEFAULT_MODEL), device="cpu")
    ways: tuple[tuple[Callable[[list[str]], Any], int], ...] = (
        (embedder.embed, PASSAGES),
        (plain.encode, PASSAGES),
        (lambda some: [plain.encode(text) for text in some], SINGLES),
    )
    for way, _ in ways:
        way(texts[:8])
    started = time.perf_counter()
    rounds: list[tuple[Timed, Timed, Timed]] = []
    while len(rounds) < ROUNDS and time.perf_counter() - started < BUDGET_SECONDS:
        ours, listed, singly = (_timed(way, texts[:count]) for way, count in ways)
        rounds.append((ours, listed, singly))
    return rounds


def _timed(way: Callable[[list[str]], Any], texts: list[str]) -> Timed:
    wall, processor = time.perf_counter(), time.process_time()
    vectors = way(texts)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return Timed(wall / len(texts), processor / len(texts), np.asarray(vectors, dtype=np.float32))


def _figures(timed: list[Timed]) -> dict[str, float]:
    return {
        "passages_per_second": round(1 / median(one.wall for one in timed), 1),
        "passages_per_processor_second": round(1 / median(one.processor for one in timed), 1),
    }


def _ratio(rounds: list[tuple[Timed, Timed, Timed]], way: int, seconds: Callable[[Timed], float]) -> float:
    """The median over the rounds of how many times faster ours was."""
    return round(median(seconds(one[way]) / seconds(one[0]) for one in rounds), 2)


def _overlap(ours: Matrix, theirs: Matrix) -> float:
    """The mean share of the nearest passages of each passage that both have."""
    both = zip(_nearest(ours), _nearest(theirs), strict=True)
    return sum(len({*one} & {*other}) for one, other in both) / (NEIGHBOURS * len(ours))


def _nearest(vectors: Matrix) -> list[list[int]]:
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    nearest: list[list[int]] = np.argsort(-cosines, axis=1)[:, :NEIGHBOURS].tolist()
    return nearest


def _cold_start(folder: str) -> tuple[float, float]:
    """Seconds and peak memory in MB (10**6 bytes) of a process that embeds one question; the first one converts."""
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", COLD_START, folder], cwd=Path(__file__).parents[1]) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"Embedding one question ended with {process.returncode}.")
    return time.perf_counter() - started, usage.ru_maxrss * 1024 / 1e6
