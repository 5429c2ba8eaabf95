"""Meaning kept in plain words: clauses that are planned from patterns, and understood again from their text.

A plan is made of English sentences, since only they reach the other agents. Every one of them was made from a pattern
of the lexicon; matching it against that pattern gives back who does what, so that it can be told in another tense, by
another mouth, as a statement or inside another sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from agents.models.storyteller.grammar import form, with_articles
from agents.models.storyteller.patterns import Atom, Choice, Pool, Pools, Slot, Verb, parsed

PERSONS = frozenset("POSTVRBHWAC")
"""The slots that stand for somebody."""


@dataclass(frozen=True)
class Ref:
    """Somebody in a clause, by id, in a grammatical case."""

    person: str
    case: str = ""


@dataclass(frozen=True)
class Clause:
    """A clause as its parts: text, people, and verbs that any tense may be given to.

    ``slots`` are what the slots of its pattern stand for; ``now`` says that it holds still when it is told.
    """

    parts: tuple[str | Ref | Verb, ...]
    text: str
    slots: tuple[tuple[str, str | Ref], ...] = ()
    now: bool = False

    @property
    def people(self) -> tuple[str, ...]:
        """The ids of whom it names, in order."""
        return tuple(dict.fromkeys(part.person for part in self.parts if isinstance(part, Ref)))

    @property
    def whole(self) -> Clause:
        """The clause as a sentence of its own."""
        first, *rest = self.parts
        begun = first[:1].upper() + first[1:] if isinstance(first, str) else first
        return replace(self, parts=(begun, *rest, "."))


def opaque(text: str) -> Clause:
    """A sentence of somebody else's, which is told as it stands."""
    return Clause((text.strip().rstrip("."),), text)


def understood(text: str, patterns: tuple[str, ...], names: Names, pools: Pools) -> Clause:
    """The clause of a text that was made from one of these patterns; an opaque one where none fits."""
    bare = text.strip().rstrip(".")
    for pattern in patterns:
        regex, groups = _inverse(pattern, names, pools)
        if found := regex.fullmatch(bare):
            parts = [part for part in _parts(bare, found, groups, names) if part]
            if isinstance(parts[0], str):
                parts[0] = parts[0][:1].lower() + parts[0][1:]
            return Clause(tuple(parts), text, tuple(_slots(found, groups, names).items()))
    return opaque(text)


def meant(atoms: tuple[Atom, ...], slots: Mapping[str, str | Ref]) -> Clause:
    """The clause of a spelled pattern, with what each slot stands for."""
    return Clause(tuple(_meant(atom, slots) for atom in atoms), "")


def _meant(atom: Atom, slots: Mapping[str, str | Ref]) -> str | Ref | Verb:
    if isinstance(atom, Slot):
        value = slots[atom.role]
        return Ref(value.person, atom.case) if isinstance(value, Ref) else value
    assert isinstance(atom, str | Verb), "a spelled pattern has no choices left"
    return atom


@dataclass(frozen=True)
class Names:
    """What people are called: pairs of name and id."""

    pairs: tuple[tuple[str, str], ...]

    def id(self, name: str) -> str:
        """Whose name it is."""
        return next((key for one, key in self.pairs if one.lower() == name.lower()), "")

    @property
    def pattern(self) -> str:
        """All names as alternatives, the longest first."""
        return "|".join(re.escape(name) for name, _ in sorted(self.pairs, key=lambda pair: -len(pair[0]))) or "(?!)"


_PRONOUNS = {"": "she|he", "he": "she|he", "o": "her|him", "p": "her|his", "ps": "hers|his", "r": "herself|himself"}


@lru_cache(maxsize=8192)
def _inverse(pattern: str, names: Names, pools: Pools) -> tuple[re.Pattern[str], tuple[tuple[str, Slot | Verb], ...]]:
    groups: list[tuple[str, Slot | Verb]] = []
    body = "".join(_regex(parsed(pattern), groups, names, pools))
    return re.compile(body.replace(r"\ a\ ", r"\ an?\ "), re.IGNORECASE), tuple(groups)


def _regex(atoms: tuple[Atom, ...], groups: list[tuple[str, Slot | Verb]], names: Names, pools: Pools) -> Iterator[str]:
    for atom in atoms:
        key = f"g{len(groups)}"
        match atom:
            case str():
                yield re.escape(atom)
            case Choice():
                yield f"(?:{'|'.join(''.join(_regex(one, groups, names, pools)) for one in atom.options)})"
            case Pool(name="night"):
                # The night of the wrong may be the premise's own.
                yield "(?:.+?)"
            case Pool():
                phrases = ("".join(_regex(parsed(phrase), groups, names, pools)) for phrase in pools(atom.name))
                yield f"(?:{'|'.join(phrases)})"
            case Verb():
                groups.append((key, atom))
                had = f"had {form(atom.lemma, 'part')}"
                past = "was|were" if atom.lemma == "be" else re.escape(form(atom.lemma, "past"))
                yield f"(?P<{key}>{had if atom.perfect else past})"
            case Slot() if atom.role in PERSONS:
                groups.append((key, atom))
                owned = "[’']s" if atom.case in ("p", "ps") else ""
                yield f"(?P<{key}>(?:{names.pattern}){owned}|{_PRONOUNS.get(atom.case, 'she|he')})"
            case Slot():
                groups.append((key, atom))
                yield f"(?P<{key}>.+?)"


Groups = tuple[tuple[str, Slot | Verb], ...]


def _slots(found: re.Match[str], groups: Groups, names: Names) -> dict[str, str | Ref]:
    """What each slot of a pattern stands for in a text: somebody by id, or the words themselves."""
    slots: dict[str, str | Ref] = {}
    for group, slot in groups:
        if isinstance(slot, Slot) and found[group]:
            key = names.id(re.sub(r"[’']s$", "", found[group])) if slot.role in PERSONS else ""
            value = Ref(key) if key else found[group]
            if slot.role not in slots or key:
                slots[slot.role] = value
    return slots


def _parts(text: str, found: re.Match[str], groups: Groups, names: Names) -> Iterator[str | Ref | Verb]:
    slots = _slots(found, groups, names)
    at = 0
    for group, atom in sorted(groups, key=lambda one: found.start(one[0])):
        if not found[group]:
            continue
        yield text[at : found.start(group)]
        at = found.end(group)
        known = slots.get(atom.role) if isinstance(atom, Slot) else None
        yield (
            atom if isinstance(atom, Verb) else Ref(known.person, atom.case) if isinstance(known, Ref) else found[group]
        )
    yield text[at:]


def stated(atoms: tuple[Atom, ...], bound: Mapping[str, str], gender: Mapping[str, str]) -> str:
    """A spelled pattern as a plain sentence of the past, with every person by name and then, where clear, by pronoun.

    ``bound`` gives names of people, places and things by slot; ``gender`` the pronoun of those who are people.
    """
    out: list[str] = []
    named: dict[str, str] = {}
    for atom in atoms:
        match atom:
            case str():
                out.append(atom)
            case Verb() if atom.perfect:
                out.append(f"had {form(atom.lemma, 'part')}")
            case Verb():
                out.append(form(atom.lemma, "pastp" if atom.number == "*" else "past3"))
            case Slot() if atom.role in gender:
                out.append(_named(bound[atom.role], atom.case, gender[atom.role], named))
            case Slot():
                out.append(bound[atom.role])
    text = with_articles(re.sub(r"\s+", " ", "".join(out)).strip())
    return re.sub(r"\s+([,.;:])", r"\1", text)


_FORMS = {"she": ("she", "her", "her", "hers", "herself"), "he": ("he", "him", "his", "his", "himself")}


def _named(name: str, case: str, gender: str, named: dict[str, str]) -> str:
    """A name, or a pronoun where this one has been named in the clause and nobody it could be taken for."""
    forms = dict(zip(("", "o", "p", "ps", "r"), _FORMS[gender], strict=True))
    known = name in named and list(named.values()).count(gender) == 1
    named[name] = gender
    if case in ("r", "he") or known:
        return forms["" if case in ("he", "n") else case]
    return f"{name}’s" if case in ("p", "ps") else name
