"""The page: a chapter while it grows, with the primitives of telling: a sentence, a line of speech, a paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.models.storyteller.grammar import finite
from agents.models.storyteller.lexicon import lines, pools_of, pools_of_book, table
from agents.models.storyteller.meaning import Clause
from agents.models.storyteller.patterns import Grammar
from agents.models.storyteller.senses import seen
from agents.models.storyteller.stage import Stage
from agents.models.storyteller.surface import Bound, Mouth, Person, Surface
from agents.models.storyteller.voice import manner, voiced
from agents.models.storyteller.wording import Dealer
from story.base import word_count
from story.outline import ScenePlan

MUSED = ("think", "memory", "feel", "notice", "silence", "night", "side")
"""What may come again in a chapter in other words; a deed and a line of talk may not."""

SHORT_BOOK, SHORT_CHAPTER = 14, 2_000
"""A book of at most so many chapters of so many words uses a share of each list; two have less in common then."""

THOUGHTS = ("think", "memory", "feel", "want", "clock")
"""What is thought and felt may run on into one sentence; what is seen stands by itself."""

RUN_ON, LONGEST = 0.9, 76
"""How often two sentences of narration become one, of fewer than so many words."""

BREAK = "* * *"
"""What stands between two scenes."""

UNTAGGED = 2
"""So many lines of speech may follow each other without a name."""

PARAGRAPH = 95
"""From so many words on a paragraph of narration ends."""

PHYSICAL = frozenset({"arrive", "linger", "leave", "walk", "night"})
"""What is done can be told with what goes on meanwhile; what is thought and felt cannot."""

BARE, BUSY, MANNERED, TRADE = 0.5, 0.42, 0.4, 0.35
"""How often a line that may stands alone, else with something done, a tag has a manner, and hands do their trade."""


@dataclass
class Telling:
    """A chapter as told: its text, and for each effect by its place in the plan the words that show it."""

    text: str
    proofs: dict[int, str] = field(default_factory=dict)


class Page:
    """What has been told of a chapter, and how to tell on."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage = stage
        contract, premise = stage.context.contract, stage.premise
        self._seed = f"{premise.seed}:{premise.variant}:{premise.premise[:200]}"
        few = contract.of <= SHORT_BOOK and contract.words <= SHORT_CHAPTER
        self.dealer = Dealer(self._seed, contract.number, contract.of, number, few)
        pools = pools_of_book(stage.genre, self._seed) if few else pools_of(stage.genre)
        self._few = few
        self.surface = Surface(
            Grammar(pools), self.dealer, stage.people, premise.tense == "present", stage.context.ending
        )
        self.own = table(stage.genre)
        self.blocks: list[str] = []
        self.words = 0
        self.bound: dict[str, Bound] = {}
        self._kept: set[str] = set()
        self._current: list[str] = []
        self._untagged = 0
        self._last: Person | None = None
        self._family = ""
        self._kind = "street"

    # --- narration -------------------------------------------------------------------------------------------------

    def scene(self, scene: ScenePlan, bound: Mapping[str, Bound]) -> None:
        """A new scene begins."""
        self.new()
        if self.blocks:
            self.blocks.append(BREAK)
        self._kind = self.stage.kind(scene)
        self.bound = dict(bound)
        self._last, self._untagged = None, UNTAGGED

    def new(self) -> None:
        """Begin a new paragraph."""
        if self._current:
            self.blocks.append(" ".join(self._current))
        self._current = []
        self.surface.near = []

    def put(self, text: str) -> str:
        """Add a finished sentence to the paragraph."""
        if text:
            self._current.append(text)
            self.words += word_count(text)
            self._untagged = UNTAGGED
            if sum(map(word_count, self._current)) >= PARAGRAPH:
                self.new()
        return text

    def say(self, key: str, patterns: Sequence[str], **bound: Bound) -> str:
        """Add a sentence of these patterns; nothing where all of them would repeat."""
        family = key.split(".", maxsplit=1)[0]
        more = self._more() if family in PHYSICAL else ()
        made = self.surface.say(key, patterns, self.bound | bound, more=more)
        if not made and family in MUSED:
            made = self.surface.again(key, patterns, self.bound | bound)
        joined = not self._apart(made) and family in (self._family, *THOUGHTS) and self._family in (family, *THOUGHTS)
        self._family = family
        return self._run_on(made) if joined else self.put(made)

    def _apart(self, made: str) -> bool:
        """Whether a sentence is to stand by itself, and not after a semicolon in the one before."""
        before = self._current[-1] if self._current else ""
        plain = before and before not in self._kept and not re.search(r"[;:?!“]", before + made)
        return not (made and plain and word_count(before + made) < LONGEST and self.dealer.chance() < RUN_ON)

    def _run_on(self, made: str) -> str:
        """Join a sentence to the one before, so that short and long ones differ more."""
        first = re.split(r"[\s’',.]", made, maxsplit=1)[0]
        tail = made if first == "I" or first in self.stage.proper else made[:1].lower() + made[1:]
        self._current[-1] = f"{self._current[-1].rstrip('.')}; {tail}"
        self.words += word_count(made)
        return made

    def add(self, path: str, **bound: Bound) -> str:
        """Add a sentence of a list of the lexicon; nothing where all of it would repeat."""
        return self.say(path, lines(path), **bound)

    def must(self, path: str, **bound: Bound) -> str:
        """Add a sentence of a list of the lexicon whatever it repeats, and never cut it."""
        return self.keep(self.put(self.surface.say(path, lines(path), self.bound | bound, must=True)))

    def keep(self, text: str) -> str:
        """What the chapter may not lose when it is cut."""
        self._kept.add(text)
        return text

    def _more(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """How a sentence may be made longer: with a way of doing, with what goes on meanwhile, with what follows."""
        join = table("senses")["join"]
        trail = ("trail", lambda: self.surface.phrase("join.trail", join["trail"], self.bound))
        front = ("front", lambda: self.surface.phrase("join.front", join["front"], self.bound))
        during = ("while", self._sense)
        draw = self.dealer.chance()
        order = (
            (front, during, trail) if draw < 0.35 else (during, front, trail) if draw < 0.75 else (trail, front, during)
        )
        yield from order[: 1 + int(self.dealer.chance() < 0.3)]

    def _sense(self) -> str:
        """A clause of something seen or heard here."""
        if self.dealer.chance() < 0.85:
            return self.surface.phrase(f"seen.{self._kind}", self._seen(), self.bound)
        return self.surface.phrase("around", self.own["around"], self.bound)

    def _seen(self) -> list[str]:
        return seen(self._kind, self._seed, not self._few)

    def look_round(self) -> str:
        """A sentence of its own about what is seen or heard here."""
        draw = self.dealer.chance()
        if draw > 0.85:
            return self.add("notice", sense=self._sense())
        key, patterns = ("around", self.own["around"]) if draw < 0.15 else (f"seen.{self._kind}", self._seen())
        self._family = ""
        made = self.surface.say(key, patterns, self.bound) or self.surface.again(key, patterns, self.bound)
        return self.put(made)

    # --- speech ----------------------------------------------------------------------------------------------------

    def speak(self, speaker: Person, listener: Person, path: str, mood: str = "neutral", **bound: Bound) -> str:
        """A line of speech as a paragraph of its own; the words spoken, or nothing where all of it would repeat."""
        voice = manner(self.stage.sheets[speaker.id])
        line = self._line(speaker, listener, path, voice, must=False, **bound)
        if line:
            line = voiced(line, voice, self.stage.sheets[speaker.id], self.dealer, self.stage.proper)
            self._formatted(speaker, line, mood)
        return line

    def quote(
        self,
        speaker: Person,
        listener: Person,
        path: str,
        clause: Clause,
        slot: str,
        mood: str = "neutral",
        **bound: Bound,
    ) -> str:
        """A line that says a clause; the words of the clause as they stand on the page."""
        value = clause.whole if slot == "fact" else clause
        line = self._line(
            speaker, listener, path, manner(self.stage.sheets[speaker.id]), must=True, **{slot: value}, **bound
        )
        self._formatted(speaker, line, mood)
        words = self.surface.clause(clause, Mouth(speaker, listener))
        found = re.search(re.escape(words), self.blocks[-1], re.IGNORECASE)
        return self.keep(found[0] if found else self.blocks[-1])

    def _line(self, speaker: Person, listener: Person, path: str, voice: str, must: bool, **bound: Bound) -> str:
        address: dict[str, Bound] = {"you": listener.name if not listener.kin else "you"}
        every = self.bound | address | bound
        return self.surface.say(path, lines(path), every, Mouth(speaker, listener), voice=voice, must=must)

    def _formatted(self, speaker: Person, line: str, mood: str) -> None:
        if self._last == speaker and not self._current and self.blocks and "“" in self.blocks[-1]:
            # Nobody speaks twice running as if the other had answered.
            self.look_round()
        self.new()
        alternating = self._last not in (None, speaker) and self._untagged < UNTAGGED
        if alternating and self.dealer.chance() < BARE:
            paragraph = f"“{line}”"
            self._untagged += 1
        else:
            paragraph = self._attributed(speaker, line, mood)
            self._untagged = 0
        self.words += word_count(paragraph)
        self._last = speaker
        self.blocks.append(paragraph)

    def _attributed(self, speaker: Person, line: str, mood: str) -> str:
        first, rest = _halves(line)
        draw = self.dealer.chance()
        if draw < BUSY and (gesture := self._gesture(speaker, mood)):
            if rest and draw < BUSY / 2:
                return f"“{first}” {gesture} “{rest}”"
            return f"{gesture} “{line}”" if draw < 0.8 * BUSY else f"“{line}” {gesture}"
        tag = self._tag(speaker, first if rest else line)
        return f"“{_open(first)}” {tag}. “{rest}”" if rest else f"“{_open(line)}” {tag}."

    def _gesture(self, who: Person, mood: str) -> str:
        """What somebody does while talking, as a sentence."""
        trade = self.own["trade"].get(self.stage.trade(who.id).split(" ")[-1])
        if trade and mood == "neutral" and self.dealer.chance() < TRADE:
            return self.surface.deed(f"trade.{who.id}", trade["tasks"], self.bound, who)
        return self.surface.deed(f"gesture.{mood}", lines(f"gesture.{mood}"), self.bound, who)

    def _tag(self, who: Person, line: str) -> str:
        """Who said it, and sometimes how."""
        verb = finite("ask" if line.endswith("?") else "say", "1" if who.speaker else "3", self.surface.present)
        how = ""
        if self.dealer.chance() < MANNERED:
            made = self.surface.manner("tag.said", lines("tag.said"), self.bound, who)
            how = f", {made}" if _APART.match(made) else f" {made}"
        return f"{'I' if who.speaker else who.name} {verb}{how}"

    # --- the whole -------------------------------------------------------------------------------------------------

    def finished(self, proofs: dict[int, str], most: float) -> Telling:
        """The chapter, without what only fills where it came out longer than so many words."""
        self.new()
        kept = {one for one in (*proofs.values(), *self._kept) if one}
        for index in reversed(range(2, len(self.blocks) - 1)):
            if sum(map(word_count, self.blocks)) <= most:
                break
            block = self.blocks[index]
            if block != BREAK and "“" not in block and not any(one in block for one in kept):
                del self.blocks[index]
        return Telling("\n\n".join(self.blocks), proofs)


_APART = re.compile(r"(?:\w+ing|bent|busy|still|half|not|all|eyes|one|both|hands|head|chin|arms|over|back|as) ")
"""What a manner of saying begins with that stands after a comma."""


def _halves(line: str) -> tuple[str, str]:
    """The first sentence of what is said, and the rest."""
    first, *rest = re.split(r"(?<=[.?!]) ", line, maxsplit=1)
    return first, rest[0] if rest else ""


def _open(line: str) -> str:
    """Speech before its tag: a full stop becomes a comma."""
    return line[:-1] + "," if line.endswith(".") else line
