"""The lexicon: TOML files beside this module, read once and only when asked for."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The lexicon file of that name."""
    return tomllib.loads((files(__package__) / "lexicon" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def words(name: str, section: str, key: str) -> tuple[str, ...]:
    """A list of words that a lexicon file keeps as one line."""
    return tuple(table(name)[section][key].split())


@cache
def heads() -> dict[str, tuple[str, str]]:
    """Nouns the premise reader knows: word → (category, kind), as in ``harbour → (places, harbour)``."""
    own = dict.fromkeys(table("naming")["things"]["named"].split(), ("things", "portable"))
    return own | {
        word: (category, kind)
        for category in ("things", "places", "people")
        for kind, line in table("words")[category].items()
        for word in line.split()
    }


def genre(name: str) -> dict[str, Any]:
    """What the lexicon knows of a genre, by its own name."""
    found: dict[str, Any] = table("genres")[name]
    return found
