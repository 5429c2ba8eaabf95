"""The letters of a picture: which font has them, and how wide a text is."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path

_KERNED = 1.02  # a renderer may set a text a little wider than the sum of its letters


@dataclass(frozen=True, eq=False)
class Face:
    """A font file: the advance of each character that it has, in parts of the size."""

    path: Path
    advances: dict[int, float]

    def covers(self, text: str) -> bool:
        """Whether the font has every character."""
        return all(ord(letter) in self.advances for letter in text)

    def width(self, text: str, size: float) -> float:
        """How wide the text is at this size; a character that is missing counts as one that fills its square."""
        return size * _KERNED * sum(self.advances.get(ord(letter), _square(letter)) for letter in text)


def face_for(text: str, cut: str = "Regular") -> Face | None:
    """A font that has all letters of the text; None when neither of ours has them."""
    return next((face for face in (serif(cut), _wide()) if face.covers(text)), None)


@cache
def serif(cut: str) -> Face:
    """Source Serif, the font of the books: Latin, Greek and Cyrillic."""
    with as_file(files("font_source_serif_pro") / "files" / f"SourceSerifPro-{cut}.ttf") as path:
        return _face(path)


@cache
def _wide() -> Face:
    """DejaVu Sans, which comes with matplotlib: also Hebrew, Arabic, Armenian and Georgian."""
    import matplotlib as mpl

    return _face(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")


def _face(path: Path) -> Face:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with TTFont(path, lazy=True) as font:
        unit = font["head"].unitsPerEm
        advances = {code: font["hmtx"][name][0] / unit for code, name in font.getBestCmap().items()}
    return Face(path, advances)


def _square(letter: str) -> float:
    return 0.0 if unicodedata.combining(letter) else 1.0


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def fitted(text: str, room: float, size: float, face: Face) -> str:
    """The text, shortened to what is not wider than the room."""
    return next(
        (short for length in range(len(text), 0, -1) if face.width(short := shortened(text, length), size) <= room), ""
    )


def wrapped(text: str, room: float, size: float, face: Face, most: int) -> list[str]:
    """The text on lines that are not wider than the room; what more than the most would hold is left off."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if face.width(longer, size) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [fitted(line, room, size, face) for line in kept if line]


def subset(text: str) -> bytes:
    """Source Serif as a WOFF file with the letters of the text alone; the same letters give the same bytes."""
    from fontTools import subset as tools  # type: ignore[import-untyped]

    options = tools.Options(flavor="woff", hinting=False)
    font = tools.load_font(serif("Regular").path, options)
    chosen = tools.Subsetter(options)
    chosen.populate(text=text)
    chosen.subset(font)
    target = BytesIO()
    tools.save_font(font, target, options)
    return target.getvalue()
