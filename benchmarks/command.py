"""Running the command line as a whole process, with its time and peak memory as the system accounts for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    """One finished command: wall seconds, peak memory in MB (10**6 bytes), its JSON if it printed one."""

    seconds: float
    peak_mb: float
    answer: dict[str, Any]


def scriptorium(*arguments: str, home: Path, **environment: str) -> Ran:
    """Runs ``scriptorium`` with its own data folder; raises ``RuntimeError`` with what it said when it fails."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "SCRIPTORIUM_"))}
    command = [str(Path(sys.executable).with_name("scriptorium")), *arguments]
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**settings, "SCRIPTORIUM_HOME": str(home), **environment},
    ) as process:
        assert process.stdout and process.stderr
        out = process.stdout.read()
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said[-2000:]}")
    return Ran(seconds, usage.ru_maxrss * 1024 / 1e6, json.loads(out) if out.startswith("{") else {})
