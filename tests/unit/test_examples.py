"""The premises that ship with the project."""

from pathlib import Path

import pytest

from deployments.premises import read_premise
from story.premise import Premise

FOLDER = Path(__file__).parents[2] / "examples"
FILES = sorted(FOLDER.glob("*.toml"))


def every_premise() -> list[Premise]:
    """All of them, read."""
    return [read_premise(str(path)) for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_a_premise_to_write(path: Path):
    """It parses, has a title and a genre, and says enough to make a book of."""
    premise = read_premise(str(path))
    assert premise.title
    assert premise.genre
    assert len(premise.premise.split()) >= 80
    assert "\n" not in premise.premise


def test_there_are_six_genres():
    """One book each."""
    assert len({premise.genre for premise in every_premise()}) == len(FILES) == 6


def test_the_lighthouse_is_the_demonstration():
    """Twelve chapters of 1,500 words."""
    premise = read_premise(str(FOLDER / "lighthouse.toml"))
    assert (premise.genre, premise.chapters, premise.words) == ("mystery", 12, 1500)


def test_the_examples_differ_in_length_and_telling():
    """Many lengths, a first person, a present tense and a short one for a quick try."""
    premises = every_premise()
    assert len({premise.chapters for premise in premises}) == 6
    assert any(premise.pov == "first" for premise in premises)
    assert any(premise.tense == "present" for premise in premises)
    assert any((premise.chapters, premise.words) == (3, 600) for premise in premises)


def test_one_example_brings_its_people_and_its_world():
    """Four whole characters and five facts."""
    (given,) = [premise for premise in every_premise() if premise.characters]
    assert (len(given.characters), len(given.world.facts)) == (4, 5)
    assert all(all(dict(character).values()) for character in given.characters)
