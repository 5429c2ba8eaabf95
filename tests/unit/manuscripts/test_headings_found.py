"""Chapters of plain texts, in the many ways in which novels head them."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.manuscripts import read_manuscript
from tests.unit.manuscripts.making import book, file, paragraphs

ROMAN = ("I", "II", "III", "IV", "V", "VI")
NAMES = (
    "The Old Sea-dog",
    "Black Dog Appears",
    "The Black Spot",
    "The Sea-chest",
    "The Last of the Blind Man",
    "Papers",
)
CAPITALS = tuple(map(str.upper, NAMES))
NUMBERED = tuple(f"Chapter {n}" for n in range(1, 7))
WORDS = ("One", "Two", "Three", "Four", "Five", "Six")
ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth")


def zipped(pattern: str, *columns: tuple[str, ...]) -> tuple[str, ...]:
    """The pattern filled in, row by row."""
    return tuple(pattern.format(*row) for row in zip(*columns, strict=True))


STYLES = {
    "chapter and Roman": (zipped("CHAPTER {}", ROMAN), NUMBERED),
    "with a period": (zipped("CHAPTER {}.", ROMAN), NUMBERED),
    "lower case": (zipped("Chapter {}", tuple("123456")), NUMBERED),
    "in words": (zipped("CHAPTER {}", tuple(map(str.upper, WORDS))), NUMBERED),
    "the first": (zipped("Chapter the {}", ORDINALS), NUMBERED),
    "first chapter": (zipped("THE {} CHAPTER", tuple(map(str.upper, ORDINALS))), NUMBERED),
    "title behind": (zipped("CHAPTER {}. {}", ROMAN, NAMES), NAMES),
    "title behind a dash": (zipped("Chapter {} — {}", tuple("123456"), NAMES), NAMES),
    "title behind two dashes": (zipped("CHAPTER {}--{}", ROMAN, CAPITALS), CAPITALS),
    "title behind a colon": (zipped("Chapter {}: {}", WORDS, NAMES), NAMES),
    "title on the next line": (zipped("CHAPTER {}.\n{}", ROMAN, NAMES), NAMES),
    "title in the next block": (zipped("CHAPTER {}\n\n{}", ROMAN, CAPITALS), CAPITALS),
    "long titles on lines": (
        zipped("CHAPTER {}.\n\nIN WHICH {} IS TOLD, AND OF THE THINGS THAT\nCAME OF IT IN THE END", ROMAN, CAPITALS),
        zipped("IN WHICH {} IS TOLD, AND OF THE THINGS THAT CAME OF IT IN THE END", CAPITALS),
    ),
    "Roman with titles": (zipped("{}. {}", ROMAN, CAPITALS), CAPITALS),
    "Roman alone": (ROMAN, NUMBERED),
    "Roman alone with a period": (zipped("{}.", ROMAN), NUMBERED),
    "digits alone": (tuple("123456"), NUMBERED),
    "digits, title beneath": (zipped("{}\n\n{}", tuple("123456"), NAMES), NAMES),
    "digits and title": (zipped("{}. {}", tuple("123456"), NAMES), NAMES),
    "words alone": (tuple(map(str.upper, WORDS)), NUMBERED),
    "between dashes": (zipped("- {} -", tuple("123456")), NUMBERED),
    "staves": (zipped("STAVE {}: {}", ROMAN, CAPITALS), CAPITALS),
    "letters": (zipped("LETTER {}", ROMAN), zipped("Letter {}", tuple("123456"))),
    "cantos": (zipped("Canto {}", ROMAN), zipped("Canto {}", tuple("123456"))),
    "in italics": (zipped("_Chapter {}_\n\n_{}_", ROMAN, NAMES), NAMES),
    "titles in capitals": (CAPITALS, CAPITALS),
    "parts alone": (zipped("PART {}", ROMAN), zipped("Part {}", tuple("123456"))),
    "German": (zipped("{}. Kapitel", tuple("123456")), zipped("Kapitel {}", tuple("123456"))),
    "French": (zipped("Chapitre {}", ROMAN), zipped("Chapitre {}", tuple("123456"))),
    "Russian": (zipped("Глава {}", tuple("123456")), zipped("Глава {}", tuple("123456"))),
}


@pytest.mark.parametrize("style", STYLES)
def test_a_style_of_headings(style: str, tmp_path: Path):
    """All chapters, with their titles, and nothing of the heading in the text."""
    headings, titles = STYLES[style]
    found = read_manuscript(file(tmp_path, book(*headings)))
    assert [one.title for one in found.chapters] == list(titles)
    assert [one.text for one in found.chapters] == [
        "\n\n".join(paragraphs(f"{at} {heading}")) for at, heading in enumerate(headings)
    ]


@pytest.mark.parametrize("style", STYLES)
def test_the_same_behind_a_list_of_contents(style: str, tmp_path: Path):
    """A list of contents makes no chapter."""
    headings, titles = STYLES[style]
    contents = "\n".join(" ".join(one.split("\n")) for one in headings)
    text = f"THE LAMP\n\nby Ada Stone\n\n\nCONTENTS\n\n{contents}\n\n\n\n{book(*headings)}"
    found = read_manuscript(file(tmp_path, text))
    assert [one.title for one in found.chapters] == list(titles)
    assert (found.title, found.author) == ("THE LAMP", "Ada Stone")


@pytest.mark.parametrize("style", [name for name in STYLES if name != "titles in capitals"])
def test_the_same_with_a_paragraph_on_each_line(style: str, tmp_path: Path):
    """Text that an editor saved without breaking lines."""
    headings, titles = STYLES[style]
    lines = [line for at, one in enumerate(headings) for line in (" ".join(one.split("\n")), *paragraphs(f"{at}"))]
    found = read_manuscript(file(tmp_path, "\n".join(lines)))
    assert len(found.chapters) == len(titles)
