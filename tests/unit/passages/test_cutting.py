"""Cutting chapters into windows and passages: nothing lost, nothing too long, cut where a reader would."""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.passages.cutting import (
    PASSAGE_PIECES,
    PASSAGE_WORDS,
    TINY_WORDS,
    WINDOW_WORDS,
    cut,
    joined,
    pieces,
    sentences,
    words,
)

BREAK = "* * *"

WORDS = """the a of and sea lamp harbour whispered “Stop!” Mr. “Why?” Heathcliff, nevertheless; St. J. ‘no’ 1897
drawing-room— extraordinarily Katherine’s"""

vocabulary = st.sampled_from(WORDS.split())
sentence = st.builds(
    lambda some, end: " ".join(some) + end,
    st.lists(vocabulary, min_size=1, max_size=60),
    st.sampled_from([".", "!”", "?"]),
)
paragraph = st.builds(" ".join, st.lists(sentence, min_size=1, max_size=12))
scene = st.builds("\n\n".join, st.lists(paragraph, min_size=1, max_size=8))
chapter = st.builds(f"\n\n{BREAK}\n\n".join, st.lists(scene, min_size=1, max_size=3))


few = settings(max_examples=20)  # each is a chapter of thousands of words


def windows(part):
    """The passages of each window."""
    return [list(own) for _, own in groupby(part.passages, key=lambda passage: passage.window)]


def prose(count, sentence_words=10):
    """So many words in sentences, in one paragraph."""
    return " ".join(
        ("sea." if n % sentence_words == 0 else "A" if n % sentence_words == 1 else "old") for n in range(1, count + 1)
    )


@few
@given(chapter)
def test_nothing_is_lost_doubled_or_moved(text):
    """The words of the passages in order are the words of the chapter without its scene breaks."""
    part = cut("c", 3, text)
    assert " ".join(passage.text for passage in part.passages).split() == text.replace(BREAK, "").split()


@few
@given(chapter)
def test_passages_are_numbered_through_the_chapter(text):
    """From 0, in windows that are numbered from 0, too."""
    part = cut("c", 3, text)
    assert [passage.n for passage in part.passages] == list(range(len(part.passages)))
    assert [own[0].window for own in windows(part)] == list(range(len(windows(part))))
    assert {(passage.chapter, passage.version) for passage in part.passages} <= {("c", 3)}


@few
@given(chapter)
def test_no_passage_is_longer_than_a_model_reads(text):
    """Neither in words nor in pieces."""
    for passage in cut("c", 1, text).passages:
        assert 0 < words(passage.text) <= PASSAGE_WORDS
        assert pieces(passage.text) <= PASSAGE_PIECES


@few
@given(chapter)
def test_windows_have_their_length_but_for_the_last_of_a_scene(text):
    """All others are within the bounds, and the last is not longer."""
    for one in text.split(BREAK):
        lengths = [words(joined(own)) for own in windows(cut("c", 1, one))]
        assert all(WINDOW_WORDS[0] <= length <= WINDOW_WORDS[1] for length in lengths[:-1])
        assert lengths[-1] <= WINDOW_WORDS[1]


@few
@given(chapter)
def test_a_window_reads_as_the_chapter_does(text):
    """Its passages joined are a stretch of the chapter, with its paragraphs."""
    for own in windows(cut("c", 1, text)):
        assert joined(own) in text


@few
@given(chapter)
def test_windows_stay_within_a_scene(text):
    """No passage holds a scene break, and the scenes cut one by one give the same windows."""
    whole = [joined(own) for own in windows(cut("c", 1, text))]
    assert whole == [joined(own) for one in text.split(BREAK) for own in windows(cut("c", 1, one))]


@pytest.mark.parametrize("count", [1, 50, 329, 330, 400])
def test_a_short_scene_is_one_window(count):
    """However short it is."""
    assert len(windows(cut("c", 1, prose(count)))) == 1


@pytest.mark.parametrize("count", [*range(480, 4000, 137)])
def test_no_tiny_window_is_left_at_the_end(count):
    """What would be left is shared out."""
    assert words(joined(windows(cut("c", 1, prose(count)))[-1])) >= TINY_WORDS


def test_a_window_falls_into_two_passages_of_about_half_of_it():
    """Where the pieces allow it."""
    text = " ".join("The sea was grey and the old men sat still." for _ in range(34))
    assert [words(passage.text) for passage in cut("c", 1, text).passages] == [170, 170]


def test_a_paragraph_is_the_best_place_to_cut():
    """One that ends within the bounds is preferred to the sentences around it."""
    first, second = prose(175, 7), prose(162, 6)
    part = cut("c", 1, f"{first}\n\n{second}")
    assert [passage.text for passage in part.passages] == [f"{first}\n\n", second]


def test_hard_line_breaks_are_not_paragraphs():
    """A book whose lines were broken by a printer is cut at its sentences, too."""
    text = re.sub(r"((?:\S+ ){9}\S+) ", r"\1\n", prose(700, 17))
    assert all(passage.text.rstrip().endswith(".") for passage in cut("c", 1, text).passages[:-1])


@pytest.mark.parametrize("line", ["* * *", "***", "  *  *  *  "])
def test_a_line_of_three_stars_parts_scenes(line):
    """With spaces or without."""
    assert [joined(own) for own in windows(cut("c", 1, f"One.\n\n{line}\n\nTwo."))] == ["One.", "Two."]


@pytest.mark.parametrize("text", ["", "  \n\n ", "* * *", "\n* * *\n\n* * *\n"])
def test_nothing_gives_no_passages(text):
    """Empty chapters and empty scenes are no error."""
    assert cut("c", 1, text).passages == ()


def test_a_sentence_without_end_is_cut_between_words():
    """Text without any punctuation obeys the same bounds."""
    part = cut("c", 1, "wave " * 1000)
    assert sum(words(passage.text) for passage in part.passages) == 1000
    assert max(words(passage.text) for passage in part.passages) <= PASSAGE_WORDS


def test_a_word_is_never_cut():
    """Not even one with more pieces than a passage may have: it stands alone."""
    monster = "ha-" * 300
    assert monster in [passage.text.strip() for passage in cut("c", 1, f"{prose(100)} {monster} {prose(100)}").passages]


def test_signs_of_a_script_without_spaces_count_as_words():
    """Otherwise a chapter in it would be a passage of a few enormous words."""
    part = cut("c", 1, "海はとても静かだった。彼女は笑った。" * 60)
    assert "".join(passage.text for passage in part.passages) == "海はとても静かだった。彼女は笑った。" * 60
    assert max(words(passage.text) for passage in part.passages) <= PASSAGE_WORDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He ran. She sat.", ["He ran. ", "She sat."]),
        (
            "Mr. Verloc met Mrs. J. Hale of St. Bride’s. He bowed.",
            ["Mr. Verloc met Mrs. J. Hale of St. Bride’s. ", "He bowed."],
        ),
        ("“Stop!” she cried. “Now.” He did.", ["“Stop!” she cried. ", "“Now.” ", "He did."]),
        ("It was I. You knew.", ["It was I. ", "You knew."]),
        ("Well… perhaps. (No.) Yes?", ["Well… perhaps. ", "(No.) ", "Yes?"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, expected):
    """Titles and initials do not end them, closing quotes stay with them, and a cry may go on."""
    assert sentences(text) == expected


def test_pieces_are_reckoned_on_the_safe_side():
    """Signs count one each, long words several."""
    assert pieces("a cat") == 2
    assert pieces("“Oh!”") == 4
    assert pieces("incomprehensibilities") > 3
    assert pieces("море") == 4
