"""How often the first passages found hold the answer, beside words alone and vectors alone, on real novels.

The questions and the places that answer them stand in ``benchmarks/retrieval``; its README says how they were written
and what counts as answered. The novels are read from ``../shared/data/novels``; without them nothing is measured.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.manuscripts import read_manuscript
from storage.passages.cutting import cut
from storage.passages.embedding import SentenceEmbedder
from storage.passages.lite import LiteNearest
from storage.passages.searching import Passages
from storage.passages.sql import SqlTexts
from storage.sql import Database, upgrade

NOVELS = Path(__file__).parents[2] / "shared" / "data" / "novels"
QUESTIONS = Path(__file__).parent / "retrieval"
SETS = {"plain": "plain.json", "plain, two other novels": "plain-later.json", "in other words": "questions.json"}
DEPTHS = (1, 5, 10, 20)


@dataclass(frozen=True)
class Question:
    """What is asked of a novel, and the texts of the places that answer it, as letters and digits alone."""

    novel: str
    text: str
    answers: tuple[str, ...]


def measure() -> dict[str, Any]:
    """The share of questions answered within the first few windows, by set, novel and way of searching."""
    sets = {name: _questions(QUESTIONS / file) for name, file in SETS.items()}
    novels = sorted({one.novel for questions in sets.values() for one in questions})
    if not novels:
        return {"measured": "nothing: the novels are not there"}
    return asyncio.run(_measured(novels, sets))


def _questions(file: Path) -> list[Question]:
    given = json.loads(file.read_text(encoding="utf-8"))
    sources = {
        novel: (NOVELS / f"{novel}.txt").read_text(encoding="utf-8")
        for novel, mark in given["novels"].items()
        if _is_same(NOVELS / f"{novel}.txt", mark)
    }
    return [
        Question(one["novel"], one["question"], tuple(_letters(sources[one["novel"]][s:e]) for s, e in _places(one)))
        for one in given["questions"]
        if one["novel"] in sources
    ]


def _is_same(file: Path, mark: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == mark


def _places(one: dict[str, Any]) -> list[Sequence[int]]:
    return [(one["start"], one["end"]), *one.get("also", [])]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())


async def _measured(novels: Sequence[str], sets: dict[str, list[Question]]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/novels.db"
        await upgrade(url)
        database, embedder = Database(url), SentenceEmbedder(Path(folder, "models"))
        nearest = LiteNearest(Path(folder, "passages.db"), embedder)
        passages = Passages(SqlTexts(database), nearest, embedder)
        chapters = {novel: await _written(passages, novel) for novel in novels}
        shares = {name: await _shares(passages, chapters, asked) for name, asked in sets.items()}
        await passages.close()
        await database.close()
    return {"depths": DEPTHS, "sets": shares}


async def _written(passages: Passages, novel: str) -> list[str]:
    read = await asyncio.to_thread(read_manuscript, NOVELS / f"{novel}.txt")
    parts = [cut(f"c{n}", n, chapter.text) for n, chapter in enumerate(read.chapters, start=1)]
    await passages.write(novel, "benchmark", parts)
    return [part.chapter for part in parts]


async def _shares(passages: Passages, chapters: dict[str, list[str]], asked: list[Question]) -> dict[str, Any]:
    """By novel and for all: how many questions there are, and by way of searching the shares at each depth."""
    counts: defaultdict[str, defaultdict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for question in asked:
        ways = await passages.rankings(question.novel, question.text, chapters[question.novel], max(DEPTHS))
        for way, found in ways.items():
            rank = _rank(question, [one.text for one in found])
            for name in (question.novel, "all"):
                counts[name][way].update(depth for depth in DEPTHS if rank <= depth)
    totals = Counter(question.novel for question in asked) + Counter(all=len(asked))
    return {
        name: {"questions": totals[name], **{way: _of(totals[name], found) for way, found in ways_of.items()}}
        for name, ways_of in sorted(counts.items())
    }


def _of(total: int, found: Counter[int]) -> list[float]:
    return [round(found[depth] / total, 3) for depth in DEPTHS]


def _rank(question: Question, texts: Iterable[str]) -> int:
    return next((n for n, text in enumerate(texts, start=1) if _answers(text, question)), max(DEPTHS) + 1)


def _answers(text: str, question: Question) -> bool:
    """Whether the text covers at least half of a place: all of it, its beginning or its end."""
    letters = _letters(text)
    return any(place in letters or _meets(letters, place, (len(place) + 1) // 2) for place in question.answers)


def _meets(letters: str, place: str, least: int) -> bool:
    return any(letters.endswith(place[:n]) or letters.startswith(place[-n:]) for n in range(least, len(place)))
