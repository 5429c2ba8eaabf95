"""The words of a text, and a question without its names."""

from __future__ import annotations

import pytest

from storage.passages.words import nameless


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("What did Roger Chillingworth leave to Pearl in his will?", "What did leave to in his will?"),
        ("Why did Mr. Wilson ask “Ada’s” brother?", "Why did ask brother?"),
        ("Where do I find the key?", "Where do I find the key?"),
        ("where does anna sleep?", "where does anna sleep?"),
        ("Anna slept where?", "Anna slept where?"),
    ],
)
def test_names_are_left_out(question, left):
    """What begins with a capital goes, but for the first word and “I”."""
    assert nameless(question) == left


@pytest.mark.parametrize("question", ["Who is Winnie Verloc?", "", "?!", "Who was it?"])
def test_a_question_of_nothing_else_stays_as_it_is(question):
    """Where nothing is left to ask about, the names are the question."""
    assert nameless(question) == question
