"""Whole novels and stories of models, where the folder of shared data is present."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.manuscripts import read_manuscript
from story.base import word_count
from tests.unit.manuscripts.making import file

DATA = Path(__file__).parents[4] / "shared" / "data"
NOVELS = (
    "wuthering-heights",
    "the-scarlet-letter",
    "the-prisoner-of-zenda",
    "the-war-of-the-worlds",
    "the-secret-agent",
)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")


@pytest.mark.parametrize("name", NOVELS)
def test_a_novel_has_its_chapters(name: str):
    """Each chapter in order, with its title, its book and all of its words but those of the heading."""
    expected = json.loads((DATA / "novels" / "chapters.json").read_text())["novels"][name]["list"]
    found = read_manuscript(DATA / "novels" / f"{name}.txt").chapters
    assert len(found) == len(expected)
    for one, wanted in zip(found, expected, strict=True):
        assert one.title == wanted.get("title", one.title)
        assert one.book == wanted.get("book", "")
        assert wanted["words"] - 15 <= len(one.text.split()) < wanted["words"]


def test_stories_of_models_have_their_eight_chapters(tmp_path: Path):
    """Joined as one Markdown file under the title of the story, whenever at least seven chapters have a heading."""
    for line in (DATA / "stories" / "stories-dev.jsonl").read_text().splitlines():
        story = json.loads(line)
        headed = sum(one.lstrip().startswith(("#", "**Chapter", "Chapter ")) for one in story["chapters"])
        if headed < 7:
            continue
        found = read_manuscript(
            file(tmp_path, f"# {story['title']}\n\n" + "\n\n---\n\n".join(story["chapters"]), "story.md")
        )
        chapters = [one for one in found.chapters if one.title != "Epilogue"]
        assert len(chapters) == 8, story["id"]
        kept = sum(word_count(one.text) for one in found.chapters)
        assert kept > 0.97 * sum(map(word_count, story["chapters"])) - 60, story["id"]
