"""Names, counts, digests and values."""

from __future__ import annotations

import copy
from functools import cached_property

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from story.base import Value, canonical_json, digest, slug, word_count


class Lantern(Value):
    """A value with something worked out."""

    oil: int = 0
    name: str = ""

    @cached_property
    def burning(self) -> bool:
        """Whether there is oil."""
        return self.oil > 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("The Dark Tower", "the-dark-tower"),
        ("  Éloïse's   Café ", "eloise-s-cafe"),
        ("---", slug("---")),
        ("Room 101!", "room-101"),
    ],
)
def test_slug_is_lower_case_letters_and_digits_joined_by_hyphens(name, expected):
    """A name becomes a short identifier."""
    assert slug(name) == expected
    assert slug(name) == slug(slug(name))


def test_names_without_latin_letters_keep_different_slugs():
    """Two Cyrillic names are two identifiers, stable and not empty."""
    assert slug("Анна") == slug("Анна") != slug("Иван")
    assert slug("Анна").isalnum()


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("One two  three.\n\nFour", 4), ("* * *", 0), ("it's 7 o'clock — now", 4), ("…", 0), ("Ёлка 9", 2)],
)
def test_words_are_counted_as_a_reader_does(text, count):
    """Dashes, ornaments and dots are no words."""
    assert word_count(text) == count


def test_digest_does_not_depend_on_the_order_of_keys():
    """The same value has the same digest however it was put together."""
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1}) != digest({"a": 1, "b": [2, 1]})
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_canonical_json_is_compact_and_keeps_letters():
    """No spaces, sorted keys, no escaped letters, no NaN."""
    assert canonical_json({"b": "é", "a": None}) == '{"a":null,"b":"é"}'
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json(float("nan"))


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.booleans()))
def test_digest_is_64_hexadecimal_digits(value):
    """Law: any JSON-able value has a digest of one form."""
    assert len(digest(value)) == 64
    assert set(digest(value)) <= set("0123456789abcdef")


def test_values_are_frozen_strip_spaces_and_refuse_unknown_fields():
    """A value is what it was declared to be."""
    assert Lantern(name="  lit ").name == "lit"
    with pytest.raises(ValidationError, match="frozen"):
        Lantern().oil = 1  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Lantern(wick=1)  # type: ignore[call-arg]


def test_a_changed_copy_works_its_properties_out_anew():
    """What was worked out of the old fields does not stick to a copy with new ones."""
    full = Lantern(oil=3)
    assert full.burning
    assert not full.model_copy(update={"oil": 0}).burning
    assert "burning" not in copy.copy(full).__dict__
    assert full.burning
