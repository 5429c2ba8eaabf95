"""From patterns to sentences: alternatives, verbs that agree, references that are clear, clauses that are joined."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice

from agents.models.storyteller.grammar import finite, governed, perfect, sentence
from agents.models.storyteller.lexicon import table
from agents.models.storyteller.wording import Dealer, Memory

_ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
_TOKEN = re.compile(r"\{(_?[A-Za-z]+)(?:\.([A-Za-z']+))?\}|<(\+?)([a-z]+)([.*]?)>")
_PLAIN = {"waited": "wait", "stopped": "stop", "sat": "sit", "turned": "turn", "meant": "mean"}
_JOINED = re.compile(rf"(?<!had )\band ({'|'.join(_PLAIN)})\b")
_DOUBLED = re.compile(r"(?i)\b(\w+) \1\b(?<!had had)(?<!that that)")
_MANY = re.compile(r"(?!an? |the |one |some)(?:[a-z]+ )?(?:[a-z]*[^s\W]s|children|feet|geese|sheep)\b(?!['’])")
"""Phrases that name several: `rooks`, `cart wheels`."""

FORMS = {"she": ("she", "her", "her", "herself"), "he": ("he", "him", "his", "himself")}
CANDIDATES = 7
ONCE = ("sky", "delay")
"""Phrases of which a scene can hold one: it has one weather and one hour."""

UNFIT, SHORTNESS = 200, 14
"""What makes a sentence impossible, and what its being short costs where a longer one is wanted."""

BROKEN = 30
"""So many letters on either side of an alternative decide whether it breaks an idiom."""

SOME, WORDINGS = 3, 4
"""So many exchanges are compared, each in so many wordings."""

TOO_DEAR = 60
"""An exchange that repeats so much is not told."""

DRAWS = 12
"""For each chapter of the book a sentence is drawn so many times more before it is led in by a phrase."""

WITNESSED = ({"act", "search", "follow", "arrive", "resume", "alone", "drift"}, 12)
"""What is seen to be done can be told with what happens around it; so many such clauses are tried first."""

BLOCK = 5
"""So many patterns are drawn so often before the next ones are."""

LONGER, SHORT = 0.95, 14
"""So often a sentence is wanted that has more words than this."""


@dataclass(frozen=True)
class Person:
    """Somebody on stage as the surface needs them."""

    id: str
    name: str
    gender: str
    speaker: bool = False

    @property
    def reference(self) -> str:
        """What a speaker is called where no pronoun is clear."""
        return "I" if self.speaker else self.name

    def form(self, case: str) -> str:
        """The pronoun in that case: n(ominative), o(bject), p(ossessive), r(eflexive)."""
        forms = ("I", "me", "my", "myself") if self.speaker else FORMS[self.gender]
        return forms["nopr".index(case)]


Bound = Person | str | Callable[[], str]
Joins = Callable[[], tuple[str, ...]]
"""What a sentence may be joined with, drawn anew for each candidate."""


@dataclass(frozen=True)
class _Made:
    """A candidate: what it costs, its pattern, its words, as it would stand in the text, and who was named."""

    cost: int
    card: int
    text: str
    final: str
    near: list[Person]


class Surface:
    """Realises patterns for one chapter, in its person and tense."""

    def __init__(self, dealer: Dealer, present: bool) -> None:
        self.dealer, self.present = dealer, present
        self.memory = Memory(dealer)
        self._near: list[Person] = []
        self._told_once: set[str] = set()
        self._told_cards: set[tuple[str, int]] = set()

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

    def compose(
        self,
        key: str,
        patterns: list[str],
        bound: Mapping[str, Bound],
        joins: Joins = tuple,
        finish: Callable[[str], str] | None = None,
        leading: bool = True,
    ) -> str:
        """The best unsaid sentence that a list of patterns and joins can make; empty if all has been said.

        ``finish`` makes of a sentence what will stand in the text, or nothing where this chapter may not have it.
        """
        finish = finish or self._own
        best = self._best(key, patterns, bound, joins, finish)
        if best is None:
            return self._led(key, patterns, bound, finish) if leading else ""
        if best.cost >= UNFIT:
            return ""
        self.dealer.play(key, best.card)
        self._spend(patterns[best.card])
        self._near = best.near
        self.memory.keep(best.text)
        return best.final

    def _best(
        self, key: str, patterns: list[str], bound: Mapping[str, Bound], joins: Joins, finish: Callable[[str], str]
    ) -> _Made | None:
        best: _Made | None = None
        tried = 0
        longer = self.dealer.chance("longer") < LONGER
        hand = list(self.dealer.deal(key, len(patterns)))
        fit = [card for card in hand if _bindable(patterns[card], bound) and not self._spent(patterns[card])]
        for card in islice(_in_blocks(fit), 24 + DRAWS * self.dealer.of):
            text, near = self._realised(f"{key}:{card}", patterns[card], bound)
            text, near = self._joined(text, near, _fitting(joins(), patterns[card]), bound)
            if not (final := finish(text)):
                continue
            brief = SHORTNESS if longer and len(text.split()) < SHORT else 0
            cost = self.memory.cost(text) + (UNFIT if _DOUBLED.search(text) else 0) + brief
            if best is None or cost < best.cost:
                best = _Made(cost, card, text, final, near)
            tried += cost < UNFIT
            if cost == 0 or tried >= CANDIDATES:
                break
        return best

    def _own(self, text: str) -> str:
        return text if self.memory.free(text) else ""

    def _led(self, key: str, patterns: list[str], bound: Mapping[str, Bound], finish: Callable[[str], str]) -> str:
        """A sentence led in by a phrase, where no other telling of it is this chapter's own."""
        asides: list[str] = table("phrases")["lead" if key.startswith("say:") else "aside"]
        for card in self.dealer.deal(key, len(patterns)):
            if not _bindable(patterns[card], bound) or self._spent(patterns[card]):
                continue
            text, near = self._realised(f"{key}:{card}", patterns[card], bound)
            for _ in range(WITNESSED[1] if key in WITNESSED[0] else 0):
                made, after = self._joined(text, near, ("while:{clause}",), bound)
                if final := finish(made):
                    self._near = after
                    self.memory.keep(made)
                    return final
            for _ in range(2 * len(asides)):
                aside = self.dealer.word("lex:aside" if asides is table("phrases")["aside"] else "lex:lead", asides)
                made = sentence(f"{aside}, {_lowered(sentence(text), bound)}")
                if final := finish(made):
                    self._near = near
                    self.memory.keep(made)
                    return final
        return ""

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
            elif mode == "while" and not re.search(r"(?i)\b(?:while|until|as|if|what|who|:|;)\b", bare):
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
            options = [
                one for one in found[1].split("|") if sound(pattern[: found.start()], one, pattern[found.end() :])
            ]
            option = self.dealer.pick(f"{key}#{slot}", options or found[1].split("|"), slot)
            pattern = pattern[: found.start()] + option + pattern[found.end() :]
        return pattern

    def _expanded(self, pattern: str, bound: Mapping[str, Bound], near: list[Person]) -> tuple[str, list[Person]]:
        pattern = _JOINED.sub(lambda found: f"and <{_PLAIN[found[1]]}>", pattern) if self.present else pattern
        person, at, many = _begins(pattern, bound), 0, -1
        out: list[str] = []
        for token in _tokens(pattern):
            out.append(pattern[at : token.start()])
            at = token.end()
            name, case, past, lemma, number = token.groups()
            if lemma:
                agreed = {"": person, ".": "p" if many == token.start() - 1 else "3", "*": "p"}[number]
                unreal = lemma == "will" and pattern.startswith(" have", at)
                out.append("would" if unreal else (perfect if past else finite)(lemma, agreed, self.present))
                continue
            value = self._dealt(name[1:], person) if name.startswith("_") else bound[name]
            value = value() if callable(value) else value
            if isinstance(value, str):
                many = at if name.startswith("_") and _MANY.match(value) else -1
                person = "3" if pattern.startswith(" <", at) else person
                out.append(value)
                continue
            subject = case in (None, "n", "he") and not governed(pattern[: token.start()], pattern[at:])
            case = ("n" if case == "n" and not value.speaker else "o") if case in (None, "n") and not subject else case
            out.append(self._referred(value, case or "s", near))
            if subject:
                person = "1" if value.speaker else "3"
            near = [*(one for one in near if one.id != value.id), value]
        out.append(pattern[at:])
        return re.sub(r"\bI and ([A-Z][\w’'-]+)", r"\1 and I", "".join(out)), near

    def _dealt(self, name: str, person: str) -> str:
        if name == "did":
            return self._done(self.dealer.word("lex:chore", table("phrases")["chore"]), person)
        return self.dealer.word(f"lex:{name}", table("phrases")[name])

    def _done(self, chore: str, person: str) -> str:
        return f"{finite('have', person, True)} {chore}" if self.present else chore

    def exchanges(
        self, key: str, patterns: list[str], turns: tuple[Mapping[str, Bound], Mapping[str, Bound]]
    ) -> Iterator[tuple[int, list[list[str]]]]:
        """Turns of speech that belong together, each in a few wordings, the least said before first."""
        priced = []
        hand = self.dealer.deal(key, len(patterns))
        for place, card in enumerate(hand):
            if (key, card) in self._told_cards:
                continue
            lines = patterns[card].split(" // ")
            if not all(_bindable(line, turns[n % 2]) for n, line in enumerate(lines)):
                continue
            wordings = [self._wordings(f"{key}:{card}:{n}", line, turns[n % 2]) for n, line in enumerate(lines)]
            cost = sum(min(map(self.memory.cost, one)) for one in wordings)
            if cost < TOO_DEAR:
                priced.append((cost, place, card, wordings))
            if len(priced) >= SOME:
                break
        for _, _, card, wordings in sorted(priced, key=lambda one: one[:2]):
            yield card, wordings

    def _wordings(self, key: str, line: str, bound: Mapping[str, Bound]) -> list[str]:
        said = (sentence(self._realised(key, line, bound)[0]) for _ in range(WORDINGS))
        return list(dict.fromkeys(said))

    def said(self, key: str, card: int, lines: list[str]) -> None:
        """An exchange was put down."""
        self.dealer.play(key, card)
        self._told_cards.add((key, card))
        for line in lines:
            self.memory.keep(line)

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


def sound(before: str, option: str, after: str) -> bool:
    """Whether an alternative leaves the fixed phrase it stands in whole."""
    text = f"{before[-BROKEN:]}{option}{after[:BROKEN]}"
    return not any(one in text for one in table("naming")["idioms"]["broken"])


def _in_blocks(cards: list[int]) -> Iterator[int]:
    """The cards again and again, the first few several times before the next few: a chapter keeps to its own."""
    while cards:
        for start in range(0, len(cards), BLOCK):
            for _ in range(BLOCK):
                yield from cards[start : start + BLOCK]


def _begins(pattern: str, bound: Mapping[str, Bound]) -> str:
    """The person of a verb that a pattern begins with: its subject stands in the sentence before."""
    doer = bound.get("S") or bound.get("P")
    return "1" if isinstance(doer, Person) and doer.speaker and re.match(r"(?:and )?<", pattern) else "3"


def _fitting(joins: tuple[str, ...], pattern: str) -> tuple[str, ...]:
    """A second verb needs a first one of the same subject."""
    same = re.match(r"\{[SP]\} <(?!be>)|<|[a-z]*[^{]*$", pattern)
    return tuple(one for one in joins if same or not one.startswith(("and:", "trail:")))


def _bindable(pattern: str, bound: Mapping[str, Bound]) -> bool:
    return all(bound.get(name) for name in _needed(pattern))


@cache
def _needed(pattern: str) -> frozenset[str]:
    """What must be bound for a pattern to be told."""
    return frozenset(name for name, *_ in _TOKEN.findall(pattern) if name and not name.startswith("_"))


@cache
def _tokens(pattern: str) -> tuple[re.Match[str], ...]:
    """Where a pattern has its references and its verbs."""
    return tuple(_TOKEN.finditer(pattern))


def _lowered(text: str, bound: Mapping[str, Bound]) -> str:
    names = {one.name.split()[0] for one in bound.values() if isinstance(one, Person)}
    told = [one for one in bound.values() if isinstance(one, str) and one[:1].isupper()]
    names |= {re.split(r"[\s’']", one, maxsplit=1)[0] for one in told}
    first = re.split(r"[\s’']", text, maxsplit=1)[0]
    return text if first in names or first == "I" else text[:1].lower() + text[1:]
