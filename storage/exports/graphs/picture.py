"""The drawing of a network as a PNG."""

from __future__ import annotations

from collections.abc import Iterable

from storage.exports.graphs.drawing import HEIGHT, WIDTH, Drawing, Line, Mark, drawing
from storage.exports.graphs.fonts import fitted, serif
from storage.exports.graphs.palette import FAINT, FILLS, HAIR
from storage.exports.graphs.sheet import MARGIN, Key, Sheet
from storage.graph.network import Network

PICTURE = WIDTH, 1200
"""Width and height in pixels; ``drawing`` fills what title and legend leave."""

_TOP = 110  # what the title and the remarks take


def png(network: Network, title: str, note: str = "") -> bytes:
    """The network as a PNG; the same network gives the same bytes. Raises ``NothingToShow``."""
    drawn = drawing(network, title, note)
    sheet = Sheet(*PICTURE)
    _head(sheet, drawn)
    _body(sheet, drawn)
    _legend(sheet, drawn)
    return sheet.png()


def _head(sheet: Sheet, drawn: Drawing) -> None:
    title, remarks = drawn.title, "  ·  ".join((*drawn.remarks, *_unwritten(drawn)))
    room = PICTURE[0] - 2 * MARGIN
    sheet.written(fitted(title, room, 40, serif("Semibold")), MARGIN, 46, 40)
    sheet.written(fitted(remarks, room, 21, serif("Regular")), MARGIN, 88, 21, FAINT)


def _unwritten(drawn: Drawing) -> Iterable[str]:
    if any(mark.face is None for mark in drawn.marks):
        yield "#: place by importance of a name in letters that this picture lacks; the page (.html) shows them."


def _body(sheet: Sheet, drawn: Drawing) -> None:
    for line in drawn.lines:
        _draw_line(sheet, line)
    for mark in drawn.marks:
        if lead := mark.leader:
            sheet.line((lead.x1, lead.x2), (lead.y1 + _TOP, lead.y2 + _TOP), 1.2, FAINT)
    for mark in reversed(drawn.marks):
        sheet.mark(mark.shape, mark.disc.x, mark.disc.y + _TOP, mark.disc.radius, FILLS[mark.colour])
    for tag in drawn.tags:
        x, y = tag.box.centre
        sheet.text(tag.text, x, y + _TOP, tag.size, tag.face, FAINT, "center")
    for mark in reversed(drawn.marks):
        _name(sheet, mark)


def _draw_line(sheet: Sheet, line: Line) -> None:
    x1, y1, x2, y2 = line.segment
    sheet.line((x1, x2), (y1 + _TOP, y2 + _TOP), line.width, FILLS[line.colour], line.opacity)


def _name(sheet: Sheet, mark: Mark) -> None:
    if mark.box is None:
        return
    x, y = mark.box.centre
    text, face = (mark.label, mark.face) if mark.face else (f"#{mark.rank}", serif("Regular"))
    sheet.text(text, x, y + _TOP, mark.size, face, align="center")


def _legend(sheet: Sheet, drawn: Drawing) -> None:
    y = _TOP + HEIGHT + 10.0
    sheet.line((MARGIN, PICTURE[0] - MARGIN), (y, y), 1, HAIR)
    y = sheet.keys([Key(words, "circle", FILLS[colour]) for colour, words in drawn.groups], y + 30)
    shapes = [Key(word, shape, FAINT) for shape, word in drawn.shapes]
    sheet.keys([*shapes, *map(Key, drawn.legend)], y + 36)
