"""The whole command on the 12-chapter example, and how fast ``--help`` answers."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.command import scriptorium

EXAMPLE = Path(__file__).parent.parent / "examples" / "lighthouse.toml"
RUNS = 3
HELP_RUNS = 9


def measure() -> dict[str, Any]:
    """Medians over fresh data folders (Prefect's migrations included), then a second write in the last of them."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = [scriptorium("write", str(EXAMPLE), "--json", home=Path(folder, str(n))) for n in range(RUNS)]
        again = scriptorium("write", str(EXAMPLE), "--json", home=Path(folder, "0"))
        helped = [scriptorium("--help", home=Path(folder, "0")).seconds for _ in range(HELP_RUNS)]
    return {
        "example": EXAMPLE.name,
        "chapters": fresh[0].answer["chapters"],
        "words": fresh[0].answer["words"],
        "calls_made": fresh[0].answer["calls_made"],
        "seconds_fresh_folder": round(statistics.median(one.seconds for one in fresh), 1),
        "seconds_fresh_folder_target": 60,
        "peak_mb": round(max(one.peak_mb for one in fresh)),
        "peak_mb_target": 700,
        "second_write": {"seconds": round(again.seconds, 1), "calls_made": again.answer["calls_made"]},
        "help_seconds": round(statistics.median(helped), 3),
        "help_seconds_target": 0.5,
    }
