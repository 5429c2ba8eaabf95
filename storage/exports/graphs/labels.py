"""Where names stand: beside what they name, on nothing else, and never on each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from storage.exports.graphs.geometry import Box, Disc, Segment, Size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.float64]

_GAPS = (3, 9, 18, 30, 46, 70, 100, 140, 200, 280)
_ANGLES = tuple(step * math.tau / 16 for step in range(16))
_STEP = 8.0
"""How far apart the points are by which a line is felt."""
_ON_DISC, _ON_LINE, _AWAY, _ASIDE = 90.0, 1.6, 0.8, 4.0
"""What it costs to cover a disc or a point of a line, to be a unit away, and to be beside instead of below."""
_NEAR = 9.0
"""A label that comes so near to another's disc would be read as that one's."""
_ROUNDS = 3


def place(discs: Sequence[Disc], sizes: Sequence[Size], lines: Sequence[Segment], room: Box) -> list[Box | None]:
    """A box for the label of each disc, in their order; the first ones choose first.

    No two boxes overlap and all lie in the room; a label that finds no free place has None.
    """
    import numpy as np

    points = _points(lines)
    options = [_candidates(disc, size) for disc, size in zip(discs, sizes, strict=True)]
    costs = [_costs(number, boxes, discs, points, room) for number, boxes in enumerate(options)]
    taken = np.full((len(discs), 4), np.nan)
    for _ in range(_ROUNDS):
        for number, boxes in enumerate(options):
            taken[number] = np.nan
            taken[number] = _best(boxes, costs[number], taken)
    return [None if np.isnan(box[0]) else Box(*map(float, box)) for box in taken]


def _best(boxes: Rows, costs: Rows, taken: Rows) -> Rows:
    import numpy as np

    free = np.where((_overlaps(boxes, taken) > 0).any(axis=1), np.inf, costs)
    best = int(free.argmin())
    return boxes[best] if np.isfinite(free[best]) else np.full(4, np.nan)


def _candidates(disc: Disc, size: Size) -> Rows:
    """Boxes all around the disc, nearest first; each touches the circle that is the gap wider."""
    import numpy as np

    found = []
    for gap in _GAPS:
        for angle in _ANGLES:
            across, down = math.cos(angle), math.sin(angle)
            x = disc.x + across * (disc.radius + gap) + _leaning(across) * size.width / 2
            y = disc.y + down * (disc.radius + gap) + _leaning(down) * size.height / 2
            found.append((x - size.width / 2, y - size.height / 2, x + size.width / 2, y + size.height / 2))
    return np.array(found)


def _leaning(part: float) -> float:
    """How far the box is shifted: wholly in the four main directions, so that a corner touches between them."""
    return max(-1.0, min(1.0, part * math.sqrt(2)))


def _costs(number: int, boxes: Rows, discs: Sequence[Disc], points: Rows, room: Box) -> Rows:
    """What each place costs whoever else chooses what; infinite outside of the room."""
    import numpy as np

    others = np.array([disc._replace(radius=disc.radius + _NEAR).box for disc in discs])
    others[number] = np.nan
    area = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    covered = np.nansum(np.sqrt(_overlaps(boxes, others) / area), axis=1)
    gaps = np.repeat(np.array(_GAPS, dtype=float), len(_ANGLES))
    aside = np.tile(1 - np.sin(_ANGLES), len(_GAPS))  # below is best, above is worst
    costs = _ON_DISC * covered + _ON_LINE * _crossed(boxes, points) + _AWAY * gaps + _ASIDE * aside
    inside = (boxes[:, :2] >= (room.left, room.top)) & (boxes[:, 2:] <= (room.right, room.bottom))
    return np.where(inside.all(axis=1), costs, np.inf)


def _overlaps(boxes: Rows, others: Rows) -> Rows:
    """The area that each box shares with each other one; with one that is nowhere, none."""
    import numpy as np

    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    up = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    areas: Rows = np.nan_to_num(np.maximum(up - low, 0).prod(axis=2))
    return areas


def _points(lines: Sequence[Segment]) -> Rows:
    import numpy as np

    parts = [np.empty((0, 2))]
    for line in lines:
        count = 2 + int(math.hypot(line.x2 - line.x1, line.y2 - line.y1) / _STEP)
        parts.append(np.linspace((line.x1, line.y1), (line.x2, line.y2), count))
    return np.concatenate(parts)


def _crossed(boxes: Rows, points: Rows) -> Rows:
    """How many of the points lie in each box."""
    x, y = points[None, :, 0], points[None, :, 1]
    left, top, right, bottom = (boxes[:, side, None] for side in range(4))
    counts: Rows = ((x > left) & (x < right) & (y > top) & (y < bottom)).sum(axis=1, dtype=float)
    return counts
