"""Where entities stand: what is tied comes near, groups keep together, and nothing covers another.

Nothing is left to chance: the same ties give the same places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from storage.exports.graphs.geometry import Box, Size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

_GOLDEN = 2.399963  # radians; steps of this angle fill a disc evenly
_ROUNDS = 600
_PULL = 5.0
_GRAVITY = 0.9
_MOVES = 400
_APART = 1.5
"""How much more members of different groups push each other away than those of one."""


def arrange(groups: Sequence[int], ties: Sequence[tuple[int, int, float]], sizes: Sequence[Size], room: Box) -> Points:
    """The centres of boxes of these sizes in the room, in their order.

    ``groups`` is the group of each, ``ties`` are two places in the order and a strength from 0 to 1.
    """
    import numpy as np

    ratio = (room.right - room.left) / (room.bottom - room.top)
    floating = _settled(_start(groups), np.array(groups), _strengths(len(groups), ties), ratio)
    return _separated(_fitted(floating, room), np.array(sizes, dtype=float).reshape(-1, 2), room)


def _start(groups: Sequence[int]) -> Points:
    """Each group as a small spiral, the groups on a large one."""
    import numpy as np

    seen: dict[int, int] = {}
    places = []
    for group in groups:
        member = seen[group] = seen.get(group, -1) + 1
        around, within = group * _GOLDEN, member * _GOLDEN + group
        far, near = 0.3 * np.sqrt(group), 0.05 * np.sqrt(member)
        places.append((far * np.cos(around) + near * np.cos(within), far * np.sin(around) + near * np.sin(within)))
    return np.array(places, dtype=float).reshape(-1, 2)


def _strengths(count: int, ties: Sequence[tuple[int, int, float]]) -> Points:
    """The ties as a matrix in which those of one who has many count less, lest all fall upon the hero."""
    import numpy as np

    matrix = np.zeros((count, count))
    for one, other, strength in ties:
        matrix[one, other] = matrix[other, one] = strength
    sums = np.maximum(matrix.sum(axis=0), 1e-9)
    strengths: Points = matrix / np.sqrt(sums[:, None] * sums[None, :])
    return strengths


def _settled(points: Points, groups: NDArray[np.int_], strengths: Points, ratio: float) -> Points:
    """The points after pushing and pulling each other, ever less (Fruchterman and Reingold)."""
    import numpy as np

    ideal = np.sqrt(ratio / len(points))
    push = np.where(groups[:, None] == groups[None, :], 1.0, _APART) * ideal**2
    gravity = _GRAVITY * np.array([1 / ratio, ratio])
    for heat in np.linspace(0.12, 0.0, _ROUNDS, endpoint=False):
        apart = points[:, None] - points[None, :]
        distance = np.maximum(np.sqrt((apart**2).sum(axis=2)), 1e-3)
        force = (apart * (push / distance**2 - _PULL * strengths * distance / ideal)[:, :, None]).sum(axis=1)
        force -= gravity * points
        length = np.maximum(np.sqrt((force**2).sum(axis=1)), 1e-9)
        points = points + force * (np.minimum(length, heat) / length)[:, None]
    return points


def _fitted(points: Points, room: Box) -> Points:
    """The points moved and stretched to the room; a few keep to its middle."""
    import numpy as np

    wide, high = room.right - room.left, room.bottom - room.top
    low, up = points.min(axis=0), points.max(axis=0)
    used = min(0.9, 0.3 + len(points) / 25)
    stretch = used * np.array([wide, high]) / np.maximum(up - low, 0.2)
    fitted: Points = (points - (low + up) / 2) * stretch + np.array(room.centre)
    return fitted


def _separated(points: Points, sizes: Points, room: Box) -> Points:
    """The points moved until their boxes overlap no more, as far as the room allows."""
    import numpy as np

    low = np.array([room.left, room.top]) + sizes / 2
    up = np.maximum(np.array([room.right, room.bottom]) - sizes / 2, low)
    needed = (sizes[:, None] + sizes[None, :]) / 2
    for _ in range(_MOVES):
        points = np.clip(points, low, up)
        moves = _apart(points, needed)
        if not moves.any():
            break
        points = points + moves
    return np.clip(points, low, up)


def _apart(points: Points, needed: Points) -> Points:
    """The way of each point from all whose boxes its own overlaps, along the axis on which less is lacking."""
    import numpy as np

    order = np.arange(len(points))
    between = points[:, None] - points[None, :]
    between = np.where(between == 0, 1e-6 * np.sign(order[:, None] - order)[:, :, None], between)
    lacking = needed - np.abs(between)
    hit = (lacking > 0).all(axis=2) & (order[:, None] != order)
    along = lacking == lacking.min(axis=2, keepdims=True)
    moves: Points = np.where(along & hit[:, :, None], 0.3 * lacking * np.sign(between), 0.0).sum(axis=1)
    return moves
