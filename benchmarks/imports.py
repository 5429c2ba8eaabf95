"""Import of whole novels: how long one of 120,000 words takes end to end, and the memory of ten in one process.

The text is that of the novels beside the checkout where there are any, else chapters made by chance. The embedding
model is converted before the clock starts; how long that takes the first time is given by itself.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.command import scriptorium

NOVELS = Path(__file__).parents[2] / "shared" / "data" / "novels"
WORDS = 120_000
RUNS = 3
IMPORTS = 10

ONE_AFTER_THE_OTHER = """
import asyncio, json, os, sys
import psutil
from deployments.embedded import prefect_api
from deployments.cli.session import opened
from storage.settings import data_folder

async def migrated():
    async with opened():
        pass

asyncio.run(migrated())
with prefect_api(data_folder()):
    from flows.import_manuscript import ImportOrder, import_manuscript

    resident = []
    for number in range(int(sys.argv[1])):
        # Another owner each time: what an owner had embedded before is not embedded again.
        os.environ["SCRIPTORIUM_OWNER"] = f"owner-{number}"
        path = sys.argv[2:][number % len(sys.argv[2:])]
        asyncio.run(import_manuscript(ImportOrder(path=path)))
        resident.append(round(psutil.Process().memory_info().rss / 1e6))
print(json.dumps(resident))
"""


def measure() -> dict[str, Any]:
    """The longest novel in fresh data folders, then ten imports one after the other in one process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        novels = [*map(str, sorted(NOVELS.glob("*.txt")))] or [_made_up(folder)]
        longest = max(novels, key=lambda path: Path(path).stat().st_size)
        first = scriptorium("import", longest, "--json", home=folder / "first")
        models = folder / "first" / "models"
        runs = [scriptorium("import", longest, "--json", home=_home(folder / str(n), models)) for n in range(RUNS)]
        resident = _resident(_home(folder / "many", models), novels)
    words = runs[0].answer["words"]
    seconds = statistics.median(one.seconds for one in runs)
    return {
        "novel": {name: runs[0].answer[name] for name in ("chapters", "words", "passages", "characters")},
        "seconds": round(seconds, 1),
        f"seconds_for_{WORDS}_words": round(seconds * WORDS / words, 1),
        f"seconds_for_{WORDS}_words_target": 60,
        "seconds_with_conversion_of_the_model": round(first.seconds, 1),
        "peak_mb": round(max(one.peak_mb for one in runs)),
        "resident_mb_after_each_of_ten": resident,
    }


def _home(folder: Path, models: Path) -> Path:
    folder.mkdir()
    (folder / "models").symlink_to(models)
    return folder


def _resident(home: Path, novels: list[str]) -> list[int]:
    """The memory of the process after each import, in MB (10**6 bytes)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "SCRIPTORIUM_"))}
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER, str(IMPORTS), *novels],
        env=kept | {"SCRIPTORIUM_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    resident: list[int] = json.loads(done.stdout)
    return resident


def _made_up(folder: Path) -> str:
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghilmnoprstuvw", k=rng.randint(2, 9))) for _ in range(8_000)]
    chapters = (" ".join(f"{' '.join(rng.choices(words, k=11)).capitalize()}." for _ in range(250)) for _ in range(40))
    path = folder / "made-up.md"
    path.write_text("\n\n".join(f"## Chapter {n}\n\n{text}" for n, text in enumerate(chapters, start=1)))
    return str(path)
