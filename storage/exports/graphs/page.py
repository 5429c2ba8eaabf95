"""The drawing of a network as a page: one file that asks nothing of the network and shows all of its entities."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from storage.exports.graphs.drawing import CORNERS, HEIGHT, WIDTH, WORDS, drawing, one_line, shape_of
from storage.exports.graphs.fonts import shortened, subset
from storage.exports.graphs.palette import FILLS
from storage.graph.network import Entity, Network

_NEAREST, _LONGEST = 4, 40


@dataclass(frozen=True)
class Row:
    """An entity in the table, with those it has most to do with."""

    entity: Entity
    name: str
    aliases: str
    nearest: tuple[str, ...]

    @property
    def kind(self) -> str:
        """What it is, in the words of the legend."""
        return WORDS[shape_of(self.entity)]

    @property
    def summary(self) -> str:
        """The row in a line."""
        named = f"{self.name}: {self.kind}, named {self.entity.mentions:,} times"
        also = f"; also {self.aliases}" if self.aliases else ""
        return f"{named}{also}"


def html(network: Network, title: str, note: str = "") -> bytes:
    """The network as one HTML file; the same network gives the same bytes. Raises ``NothingToShow``."""
    drawn = drawing(network, title, note)
    rows = tuple(_rows(network))
    letters = "".join((drawn.title, *drawn.remarks, *(f"{row.name}{row.aliases}" for row in rows)))
    style = _rendered("graph.css", fills=FILLS, font=_base64(subset(letters + _PRINTABLE)))
    script = _rendered("graph.js")
    return _rendered(
        "graph.html",
        drawing=drawn,
        rows=rows,
        style=style,
        script=script,
        style_hash=_digest(style),
        script_hash=_digest(script),
        width=WIDTH,
        height=HEIGHT,
    ).encode()


_PRINTABLE = "".join(map(chr, range(0x20, 0x7F))) + "–—‘’“”…·×"
"""The letters of the page's own words."""


def _rows(network: Network) -> Iterable[Row]:
    """All entities by importance."""
    names = {entity.id: one_line(entity.name) or entity.id for entity in network.entities}
    weights: dict[str, dict[str, float]] = {}
    for tie in network.ties:
        if tie.source != tie.target and {tie.source, tie.target} <= names.keys():
            for one, other in ((tie.source, tie.target), (tie.target, tie.source)):
                near = weights.setdefault(one, {})
                near[other] = near.get(other, 0.0) + tie.weight
    for entity in network.entities:
        near = weights.get(entity.id, {})
        strongest = sorted(near, key=lambda other: (-near[other], other))[:_NEAREST]
        aliases = ", ".join(filter(None, map(one_line, entity.aliases)))
        yield Row(entity, names[entity.id], aliases, tuple(shortened(names[other], _LONGEST) for other in strongest))


def _digest(text: str) -> str:
    """What a content security policy knows an inline style or script by: only ours are applied and run."""
    return f"sha256-{_base64(hashlib.sha256(text.encode()).digest())}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _rendered(name: str, **values: object) -> str:
    return _templates().get_template(name).render(**values)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("storage.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["corners"] = lambda mark: _corners(mark.shape, *mark.disc)
    templates.filters["key"] = lambda shape: _corners(shape, 10, 10, 8)
    return templates


def _corners(shape: str, x: float, y: float, radius: float) -> str:
    return " ".join(f"{x + radius * across:.2f},{y + radius * down:.2f}" for across, down in CORNERS[shape])
