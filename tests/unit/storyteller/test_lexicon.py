"""The lexicon: every genre has what the tellers ask of it, and every list that the code names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import agents.models.storyteller as package
from agents.models.storyteller.grammar import form
from agents.models.storyteller.lexicon import genres, lines, strings, table
from agents.models.storyteller.patterns import roles

FOLDER = Path(package.__file__).parent
LISTS = ("places", "items", "roles", "settings", "eras", "terms", "nights", "oaths", "customs", "similes", "around")
DEEDS = {
    "search": ("begin", "sift", "risk", "find"), "follow": ("begin", "trail", "risk", "end"),
    "enter": ("begin", "inside", "risk", "find"), "strike": ("sudden", "fight", "hurt", "after"),
    "theft": ("before", "missing", "trace", "after"), "gather": ("begin", "hush", "rise", "end"),
}  # fmt: skip
LEGS = {"night": "VLN", "thing": "ACYL", "price": "AC", "guilt": "AN", "trace": "LA"}
SPOKEN = ("sign", "refuse", "press", "hold", "turn", "give", "after", "note")


@pytest.mark.parametrize("genre", genres())
def test_a_genre_has_its_own_world_and_deeds(genre: str) -> None:
    """Lists, deeds by phases, wrongs, legs, set pieces and titles of its own."""
    own = table(genre)

    assert [name for name in LISTS if len(own[name]) < 6] == []
    assert [(deed, phase) for deed, phases in DEEDS.items() for phase in phases if len(own[deed][phase]) < 5] == []
    assert len(own["wrong"]) >= 5
    assert len(own["set"]) >= 3
    assert all(
        len(own["titles"][kind]) >= 5 for kind in ("open", "ask", "search", "follow", "enter", "confront", "book")
    )


@pytest.mark.parametrize("genre", genres())
def test_a_leg_names_whom_and_what_it_links(genre: str) -> None:
    """Every fact of a strand has the slots by which it leads on."""
    legs = table(genre)["legs"]

    assert [(kind, one) for kind, needed in LEGS.items() for one in legs[kind] if not set(needed) <= roles(one)] == []


@pytest.mark.parametrize("reason", strings("plot", "words", "reasons"))
def test_every_reason_has_its_talk(reason: str) -> None:
    """Whoever has a reason not to speak has words for each turn of the interview, and so has whoever asks."""
    assert [part for part in SPOKEN if len(lines(f"{reason}.{part}")) < 6] == []
    assert strings("plot", "obstacles", reason)


def test_every_list_that_the_code_names_is_there() -> None:
    """A path in the code is a path in the lexicon."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    named = set(re.findall(r'"([a-z_]+\.[a-z]+)"', code))
    sections = {path.partition(".")[0] for path in named}

    known = {
        name
        for name in sections
        if any(name in table(file) for file in ("narration", "effects", "naming", "talk_a", "talk_b", "talk_c"))
    }
    assert {path for path in named if path.partition(".")[0] in known and not lines(path)} == set()
    assert {"confer", "confront", "rival", "mend", "plea", "moves"} <= known


def test_every_verb_is_given_by_its_base_form() -> None:
    """No verb of a pattern is an inflected form, which would be inflected again."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (FOLDER / "lexicon").glob("*.toml"))
    verbs = set(re.findall(r"<\+?([a-z]+)[.*]?>", text)) - {"be", "have", "do", "will", "can", "bound"}
    participles = {form(verb, "part") for verb in verbs}

    assert {verb for verb in verbs & participles if form(verb, "part") == f"{verb}ed"} == set()
