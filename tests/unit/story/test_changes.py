"""Typed changes to canon, and the words that prove them."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from story import changes
from story.changes import Change, Dies, Gives, Meets, OpensPromise, Tells, actors, quoted
from story.chapter import Chapter, Chronicle

KINDS = get_args(get_args(Change)[0])
ANY = TypeAdapter(Change)
EVERY_CHANGE = st.one_of(*(st.from_type(kind) for kind in KINDS))


def test_there_are_fifteen_kinds_each_with_a_name_of_its_own():
    """The union is closed."""
    names = [kind.model_fields["kind"].default for kind in KINDS]
    assert len(set(names)) == len(KINDS) == 15


@given(EVERY_CHANGE)
def test_a_change_survives_json(change):
    """Law: what is written is read back as the same kind and value."""
    assert ANY.validate_json(ANY.dump_json(change)) == change


@pytest.mark.parametrize("wrong", [{"kind": "flies", "character": "m"}, {"kind": "dies"}, {"character": "m"}])
def test_a_change_of_no_known_form_is_refused(wrong):
    """An unknown kind, a missing field, a missing kind."""
    with pytest.raises(ValidationError):
        ANY.validate_python(wrong)


def test_scenes_count_from_one():
    """There is no scene 0."""
    with pytest.raises(ValidationError):
        Dies(character="m", scene=0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Gives(character="a", receiver="b", item="x"), ("a", "b")),
        (Tells(character="a", listener="b", fact="f"), ("a", "b")),
        (Meets(character="a", other="b"), ("a", "b")),
        (OpensPromise(promise="p"), ()),
    ],
)
def test_who_acts_stands_first(change, expected):
    """Everybody whom a change names, and nobody else."""
    assert actors(change) == expected


TEXT = "She said:\n“I won’t   go.”\n\nHe nodded, and left."


@pytest.mark.parametrize(
    "quote", ['"I won\'t go."', "“I won’t go.”", "She said: “I", "He nodded,\nand left.", "  He nodded  "]
)
def test_a_quote_stands_in_the_text_whatever_its_marks_and_breaks(quote):
    """Straight for curly quotation marks and any white space."""
    assert quoted(quote, TEXT)


@pytest.mark.parametrize("quote", ["", "   ", "he nodded", "I will go.", "He nodded and left."])
def test_other_words_do_not_stand_in_the_text(quote):
    """Nothing, other letters, other words, other commas."""
    assert not quoted(quote, TEXT)


@given(st.text(min_size=1), st.text(), st.text())
def test_every_part_of_a_text_is_quoted_by_it(part, before, after):
    """Law: what stands in a text is found in it."""
    folded = changes._folded(part)
    assert quoted(part, f"{before} {part} {after}") == bool(folded)


def test_a_chronicle_is_proven_by_its_text():
    """Changes whose quote the text holds stay, in order; the others are handed back."""
    there = Dies(character="a", quote="A died.")
    also = Dies(character="c", quote="C  died.")
    nowhere = Dies(character="b", quote="B died.")
    unquoted = Dies(character="d")
    told = Chronicle(summary="Two died.", changes=(there, nowhere, also, unquoted))
    proven, dropped = told.proven_by("A died. C\ndied.")
    assert proven == Chronicle(summary="Two died.", changes=(there, also))
    assert dropped == (nowhere, unquoted)


def test_a_chapter_counts_its_words():
    """Ornaments between scenes do not count."""
    assert Chapter(id="c", title="T", text="One two.\n\n* * *\n\nThree.", chronicle=Chronicle(summary="s")).words == 3
