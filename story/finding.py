"""What a reader of a draft objects to, with the words that prove it."""

from __future__ import annotations

from typing import Literal

from story.base import Value

Severity = Literal["note", "fix", "block"]
"""``note`` is worth knowing, ``fix`` is worth one revision, ``block`` keeps the chapter out of the book."""

WEIGHT: dict[Severity, int] = {"note": 0, "fix": 1, "block": 10}
"""How much a finding counts when two drafts are compared."""


class Finding(Value):
    """One objection. ``quote`` stands word for word in the draft, or is empty where something is missing from it."""

    rule: str
    severity: Severity = "fix"
    message: str
    quote: str = ""


def weight(findings: tuple[Finding, ...]) -> int:
    """The sum of what the findings count; the draft with the smaller weight is the better one."""
    return sum(WEIGHT[finding.severity] for finding in findings)
