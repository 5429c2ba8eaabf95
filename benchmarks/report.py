"""How figures are kept: with the machine they were measured on, as JSON and on the screen."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import psutil

RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    """The size of the machine."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def publish(name: str, figures: dict[str, Any]) -> None:
    """Prints the figures and writes them beside those of the other measurements."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), **figures}, indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"== {name}\n{text}")
