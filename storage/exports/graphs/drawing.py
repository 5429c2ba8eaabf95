"""A network as a drawing: who is shown, where, how large and in which colour, and what that means in words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from storage.exports.book import clean
from storage.exports.graphs import NothingToShow
from storage.exports.graphs.fonts import Face, face_for, serif, shortened
from storage.exports.graphs.geometry import Box, Disc, Segment, Size
from storage.exports.graphs.labels import place
from storage.exports.graphs.layout import arrange
from storage.graph.network import Entity, Network, Tie

WIDTH, HEIGHT = 1600, 940
SHOWN = 50
"""How many entities a picture holds; with more, names are too small to read."""
OTHER = 6
"""The colour of those who belong to no group, or to one for which no colour is left."""

_ROOM = Box(14, 10, WIDTH - 14, HEIGHT - 10)
_LONGEST, _SHORT = 30, 20
_SPOKEN = 8
"""How many ties have their relation written on them."""
_TAG = 17.0
_FELT = 0.25
"""How opaque a line has to be for names to keep off it."""
_LEAST, _PER_ENTITY = 2, 2.0
"""Each entity keeps so many of its ties; and the strongest are drawn up to so many for each entity."""
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SHAPES: dict[str, str] = {"character": "circle", "place": "square", "item": "diamond"}
CORNERS = {
    "square": ((-0.89, -0.89), (0.89, -0.89), (0.89, 0.89), (-0.89, 0.89)),
    "diamond": ((0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)),
    "triangle": ((0.0, -1.25), (1.2, 0.85), (-1.2, 0.85)),
}
"""Where the corners of a shape lie about its middle, for a radius of 1; all have about the area of the circle."""
WORDS = {"circle": "person", "square": "place", "diamond": "thing", "triangle": "something else"}
"""What each shape stands for."""


@dataclass(frozen=True)
class Mark:
    """An entity as drawn.

    ``rank`` is its place by importance, from 1; ``label`` its name, which stands in ``box`` and for which ``face`` has
    the letters. Without a box there was no room for it.
    """

    rank: int
    entity: Entity
    disc: Disc
    colour: int
    label: str
    face: Face | None
    size: float
    box: Box | None

    @property
    def shape(self) -> str:
        """What its kind looks like."""
        return shape_of(self.entity)

    @property
    def leader(self) -> Segment | None:
        """The line from a label to its mark, where the two are not side by side."""
        if self.box is None:
            return None
        x = min(max(self.disc.x, self.box.left), self.box.right)
        y = min(max(self.disc.y, self.box.top), self.box.bottom)
        apart = math.hypot(x - self.disc.x, y - self.disc.y)
        return Segment(self.disc.x, self.disc.y, x, y) if apart > self.disc.radius + 14 else None


class Pair(NamedTuple):
    """All that ties two entities, named by their places among those shown."""

    one: int
    other: int
    weight: float
    label: str


@dataclass(frozen=True)
class Line:
    """What ties two marks, named by their places in the drawing; ``colour`` is theirs when they share one."""

    source: int
    target: int
    segment: Segment
    width: float
    opacity: float
    colour: int
    label: str


@dataclass(frozen=True)
class Tag:
    """A relation's words on its line."""

    text: str
    face: Face
    size: float
    box: Box


@dataclass(frozen=True)
class Drawing:
    """All that is drawn, the strongest ties last, and what the legend says of it.

    ``groups`` and ``shapes`` are the colours and shapes, each with what it means; ``legend`` is the rest in words.
    """

    title: str
    remarks: tuple[str, ...]
    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    tags: tuple[Tag, ...]
    groups: tuple[tuple[int, str], ...]
    shapes: tuple[tuple[str, str], ...]
    legend: tuple[str, ...]


def drawing(network: Network, title: str, note: str) -> Drawing:
    """The network as a drawing, the same for the same network; raises ``NothingToShow`` for one without entities."""
    if not network.entities:
        raise NothingToShow
    shown = network.entities[:SHOWN]
    pairs = _pairs(shown, network.ties)
    drawn = _backbone(len(shown), pairs)
    colours = _colours(shown)
    marks, lines = _placed(shown, colours, drawn)
    return Drawing(
        title=one_line(title),
        remarks=tuple(_remarks(note, len(network.entities) - len(shown), len(pairs) - len(drawn))),
        marks=marks,
        lines=lines,
        tags=tuple(_tags(marks, lines)),
        groups=_groups(shown, colours),
        shapes=_shapes(marks),
        legend=tuple(_legend(shown, lines)),
    )


def one_line(text: str) -> str:
    """The text on one line, without the signs that files or the order of letters could not bear."""
    return " ".join(_BIDI.sub("", clean(text)).split())


def _name(entity: Entity, longest: int) -> str:
    return shortened(one_line(entity.name) or entity.id, longest)


def _remarks(note: str, entities: int, ties: int) -> Iterable[str]:
    yield from filter(None, [one_line(note)])
    if entities:
        yield f"The {SHOWN} most important of {SHOWN + entities} are shown."
    if ties:
        yield f"{ties:,} weaker ties are not drawn." if ties > 1 else "One weaker tie is not drawn."


def _pairs(shown: Sequence[Entity], ties: Iterable[Tie]) -> list[Pair]:
    """What ties each pair in all, strongest first, with the words of its strongest tie that has some."""
    places = {entity.id: place for place, entity in enumerate(shown)}
    weights: dict[tuple[int, int], float] = {}
    labels: dict[tuple[int, int], str] = {}
    for tie in ties:
        if tie.source == tie.target or not {tie.source, tie.target} <= places.keys():
            continue
        one, other = sorted((places[tie.source], places[tie.target]))
        weights[one, other] = weights.get((one, other), 0.0) + max(tie.weight, 0.0)
        labels[one, other] = labels.get((one, other)) or one_line(tie.label)
    pairs = [Pair(*ends, weight, labels[ends]) for ends, weight in weights.items()]
    return sorted(pairs, key=lambda pair: (-pair.weight, pair.one, pair.other))


def _backbone(count: int, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that are drawn: the strongest of each entity and the strongest of all."""
    kept = [0] * count
    found = []
    for number, pair in enumerate(pairs):
        if number < _PER_ENTITY * count or min(kept[pair.one], kept[pair.other]) < _LEAST:
            kept[pair.one] += 1
            kept[pair.other] += 1
            found.append(pair)
    return found


def _colours(shown: Sequence[Entity]) -> list[int]:
    """The colour of each entity; groups of two and more get their own, the largest first."""
    members: dict[int, int] = {}
    for entity in shown:
        members[entity.community] = members.get(entity.community, 0) + 1
    large = sorted((group for group, count in members.items() if count > 1), key=lambda group: (-members[group], group))
    own = {group: colour for colour, group in enumerate(large[:OTHER])}
    return [own.get(entity.community, OTHER) for entity in shown]


def _placed(
    shown: Sequence[Entity], colours: Sequence[int], pairs: Sequence[Pair]
) -> tuple[tuple[Mark, ...], tuple[Line, ...]]:
    names = [_name(entity, _LONGEST) for entity in shown]
    faces, text_sizes = [face_for(name) for name in names], _text_sizes(shown)
    texts = [_measured(*text) for text in zip(names, faces, text_sizes, strict=True)]
    shares = _shares([pair.weight for pair in pairs])
    discs = _discs(colours, pairs, shares, _radii(shown), texts)
    # From weak to strong, so that the strong ones lie on top.
    lines = tuple(_line(pair, share, discs, colours) for pair, share in reversed(list(zip(pairs, shares, strict=True))))
    boxes = place(discs, texts, [line.segment for line in lines if line.opacity > _FELT], _ROOM)
    parts = zip(shown, discs, colours, names, faces, text_sizes, boxes, strict=True)
    return tuple(Mark(rank, *part) for rank, part in enumerate(parts, 1)), lines


def _discs(
    colours: Sequence[int],
    pairs: Sequence[Pair],
    shares: Sequence[float],
    radii: Sequence[float],
    texts: Sequence[Size],
) -> list[Disc]:
    """Where each entity stands; around it there is room for its name beneath."""
    ties = [(pair.one, pair.other, share) for pair, share in zip(pairs, shares, strict=True)]
    sizes = [
        Size(max(2 * radius, text.width) + 16, 2 * radius + text.height + 14)
        for radius, text in zip(radii, texts, strict=True)
    ]
    points = arrange(colours, ties, sizes, _ROOM).tolist()
    return [
        Disc(round(x, 2), round(y - text.height / 2, 2), radius)
        for (x, y), radius, text in zip(points, radii, texts, strict=True)
    ]


def _line(pair: Pair, share: float, discs: Sequence[Disc], colours: Sequence[int]) -> Line:
    one, other = discs[pair.one], discs[pair.other]
    return Line(
        source=pair.one,
        target=pair.other,
        segment=Segment(one.x, one.y, other.x, other.y),
        width=round(1.0 + 9.0 * share**1.6, 2),
        opacity=round(0.12 + 0.5 * share**1.5, 3),
        colour=colours[pair.one] if colours[pair.one] == colours[pair.other] else OTHER,
        label=pair.label,
    )


def _shares(weights: Sequence[float]) -> list[float]:
    """Each weight as a part of the largest, by logarithm: in a novel a few pairs have most of the scenes."""
    largest = math.log1p(max(weights, default=0.0)) or 1.0
    return [math.log1p(weight) / largest for weight in weights]


def _radii(shown: Sequence[Entity]) -> list[float]:
    """Radii whose areas grow with mentions; the fewer are shown, the larger they are."""
    largest, most = 34 + 26 * max(0.0, 1 - len(shown) / 40), max(entity.mentions for entity in shown) or 1
    return [_radius(entity.mentions / most, largest) for entity in shown]


def _radius(share: float, largest: float) -> float:
    smallest = largest / 4
    return round(math.sqrt(smallest**2 + (largest**2 - smallest**2) * max(share, 0.0)), 2)


def _text_sizes(shown: Sequence[Entity]) -> list[float]:
    smallest, largest = (19.0, 27.0) if len(shown) > 25 else (23.0, 32.0)
    most = max(entity.mentions for entity in shown) or 1
    return [round(smallest + (largest - smallest) * math.sqrt(max(one.mentions, 0) / most), 1) for one in shown]


def _measured(text: str, face: Face | None, size: float) -> Size:
    return Size((face or serif("Regular")).width(text, size) + 6, size * 1.15)


def _tags(marks: Sequence[Mark], lines: Sequence[Line]) -> Iterable[Tag]:
    """The relations of the strongest ties, each on its line where nothing else stands; without such a place, none."""
    taken = [mark.box for mark in marks if mark.box] + [mark.disc.box for mark in marks]
    for line in [line for line in reversed(lines) if line.label][:_SPOKEN]:
        text = shortened(line.label, _LONGEST)
        face = face_for(text, "It")
        box = _free(line.segment, _measured(text, face, _TAG), taken)
        if face and box:
            taken.append(box)
            yield Tag(text, face, _TAG, box)


def _free(segment: Segment, size: Size, taken: Sequence[Box]) -> Box | None:
    """The place for a text on the line, nearest to its middle, that touches none taken."""
    for part in (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68):
        x, y = segment.x1 + part * (segment.x2 - segment.x1), segment.y1 + part * (segment.y2 - segment.y1)
        box = Box(x - size.width / 2, y - size.height / 2, x + size.width / 2, y + size.height / 2)
        if _ROOM.holds(box) and not any(box.overlaps(other) for other in taken):
            return box
    return None


def _groups(shown: Sequence[Entity], colours: Sequence[int]) -> tuple[tuple[int, str], ...]:
    """Each colour with its most important entity."""
    first: dict[int, str] = {}
    for entity, colour in zip(shown, colours, strict=True):
        name = _name(entity, _SHORT)
        first.setdefault(colour, f"around {name}" if colour != OTHER else "in no larger group")
    return tuple(sorted(first.items()))


def _legend(shown: Sequence[Entity], lines: Sequence[Line]) -> Iterable[str]:
    least, most = min(entity.mentions for entity in shown), max(entity.mentions for entity in shown)
    if least < most:
        yield f"larger: the text names them more often ({least:,} to {most:,} times)"
    if len(lines) > 1:
        yield "thicker line: they have more to do with each other"


def shape_of(entity: Entity) -> str:
    """The shape of its mark."""
    return _SHAPES.get(entity.kind, "triangle")


def _shapes(marks: Sequence[Mark]) -> tuple[tuple[str, str], ...]:
    seen = {mark.shape for mark in marks}
    return tuple((shape, word) for shape, word in WORDS.items() if shape in seen)
