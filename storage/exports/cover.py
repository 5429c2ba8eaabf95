"""A cover made of a title and an author: night hills under a moon, in colours that the title chooses."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import as_file, files
from io import BytesIO
from random import Random
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 1800
_FINER = 2  # drawn larger and scaled down, so that edges are smooth
_MARGIN = 120
_RIDGES = 6
_SMALLEST = 40
_LONGEST = 200
_MISSING = "\U0010fffd"  # no font has a glyph for it

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont


class Palette(NamedTuple):
    """The colours of one cover: a dark sky above a lighter horizon, hills that darken towards us, a moon, letters."""

    sky: str
    horizon: str
    far: str
    near: str
    moon: str
    ink: str


_PALETTES = (
    Palette("#14213d", "#e29578", "#7d5a6b", "#0b132b", "#ffe8d6", "#fdf6ec"),
    Palette("#0b2b33", "#88c0a8", "#3f7d77", "#051a1f", "#f4f1de", "#f7f4e9"),
    Palette("#2b1638", "#d96c75", "#8a3f63", "#160a20", "#ffe3c9", "#fff3e6"),
    Palette("#1d2d44", "#a9bcd0", "#5c7796", "#0d1320", "#f0ebd8", "#f6f3e8"),
    Palette("#3a0f16", "#e09f3e", "#9e2a2b", "#1c070b", "#fff3b0", "#fff6de"),
    Palette("#10271a", "#c9b458", "#55743c", "#08150d", "#f8f4d8", "#f9f6e6"),
    Palette("#231942", "#9f86c0", "#5e548e", "#120c24", "#f2e9f7", "#f6effa"),
    Palette("#2a1a12", "#d9a066", "#8f563b", "#150c08", "#ffeacc", "#fff2df"),
    Palette("#06283d", "#47b5ff", "#256d85", "#03141f", "#dff6ff", "#eefaff"),
    Palette("#22223b", "#c9ada7", "#6d6478", "#121224", "#f2e9e4", "#f7f1ed"),
)


def cover(title: str, author: str) -> bytes:
    """The cover as a JPEG; a line in a script that our font has no letters for is left off."""
    chance = Random(int.from_bytes(hashlib.sha256(title.encode()).digest()))  # noqa: S311 - it draws hills, it keeps no secret
    palette = chance.choice(_PALETTES)
    image = _landscape(palette, chance)
    _write(image, palette, title, author)
    target = BytesIO()
    image.save(target, "JPEG", quality=88, optimize=True, dpi=(300, 300))
    return target.getvalue()


def _landscape(palette: Palette, chance: Random) -> Image.Image:
    image = _sky(palette).resize((WIDTH * _FINER, HEIGHT * _FINER))
    draw = ImageDraw.Draw(image)
    _moon(draw, palette, chance)
    for number in range(_RIDGES):
        share = number / (_RIDGES - 1)
        colour = _mixed(_rgb(palette.far), _rgb(palette.near), share)
        draw.polygon(_ridge(0.60 + 0.27 * share, 0.055 - 0.02 * share, chance), fill=colour)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _sky(palette: Palette) -> Image.Image:
    sky, horizon = _rgb(palette.sky), _rgb(palette.horizon)
    column = Image.new("RGB", (1, HEIGHT))
    for y in range(HEIGHT):
        column.putpixel((0, y), _mixed(sky, horizon, min(1.0, y / (0.68 * HEIGHT)) ** 2.2))
    return column


def _moon(draw: ImageDraw.ImageDraw, palette: Palette, chance: Random) -> None:
    x, y = chance.uniform(0.24, 0.76) * WIDTH * _FINER, chance.uniform(0.53, 0.60) * HEIGHT * _FINER
    radius = chance.uniform(0.10, 0.15) * WIDTH * _FINER
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_rgb(palette.moon))


def _ridge(height: float, swing: float, chance: Random) -> list[tuple[float, float]]:
    """A hill line across the picture: waves of rising frequency and falling height, closed at the bottom."""
    waves = [(chance.uniform(0.6, 1.3) * 2**octave, chance.uniform(0, math.tau), 0.5**octave) for octave in range(6)]
    wide, high = WIDTH * _FINER, HEIGHT * _FINER

    def line(x: float) -> float:
        return sum(part * math.sin(math.tau * often * x + start) for often, start, part in waves)

    steps = range(0, wide + 1, 4)
    return [(0, high), *((x, high * (height + swing * line(x / wide))) for x in steps), (wide, high)]


def _write(image: Image.Image, palette: Palette, title: str, author: str) -> None:
    draw = ImageDraw.Draw(image)
    ink = _rgb(palette.ink)
    _write_block(draw, _drawable(title), partial(_font, "Semibold"), 168, (150, 760), ink)
    _write_block(draw, _drawable(author), partial(_font, "Regular"), 66, (HEIGHT - 230, HEIGHT - 90), ink)


def _write_block(
    draw: ImageDraw.ImageDraw, text: str, font: Callable[[int], Font], size: int, room: tuple[int, int], ink: Colour
) -> None:
    """Writes the text centred in the room from ``top`` to ``bottom``, as large as it fits and no larger than asked."""
    top, bottom = room
    if not text:
        return
    lines, size = _fitted(text, font, size, bottom - top)
    chosen = font(size)
    y = top + (bottom - top - _leading(size) * len(lines)) / 2
    for number, line in enumerate(lines):
        draw.text((WIDTH / 2, y + _leading(size) * number), line, font=chosen, fill=ink, anchor="ma")


def _fitted(text: str, font: Callable[[int], Font], size: int, room: int) -> tuple[list[str], int]:
    """The lines of the text and the largest size at which they fit; the smallest one may lose the end of it."""
    while size > _SMALLEST and not _fits(text, font(size), room // _leading(size)):
        size -= 8
    return _balanced(text, font(size))[: max(1, room // _leading(size))], size


def _fits(text: str, font: Font, lines: int) -> bool:
    """Whether so many lines hold the text without a word cut in two."""
    whole = all(font.getlength(word) <= _line_room() for word in text.split())
    return whole and len(_filled(text, font, _line_room())) <= lines


def _balanced(text: str, font: Font) -> list[str]:
    """The text in lines of about the same length, no more of them than needed."""
    fewest = len(_filled(text, font, _line_room()))
    narrowest = (room for room in range(200, _line_room(), 20) if len(_filled(text, font, room)) == fewest)
    return _filled(text, font, next(narrowest, _line_room()))


def _filled(text: str, font: Font, room: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(joined) <= room:
            lines[-1] = joined
        else:
            lines += _cut(word, font)
    return lines


def _cut(word: str, font: Font) -> list[str]:
    """The word, or what fits of it on each line when it is longer than one."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and font.getlength(pieces[-1] + letter) > _line_room():
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _line_room() -> int:
    return WIDTH - 2 * _MARGIN


def _leading(size: int) -> int:
    return round(size * 1.18)


def _drawable(text: str) -> str:
    """The text without signs that the font lacks; empty when it lacks letters, for a torn word is worse than none."""
    missing = {letter for letter in text if not letter.isspace() and not _has_glyph(letter)}
    if any(letter.isalnum() for letter in missing):
        return ""
    shown = " ".join("".join(letter for letter in text if letter not in missing).split())
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST].rstrip()}…"


def _has_glyph(letter: str) -> bool:
    font = _font("Semibold", 32)
    return _picture(font, letter) != _picture(font, _MISSING)


def _picture(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


@cache
def _font(cut: str, size: int) -> Font:
    # Pillow's own font has no accents; Source Serif has Latin, Greek and Cyrillic.
    with as_file(files("font_source_serif_pro") / "files" / f"SourceSerifPro-{cut}.ttf") as path:
        return ImageFont.truetype(BytesIO(path.read_bytes()), size, layout_engine=ImageFont.Layout.BASIC)


def _rgb(code: str) -> Colour:
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
