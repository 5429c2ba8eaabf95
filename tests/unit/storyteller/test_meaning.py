"""Meaning in plain words: what was planned is understood again, and told in another tense and by another mouth."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.models.storyteller.lexicon import genres, pools_of, table
from agents.models.storyteller.meaning import PERSONS, Clause, Names, Ref, opaque, stated, understood
from agents.models.storyteller.patterns import Grammar, parsed, roles
from agents.models.storyteller.surface import Mouth, Person, Surface
from agents.models.storyteller.wording import Dealer

NORA, LEON, ADA = Person("nora", "Nora", "she"), Person("leon", "Leon", "he"), Person("ada", "Ada", "she")
FATHER = Person("father", "Nora’s father", "he", kin="father", of="nora")
PEOPLE = {one.id: one for one in (NORA, LEON, ADA, FATHER)}
NAMES = Names(tuple((one.name, one.id) for one in PEOPLE.values()))
POOLS = pools_of("mystery")
PATTERN = "{W} <see> {V} leave {L} [alone|in haste] and <take> the way to {N}"
BOUND = {"W": "Leon", "V": "Nora’s father", "L": "the mill", "N": "the tower"}


def surface(view: Person = NORA, present: bool = False) -> Surface:
    """The surface of a chapter seen by somebody."""
    people = PEOPLE | {view.id: view}
    return Surface(Grammar(POOLS), Dealer("seed", 1, 3), people, present, "")


def fact(pattern: str = PATTERN, **bound: str) -> Clause:
    """A fact as a plan says it, understood again."""
    gender = {"W": "he", "V": "he", "A": "she"}
    text = stated(Grammar(POOLS).spelled(parsed(pattern), 0), BOUND | bound, gender)
    return understood(text, (pattern,), NAMES, POOLS)


def test_a_planned_fact_is_understood_again() -> None:
    """Who does it to whom stands in the clause, by id."""
    assert fact().people == ("leon", "father")


def test_a_text_of_somebody_else_is_told_as_it_stands() -> None:
    """What no pattern made is opaque, and fits into a sentence."""
    clause = understood("The moon is made of salt.", (PATTERN,), NAMES, POOLS)

    assert clause == opaque("The moon is made of salt.")
    assert surface().clause(clause, None) == "the moon is made of salt"


@pytest.mark.parametrize(
    ("present", "mouth", "told"),
    [
        (False, None, "Leon had seen Nora’s father leave the mill alone and taken the way to the tower"),
        (True, None, "Leon saw Nora’s father leave the mill alone and took the way to the tower"),
        (False, Mouth(LEON, NORA), "I saw your father leave the mill alone and took the way to the tower"),
        (False, Mouth(NORA, LEON), "you saw my father leave the mill alone and took the way to the tower"),
        (False, Mouth(ADA, NORA), "Leon saw your father leave the mill alone and took the way to the tower"),
    ],
)
def test_a_fact_is_told_by_whoever_tells_it(present: bool, mouth: Mouth | None, told: str) -> None:
    """Before the past of the narration, in the past of speech, with I and you where they belong."""
    text = surface(present=present).clause(fact(), mouth)

    assert text.replace("in haste", "alone").replace("her father", "Nora’s father") == told


def test_the_narrator_of_the_first_person_is_in_its_facts() -> None:
    """Where the narrator is somebody, facts about that person say "I"."""
    me = Person("nora", "Nora", "she", speaker=True)
    clause = understood("Leon saw Nora leave the mill alone and took the way to the tower.", (PATTERN,), NAMES, POOLS)

    assert surface(me).clause(clause, None).startswith("Leon had seen me leave") or clause.people == ("leon", "nora")


LEGS = [(genre, pattern) for genre in genres() for pool in table(genre)["legs"].values() for pattern in pool]


@settings(deadline=None)
@given(st.sampled_from(LEGS), st.integers(0, 10_000))
def test_every_leg_of_every_genre_is_understood_again(leg: tuple[str, str], number: int) -> None:
    """Law: whatever way a fact is said, its people are found in it again."""
    genre, pattern = leg
    pools = pools_of(genre)
    grammar = Grammar(pools)
    atoms = grammar.spelled(parsed(pattern), number % grammar.count(parsed(pattern)))
    people = dict(zip(sorted(roles(pattern) & PERSONS), ("Leon", "Ada", "Nora"), strict=False))
    gender = {slot: {"Leon": "he"}.get(name, "she") for slot, name in people.items()}
    bound = dict.fromkeys(roles(pattern), "the mill") | people
    clause = understood(stated(atoms, bound, gender), (pattern,), NAMES, pools)

    assert {part.person for part in clause.parts if isinstance(part, Ref)} == {name.lower() for name in people.values()}
