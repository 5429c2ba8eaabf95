"""Prose to fill chapters with, and the files that hold it."""

from __future__ import annotations

import random
import textwrap
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

_PEOPLE = ("Mara", "Mr. Venn", "the old keeper", "Ida", "Captain Holt", "my sister")
_DEEDS = ("walked down to the harbour", "opened the letter", "said nothing of the wreck", "lit the lamp again")
_WHENS = ("that night", "before the rain came", "when I was still a boy", "and nobody saw it", "as the tide turned")


def sentence(dice: random.Random) -> str:
    """One sentence."""
    return f"{dice.choice(_PEOPLE)} {dice.choice(_DEEDS)} {dice.choice(_WHENS)}."


def paragraphs(seed: str, words: int = 420) -> list[str]:
    """Paragraphs of about that many words, some of them speech; the same seed gives the same ones."""
    dice = random.Random(seed)
    made: list[str] = []
    while sum(len(one.split()) for one in made) < words:
        text = " ".join(sentence(dice).capitalize() for _ in range(dice.randint(2, 6)))
        made.append(text if dice.random() < 0.6 else f"“I will not go,” said Mara. “{text}”")
    return made


def wrapped(text: str) -> str:
    """A paragraph broken by hand, as Project Gutenberg has it."""
    return textwrap.fill(text, 72, break_on_hyphens=False)


def body(seed: str, words: int = 420) -> str:
    """The text of a chapter in plain text: wrapped paragraphs parted by empty lines."""
    return "\n\n".join(map(wrapped, paragraphs(seed, words)))


def book(*headings: str, gap: str = "\n\n\n\n", words: int = 420) -> str:
    """A plain text of chapters beneath those headings."""
    return gap.join(f"{heading}\n\n{body(f'{at} {heading}', words)}" for at, heading in enumerate(headings)) + "\n"


def file(folder: Path, text: str | bytes, name: str = "book.txt") -> Path:
    """A file of that text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""


def page(content: str, attributes: str = "") -> str:
    """A page of XHTML."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>t</title></head><body {attributes}>{content}</body></html>'
    )


def prose(seed: str, words: int = 420) -> str:
    """The text of a chapter in HTML."""
    return "".join(f"<p>{one}</p>" for one in paragraphs(seed, words))


def epub(
    pages: dict[str, str], nav: dict[str, str] | None = None, extra: dict[str, str | bytes] | None = None
) -> bytes:
    """An EPUB of pages by name; ``nav`` gives labels by place, ``extra`` more files, which may replace others."""
    items = "".join(
        f'<item id="p{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(pages)
    )
    refs = "".join(f'<itemref idref="p{n}"/>' for n in range(len(pages)))
    toc = "".join(f'<li><a href="{place}">{label}</a></li>' for place, label in (nav or {}).items())
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>The Lamp</dc:title><dc:creator>Ada Stone</dc:creator><dc:language>en-GB</dc:language></metadata>"
        f'<manifest><item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>{items}</manifest>'
        f"<spine>{refs}</spine></package>"
    )
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": opf,
        "OPS/nav.xhtml": page(f'<nav epub:type="toc"><ol>{toc}</ol></nav>'),
        **{f"OPS/{name}": content for name, content in pages.items()},
        **(extra or {}),
    }
    return archive(files)


def archive(files: dict[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    held = BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return held.getvalue()
