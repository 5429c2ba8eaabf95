"""The past of a book: one old wrong, and the leads by which it can be traced, each because of the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from agents.models.storyteller.casting import Parts, pronoun, short_name
from agents.models.storyteller.lexicon import pools_of, strings, table
from agents.models.storyteller.meaning import PERSONS, stated
from agents.models.storyteller.patterns import Grammar, parsed, roles
from story.cast import Character
from story.world import Item, Place, World

THING, PRICE = 0.3, 0.3
"""The shares of the leads that trace the way of the thing and the money; the rest trace the last hours."""


@dataclass(frozen=True)
class Lead:
    """One step of the search: how, where and from whom it is had, the question, the fact, and what that points to."""

    how: str
    place: Place
    source: Character | None
    question: str
    topic: str
    key: str
    fact: str
    points: str


@dataclass
class Past:
    """What happened before the book begins, said in sentences made of the genre's patterns."""

    genre: str
    world: World
    parts: Parts
    item: Item
    proof: Item
    night: str
    chance: Random
    wrong: dict[str, Any] = field(init=False)
    site: Place = field(init=False)
    lair: Place = field(init=False)

    def __post_init__(self) -> None:
        self.wrong = self.chance.choice(table(self.genre)["wrong"])
        every = pools_of(self.genre)
        self._grammar = Grammar(lambda key: (self.night,) if key == "night" else every(key))
        self._used: set[tuple[str, int]] = set()
        self._keys: set[str] = set()
        homes = {one.home: one for one in self.parts.witnesses}
        places = list(self.world.places)
        self.lair = next((one for one in places if one.id == self.parts.rival.home), places[-1])
        free = [one for one in places if one.id not in homes and one != self.lair] or places
        self.site = next((one for one in places[:3] if one in free), free[0])

    # --- sentences -------------------------------------------------------------------------------------------------

    def said(self, pattern: str, **bound: Any) -> str:
        """A pattern as a plain sentence, without its end."""
        every = self._bound() | bound
        names = {
            key: short_name(one.name) if isinstance(one, Character) else getattr(one, "name", one)
            for key, one in every.items()
        }
        gender = {key: pronoun(one) for key, one in every.items() if isinstance(one, Character) and key in PERSONS}
        atoms = parsed(pattern)
        way = self.chance.randrange(self._grammar.count(atoms))
        return stated(self._grammar.spelled(atoms, way), names, gender)

    def _bound(self) -> dict[str, Any]:
        parts = self.parts
        return {
            "P": parts.hero,
            "R": parts.rival,
            "B": parts.between,
            "H": parts.helper,
            "V": parts.gone or parts.hero,
            "X": self.item,
            "Y": self.proof,
            "L": self.site,
            "M": self.lair,
            "night": self.night,
        }

    def sentence(self, pattern: str, **bound: Any) -> str:
        """A pattern as a sentence."""
        text = self.said(pattern, **bound)
        return f"{text[:1].upper()}{text[1:]}."

    @property
    def whose(self) -> str:
        """The question of the book, as a noun clause."""
        return self.said(self.wrong["whose"])

    # --- the leads -------------------------------------------------------------------------------------------------

    def leads(self, wanted: int) -> list[Lead]:
        """So many leads, from the first trace to the one who stood between."""
        closing = [self._enter(), self._confess()][-min(2, max(1, wanted - 2)) :] if wanted > 1 else [self._confess()]
        rest = wanted - len(closing)
        return [*self._strands(rest), *closing] if rest else closing

    def _strands(self, wanted: int) -> Iterator[Lead]:
        sizes = _shared(wanted)
        witnesses = self._round(self.parts.witnesses)
        first = next(witnesses)
        yield from self._night(sizes["night"], first, witnesses)
        suspect = next(witnesses)
        if sizes["trace"]:
            yield self._trace(suspect)
        for kind, make in (("thing", self._thing), ("price", self._price)):
            for n in range(sizes[kind]):
                last = kind == "price" and n == sizes[kind] - 1
                following = self.parts.between if last else next(witnesses)
                yield make(suspect, following)
                suspect = following if not last else suspect
        for n in range(sizes["guilt"]):
            yield self._guilt(self.parts.between, n)

    def _round(self, people: tuple[Character, ...]) -> Iterator[Character]:
        order = self.chance.sample(people, len(people))
        while True:
            yield from order

    def _home(self, who: Character) -> Place:
        return next((one for one in self.world.places if one.id == who.home), self.site)

    def _night(self, steps: int, first: Character, witnesses: Iterator[Character]) -> Iterator[Lead]:
        who = first
        for n in range(steps):
            following = next(witnesses)
            here, ahead = self._home(who), self.site if n == steps - 1 else self._home(following)
            key, fact = self._fact("night", W=who, L=here, N=ahead)
            question = self._question("night", L=here)
            yield Lead("ask", here, who, question, self.night, key, fact, ahead.id if n == steps - 1 else following.id)
            who = following

    def _trace(self, suspect: Character) -> Lead:
        key, fact = self._fact("trace", A=suspect, L=self.site)
        return Lead("search", self.site, None, self._question("trace"), self.site.name, key, fact, suspect.id)

    def _thing(self, who: Character, following: Character) -> Lead:
        here = self._home(who)
        key, fact = self._fact("thing", A=who, C=following, L=here)
        return Lead("ask", here, who, self._question("thing", L=here), self.proof.name, key, fact, following.id)

    def _price(self, who: Character, payer: Character) -> Lead:
        here = self._home(who)
        key, fact = self._fact("price", A=payer, C=who)
        return Lead("ask", here, who, self._question("price", C=who), "the money", key, fact, payer.id)

    def _guilt(self, who: Character, number: int) -> Lead:
        there = self.lair if number == 0 else self.site
        key, fact = self._fact("guilt", A=who, N=there)
        return Lead(
            "follow", self._home(who), who, self._question("guilt", A=who), short_name(who.name), key, fact, there.id
        )

    def _enter(self) -> Lead:
        fact = self.sentence(self.wrong["motive"])
        return Lead(
            "enter",
            self.lair,
            None,
            self._question("motive"),
            self.lair.name,
            "the-motive",
            fact,
            self.parts.between.id,
        )

    def _confess(self) -> Lead:
        who = self.parts.between
        return Lead(
            "confess",
            self._home(who),
            who,
            self._question("part"),
            self.night,
            "the-part",
            self.sentence(self.wrong["part"]),
            self.parts.rival.id,
        )

    def _fact(self, kind: str, **bound: Any) -> tuple[str, str]:
        """A leg of that kind that fits what is bound and has not been used, with its id."""
        patterns = table(self.genre)["legs"][kind]
        order = self.chance.sample(range(len(patterns)), len(patterns))
        have = self._bound() | bound
        fit = [n for n in order if roles(patterns[n]) <= have.keys() and (kind, n) not in self._used] or order
        number = fit[0]
        self._used.add((kind, number))
        again = next(n for n in count() if f"{kind}-{number}-{n}" not in self._keys)
        self._keys.add(key := f"{kind}-{number}-{again}")
        return key, self.sentence(patterns[number], **bound)

    def _question(self, kind: str, **bound: Any) -> str:
        return self.said(self.chance.choice(strings("plot", "questions", kind)), **bound)


def _shared(wanted: int) -> dict[str, int]:
    """How many of the leads go to each strand."""
    extra = {"trace": int(wanted > 1), "guilt": 0 if wanted < 6 else 1 if wanted < 16 else 2}
    rest = wanted - sum(extra.values())
    price = round(rest * PRICE) if rest > 2 else 0
    thing = round(rest * THING) if rest > 1 else 0
    return extra | {"night": rest - price - thing, "thing": thing, "price": price}
