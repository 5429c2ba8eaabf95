"""The colours of a graph: Paul Tol's bright scheme, whose colours the colour-blind tell apart too."""

from __future__ import annotations

PAPER, INK, FAINT, HAIR = "#ffffff", "#22252b", "#6b7078", "#d9dbdf"

FILLS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#b4b7bd")
"""One for each group, the last one for those of none."""
