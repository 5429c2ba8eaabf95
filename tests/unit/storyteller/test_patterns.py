"""The pattern language: what is read is what is meant, and every way to say a pattern has its own number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.storyteller.errors import UnreadableTask
from agents.models.storyteller.lexicon import GENERAL, genres, pools_of, table
from agents.models.storyteller.patterns import Choice, Grammar, Pool, Slot, Verb, parsed
from agents.models.storyteller.wording import Dealer

PHRASES = {"hour": ("noon", "nine")}
GRAMMAR = Grammar(PHRASES.__getitem__)

words = st.text("abc ", min_size=1, max_size=4)
patterns = st.recursive(
    words,
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"[{'|'.join(parts)}]x"),
    max_leaves=8,
)


def test_a_pattern_is_read_as_its_atoms() -> None:
    """Text, references with their case, verbs with their number, pools and alternatives."""
    assert parsed("{P} <+take> {O.p} [hat|<go.>] at {_hour}") == (
        Slot("P"), " ", Verb("take", perfect=True), " ", Slot("O", "p"), " ",
        Choice((("hat",), (Verb("go", number="."),))), " at ", Pool("hour"),
    )  # fmt: skip


@pytest.mark.parametrize("pattern", ["[a|b", "a]b", "a|b]"])
def test_a_stray_bracket_is_an_error(pattern: str) -> None:
    """A pattern that is not closed names itself."""
    with pytest.raises(UnreadableTask, match="bracket"):
        parsed(pattern)


@given(patterns)
def test_every_number_is_another_choice(pattern: str) -> None:
    """There are as many ways as are counted: no two numbers choose the same alternatives."""
    numbered = iter(range(10_000))
    marked = re.sub(r"[abc]", lambda found: f"{found[0]}{next(numbered)}", pattern)
    atoms = parsed(marked)
    ways = ["".join(map(str, GRAMMAR.spelled(atoms, n))) for n in range(GRAMMAR.count(atoms))]

    blank = pattern.count(" ") > 0
    assert blank or len(set(ways)) == len(ways)


@given(st.integers(1, 60), st.integers(1, 500))
def test_chapters_share_out_the_ways(of: int, count: int) -> None:
    """No way to say a pattern belongs to two chapters, and every one belongs to one."""
    owned = [list(Dealer("seed", chapter, of).ways("key", count)) for chapter in range(1, of + 1)]

    assert sorted(way for ways in owned for way in ways) == list(range(count))


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list | dict):
        for one in node.values() if isinstance(node, dict) else node:
            yield from _strings(one)


@pytest.mark.parametrize("name", [*genres(), *GENERAL, "senses", "plot"])
def test_the_whole_lexicon_can_be_read(name: str) -> None:
    """Every string of every file is a pattern whose pools exist, in every genre that may use it."""
    used = genres() if name in (*GENERAL, "senses", "plot") else (name,)
    for text in _strings(table(name)):
        for one in used:
            assert Grammar(pools_of(one)).count(parsed(text)) > 0
