"""How commands speak: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console

FAILED, BAD_INPUT, PAUSED, INTERRUPTED, TERMINATED = 1, 2, 3, 130, 143
"""Exit codes beside 0."""

ERRORS = Console(stderr=True, highlight=False, markup=False)
RESULTS = Console(highlight=False, markup=False, soft_wrap=True)


def plain(text: str) -> str:
    """Text of users and models without control characters, which could steer a terminal."""
    return "".join(one for one in text if one in "\n\t" or one.isprintable())


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def say(text: str) -> None:
    """A line for a person, beside the result."""
    print(plain(text), file=sys.stderr, flush=True)
