"""The lexicon: TOML files beside this module, read once and only when asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

GENERAL = ("openings", "thoughts", "narration", "effects", "naming", "talk_a", "talk_b", "talk_c")
"""The files of every genre's telling; a list that stands in several is all of them together."""


FEWEST, SHARE = 8, 0.4
"""Of a pool a short book uses this share, but at least so many phrases."""


@cache
def table(name: str) -> dict[str, Any]:
    """The lexicon file of that name, with typographic apostrophes."""
    text = (files(__package__) / "lexicon" / f"{name}.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = _typeset(tomllib.loads(text))
    return found


def _typeset(node: Any) -> Any:
    if isinstance(node, str):
        return node.replace("'", "’")
    if isinstance(node, list):
        return [_typeset(one) for one in node]
    return {key: _typeset(one) for key, one in node.items()} if isinstance(node, dict) else node


@cache
def words(name: str, section: str, key: str) -> tuple[str, ...]:
    """A list of words that a lexicon file keeps as one line."""
    return tuple(table(name)[section][key].split())


def strings(name: str, section: str, key: str) -> list[str]:
    """A list of a lexicon file."""
    found: list[str] = table(name)[section][key]
    return found


@cache
def lines(path: str) -> tuple[str, ...]:
    """The patterns under a path such as ``look.first`` or ``arrive``, whichever general file has them.

    Raises:
        KeyError: no file has them; a test asks for every path that the code names.
    """
    section, _, key = path.partition(".")
    found = [
        patterns for name in GENERAL if section in (one := table(name)) and (patterns := _listed(one[section], key))
    ]
    if not found:
        raise KeyError(path)
    return tuple(dict.fromkeys(pattern for patterns in found for pattern in patterns))


def _listed(section: Any, key: str) -> list[str]:
    """A list of a section, or the only one of a section that is nothing else."""
    if isinstance(section, list):
        return section if not key else []
    found: list[str] = section.get(key, []) if key else next(iter(section.values()))
    return found


@cache
def genres() -> tuple[str, ...]:
    """The genres there are, in the order in which they are tried."""
    return tuple(table("genres"))


def genre(name: str) -> dict[str, Any]:
    """What the lexicon knows of a genre, by its own name."""
    return table(name)


@cache
def pools_of(name: str) -> Callable[[str], tuple[str, ...]]:
    """The phrases of a genre by the name of their pool: its own first, then the general ones."""
    own = table(name)
    general = {key: one for file in ("senses", *GENERAL) for key, one in table(file).get("pool", {}).items()}
    kept = {"night": "nights", "simile": "similes", "oath": "oaths"}
    every = general | {key: own[place] for key, place in kept.items()} | own.get("pool", {})

    def pool(key: str) -> tuple[str, ...]:
        return tuple(every[key])

    return pool


@cache
def pools_of_book(name: str, seed: str) -> Callable[[str], tuple[str, ...]]:
    """The phrases of a genre that one short book uses: a share of each pool, so that two books have less in common."""
    every = pools_of(name)

    @cache
    def pool(key: str) -> tuple[str, ...]:
        phrases = every(key)
        few = max(min(len(phrases), FEWEST), round(len(phrases) * SHARE))
        return tuple(Random(f"{seed}:{key}").sample(phrases, few))  # noqa: S311  # stories

    return pool


@cache
def first_names() -> dict[str, str]:
    """Every first name that the lexicon knows, with its pronoun."""
    tables = [table(name)["names"] for name in genres()] + list(table("names").values())
    return {name: part for one in tables for part in ("she", "he") for name in one.get(part, "").split()}


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
