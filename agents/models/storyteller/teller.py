"""The teller of one chapter: the page, who is on stage, and what every kind of scene is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from agents.models.storyteller.grammar import sentence
from agents.models.storyteller.lexicon import strings, table
from agents.models.storyteller.meaning import Clause, opaque
from agents.models.storyteller.page import Page, Telling
from agents.models.storyteller.premise import echoes, plain
from agents.models.storyteller.stage import Stage
from agents.models.storyteller.surface import Bound, Person
from story.changes import Change
from story.outline import Beat, ScenePlan

TERSE = 300
"""Below so many words a chapter tells only what happens."""

RESERVE = 90
"""So many words of a beat are kept for what has to happen in it."""

FILLED = 120
"""From so many words on a chapter that came out short is filled up."""

LONGEST, FULL = 1.09, 0.98
"""A chapter is cut above this share of the asked words and filled up to the other."""

OPENINGS = ("time", "act", "plain", "place", "thing", "question", "talk")
"""The kinds of first lines; a chapter begins otherwise than the last."""

OWN_WORDS = 3
"""In every so many chapters wish and term are said in the premise's words."""

ALWAYS, ECHOES = 4, 2
"""In so many first chapters the premise's own things are named whatever it takes, so many in each."""

EVERY = {
    "want": 2500, "clock": 1800, "memory": 240, "recall": 330, "know": 450, "suspect": 420, "gap": 480, "feel": 170,
    "echo": 1500, "link": 650, "fool": 900, "look": 60,
}  # fmt: skip
"""After how many words a kind of thought may come again."""

Line = tuple[str, str]
"""A line of an exchange: who speaks (``o`` the other, ``p`` the point of view), and the list it is taken from."""


class Teller:
    """Tells a chapter; the scenes are functions of it, one for each kind of beat."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage, self.contract, self.page = stage, stage.context.contract, Page(stage, number)
        self.proofs: dict[int, str] = {}
        self.feeling = "doubt"
        self.until = 0.0
        self.index = 0
        self.scene: ScenePlan = self.contract.scenes[0]
        self.view = self._view()
        self.other: Person | None = None
        self._planned: list[tuple[int, Change]] = []
        self._effect = 0
        self._since: dict[str, int] = {}
        self._told: list[str] = []

    @property
    def roomy(self) -> bool:
        """Whether there is room in the beat for more than what happens."""
        return self.ample and self.page.words < self.until - RESERVE

    @property
    def ample(self) -> bool:
        """Whether the chapter is long enough to be filled with more than what happens."""
        return self.contract.words >= TERSE

    def finished(self) -> Telling:
        """The chapter as told."""
        return self.page.finished(self.proofs, LONGEST * self.contract.words)

    # --- scenes and beats ------------------------------------------------------------------------------------------

    def begin_scene(self, scene: ScenePlan, index: int) -> None:
        """The stage is set: who is there, where, and what the names in the patterns stand for."""
        self.scene, self.index, self.view = scene, index, self._view(scene)
        others = [
            self.stage.people[key] for key in scene.characters if key != self.view.id and key in self.stage.people
        ]
        self.other = others[0] if others else None
        self.page.scene(scene, self._bindings(scene))

    def _view(self, scene: ScenePlan | None = None) -> Person:
        key = (scene or self.scene).pov
        return self.stage.people.get(key) or next(iter(self.stage.people.values()))

    def _bindings(self, scene: ScenePlan) -> dict[str, Bound]:
        stage, asked = self.stage, self.stage.purpose("Question")
        here = stage.place(scene)
        bound: dict[str, Bound | None] = {
            "P": self.view, "O": self.other, "R": stage.named("Rival"), "B": stage.named("Between"),
            "V": stage.named("Lost"), "H": stage.named("Friend"), "T": stage.named("Rival"),
            "X": stage.purpose("Wanted"),
            "L": here, "here": here, "M": self._from(scene), "term": self._term(), "wish": self._wish(),
            "question": stage.question(asked) if asked else None, "topic": "it",
        }  # fmt: skip
        taken = {"T"} if bound["T"] == self.other else set()
        here_or = {"L": here or "the place", "here": here or "the place"}
        return {key: value for key, value in bound.items() if value and key not in taken} | here_or

    def _wish(self) -> Bound:
        """The wish of the premise in its own words first, last and now and then; else what it comes to."""
        number, of = self.contract.number, self.contract.of
        if number in (1, of) or number % OWN_WORDS == 0:
            return self.stage.wish
        return Clause(("find out ", *self.reworded().parts), "")

    def _term(self) -> str:
        """What time runs out, in its own words or in general ones."""
        number = self.contract.number
        general = strings("plot", "again", "present" if self.stage.premise.tense == "present" else "past")
        return self.stage.term if number == 1 or number % OWN_WORDS == 0 else general[number % len(general)]

    def _from(self, scene: ScenePlan) -> str:
        """The name of the place before this one."""
        before = next((one.place for one in self.stage.context.states if one.character == scene.pov), "")
        key = self.contract.scenes[self.index - 1].place if self.index else before
        return self.stage.things.get(key, "") if key != scene.place else ""

    def begin_beat(self, beat: Beat, until: float) -> None:
        """The effects of a beat are to be shown from here on, in so many words of the chapter."""
        self.until = until
        self._planned = list(enumerate(beat.effects, start=self._effect))
        self._effect += len(beat.effects)

    def open_effects(self, kind: str = "") -> list[Change]:
        """The effects of the beat that no words show yet."""
        return [one for number, one in self._planned if number not in self.proofs and kind in ("", one.kind)]

    def prove(self, kind: str, words: str) -> None:
        """Words that show the first open effect of a kind."""
        number = next((number for number, one in self._planned if one.kind == kind and number not in self.proofs), None)
        if number is not None and words:
            self.proofs[number] = words

    def fact(self, effect: Change) -> Clause:
        """What an effect makes known."""
        return self.stage.facts.get(getattr(effect, "fact", "")) or opaque("it was otherwise than people said")

    def item(self, effect: Change) -> str:
        """The thing that an effect is about."""
        return self.stage.things.get(getattr(effect, "item", ""), "it")

    def asks(self, text: str) -> str:
        """Take question and topic out of a beat's text; the topic."""
        asked, _, topic = text.partition("; ")
        self.page.bound["question"] = self.stage.question(asked)
        self.page.bound["topic"] = topic or "it"
        return topic

    # --- filling ---------------------------------------------------------------------------------------------------

    def fill(self, until: float, *first: Callable[[], str]) -> None:
        """Tell on until so many words are told: what is seen, felt, remembered and weighed, in turn."""
        makers = [*first, self.thought, self.felt, self.thought, self.seen]
        turn = idle = 0
        while self.contract.words >= FILLED and self.page.words < until - 10 and idle < 2 * len(makers):
            idle = 0 if makers[turn % len(makers)]() else idle + 1
            turn += 1
            if idle == len(makers) and self.page.look_round():
                idle = 0

    def pause(self) -> None:
        """Between two lines of talk: a thought, a feeling, a silence, something seen."""
        self.page.new()
        draw = self.page.dealer.chance()
        made = self.thought() if draw < 0.4 else self.felt() if draw < 0.55 else ""
        if not made:
            self.page.add("silence") if draw < 0.85 else self.seen()

    def seen(self) -> str:
        """Something seen or heard here, unless something was just before."""
        return self._spaced("look", self.page.look_round)

    def felt(self) -> str:
        """What the point of view feels."""
        return self._spaced("feel", lambda: self.page.add(f"feel.{self.feeling}"))

    def thought(self) -> str:
        """What the point of view thinks: another kind of thing each time."""
        kinds: list[tuple[str, Callable[[], str]]] = [
            ("recall", self._recall), ("know", self.know), ("memory", self.memory),
            ("suspect", lambda: self.page.add("think.suspect")),
            ("want", lambda: self.page.add("want")), ("gap", self._gap),
            ("clock", lambda: self.page.add("clock")), ("echo", self._echo), ("link", self.link),
        ]  # fmt: skip
        at = int(self.page.dealer.chance() * len(kinds))
        return next((made for kind, make in (*kinds[at:], *kinds[:at]) if (made := self._spaced(kind, make))), "")

    def _spaced(self, kind: str, make: Callable[[], str]) -> str:
        """A thing of a kind, unless one came only a few words before."""
        if self.page.words - self._since.get(kind, -10_000) < EVERY[kind]:
            return ""
        if made := make():
            self._since[kind] = self.page.words
        return made

    def memory(self) -> str:
        """A memory of the one who is lost."""
        return self.page.add("memory")

    def know(self) -> str:
        """A fact weighed."""
        return self._weighed("think.know")

    def link(self) -> str:
        """A fact and what follows from it."""
        return self._weighed("think.link")

    def _weighed(self, path: str) -> str:
        """A sentence about a fact that the chapter has not weighed yet."""
        left = [one for one in self.known() if one not in self._told]
        if not left:
            return ""
        fact = left[int(self.page.dealer.chance() * len(left))]
        self._told.append(fact)
        return self.page.add(path, that=self.gist(fact))

    def _gap(self) -> str:
        return self.page.add("think.gap", question=self.reworded())

    def reworded(self) -> Clause:
        """The question of the book, each time in other words."""
        return self.stage.again(self.contract.number * 5 + self.page.words // 100)

    def _recall(self) -> str:
        events = [clause for number, clause in self.stage.past]
        return self.page.add("think.recall", past=self._any(events)) if events else ""

    def _echo(self) -> str:
        things = echoes(self.stage.premise)
        thing = things[(self.contract.number + self.page.words // 400) % len(things)] if things else ""
        return self.page.add("echo", thing=thing, place=self.page.bound["L"]) if thing else ""

    def known(self) -> list[str]:
        """The facts of the story that the reader has been told and that can be told in any tense, by id."""
        own = (one.id for one in self.stage.context.facts if one.told and not one.id.startswith(("secret", "the-gone")))
        return [key for key in own if len(self.stage.facts[key].parts) > 1]

    def gist(self, key: str) -> Clause:
        """A fact in a few words, other ones each time."""
        return self.stage.gist(key, self.contract.number * 7 + self.page.words // 40)

    def _any(self, clauses: list[Clause]) -> Clause:
        return clauses[int(self.page.dealer.chance() * len(clauses))]

    # --- coming and being seen -------------------------------------------------------------------------------------

    def opening(self) -> None:
        """The first lines of a chapter: what an author changed before it, a first line of another kind each time."""
        if self.index or not self.ample or any(beat.summary.startswith("Begin") for beat in self.scene.beats):
            return
        seed = self.stage.premise.seed or 0
        kinds = (OPENINGS[(self.contract.number * 3 + seed + turn) % len(OPENINGS)] for turn in range(len(OPENINGS)))
        any(self.page.add(f"open.{kind}", question=self.reworded()) for kind in kinds)
        if self.stage.changed:
            self.page.must("hear.edit", tale=self.stage.changed)
        self.given_facts()
        self.own_names()

    def given_facts(self) -> None:
        """The author's facts about the world, word for word, each in its chapter."""
        facts, of, number = self.stage.premise.world.facts, self.contract.of, self.contract.number
        for fact in (one for n, one in enumerate(facts) if n * of // len(facts) + 1 == number):
            text = plain(fact)
            self.page.must("given", custom=text if re.search(r"[.?!]$", text) else text + ".")

    def own_names(self) -> None:
        """What the premise names, said again: the seeker's trade and family, its ships, things and places."""
        number, of = self.contract.number, self.contract.of
        here: dict[str, Bound] = {"place": self.page.bound["L"]}
        say = self.page.must if number <= ALWAYS else self.page.add
        if role := self.stage.trade(self.view.id):
            say("trade", role=role)
        if (family := self.stage.family(self.view.id)) and (number in (1, of) or number % 4 == 2):
            say("family", family=family, **here)
        things = echoes(self.stage.premise)
        share = max(ECHOES, -(-ECHOES * len(things) // of)) if number <= ALWAYS else number % 2
        share = min(len(things), self.contract.words // 125, share)
        for n in range(share):
            say("echo", thing=things[(number * share + n) % len(things)], **here)

    def on_stage(self) -> None:
        """A scene of a place where one is already begins with the chapter's first lines all the same."""
        if not any(beat.summary.startswith(("Arrive", "Begin")) for beat in self.scene.beats):
            self.opening()
            if self.roomy:
                self.page.add("linger")

    def introduced(self, who: Person) -> None:
        """Somebody seen: for the first time with looks and trade, later as known."""
        self.page.new()
        met = any(getattr(effect, "other", "") == who.id for effect in self.open_effects("meets"))
        sheet = self.stage.sheets[who.id]
        look, role = plain(sheet.appearance).rstrip("."), self.stage.trade(who.id)
        first = met or self.contract.number == 1
        if self.roomy:
            seen = {"O": who, **_given(look=lowered(look), role=role)} if first else {"O": who}
            self.page.add("look.first" if first else "look.again", **seen)
        if first:
            self.named_in_full(who)
        if met:
            self._meet(who)

    def _meet(self, who: Person) -> None:
        """The first meeting in a sentence, as what shows it."""
        number = next(n for n, one in self._planned if getattr(one, "other", "") == who.id and one.kind == "meets")
        self.proofs[number] = self.page.must("meets.one", O=who)

    def named_in_full(self, who: Person) -> None:
        """The whole name, the other names and the look of somebody whom the author named."""
        sheet, given = self.stage.sheets[who.id], self.stage.given(who.id)
        other = [one for one in (given.aliases if given else ()) if one not in (sheet.name, who.name)]
        known = given is not None or sheet.name in plain(self.stage.premise.premise)
        if known and (other or who.name != sheet.name):
            part = ("full", "one", "many")[min(len(other), 2)]
            self.page.must(
                part, O=who, full=sheet.name, **_given(alias="".join(other[:1]), more=" or ".join(other[1:]))
            )
        if given and given.appearance:
            part = "mine" if who.speaker else "look"
            self.page.must(f"absent.{part}", O=who, look=lowered(plain(given.appearance).rstrip(".")))

    # --- talk ------------------------------------------------------------------------------------------------------

    def said(self, who: str, other: Person, path: str, mood: str = "neutral", **bound: Bound) -> str:
        """A line of the other (``o``) or of the point of view (``p``)."""
        if who == "o":
            return self.page.speak(other, self.view, path, mood, **bound)
        return self.page.speak(self.view, other, path, "neutral" if mood == "neutral" else "firm", **bound)

    def exchange(
        self, other: Person, talk: Iterable[Line], until: float, mood: str = "neutral", **bound: Bound
    ) -> None:
        """Lines in turn, round and round while there is room, with a pause after every few."""
        order = tuple(talk)
        turn = 0
        while self.roomy and (turn < len(order) or (self.page.words < until and turn < 4 * len(order))):
            who, path = order[turn % len(order)]
            self.said(who, other, path, mood, **bound)
            turn += 1
            if self.roomy and turn % 3 == 0:
                self.pause()

    def chat(self, other: Person, pairs: int = 1) -> None:
        """Small talk."""
        for _ in range(pairs if self.roomy else 0):
            self.said("o", other, "small.chat")
            self.said("p", other, "small.reply")

    # --- effects that no scene shows of itself ---------------------------------------------------------------------

    def related(self) -> None:
        """How people stand from now on."""
        for effect in self.open_effects("relates"):
            relation = getattr(effect, "relation", "")
            part = relation if relation in table("effects")["relates"] else "other"
            who, other = (self.stage.people.get(getattr(effect, field)) for field in ("character", "other"))
            if who and other:
                self.prove("relates", self.page.must(f"relates.{part}", O=who, P=other, relation=relation))

    def discovered(self) -> None:
        """What is found out and what is taken."""
        self.page.new()
        for effect in self.open_effects("learns"):
            self.prove("learns", self.page.must("learns.one", that=self.fact(effect)))
        for effect in self.open_effects("takes"):
            self.prove("takes", self.page.must("takes.one", S=self.view, item=self.item(effect)))

    def show_rest(self) -> None:
        """Every effect of the beat that has not been shown, each in a sentence."""
        self.related()
        for effect in self.open_effects("meets"):
            if who := self.stage.people.get(getattr(effect, "other", "")):
                self.named_in_full(who)
                self._meet(who)
        for effect in self.open_effects():
            if words := self._shown(effect):
                self.prove(effect.kind, words)

    def _shown(self, change: Change) -> str:
        people = self.stage.people
        who = people.get(getattr(change, "character", ""))
        whom = next(
            (
                people[key]
                for field in ("receiver", "listener", "other")
                if (key := getattr(change, field, "")) in people
            ),
            None,
        )
        if change.kind not in table("effects") or (who is None and hasattr(change, "character")):
            return ""
        place = self.stage.things.get(getattr(change, "place", ""), str(self.page.bound["L"]))
        entity = self.stage.things.get(getattr(change, "entity", ""), "it")
        bound: dict[str, Bound | None] = {
            "S": who, "P": who or self.view, "O": whom, "item": self.item(change),
            "injury": getattr(change, "injury", ""),
            "that": self.fact(change), "what": self.promised(getattr(change, "promise", "")), "L": place,
            "entity": entity, "value": getattr(change, "value", ""),
        }  # fmt: skip
        return self.page.must(f"{change.kind}.one", **{key: value for key, value in bound.items() if value})

    def promised(self, key: str) -> Bound:
        """What a promise says, as a noun clause."""
        if key == "truth" and "question" in self.page.bound:
            return self.page.bound["question"]
        text = next((one.text for one in self.stage.context.promises if one.id == key), "what would come of it")
        text = lowered(text).rstrip(".")
        past = (("will", "would"), ("becomes", "became"), ("has", "had"))
        for now, then in past if self.stage.premise.tense == "past" else ():
            text = re.sub(rf"\b{now}\b", then, text)
        return text

    def foreign(self, beat: Beat, until: float) -> None:
        """A beat in words the storyteller did not plan itself: what the plan says, and thoughts about it."""
        self.on_stage()
        self.page.new()
        text = plain(beat.summary)
        if len(text.split()) > 3:
            self.page.keep(self.page.put(sentence(text)))
        if self.other and self.roomy:
            self.chat(self.other, 2)
        self.fill(until)


def lowered(text: str) -> str:
    """A text ready to stand inside a sentence."""
    return text if text.startswith("I ") else text[:1].lower() + text[1:]


def _given(**bound: str) -> dict[str, Bound]:
    """Only what is not empty."""
    return {key: value for key, value in bound.items() if value}
