"""The pattern language of the lexicon: clauses with slots, verbs to be inflected, and alternatives that can be counted.

A pattern is a finite grammar: ``[a|b]`` are alternatives, ``{P.o}`` a reference, ``<take>`` a verb, ``{_pool}`` a
phrase of a pool. Every way to say a pattern has a number from 0 to ``count`` - 1, and ``spelled`` gives the way of a
number, so that the chapters of a book can share out the ways and never say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from agents.models.storyteller.errors import UnreadableTask

_ATOM = re.compile(r"\{(_?)([A-Za-z]+)(?:\.([a-z]+))?\}|<(\+?)([a-z]+)([.*]?)>")


@dataclass(frozen=True)
class Slot:
    """A reference to what the teller binds: a person in a case, or a phrase."""

    role: str
    case: str = ""


@dataclass(frozen=True)
class Verb:
    """A finite verb: ``number`` is empty (as the last subject), ``.`` (singular) or ``*`` (plural)."""

    lemma: str
    perfect: bool = False
    number: str = ""


@dataclass(frozen=True)
class Pool:
    """Any phrase of a pool."""

    name: str


@dataclass(frozen=True)
class Choice:
    """One of several sequences."""

    options: tuple[tuple[Atom, ...], ...]


Atom = str | Slot | Verb | Pool | Choice
Pools = Callable[[str], tuple[str, ...]]


@lru_cache(maxsize=65536)
def parsed(pattern: str) -> tuple[Atom, ...]:
    """A pattern as its atoms.

    Raises:
        UnreadableTask: a bracket is not closed; a test reads the whole lexicon, so no reader ever sees this.
    """
    atoms, _ = _sequence(pattern, 0, 0)
    if any(isinstance(atom, str) and re.search(r"[\]|]", atom) for atom in atoms):
        raise UnreadableTask(f"The lexicon has a pattern with a stray bracket: {pattern!r}.")
    return atoms


def _sequence(text: str, at: int, depth: int) -> tuple[tuple[Atom, ...], int]:
    atoms: list[Atom] = []
    start = at
    while at < len(text) and not (depth and text[at] in "|]"):
        if text[at] == "[":
            atoms += _plain(text[start:at])
            choice, at = _choice(text, at + 1, depth + 1)
            atoms.append(choice)
            start = at
        else:
            at += 1
    return (*atoms, *_plain(text[start:at])), at


def _choice(text: str, at: int, depth: int) -> tuple[Choice, int]:
    options = []
    while True:
        option, at = _sequence(text, at, depth)
        options.append(option)
        if at >= len(text):
            raise UnreadableTask(f"The lexicon has a pattern with an open bracket: {text!r}.")
        at += 1
        if text[at - 1] == "]":
            return Choice(tuple(options)), at


def _plain(text: str) -> list[Atom]:
    atoms: list[Atom] = []
    at = 0
    for found in _ATOM.finditer(text):
        if found.start() > at:
            atoms.append(text[at : found.start()])
        pool, role, case, perfect, lemma, number = found.groups()
        if lemma:
            atoms.append(Verb(lemma, bool(perfect), number))
        else:
            atoms.append(Pool(role) if pool else Slot(role, case or ""))
        at = found.end()
    return [*atoms, *([text[at:]] if at < len(text) else [])]


class Grammar:
    """Patterns over the pools of a genre."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._counts: dict[Atom | tuple[Atom, ...], int] = {}

    def count(self, atoms: tuple[Atom, ...]) -> int:
        """In how many ways a pattern can be said, its references aside."""
        known = self._counts.get(atoms)
        if known is None:
            known = self._counts[atoms] = prod(map(self._ways, atoms))
        return known

    def _ways(self, atom: Atom) -> int:
        if isinstance(atom, Pool):
            return len(self._pools(atom.name))
        return sum(map(self.count, atom.options)) if isinstance(atom, Choice) else 1

    def spelled(self, atoms: tuple[Atom, ...], number: int) -> tuple[Atom, ...]:
        """The way of that number: only text, references and verbs are left."""
        out: list[Atom] = []
        for atom in atoms:
            ways = self._ways(atom)
            out += self._one(atom, number % ways) if ways > 1 or not isinstance(atom, str) else (atom,)
            number //= ways
        return tuple(out)

    def _one(self, atom: Atom, number: int) -> tuple[Atom, ...]:
        if isinstance(atom, Pool):
            return self.spelled(parsed(self._pools(atom.name)[number]), 0)
        if not isinstance(atom, Choice):
            return (atom,)
        for option in atom.options:
            if number < self.count(option):
                return self.spelled(option, number)
            number -= self.count(option)
        raise AssertionError("a number is below the count")


@lru_cache(maxsize=65536)
def roles(pattern: str) -> frozenset[str]:
    """The references that a pattern may need."""
    return frozenset(role for pool, role, *_ in _ATOM.findall(pattern) if role and not pool)


@lru_cache(maxsize=65536)
def whole_sentences(pattern: str) -> tuple[str, ...]:
    """A pattern of several sentences as one pattern for each; a sentence that begins inside a bracket stays in it."""
    depth = start = 0
    parts: list[str] = []
    for at, letter in enumerate(pattern):
        depth += (letter == "[") - (letter == "]")
        if letter == " " and not depth and at and pattern[at - 1] in ".?!":
            parts.append(pattern[start:at])
            start = at + 1
    return (*parts, pattern[start:])
