"""The drawing of a network as a PNG, by matplotlib without its global state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from storage.exports.graphs.drawing import CORNERS, HEIGHT, WIDTH, Drawing, Line, Mark, drawing
from storage.exports.graphs.fonts import Face, face_for, serif, shortened
from storage.exports.graphs.palette import FAINT, FILLS, INK, PAPER
from storage.graph.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

PICTURE = WIDTH, 1200
"""Width and height in pixels; ``drawing`` fills what title and legend leave."""

_MARGIN = 40
_TOP = 110  # what the title and the remarks take
_DPI = 100
_SMALL = 20.0
_HALO = 3.5
_BASELINE = 0.33
"""How far below the middle of its line a text stands, in parts of its size."""


def png(network: Network, title: str, note: str = "") -> bytes:
    """The network as a PNG; the same network gives the same bytes. Raises ``NothingToShow``."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = drawing(network, title, note)
    figure = Figure(figsize=(PICTURE[0] / _DPI, PICTURE[1] / _DPI), dpi=_DPI, facecolor=PAPER)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, PICTURE[0]), ylim=(PICTURE[1], 0))
    axes.set_axis_off()
    sheet = _Sheet(axes)
    _head(sheet, drawn)
    _body(sheet, drawn)
    _legend(sheet, drawn)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    return _compressed(bytes(pixels))


def _compressed(pixels: bytes) -> bytes:
    """The pixels as a PNG of 256 colours: a quarter of the bytes, which is what a page of Prefect can show."""
    from PIL import Image

    target = BytesIO()
    image = Image.frombytes("RGBA", PICTURE, pixels).convert("RGB")
    image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
    return target.getvalue()


class _Sheet:
    """What a picture is drawn on, in pixels from the upper left corner."""

    def __init__(self, axes: Axes) -> None:
        self._axes = axes

    def line(
        self, x: tuple[float, float], y: tuple[float, float], width: float, colour: str, opacity: float = 1.0
    ) -> None:
        """A line from point to point."""
        self._axes.plot(x, y, color=colour, linewidth=_points(width), alpha=opacity, solid_capstyle="round", zorder=1)

    def mark(self, shape: str, x: float, y: float, radius: float, colour: str) -> None:
        """A circle, or a shape of about its area, around the point."""
        patch = _patch(shape, x, y, radius)
        patch.set(facecolor=colour, edgecolor=PAPER, linewidth=_points(2), zorder=2)
        self._axes.add_patch(patch)

    def text(
        self, text: str, x: float, y: float, size: float, face: Face, colour: str = INK, align: str = "left"
    ) -> None:
        """A text whose middle is at this height, with a halo that sets it off from what lies beneath."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.patheffects import withStroke

        self._axes.text(
            x,
            y + _BASELINE * size,
            text,
            color=colour,
            ha=align,
            va="baseline",
            font=FontProperties(fname=face.path, size=_points(size)),
            path_effects=[withStroke(linewidth=_points(_HALO * 2), foreground=PAPER, alpha=0.92)],
            parse_math=False,  # a dollar in a name is a dollar
            zorder=3,
        )

    def written(self, text: str, x: float, y: float, size: float, colour: str = INK) -> float:
        """A text that begins here; gives where it ends. One that our fonts lack letters for is left off."""
        face = face_for(text)
        if face is None:
            return x
        self.text(text, x, y, size, face, colour)
        return x + face.width(text, size)


def _points(pixels: float) -> float:
    return pixels * 72 / _DPI


def _patch(shape: str, x: float, y: float, radius: float) -> Patch:
    from matplotlib.patches import Circle, Polygon

    if shape == "circle":
        return Circle((x, y), radius)
    return Polygon([(x + radius * across, y + radius * down) for across, down in CORNERS[shape]])


def _head(sheet: _Sheet, drawn: Drawing) -> None:
    title, remarks = drawn.title, "  ·  ".join((*drawn.remarks, *_unwritten(drawn)))
    sheet.written(_fitting(title, 40, serif("Semibold")), _MARGIN, 46, 40)
    sheet.written(_fitting(remarks, 21, serif("Regular")), _MARGIN, 88, 21, FAINT)


def _unwritten(drawn: Drawing) -> Iterable[str]:
    if any(mark.face is None for mark in drawn.marks):
        yield "#: place by importance of a name in letters that this picture lacks; the page (.html) shows them."


def _fitting(text: str, size: float, face: Face) -> str:
    """The text, shortened to the width of the picture."""
    room = PICTURE[0] - 2 * _MARGIN
    return next(
        (short for length in range(len(text), 0, -1) if face.width(short := shortened(text, length), size) <= room), ""
    )


def _body(sheet: _Sheet, drawn: Drawing) -> None:
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


def _draw_line(sheet: _Sheet, line: Line) -> None:
    x1, y1, x2, y2 = line.segment
    sheet.line((x1, x2), (y1 + _TOP, y2 + _TOP), line.width, FILLS[line.colour], line.opacity)


def _name(sheet: _Sheet, mark: Mark) -> None:
    if mark.box is None:
        return
    x, y = mark.box.centre
    text, face = (mark.label, mark.face) if mark.face else (f"#{mark.rank}", serif("Regular"))
    sheet.text(text, x, y + _TOP, mark.size, face, align="center")


def _legend(sheet: _Sheet, drawn: Drawing) -> None:
    y = _TOP + HEIGHT + 10.0
    sheet.line((_MARGIN, PICTURE[0] - _MARGIN), (y, y), 1, "#d9dbdf")
    y = _keys(sheet, [("circle", FILLS[colour], words) for colour, words in drawn.groups], y + 30)
    shapes = [(shape, FAINT, word) for shape, word in drawn.shapes]
    _keys(sheet, [*shapes, *(("", "", words) for words in drawn.legend)], y + 36)


def _keys(sheet: _Sheet, keys: Sequence[tuple[str, str, str]], y: float) -> float:
    """Writes each sign with what it means, in as many rows as needed; gives the height of the last."""
    left = float(_MARGIN)
    x = left
    for shape, colour, words in keys:
        needed = serif("Regular").width(words, _SMALL) + 30
        if x > left and x + needed > PICTURE[0] - _MARGIN:
            x, y = left, y + 32
        if shape:
            sheet.mark(shape, x + 9, y, 9, colour)
            x += 26
        x = sheet.written(words, x, y, _SMALL, FAINT) + 28
    return y
