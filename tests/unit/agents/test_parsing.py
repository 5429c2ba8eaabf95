"""From a model's text to an answer, or to what is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.parsing import MOST_PROBLEMS, parse
from agents.requests import Prose, Review
from story.cast import Cast
from story.finding import Finding
from story.world import World
from tests.builders import a_cast, a_world

ONE = Review(findings=(Finding(rule="r", message="uses a ``` fence and {braces}"),))
JSON = ONE.model_dump_json()


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        f"\n  {JSON}\n",
        f"```json\n{JSON}\n```",
        f"```\n{JSON}\n```",
        f"Here is my review:\n\n```json\n{JSON}\n```\n\nI hope it helps.",
        f"Here is my review: {JSON}",
        f"{JSON}\nI hope it helps.",
        f"<think>Is {{}} an answer? No.</think>\n{JSON}",
        f"\n<think>\nline\n</think>\n```json\n{JSON}\n```",
    ],
)
def test_json_is_found_alone_in_a_fence_and_among_words(text):
    """However a model wraps it, the answer is the same."""
    assert parse(Review, text) == ONE


@given(st.integers(0, len(JSON) - 1))
def test_json_that_was_cut_off_is_refused(length):
    """Law: no beginning of an answer passes for the whole."""
    for text in (JSON[:length], f"```json\n{JSON[:length]}", f"Sure! {JSON[:length]}"):
        with pytest.raises(ValueError, match="not JSON"):
            parse(Review, text)


@given(st.data())
def test_no_beginning_of_a_world_passes_for_a_world(data):
    """Law: not even one in which a whole place stands."""
    whole = a_world().model_dump_json()
    with pytest.raises(ValueError, match="not JSON"):
        parse(World, whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_a_part_that_would_pass_alone_does_not_stand_for_what_was_cut_off():
    """An empty review inside a broken one is no review."""
    with pytest.raises(ValueError, match="not JSON"):
        parse(Review, '{"findings": [], "more": {}')
    with pytest.raises(ValueError, match="answer"):
        parse(Review, 'Here: [{"findings": []}]')


@pytest.mark.parametrize("text", ["", "   ", "I cannot do that.", "null", "[]", "3", '"text"'])
def test_what_is_no_object_is_refused(text):
    """With words that a model can act on."""
    with pytest.raises(ValueError, match=r"not JSON|answer: Input should be a valid"):
        parse(Review, text)


def test_fields_that_nobody_asked_for_are_refused_by_name():
    """So that the repair can leave them out."""
    with pytest.raises(ValueError, match=r"^mood: Extra inputs are not permitted$"):
        parse(Review, '{"findings": [], "mood": "dark"}')


def test_wrong_types_are_named_with_their_place():
    """Every problem with its path, parted by semicolons."""
    with pytest.raises(ValueError) as caught:
        parse(Review, '{"findings": [{"rule": 1, "message": "m"}, {"rule": "r", "severity": "bad"}]}')
    said = str(caught.value)
    assert "findings.0.rule: Input should be a valid string" in said
    assert "findings.1.severity: Input should be 'note', 'fix' or 'block'" in said
    assert "findings.1.message: Field required" in said
    assert "http" not in said


def test_the_first_dozen_problems_are_enough():
    """A repair prompt does not grow with the answer."""
    many = ",".join(["{}"] * 30)
    with pytest.raises(ValueError) as caught:
        parse(Cast, f'{{"characters": [{many}]}}')
    assert str(caught.value).count(";") == MOST_PROBLEMS - 1


def test_an_answer_that_nests_without_end_is_refused():
    """A degenerate answer is an invalid one, not a crash."""
    for text in ("[" * 100_000, "Well: " + '{"a":' * 100_000):
        with pytest.raises(ValueError, match="not JSON"):
            parse(Review, text)


def test_a_whole_cast_survives():
    """What a model is asked for by schema is read back."""
    assert parse(Cast, a_cast().model_dump_json()) == a_cast()


@pytest.mark.parametrize(
    "heading",
    [
        "# Chapter One\n\n",
        "### The Door\n\n",
        "**The Door**\n\n",
        "Chapter One\n\n",
        "CHAPTER 12: Who Is There?\n \n",
        "Chapter Twenty-One — The Door\n\n",
        "Chapter 3 The Door\n\n",
        "Chapter 3.\n\n",
        "\n\n# T \n\n",
        "<think>a chapter</think>\n\n# T\n\n",
    ],
)
def test_prose_loses_its_heading(heading):
    """The chapter's title is ours to print."""
    assert parse(Prose, heading + "She went.\n\n* * *\n\nHe came.").text == "She went.\n\n* * *\n\nHe came."


@pytest.mark.parametrize(
    "text",
    [
        "Chapter houses are cold in winter.\n\nShe went.",
        "Chapter after chapter of his life had closed.\n\nShe went.",
        "“Chapter one,” she read.\n\nShe went.",
        "She went. # Not a heading\n\nHe came.",
        "{ she thought }\n\nHe came.",
        "# One\nand no empty line",
    ],
)
def test_prose_that_only_looks_like_a_heading_stays(text):
    """No first sentence is lost."""
    assert parse(Prose, text).text == text


@pytest.mark.parametrize("text", ["", "  \n ", "# Chapter One\n\n", "<think>hm</think>"])
def test_no_prose_is_no_answer(text):
    """A heading alone is not a chapter."""
    with pytest.raises(ValueError, match="text: String should have at least 1 character"):
        parse(Prose, text)


def test_only_one_heading_is_taken_off():
    """The second may be the author's."""
    assert parse(Prose, "# A\n\n## B\n\nText.").text == "## B\n\nText."
