"""Keys of the cache."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from storage.cache.ports import key

parts = st.text(alphabet="ab:%/3A é\n", max_size=4)
keys = st.tuples(parts, parts, st.lists(parts, max_size=2).map(tuple))


@given(keys, keys)
@example(("a", "b:c", ()), ("a:b", "c", ()))
@example(("a", "b", ("c",)), ("a", "b:c", ()))
@example(("a", "b%3Ac", ()), ("a", "b:c", ()))
@example(("a", "b", ("",)), ("a", "b", ()))
def test_different_purposes_novels_and_parts_never_meet(one, other):
    """Whatever stands in them."""
    made = [key(purpose, novel_id, *rest) for purpose, novel_id, rest in (one, other)]
    assert (made[0] == made[1]) == (one == other)


def test_a_key_can_be_read():
    """By whoever looks into the cache."""
    assert key("chapters", "novel-1", 7) == "chapters:novel-1:7"
