"""What orchestration adds: wall time of a novel with a model that takes two seconds, over the sum of its calls.

Every call of a book is on its critical path, since chapters are written in order. The model is a real HTTP server
that speaks the OpenAI protocol on the loopback address.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.command import scriptorium
from tests.servers.chat import MODEL, chat_server

CALL_SECONDS = 2.0
CHAPTERS = 6


def measure() -> dict[str, Any]:
    """One novel in a data folder that Prefect has been started in before."""
    premise = "A tide clerk finds her own name in a ledger of the drowned."
    options = ["--chapters", str(CHAPTERS), "--words", "400", "--json"]
    with tempfile.TemporaryDirectory() as folder, chat_server(delay=CALL_SECONDS) as chat:
        home = Path(folder)
        # The first run migrates; the second makes no call, and so is what starting and stopping takes.
        idle = [scriptorium("write", premise, "--chapters", "1", "--words", "100", "--json", home=home) for _ in "ab"][
            1
        ]
        named = {"OPENAI_BASE_URL": chat.url, "OPENAI_API_KEY": "none"}
        ran = scriptorium("write", premise, *options, "--model", f"openai:{MODEL}", home=home, **named)
    calls = sum(chat.seconds)
    return {
        "model_seconds_per_call": CALL_SECONDS,
        "calls": len(chat.seconds),
        "sum_of_calls_seconds": round(calls, 1),
        "wall_seconds": round(ran.seconds, 1),
        "ratio": round(ran.seconds / calls, 3),
        "start_and_stop_seconds": round(idle.seconds, 1),
        "overhead_per_call_ms": round(1000 * (ran.seconds - calls - idle.seconds) / len(chat.seconds)),
    }
