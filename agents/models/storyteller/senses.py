"""What a place gives the senses: every noun that belongs there, with what its class of things is like and does."""

from __future__ import annotations

from functools import cache
from random import Random

from agents.models.storyteller.grammar import plural
from agents.models.storyteller.lexicon import table

KEPT = 7
"""So much of what a class of things does is told in one short book."""


@cache
def seen(kind: str, seed: str, long: bool) -> list[str]:
    """Two patterns for each thing of a kind of place: with and without what it is like, and what it does."""
    classes = table("senses")["class"]
    return [
        _pattern(noun.strip(), _kept(name, classes[name], seed, long), like)
        for name, nouns in table("senses")["kind"][kind].items()
        if name in classes
        for noun in nouns.split(",")
        for like in (True, False)
    ]


def _kept(name: str, like: dict[str, list[str]], seed: str, long: bool) -> dict[str, list[str]]:
    """What a class is like and does, less of it in a short book, so that two books have less in common."""
    chance = Random(f"{seed}:{name}")  # noqa: S311  # stories
    return like if long else {key: chance.sample(one, min(KEPT, len(one))) for key, one in like.items()}


def _pattern(noun: str, kept: dict[str, list[str]], like: bool) -> str:
    """A thing, with or without what it is like, and what it does."""
    many, mass = noun.endswith("*"), noun.endswith("~")
    article = "[|the ]" if many else "the " if mass else "[a |the ]"
    adjectives = f"[{'|'.join(kept['adj'])}] " if like else ""
    does = "|".join(kept["does"])
    name = plural(noun.rstrip("*")) if many else noun.rstrip("~")
    return f"{article}{adjectives}{name} [{_many(does) if many else does}]"


def _many(does: str) -> str:
    return does.replace(".>", "*>").replace(" its ", " their ").replace(" itself", " themselves")


@cache
def listed(kind: str, name: str) -> list[str]:
    """What a kind of place has under a name: props, smells, spots."""
    return [one.strip() for one in table("senses")["kind"][kind][name].split(",")]
