"""From patterns to sentences: alternatives, verbs that agree, references that are clear, clauses that are joined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from agents.models.storyteller.grammar import finite, perfect, sentence
from agents.models.storyteller.lexicon import table
from agents.models.storyteller.wording import Dealer, Memory

_ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
_TOKEN = re.compile(r"\{(_?[A-Za-z]+)(?:\.([A-Za-z']+))?\}|<(\+?)([a-z]+)([.*]?)>")
_DOUBLED = re.compile(r"(?i)\b(\w+) \1\b(?<!had had)(?<!that that)")
FORMS = {"she": ("she", "her", "her", "herself"), "he": ("he", "him", "his", "himself")}
CANDIDATES = 24
ONCE = ("sky", "delay")
"""Phrases of which a scene can hold one: it has one weather and one hour."""

TOO_DEAR = 60
"""An exchange that repeats so much is not told."""

SENSED = 0.2
"""How often what a place shows is led in by a phrase, so that the same place looks otherwise in another chapter."""

ASIDES = 0.45
"""How often a sentence that another chapter may hold too is led in by a phrase; more would be a mannerism."""

LONG = 7
"""A sentence of so many words should not stand in two chapters."""
_COMMON = frozenset(
    [
        "a",
        "an",
        "the",
        "you",
        "your",
        "they",
        "there",
        "that",
        "this",
        "it",
        "its",
        "what",
        "who",
        "how",
        "why",
        "when",
        "where",
        "which",
        "do",
        "does",
        "did",
        "would",
        "could",
        "can",
        "may",
        "might",
        "was",
        "were",
        "is",
        "are",
        "we",
        "our",
        "he",
        "she",
        "his",
        "her",
        "some",
        "somebody",
        "someone",
        "people",
        "nobody",
        "one",
        "two",
        "three",
        "most",
        "half",
        "all",
        "every",
    ]
)


@dataclass(frozen=True)
class Person:
    """Somebody on stage as the surface needs them."""

    id: str
    name: str
    gender: str
    speaker: bool = False

    def form(self, case: str) -> str:
        """The pronoun in that case: n(ominative), o(bject), p(ossessive), r(eflexive)."""
        forms = ("I", "me", "my", "myself") if self.speaker else FORMS[self.gender]
        return forms["nopr".index(case)]


Bound = Person | str


class Surface:
    """Realises patterns for one chapter, in its person and tense."""

    def __init__(self, dealer: Dealer, present: bool) -> None:
        self.dealer, self.present = dealer, present
        self.memory = Memory()
        self._near: list[Person] = []
        self._told_once: set[str] = set()

    def paragraph(self) -> None:
        """A new paragraph: who was meant by a pronoun is forgotten."""
        self._near = []

    def scene(self) -> None:
        """A new scene, which has an hour and a weather of its own."""
        self._told_once.clear()

    def _spent(self, pattern: str) -> bool:
        return any(f"{{_{kind}}}" in pattern for kind in self._told_once)

    def _spend(self, pattern: str) -> None:
        self._told_once.update(kind for kind in ONCE if f"{{_{kind}}}" in pattern)

    def mention(self, one: Person) -> None:
        """Somebody was just spoken of outside a pattern."""
        self._near = [*(near for near in self._near if near.id != one.id), one]

    @contextmanager
    def aside(self, one: Person) -> Iterator[None]:
        """Within it, that person has just been named."""
        before = self._near
        self.mention(one)
        yield
        self._near = before

    def reference(self, one: Person) -> str:
        """The pronoun where it is clear, else the name."""
        return one.form("n") if one.speaker or self._clear(one, self._near) else one.name

    def compose(self, key: str, patterns: list[str], bound: Mapping[str, Bound], joins: tuple[str, ...] = ()) -> str:
        """The best unsaid sentence that a list of patterns and joins can make; empty if all has been said."""
        best: tuple[int, int, str, list[Person]] | None = None
        tried = 0
        for card in self.dealer.deal(key, len(patterns)):
            if not _bindable(patterns[card], bound) or self._spent(patterns[card]):
                continue
            text, near = self._realised(f"{key}:{card}", patterns[card], bound)
            fits = _fitting(joins, patterns[card])
            if not fits and self._worn(key, card, patterns[card], text):
                fits = (f"front:{self.dealer.word('lex:aside', table('phrases')['aside'])}",)
            if key.startswith("sense") and fits and self.dealer.chance("plain") < SENSED:
                fits = (*fits, f"front:{self.dealer.word('lex:aside', table('phrases')['aside'])}")
            made = self._joined(text, near, fits, bound)
            cost = self.memory.cost(made[0]) + (300 if _DOUBLED.search(made[0]) else 0)
            if best is None or cost < best[0]:
                best = (cost, card, *made)
            tried += 1
            if cost == 0 or tried >= CANDIDATES:
                break
        if best is None or best[0] >= 200:
            return ""
        self.dealer.play(key, best[1])
        self._spend(patterns[best[1]])
        self._near = best[3]
        self.memory.keep(best[2])
        return best[2]

    def _worn(self, key: str, card: int, pattern: str, text: str) -> bool:
        """Whether another chapter may well have put the very same sentence down."""
        open_slots = re.search(
            r"\{(?:_.*\{_|fact|goal|q|np|ask|next|look|doing|clause|earlier|given|smell|inner|how)", pattern
        )
        plain = not re.search(r"[:?!“]|\. ", text) and not key.startswith(("say:", "sense"))
        rare = self.dealer.chance("aside") < ASIDES
        return rare and plain and not open_slots and not self.dealer.fresh(key, card) and len(text.split()) >= LONG

    def _varied(self, key: str, card: int, line: str) -> str:
        if self.dealer.fresh(key, card) or len(line.split()) < LONG or re.match(r"(And|Then|But|If|No|Yes)\b", line):
            return line
        lead = self.dealer.word("lex:lead", table("phrases")["lead"])
        first = re.split(r"[\s’',.]", line, maxsplit=1)[0]
        low = line[:1].lower() + line[1:] if first.lower() in _COMMON else line
        return f"{lead}, {low}" if first.lower() in _COMMON or first == "I" else f"{lead}. {line}"

    def phrase(self, key: str, patterns: list[str], bound: Mapping[str, Bound]) -> str:
        """A clause or a phrase for use inside a sentence, in the tense of the telling."""
        card = next((one for _ in patterns if not self._spent(one := self.dealer.word(key, patterns))), patterns[0])
        self._spend(card)
        return self._realised(f"{key}:{card[:12]}", card, bound)[0]

    def _joined(
        self, text: str, near: list[Person], joins: tuple[str, ...], bound: Mapping[str, Bound]
    ) -> tuple[str, list[Person]]:
        whole = sentence(text)
        for extra in joins:
            mode, _, body = extra.partition(":")
            more, near = self._expanded(self.chosen(body, body[:14]), bound, near) if body else ("", near)
            bare = whole.rstrip(".")
            if re.search(r"[:?!“]|\. ", bare):
                return whole, near
            if mode == "front":
                whole = sentence(f"{more}, {_lowered(bare, bound)}")
            elif mode == "trail":
                whole = sentence(f"{bare}, {more}")
            elif mode == "while" and not re.search(r" (?:while|until|as) ", bare):
                whole = sentence(f"{bare} while {more}")
            elif mode == "and":
                whole = sentence(f"{bare}, and {more}")
        return whole, near

    def _realised(self, key: str, pattern: str, bound: Mapping[str, Bound]) -> tuple[str, list[Person]]:
        return self._expanded(self.chosen(pattern, key), bound, list(self._near))

    def chosen(self, pattern: str, key: str) -> str:
        """The pattern with one of each bracket's alternatives."""
        slot = 0
        while found := _ALTERNATIVES.search(pattern):
            slot += 1
            option = self.dealer.pick(f"{key}#{slot}", found[1].split("|"), slot)
            pattern = pattern[: found.start()] + option + pattern[found.end() :]
        return pattern

    def _expanded(self, pattern: str, bound: Mapping[str, Bound], near: list[Person]) -> tuple[str, list[Person]]:
        person, at = "3", 0
        out: list[str] = []
        for token in _TOKEN.finditer(pattern):
            out.append(pattern[at : token.start()])
            at = token.end()
            name, case, past, lemma, number = token.groups()
            if lemma:
                agreed = {"": person, ".": "3", "*": "p"}[number]
                out.append((perfect if past else finite)(lemma, agreed, self.present))
                continue
            value = self._dealt(name[1:]) if name.startswith("_") else bound[name]
            if isinstance(value, str):
                out.append(value)
                continue
            out.append(self._referred(value, case or "s", near))
            if case in (None, "n", "he"):
                person = "1" if value.speaker else "3"
            near = [*(one for one in near if one.id != value.id), value]
        out.append(pattern[at:])
        return "".join(out), near

    def _dealt(self, name: str) -> str:
        if name == "did":
            return self._done(self.dealer.word("lex:chore", table("phrases")["chore"]))
        return self.dealer.word(f"lex:{name}", table("phrases")[name])

    def _done(self, chore: str) -> str:
        return f"{'has ' if self.present else ''}{chore}"

    def exchange(
        self, key: str, patterns: list[str], turns: tuple[Mapping[str, Bound], Mapping[str, Bound]]
    ) -> list[str]:
        """Turns of speech that belong together, all of them unsaid; none if all has been said."""
        best: tuple[int, int, list[str]] | None = None
        tried = 0
        for card in self.dealer.deal(key, len(patterns)):
            lines = patterns[card].split(" // ")
            if not all(_bindable(line, turns[n % 2]) for n, line in enumerate(lines)):
                continue
            said = [self._realised(f"{key}:{card}:{n}", line, turns[n % 2])[0] for n, line in enumerate(lines)]
            made = [
                " ".join(self._varied(key, card, one) for one in re.split(r"(?<=[.?!]) ", sentence(line)))
                for line in said
            ]
            cost = sum(map(self.memory.cost, made))
            if best is None or cost < best[0]:
                best = (cost, card, made)
            tried += 1
            if cost == 0 or tried >= CANDIDATES:
                break
        if best is None or best[0] >= TOO_DEAR:
            return []
        self.dealer.play(key, best[1])
        for line in best[2]:
            self.memory.keep(line)
        return best[2]

    def _referred(self, one: Person, case: str, near: list[Person]) -> str:
        if case in ("he", "He"):
            return one.form("n")
        if case == "n's":
            return one.form("p") if one.speaker else f"{one.name}’s"
        if case == "r":
            return one.form("r")
        clear = one.speaker or self._clear(one, near)
        if case == "n" and not one.speaker:
            return one.name
        if clear:
            return one.form({"s": "n", "n": "n", "o": "o", "p": "p"}[case])
        return f"{one.name}’s" if case == "p" else one.name

    @staticmethod
    def _clear(one: Person, near: list[Person]) -> bool:
        alike = [other for other in near if other.gender == one.gender and not other.speaker]
        return bool(alike) and alike[-1].id == one.id


def _fitting(joins: tuple[str, ...], pattern: str) -> tuple[str, ...]:
    """A second verb needs a first one of the same subject."""
    return tuple(
        one for one in joins if not one.startswith("and:") or re.match(r"\{[SP]\} <(?!be>)|<|[a-z]*[^{]*$", pattern)
    )


def _bindable(pattern: str, bound: Mapping[str, Bound]) -> bool:
    return all(name is None or name.startswith("_") or bound.get(name) for name, *_ in _TOKEN.findall(pattern) if name)


def _lowered(text: str, bound: Mapping[str, Bound]) -> str:
    names = {one.name.split()[0] for one in bound.values() if isinstance(one, Person)}
    first = re.split(r"[\s’']", text, maxsplit=1)[0]
    return text if first in names or first == "I" else text[:1].lower() + text[1:]
