"""From patterns to sentences: references that are clear, verbs that agree, clauses joined, lengths varied."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from agents.models.storyteller.grammar import finite, form, perfect, sentence
from agents.models.storyteller.meaning import Clause, Ref
from agents.models.storyteller.patterns import Atom, Grammar, Slot, Verb, parsed, roles, whole_sentences
from agents.models.storyteller.wording import Dealer, Memory, bare

FORMS = {"she": ("she", "her", "her", "hers", "herself"), "he": ("he", "him", "his", "his", "himself")}
SPEAKER = ("I", "me", "my", "mine", "myself")
LISTENER = ("you", "you", "your", "yours", "yourself")
CASES = {"": 0, "he": 0, "n": 0, "o": 1, "p": 2, "ps": 3, "r": 4}

LENGTHS = ((0.34, 3, 7), (0.26, 8, 14), (0.4, 18, 38))
"""How sentences vary: the share of short, middling and long ones, with the words that each aims at."""

SHORT = 5
"""A sentence of fewer words may be said in any chapter; with a tag it still has fewer than eight."""

TRIED, WAYS = 5, 3
"""So many patterns are compared for a sentence, each said in so many ways."""

UNFIT, PATIENT = 40.0, 200.0
"""A sentence that repeats so much is not said; where a list has been used up, only one that has stood before is not."""


@dataclass(frozen=True)
class Person:
    """Somebody as the telling needs them; ``kin`` is set for one who is only known as somebody's relative."""

    id: str
    name: str
    gender: str
    speaker: bool = False
    kin: str = ""
    of: str = ""

    @property
    def forms(self) -> tuple[str, ...]:
        """The pronouns: nominative, object, possessive, possessive alone, reflexive."""
        return SPEAKER if self.speaker else FORMS[self.gender]


Bound = Person | Clause | str


@dataclass(frozen=True)
class Mouth:
    """Who speaks to whom, where words are spoken; the narrator of a book is nobody's mouth."""

    speaker: Person
    listener: Person


@dataclass
class Made:
    """A sentence that could be said."""

    text: str
    near: list[Person]
    key: str
    card: int


class Surface:
    """Realises the patterns of one chapter, in its person and tense."""

    def __init__(
        self, grammar: Grammar, dealer: Dealer, people: Mapping[str, Person], present: bool, before: str
    ) -> None:
        self.grammar, self.dealer, self.people, self.present = grammar, dealer, people, present
        self.memory = Memory(before)
        self.near: list[Person] = []
        self._spoken: set[tuple[str, int]] = set()
        self._phrased: set[tuple[str, int]] = set()
        self._patience = UNFIT

    # --- sentences -------------------------------------------------------------------------------------------------

    def say(
        self,
        key: str,
        patterns: Sequence[str],
        bound: Mapping[str, Bound],
        mouth: Mouth | None = None,
        more: Iterable[tuple[str, Callable[[], str]]] = (),
        voice: str = "",
        must: bool = False,
    ) -> str:
        """The best sentence that a list makes now, or nothing where all of it would repeat.

        ``more`` are ways to make it longer: how it is joined, and what with. ``must`` takes the best however much it
        repeats.
        """
        return self._best(key, patterns, bound, mouth, more, voice, must=False) or (
            self._best(key, patterns, bound, mouth, more, voice, must=True) if must else ""
        )

    def again(self, key: str, patterns: Sequence[str], bound: Mapping[str, Bound]) -> str:
        """A sentence of a list that has been used up in this chapter, said in another way."""
        self._spoken -= {(key, card) for card in range(len(patterns))}
        self._patience = PATIENT
        made = self.say(key, patterns, bound)
        self._patience = UNFIT
        return made

    def _best(
        self,
        key: str,
        patterns: Sequence[str],
        bound: Mapping[str, Bound],
        mouth: Mouth | None,
        more: Iterable[tuple[str, Callable[[], str]]],
        voice: str,
        must: bool,
    ) -> str:
        aim = self._length() if mouth is None else 9.0
        best: tuple[float, Made] | None = None
        for made in self._candidates(key, patterns, bound, mouth, voice, must):
            if mouth is None and not must:
                made = self._lengthened(made, aim, more)  # noqa: PLW2901  # the same candidate, longer
            cost = self.memory.cost(made.text) + 0.4 * abs(len(bare(made.text)) - aim) + 0.5 * self.dealer.chance()
            if best is None or cost < best[0]:
                best = (cost, made)
        if best is None or (best[0] >= self._patience and not must):
            return ""
        return self._said(best[1])

    def _said(self, made: Made) -> str:
        self.dealer.play(made.key, made.card)
        self.near = made.near
        self._spoken.add((made.key, made.card))
        self.memory.keep(made.text)
        return made.text

    def _length(self) -> float:
        draw = self.dealer.chance()
        for share, low, high in LENGTHS:
            if draw < share:
                return low + self.dealer.chance() * (high - low)
            draw -= share
        return 12.0

    def _candidates(
        self, key: str, patterns: Sequence[str], bound: Mapping[str, Bound], mouth: Mouth | None, voice: str, must: bool
    ) -> Iterator[Made]:
        tried = 0
        for card in self.dealer.hand(key, len(patterns)):
            pattern = _fit(patterns[card], voice)
            worn = not must and (key, card) in self._spoken
            if pattern is None or worn or not self._bindable(pattern, bound, mouth):
                continue
            found = False
            for text, near in self._ways(pattern, bound, mouth, must):
                found = True
                yield Made(text, near, key, card)
            tried += found
            if tried >= TRIED:
                return

    def _ways(
        self, pattern: str, bound: Mapping[str, Bound], mouth: Mouth | None, must: bool
    ) -> Iterator[tuple[str, list[Person]]]:
        """Up to ``WAYS`` ways to say a pattern, each sentence of it in a way that is this chapter's own."""
        parts = [(part, parsed(part)) for part in whole_sentences(pattern)]
        owned = [list(islice(self.dealer.ways(part, self.grammar.count(atoms)), WAYS)) for part, atoms in parts]
        for turn in range(max(1, *map(len, owned))):
            spelled: list[Atom] = []
            for (part, atoms), numbers in zip(parts, owned, strict=True):
                if not numbers and not (must or self._free(atoms, bound)):
                    return
                number = (
                    numbers[turn % len(numbers)] if numbers else self.dealer.any_way(part, self.grammar.count(atoms))
                )
                spelled += [*([" "] if spelled else []), *self.grammar.spelled(atoms, number)]
            text, near = self.told(tuple(spelled), bound, mouth)
            yield sentence(text), near

    def _free(self, atoms: tuple[Atom, ...], bound: Mapping[str, Bound]) -> bool:
        """Whether a sentence may be said in other chapters, too: it is short, or says what this one alone has to."""
        if any(isinstance(atom, Slot) and isinstance(bound.get(atom.role), Clause) for atom in atoms):
            return True
        return len(bare(self.told(self.grammar.spelled(atoms, 0), bound, None)[0])) < SHORT

    def _bindable(self, pattern: str, bound: Mapping[str, Bound], mouth: Mouth | None) -> bool:
        for role in roles(pattern):
            value = bound.get(role)
            if not value:
                return False
            if mouth and isinstance(value, Person) and value in (mouth.speaker, mouth.listener):
                return False
        return True

    def _lengthened(self, made: Made, aim: float, more: Iterable[tuple[str, Callable[[], str]]]) -> Made:
        for how, source in more:
            words = len(bare(made.text))
            if words > aim - 5 or re.search(r"[;:?!]|\. |\bwhile\b", made.text):
                return made
            if extra := source():
                made = replace(made, text=joined(made.text, how, extra, self._proper(made)))
        return made

    def _proper(self, made: Made) -> bool:
        first = re.split(r"[\s’',]", made.text, maxsplit=1)[0]
        return first == "I" or any(first == one.name.split()[0] for one in self.people.values() if not one.kin)

    def manner(self, key: str, patterns: Sequence[str], bound: Mapping[str, Bound], who: Person) -> str:
        """How somebody who has just been named says something."""
        before, self.near = self.near, [who]
        made = self.phrase(key, patterns, {**bound, "S": who})
        self.near = before
        return made

    def deed(self, key: str, patterns: Sequence[str], bound: Mapping[str, Bound], who: Person) -> str:
        """A sentence of what somebody does, from a phrase that begins with the verb."""
        before, self.near = self.near, [who]
        made = self.phrase(key, patterns, {**bound, "S": who}, own=True)
        self.near = before
        return made and sentence(f"{who.forms[0] if who.speaker else who.name} {made}")

    def phrase(self, key: str, patterns: Sequence[str], bound: Mapping[str, Bound], own: bool = False) -> str:
        """A phrase for use inside a sentence; with ``own`` only in words that are this chapter's."""
        fit = [card for card in self.dealer.hand(key, len(patterns)) if self._bindable(patterns[card], bound, None)]
        owned = (
            (card, way)
            for card in fit
            for way in self.dealer.ways(patterns[card], self._count(patterns[card]))
            if (patterns[card], way) not in self._phrased
        )
        any_way = ((card, self.dealer.any_way(patterns[card], self._count(patterns[card]))) for card in fit)
        found = next(chain(owned, () if own else any_way), None)
        if found is None:
            return ""
        card, way = found
        self._phrased.add((patterns[card], way))
        self.dealer.play(key, card)
        return re.sub(r"\s+", " ", self.told(self.grammar.spelled(parsed(patterns[card]), way), bound, None)[0]).strip()

    def _count(self, pattern: str) -> int:
        return self.grammar.count(parsed(pattern))

    # --- clauses ---------------------------------------------------------------------------------------------------

    def told(
        self, atoms: tuple[Atom, ...], bound: Mapping[str, Bound], mouth: Mouth | None
    ) -> tuple[str, list[Person]]:
        """A spelled pattern in the words of the narrator or of a mouth, and who has been named by then."""
        out: list[str] = []
        near = list(self.near) if mouth is None else []
        person = self._first(atoms, bound)
        for at, atom in enumerate(atoms):
            if isinstance(atom, Verb):
                out.append(self._verb(atom, person))
            elif isinstance(atom, Slot):
                value = bound[atom.role]
                if isinstance(value, Person):
                    case = "o" if _acted_on(atoms, at) else governed(atom.case, out, _acts(atoms, at))
                    out.append(self._mouthed(value, case, mouth) if mouth else self.reference(value, case, near))
                    near = [*(one for one in near if one != value), value]
                    if case in ("", "n", "he"):
                        person = "1" if value.speaker and not mouth else "3"
                else:
                    out.append(self.clause(value, mouth, near) if isinstance(value, Clause) else value)
            else:
                out.append(str(atom))
        return "".join(out), near

    @staticmethod
    def _first(atoms: tuple[Atom, ...], bound: Mapping[str, Bound]) -> str:
        """The person of a verb phrase that has its subject outside: that of the one who acts."""
        doer = bound.get("S")
        return "1" if isinstance(doer, Person) and doer.speaker and isinstance(atoms[0], Verb) else "3"

    def _verb(self, verb: Verb, person: str) -> str:
        agreed = {"": person, ".": "3", "*": "p"}[verb.number]
        return (perfect if verb.perfect else finite)(verb.lemma, agreed, self.present)

    def reference(self, one: Person, case: str, near: list[Person]) -> str:
        """The name, or the pronoun where it is clear."""
        alike = [other for other in near if other.gender == one.gender and not other.speaker]
        clear = one.speaker or case in ("he", "r") or (bool(alike) and alike[-1] == one)
        if (clear and case != "n") or one.speaker:
            return one.forms[CASES[case]]
        name = self._called(one, near)
        return f"{name}’s" if case in ("p", "ps") else name

    def _called(self, one: Person, near: list[Person]) -> str:
        owner = self.people.get(one.of)
        if not one.kin or owner is None:
            return one.name
        return f"{self.reference(owner, 'p', near)} {one.kin}"

    def _mouthed(self, one: Person, case: str, mouth: Mouth) -> str:
        if one == mouth.speaker:
            return SPEAKER[CASES[case]]
        if one == mouth.listener:
            return LISTENER[CASES[case]]
        name = one.name
        if one.kin:
            owner = "my" if one.of == mouth.speaker.id else "your" if one.of == mouth.listener.id else ""
            name = f"{owner} {one.kin}" if owner else one.name
        return f"{name}’s" if case in ("p", "ps") else name

    def clause(self, clause: Clause, mouth: Mouth | None, near: Sequence[Person] = ()) -> str:
        """A clause of the plan: in speech in the simple past, by the narrator in the tense before the telling's."""
        out: list[str] = []
        named: list[str] = [one.id for one in near] if mouth is None else []
        subject = "3"
        for part in clause.parts:
            if isinstance(part, Ref):
                text, subject = self._referred(replace(part, case=governed(part.case, out)), mouth, named, subject)
                named.append(part.person)
                out.append(text)
            elif isinstance(part, Verb):
                out.append(
                    self._now(part, subject, mouth) if clause.now else self._past(part, subject, mouth, "".join(out))
                )
            else:
                out.append(part)
        text = "".join(out)
        return text if any(isinstance(part, Ref) for part in clause.parts) else self._begun(text)

    def _begun(self, text: str) -> str:
        """A sentence of somebody else's inside another: its first letter is small unless it begins a name."""
        first = re.split(r"[\s’',]", text, maxsplit=1)[0]
        named = first == "I" or any(first in one.name.split() for one in self.people.values())
        return text if named else text[:1].lower() + text[1:]

    def _referred(self, ref: Ref, mouth: Mouth | None, named: list[str], subject: str) -> tuple[str, str]:
        one = self.people[ref.person]
        nominative = ref.case in ("", "n", "he")
        if mouth and one in (mouth.speaker, mouth.listener):
            return self._mouthed(one, ref.case, mouth), (
                "p" if one == mouth.listener else "1"
            ) if nominative else subject
        if mouth is None and one.speaker:
            return one.forms[CASES[ref.case]], "1" if nominative else subject
        again = ref.person in named and not any(
            self.people[other].gender == one.gender for other in named if other != ref.person
        )
        if again or ref.case in ("he", "r"):
            return FORMS[one.gender][CASES[ref.case]], "3" if nominative else subject
        name = self._mouthed(one, "n", mouth) if mouth else self._called(one, [])
        return (f"{name}’s" if ref.case in ("p", "ps") else name), "3" if nominative else subject

    def _now(self, verb: Verb, subject: str, mouth: Mouth | None) -> str:
        agreed = {"": subject, ".": "3", "*": "p"}[verb.number]
        return (perfect if verb.perfect else finite)(verb.lemma, agreed, mouth is not None or self.present)

    def _past(self, verb: Verb, subject: str, mouth: Mouth | None, before: str) -> str:
        agreed = {"": subject, ".": "3", "*": "p"}[verb.number]
        spoken = mouth is not None or self.present
        part = form(verb.lemma, "part")
        if verb.lemma in ("can", "will"):
            return finite(verb.lemma, agreed, False)
        if verb.perfect:
            # What is said of now goes back to the present; what lies before something told stays before it.
            return f"{finite('have', agreed, spoken and not _VERBED.search(before))} {part}"
        if spoken or (verb.lemma == "be" and _MEANWHILE.search(before)):
            return form(verb.lemma, "past" + agreed)
        return part if _JOINED.search(before) else f"had {part}"


_MEANWHILE = re.compile(r"\b(?:while|because|when|where|who|which|that|until|as|what)\b[^,;]*$")
_VERBED = re.compile(r"\w+ed\b|\b(?:knew|had|was|were|saw|found|told|heard|that|because|what)\b")
_JOINED = re.compile(r"\band (?:then |never |also )?$")


INVERTED = frozenset({"be", "come", "go", "say", "ask", "stand", "sit", "lie", "answer", "will", "can", "do", "have"})
"""Verbs that may stand before their subject."""


def _acted_on(atoms: tuple[Atom, ...], at: int) -> bool:
    """Whether somebody stands right after a verb that is somebody else's, and so is its object."""
    slot, before, verb = atoms[at], atoms[at - 1] if at else "", atoms[at - 2] if at > 1 else ""
    return (
        isinstance(slot, Slot) and slot.case == "" and before == " "
        and isinstance(verb, Verb) and verb.lemma not in INVERTED and not _acts(atoms, at)
    )  # fmt: skip


_GOVERNS = re.compile(
    r"(?i)\b(?:for|to|with|from|of|by|at|on|upon|near|behind|beside|past|against|between|towards?|without|about|round|"
    r"over|under|like|in|into|among) $"
)


def _acts(atoms: tuple[Atom, ...], at: int) -> bool:
    """Whether somebody stands right before a verb, and so is its subject."""
    return at + 2 < len(atoms) and atoms[at + 1] == " " and isinstance(atoms[at + 2], Verb)


def governed(case: str, before: list[str], acts: bool = False) -> str:
    """The case of somebody: the object after a preposition, whatever the pattern says."""
    return "o" if case == "" and not acts and _GOVERNS.search("".join(before)[-16:]) else case


def joined(text: str, how: str, extra: str, proper: bool) -> str:
    """A sentence with more before or after it."""
    body = text.rstrip(".")
    if how == "front":
        return sentence(f"{extra}, {body if proper else body[:1].lower() + body[1:]}")
    if how == "trail":
        return sentence(f"{body}, {extra}")
    return sentence(f"{body} {how} {extra}")


_VOICED = re.compile(r"^\(([a-z, ]+)\) ")


def _fit(pattern: str, voice: str) -> str | None:
    """The pattern without its mark of voices; nothing where it belongs to other voices."""
    found = _VOICED.match(pattern)
    if found is None:
        return pattern
    return pattern[found.end() :] if voice in re.split(r",\s*", found[1]) else None
