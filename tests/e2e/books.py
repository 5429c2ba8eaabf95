"""What tests of whole books share: a premise, and what the command says of the book."""

from __future__ import annotations

import json
import subprocess

from tests.e2e.conftest import CommandLine

PREMISE = "Ada Wren, a ferrywoman, must carry a sealed letter across a river that the magistrate has closed."


def book(written: subprocess.CompletedProcess[str]) -> dict:
    """The JSON of a write that succeeded."""
    assert written.returncode == 0, written.stderr
    return json.loads(written.stdout)


def text_of(cli: CommandLine, novel: str) -> list[str]:
    """The chapters' texts of a novel."""
    return [one["text"] for one in json.loads(cli("read", novel, "--json").stdout)["chapters"]]
