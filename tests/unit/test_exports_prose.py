"""The little markup of chapters, and Markdown made of it."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from storage.exports.markdown import markdown
from storage.exports.prose import Paragraph, Run, SceneBreak, blocks, runs
from tests.unit.test_exports import HOSTILE, a_book


class _Shown(HTMLParser):
    """The text and the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags = "", []

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def shown(source: str) -> _Shown:
    """What a reader of Markdown sees."""
    page = _Shown()
    page.feed(MarkdownIt("commonmark").render(source))
    return page


def plain(text: str) -> str:
    """The letters of a text without its spaces."""
    return "".join(text.split())


def test_blank_lines_part_paragraphs_and_single_ones_do_not():
    """A line that ends in a paragraph goes on after a space."""
    assert [one.runs for one in blocks("One\ntwo.\n \n\nThree.")] == [(Run("One two."),), (Run("Three."),)]


@pytest.mark.parametrize("line", ["* * *", "***", "---", "⁂", "#", "  *  *  *  "])
def test_a_scene_break_is_known_in_its_common_forms(line: str):
    """Also without blank lines around it."""
    assert [type(one) for one in blocks(f"One.\n{line}\nTwo.")] == [Paragraph, SceneBreak, Paragraph]


def test_the_first_paragraph_of_a_scene_is_an_opening():
    """So that it is not indented."""
    parts = [one for one in blocks("A\n\nB\n\n* * *\n\nC\n\nD") if isinstance(one, Paragraph)]
    assert [one.opening for one in parts] == [True, False, True, False]


def test_hard_and_wide_spaces_stay():
    """French puts hard spaces before its marks."""
    assert runs("Non\u00a0!") == blocks("Non\u00a0!")[0].runs == (Run("Non\u00a0!"),)


@pytest.mark.parametrize("text", ["*so*", "_so_"])
def test_emphasis_is_italic(text: str):
    """Stars and underscores mean the same."""
    assert runs(f"Not {text}, she said") == (Run("Not "), Run("so", italic=True), Run(", she said"))


@pytest.mark.parametrize(
    "text", ["2 * 3 * 4", "snake_case_name", "**so**", "f*ck*ng", "* so*", "a * b", "_", "<b>x</b>"]
)
def test_anything_else_is_literal(text: str):
    """Stars that do not enclose words are stars."""
    assert runs(text) == (Run(text),)


@given(st.text(alphabet="ab *_\n", max_size=60))
def test_no_letter_is_lost(text: str):
    """Markup takes its own signs away and nothing else."""
    kept = "".join(run.text for one in blocks(text) if isinstance(one, Paragraph) for run in one.runs)
    assert [one for one in kept if one in "ab"] == [one for one in text if one in "ab"]


def test_markdown_has_title_author_and_chapters():
    """The head of the file and of its chapters."""
    lines = markdown(a_book("The Keeper", chapters=2)).decode().splitlines()
    assert lines[0:3] == ["# The Keeper", "", "A. Writer"]
    assert [one for one in lines if one.startswith("## ")] == ["## Chapter 1: Part 1", "## Chapter 2: Part 2"]


def test_markdown_keeps_emphasis_and_scene_breaks():
    """They are Markdown already."""
    assert "Two *three* four." in markdown(a_book(text="Two _three_ four.\n\n***\n\nFive.")).decode()
    assert "\n\n* * *\n\nFive." in markdown(a_book(text="Two.\n\n***\n\nFive.")).decode()


@pytest.mark.parametrize(
    "text",
    ["# No heading", "> none", "- none", "+ x", "1. none", "12) none", "<b>x</b>", "&amp; &lt;", "`x`", "[a](b)", "![a](b)",
     "a\n===", "~~~", "    code", "**x**", "a\\*b", "| a |", "<!-- x -->", "*a **b* c", "___a"],
)  # fmt: skip
def test_prose_never_becomes_markup(text: str):
    """A paragraph reads in Markdown as it was written, whatever signs it begins with."""
    page = shown(markdown(a_book(text=text, chapters=1)).decode())
    assert set(page.tags) <= {"h1", "h2", "p", "em"}
    written = "".join(run.text for one in blocks(text) for run in one.runs)
    assert plain(page.text).endswith(plain(written))


@given(st.text(alphabet="ab1.)#*_-+>`~[]()!<>&;\\|= \n", max_size=50))
def test_any_prose_reads_in_markdown_as_written(text: str):
    """The same letters in the same order, in paragraphs."""
    page = shown(markdown(a_book("T", text=text, chapters=1)).decode())
    written = "".join(run.text for one in blocks(text) if isinstance(one, Paragraph) for run in one.runs)
    assert plain(page.text) == plain(f"TA. WriterChapter 1: Part 1{written}")


def test_a_hostile_title_is_one_literal_heading():
    """Line ends and signs in a title do not make a second heading."""
    page = shown(markdown(a_book(HOSTILE, chapters=1, text="x")).decode())
    assert page.tags == ["h1", "p", "h2", "p"]
    assert "<script>" in page.text
