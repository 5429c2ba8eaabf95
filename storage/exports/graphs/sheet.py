"""A sheet to draw on with matplotlib, without its global state, that becomes a PNG or an SVG."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from storage.exports.graphs.drawing import CORNERS
from storage.exports.graphs.fonts import Face, face_for, serif
from storage.exports.graphs.geometry import Box
from storage.exports.graphs.palette import FAINT, INK, PAPER

if TYPE_CHECKING:
    from matplotlib.patches import Patch

MARGIN = 40

_DPI = 100
_SMALL = 20.0
_ARM = ((0.0, -0.4), (0.8, -1.2), (1.2, -0.8))
_CROSS = tuple(
    (across * right - down * below, across * below + down * right)
    for right, below in ((1, 0), (0, 1), (-1, 0), (0, -1))
    for across, down in _ARM
)
"""Where the corners of a cross lie about its middle, for a radius of 1."""
_HALO = 3.5
_BASELINE = 0.33
"""How far below the middle of its line a text stands, in parts of its size."""


class Key(NamedTuple):
    """A sign of a legend, if it has one, and what it means."""

    words: str
    shape: str = ""
    colour: str = ""
    hollow: bool = False


class Sheet:
    """What a picture is drawn on, in pixels from the upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self._figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=PAPER)
        self._canvas = FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self._axes.set(xlim=(0, width), ylim=(height, 0))
        self._axes.set_axis_off()

    def line(
        self, x: tuple[float, float], y: tuple[float, float], width: float, colour: str, opacity: float = 1.0
    ) -> None:
        """A line from point to point."""
        self._axes.plot(x, y, color=colour, linewidth=_points(width), alpha=opacity, solid_capstyle="round", zorder=1)

    def area(self, box: Box, colour: str) -> None:
        """A rectangle beneath all else."""
        from matplotlib.patches import Rectangle

        size = box.right - box.left, box.bottom - box.top
        self._axes.add_patch(Rectangle((box.left, box.top), *size, facecolor=colour, linewidth=0, zorder=0))

    def mark(self, shape: str, x: float, y: float, radius: float, colour: str, *, hollow: bool = False) -> None:
        """A circle, or a shape of about its area, around the point."""
        patch = _patch(shape, x, y, radius)
        fill, edge = (PAPER, colour) if hollow else (colour, PAPER)
        patch.set(facecolor=fill, edgecolor=edge, linewidth=_points(2), zorder=2)
        self._axes.add_patch(patch)

    def text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        face: Face,
        colour: str = INK,
        align: str = "left",
        *,
        halo: bool = True,
    ) -> None:
        """A text whose middle is at this height, with a halo that sets it off from what lies beneath."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.patheffects import Normal, withStroke

        stroke = withStroke(linewidth=_points(_HALO * 2), foreground=PAPER, alpha=0.92)
        self._axes.text(
            x,
            y + _BASELINE * size,
            text,
            color=colour,
            ha=align,
            va="baseline",
            font=FontProperties(fname=face.path, size=_points(size)),
            # Without any effect letters are set to whole pixels, and some then stand on each other.
            path_effects=[stroke if halo else Normal()],
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

    def keys(self, keys: Sequence[Key], y: float) -> float:
        """Writes each sign with what it means, in as many rows as needed; gives the height of the last."""
        x = left = float(MARGIN)
        for key in keys:
            needed = serif("Regular").width(key.words, _SMALL) + 30
            if x > left and x + needed > self.width - MARGIN:
                x, y = left, y + 32
            if key.shape:
                self.mark(key.shape, x + 9, y, 9, key.colour, hollow=key.hollow)
                x += 26
            x = self.written(key.words, x, y, _SMALL, FAINT) + 28
        return y

    def cut(self, height: float) -> None:
        """Ends the sheet at this height: what is drawn decides how much of it is needed."""
        self.height = round(height)
        self._figure.set_size_inches(self.width / _DPI, self.height / _DPI)
        self._axes.set_ylim(self.height, 0)

    def png(self) -> bytes:
        """The sheet as a PNG of 256 colours: a quarter of the bytes, which is what a page of Prefect can show."""
        from PIL import Image

        self._canvas.draw()  # type: ignore[no-untyped-call]
        pixels = self._canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        target = BytesIO()
        image = Image.frombytes("RGBA", (self.width, self.height), bytes(pixels)).convert("RGB")
        image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
        return target.getvalue()

    def svg(self) -> bytes:
        """The sheet as an SVG whose letters are outlines: it looks the same wherever the font is missing."""
        from matplotlib import rc_context

        target = BytesIO()
        for text in self._axes.texts:
            text.set_path_effects([])  # with any, each letter is written out anew, in four times the bytes
        # The names of its parts are drawn by lot otherwise, and the same plan would not give the same bytes.
        with rc_context({"svg.hashsalt": "scriptorium", "svg.fonttype": "path"}):
            self._figure.savefig(target, format="svg", metadata={"Date": None})
        return target.getvalue()


def _points(pixels: float) -> float:
    return pixels * 72 / _DPI


def _patch(shape: str, x: float, y: float, radius: float) -> Patch:
    from matplotlib.patches import Circle, Polygon

    if shape == "circle":
        return Circle((x, y), radius)
    corners = _CROSS if shape == "cross" else CORNERS[shape]
    return Polygon([(x + radius * across, y + radius * down) for across, down in corners])
