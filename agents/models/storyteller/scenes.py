"""Scenes: the beats of a chapter as sequences of moves, told until the asked words are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from agents.models.storyteller.grammar import capital, lower_first, sentence
from agents.models.storyteller.lexicon import table
from agents.models.storyteller.premise import echoes, plain
from agents.models.storyteller.stage import Stage
from agents.models.storyteller.surface import Bound, Joins, Person, Surface
from agents.models.storyteller.voice import addressed, manner, voiced
from agents.models.storyteller.wording import Dealer
from agents.requests import ChapterContext, WriteChapter
from story.base import digest, word_count
from story.changes import Change
from story.outline import Beat, ScenePlan
from story.premise import Premise

PURSUIT = 14
"""So many moves a search or a chase has before it becomes the same again."""

MERGED, HALF = 1.0, 15
"""So often two neighbours of fewer than so many words become one sentence."""

CLOSE = ("to ", "from ", "over ", "beside ", "and ", "through ", "above ")
"""How a tail begins that needs no comma."""

BRIEF = 6
"""What is said in fewer words is told with how it is said."""

ECHOES, FORCED = 2, 7
"""So many of the premise's things a chapter names again, and in so many first chapters whosever words they are."""

RECENT = 2
"""So many of the latest finds are gone over."""

UNTAGGED = 3
"""So many turns of speech may follow each other without a name."""

REVISIONS = 7
"""Into so many tellings the findings of a revision are sorted, so that the chronicler can tell which it was."""

WEIGHT = {
    "Arrive": 1.3, "Sight": 0.8, "Premise": 1.5, "Talk": 6, "Ask": 7, "Tell": 1.5, "Search": 6, "Find": 1.5,
    "Follow": 6,
    "Overhear": 1.5, "Bargain": 2, "Accuse": 6, "Confess": 2, "Own": 2, "Last": 4, "Die": 2, "News": 5, "Alone": 5,
    "Threat": 7, "Turn": 1, "Wound": 2, "Heal": 1, "Quarrel": 6, "Mend": 6, "Confront": 8, "Witness": 2, "Close": 3,
    "Decide": 1.6, "Name": 0.4, "Roll": 0.4, "Raise": 0.7, "Settle": 0.7, "Take": 1, "Lose": 1,
    "Stolen": 1, "Meet": 0.6, "Yield": 1,
}  # fmt: skip


@dataclass
class Telling:
    """A chapter as told: its paragraphs and, for each effect by its place in the plan, the words that show it."""

    text: str
    proofs: dict[int, str] = field(default_factory=dict)


def written(request: WriteChapter) -> str:
    """The text of a chapter; a revision is another telling, chosen by what the findings say."""
    number = request.telling
    if request.draft:
        named = digest([finding.model_dump() for finding in request.findings])
        number = 100 + int(named[:8], 16) % REVISIONS
        if tell(request.premise, request.context, number).text == request.draft:
            number = 100 + (number - 99) % REVISIONS
    return tell(request.premise, request.context, number).text


@lru_cache(maxsize=24)
def tell(premise: Premise, context: ChapterContext, number: int = 0) -> Telling:
    """The telling of that number."""
    return _Teller(Stage(premise.seeded(), context), number).chapter()


class _Teller:
    def __init__(self, stage: Stage, number: int) -> None:
        self.stage, self.contract = stage, stage.context.contract
        premise = stage.premise
        self.dealer = Dealer(
            f"{premise.seed}:{premise.variant}:{premise.premise[:200]}",
            self.contract.number,
            self.contract.of,
            str(number),
        )
        self.surface = Surface(self.dealer, premise.tense == "present")
        self.lines, self.speech = table("narration"), table("speech")
        self.blocks: list[str] = []
        self.current: list[str] = []
        self.proofs: dict[int, str] = {}
        self.words = 0
        self.effect = 0
        self.facts_told: set[str] = set()
        self.ready: dict[str, str] = {}
        self.kept: set[str] = set()
        self.naming = table("naming")

    # --- the chapter -----------------------------------------------------------------------------------------------

    def chapter(self) -> Telling:
        """All scenes, each with its share of the words."""
        scenes = self.contract.scenes
        total = sum(map(_size, scenes))
        aim = 0.0
        for n, scene in enumerate(scenes):
            aim += self.contract.words * _size(scene) / total
            if n:
                self._flush()
                self.blocks.append("* * *")
            self._scene(scene, n, int(aim))
        self._flush()
        self._trim()
        return Telling("\n\n".join(self.blocks), self.proofs)

    def _trim(self) -> None:
        """Leave out what only fills, from the end, where the chapter came out too long."""
        kept = {*self.proofs.values(), *self.kept}
        for index in reversed(range(1, len(self.blocks))):
            if sum(map(word_count, self.blocks)) <= 1.1 * self.contract.words:
                break
            block = self.blocks[index]
            if block != "* * *" and not any(quote in block for quote in kept):
                del self.blocks[index]
        while len(self.blocks) > 1 and self.blocks[-1] == "* * *":
            self.blocks.pop()

    def _scene(self, scene: ScenePlan, index: int, until: int) -> None:
        self.scene, self.index = scene, index
        self.surface.scene()
        self.place, self.kind = self.stage.place(scene), self.stage.kind(scene)
        self.pov = self.stage.people.get(scene.pov) or next(iter(self.stage.people.values()))
        self.others = [
            self.stage.people[key] for key in scene.characters if key != self.pov.id and key in self.stage.people
        ]
        if self.roomy and index == 0:
            self._opening()
        left = sum(_weight(beat) for beat in scene.beats)
        for beat in scene.beats:
            share = max(0, until - self.words) * _weight(beat) / max(left, 0.1)
            left -= _weight(beat)
            self._beat(beat, int(self.words + share))
        self._ending(until)

    @property
    def roomy(self) -> bool:
        """Whether the chapter is long enough for more than what happens."""
        return self.contract.words >= 300

    def _opening(self) -> None:
        self.add("open", joins=self._joins(("front",), 0.2))
        self._given_facts()
        self._echoes()

    def _given_facts(self) -> None:
        facts = self.stage.premise.world.facts
        of, number = self.contract.of, self.contract.number
        mine = [fact for n, fact in enumerate(facts) if n * of // len(facts) + 1 == number]
        for fact in mine:
            text = plain(fact)
            self._place_given(text if re.search(r"[.?!]$", text) else text + ".")

    def _place_given(self, text: str) -> None:
        self._keep(self.add("given", given=text) or self.current_add(sentence(text)))

    def _keep(self, text: str) -> str:
        """What the chapter may not lose when it is cut."""
        if text:
            self.kept.add(text)
        return text

    def _must(self, key: str, patterns: list[str], **bound: Bound) -> str:
        """A sentence that has to stand, whosever chapter its words are."""
        with_all = self._bound(**bound)
        made = self.surface.compose(f"must:{key}", patterns, with_all, leading=False)
        return self._keep(self.current_add(made or sentence(self.surface.phrase(f"must:{key}", patterns, with_all))))

    # --- what the author named -------------------------------------------------------------------------------------

    def _named_in_full(self, who: Person) -> None:
        """The whole name and the other names of somebody whom the author named, once, at the first sight."""
        sheet = self.stage.sheets[who.id]
        given = self.stage.given(who.id)
        other = [one for one in (given.aliases if given else ()) if one not in (sheet.name, who.name)]
        known = given is not None or sheet.name in plain(self.stage.premise.premise)
        if not known or (not other and who.name == sheet.name):
            return
        part = ("full", "one", "many")[min(len(other), 2)]
        names = {"full": sheet.name} | ({"alias": other[0], "more": " or ".join(other[1:])} if other else {})
        with self.surface.aside(who):
            self._must(f"name.{part}", self.naming[part]["patterns"], O=who, **names)

    def _do_name(self, text: str, _until: int) -> str:
        """Somebody whom the author gave and whom the story never brings on stage: the names and the look."""
        name = re.sub(r" is named\.$", "", text)
        given = next((one for one in self.stage.premise.characters if one.name == name), None)
        if given is None:
            return ""
        called = "".join(f", called {alias}" if not n else f" or {alias}" for n, alias in enumerate(given.aliases))
        look = plain(given.appearance).rstrip(".")
        part = "patterns" if look else "unseen"
        look = look if look.startswith("I ") else look[:1].lower() + look[1:]
        self._must(f"absent.{part}", self.naming["absent"][part], full=f"{name}{called}", look=look)
        return ""

    def _do_roll(self, text: str, _until: int) -> str:
        """Those who are only listed."""
        self._must("absent.roll", self.naming["absent"]["roll"], full=re.sub(r" are listed\.$", "", text))
        return ""

    def _echoes(self) -> None:
        """What the premise names, said again: the seeker's trade and family, its ships, things and places."""
        number, of = self.contract.number, self.contract.of
        if role := self.stage.trade(self.pov.id):
            self._echo("trade", number, tuple(range(1, FORCED + 1)), role=role)
        family = self.stage.family(self.pov.id)
        if family and (number in (1, of) or number % 4 == 2):
            self._echo("family", {1: 0, 2: 1, 6: 2}.get(number, 3), (0, 1, 2, 3), family=family)
        things = echoes(self.stage.premise)
        share = max(ECHOES, min(-(-ECHOES * len(things) // of), self.contract.words // 120))
        for n in dict.fromkeys((number * share + k) % len(things) for k in range(share)) if things else ():
            self._echo("echo", number + 3 * n, tuple(3 * n + one for one in range(1, FORCED + 1)), thing=things[n])

    def _echo(self, key: str, turn: int, forced: tuple[int, ...], **bound: str) -> None:
        """One of them: in the first chapters the sentence of that turn, later one of those that no turn has taken."""
        patterns: list[str] = self.naming[key]["patterns"]
        if self.contract.number > FORCED:
            taken = {one % len(patterns) for one in forced}
            left = [one for n, one in enumerate(patterns) if n not in taken]
            made = self.surface.compose(f"naming:{key}", left, self._bound(**bound)) if left else ""
        else:
            pattern = self.surface.chosen(patterns[turn % len(patterns)], f"naming:{key}")
            made = sentence(self.surface.phrase(f"naming:{key}:{turn}", [pattern], self._bound(**bound)))
        self._keep(self.current_add(made))

    def _ending(self, until: int) -> None:
        last = self.index == len(self.contract.scenes) - 1
        for _ in range(40):
            if self.roomy or self.words > until - 14:
                break
            self.new()
            self.add("drift" if self.dealer.chance("pad") < 0.5 else "air")
        while self.words < until - 25 and self.roomy:
            before = self.words
            self._muse()
            if self.words == before:
                break
        if last and self.roomy and self.contract.number < self.contract.of:
            self.new()
            self.add("hang")

    # --- a beat ----------------------------------------------------------------------------------------------------

    def _beat(self, beat: Beat, until: int) -> None:
        label, _, text = beat.summary.partition(": ")
        own: Callable[[str, int], str] | None = getattr(self, f"_do_{label.lower()}", None)
        self.changes = beat.effects
        proof = own(text, until) if own and label in WEIGHT else self._do_other(beat, until)
        for effect in beat.effects:
            shown = proof if own and label in WEIGHT else self._shown(effect)
            if shown:
                self.proofs[self.effect] = shown
            self.effect += 1

    def _do_other(self, beat: Beat, until: int) -> str:
        """A beat in words the storyteller did not plan itself: talk about it, and its effects each in a sentence."""
        if self.roomy and self.others:
            self._do_talk(beat.summary, until)
        elif self.roomy:
            self._fill(until, self._muse)
        return ""

    def _shown(self, change: Change) -> str:
        maker: Callable[[Change], str] | None = getattr(self, f"_show_{change.kind}", None)
        return maker(change) if maker else ""

    def _show_moves(self, change: Change) -> str:
        return self.state(f"{self._name(change, 'character')} [came|went] to {self.place}.")

    def _show_takes(self, change: Change) -> str:
        return self.add("item_take", S=self._who(change, "character"), item=self._item(change))

    def _show_gives(self, change: Change) -> str:
        return self.add(
            "item_give", S=self._who(change, "character"), O=self._who(change, "receiver"), item=self._item(change)
        )

    def _show_loses(self, change: Change) -> str:
        return self.add("item_lose", S=self._who(change, "character"), item=self._item(change))

    def _show_learns(self, change: Change) -> str:
        return self.add("find", P=self._who(change, "character"), fact=self._inner(getattr(change, "fact", "")))

    def _show_tells(self, change: Change) -> str:
        speaker, listener = self._who(change, "character"), self._who(change, "listener")
        return self.say("tell", speaker, listener, fact=self._fact(getattr(change, "fact", "")))

    def _show_dies(self, change: Change) -> str:
        return self.add("die", S=self._who(change, "character"))

    def _show_injured(self, change: Change) -> str:
        how = self.surface.phrase("how", self.lines["wound"]["how"], self._bound())
        return self.add("wound", S=self._who(change, "character"), injury=getattr(change, "injury", "hurt"), how=how)

    def _show_heals(self, change: Change) -> str:
        return self.add("heal", S=self._who(change, "character"), injury=getattr(change, "injury", "hurt"))

    def _show_meets(self, change: Change) -> str:
        return self.add("meet", P=self._who(change, "character"), O=self._who(change, "other"))

    def _show_relates(self, change: Change) -> str:
        return self.add("relates", S=self._who(change, "character"), O=self._who(change, "other"),
                        relation=getattr(change, "relation", "something else"))  # fmt: skip

    def _show_opens_promise(self, change: Change) -> str:
        return self.add("promise", ask=self._promised(change))

    def _show_pays_promise(self, change: Change) -> str:
        return self.add("paid", ask=self._promised(change))

    def _promised(self, change: Change) -> str:
        key = getattr(change, "promise", "")
        text = next((one.text for one in self.stage.context.promises if one.id == key), "")
        asked = re.search(r"\b((?:who|what|why|where|when|how|whether|whom|whose|which)\b.*)", text)
        return plain(asked[1]).rstrip(".?!") if asked else "how it would end"

    # --- arriving and seeing ---------------------------------------------------------------------------------------

    def _do_arrive(self, text: str, until: int) -> str:
        changes = self.changes
        key = (
            getattr(changes[0], "character", "")
            if changes
            else next((k for k in self.stage.people if self._named(k, text)), "")
        )
        if key in ("", self.pov.id):
            return self._arrive(until, bool(changes))
        return self._join_in(self.stage.people[key])

    def _named(self, key: str, text: str) -> bool:
        return text.startswith(self.stage.people[key].name)

    def _arrive(self, until: int, moved: bool) -> str:
        self.new()
        proof = self.add("arrive" if moved else "resume", joins=self._joins(("while", "front"), 0.6))
        if not self.roomy:
            return proof
        self._sense()
        self.add("goal", goal=self._goal())
        if cause := self._cause():
            self.add("because", np=cause)
        if obstacle := self._obstacle():
            self.add("obstacle", obstacle=obstacle)
        near = self.contract.number % 3 == 1 or self.contract.of - self.contract.number <= 2
        if near and self.index == 0 and (left := re.search(r"Left: ([^.]+)\.", self.contract.purpose)):
            self.add("term", left=self._tensed(left[1]))
        self._fill(until, self._sense)
        return proof

    def _obstacle(self) -> str:
        """What stands in the way, in the tense of the telling."""
        text = self.stage.inside(plain(self.scene.obstacle).rstrip("."), self.pov)
        return text if self.surface.present else _PRESENT.sub(lambda found: _PAST[found[0]], text)

    def _tensed(self, left: str) -> str:
        return (
            left if self.surface.present else left.replace(" is left", " was left").replace(" are left", " were left")
        )

    def _goal(self) -> str:
        goal = plain(self.scene.goal).strip().rstrip(".")
        goal = re.sub(r"^(?:to|I|he|she|they) ", "", goal) or "see it through"
        return self._mine(
            goal[:1].lower() + goal[1:] if goal.split()[0] not in self.stage.proper else f"be there: {goal}"
        )

    def _mine(self, text: str) -> str:
        if not self.pov.speaker:
            return text
        text = re.sub(r"\b(?:his|her|their) (?=\w)", "my ", text)
        return addressed(text, self.stage.names(self.pov.id), ())

    def _cause(self) -> str:
        known = next((one.knows for one in self.stage.context.states if one.character == self.pov.id), ())
        clues = sorted(fact for fact in known if fact.startswith("clue-") and fact not in self.facts_told)
        if not clues or self.index:
            return ""
        self.facts_told.add(clues[-1])
        return _find_name(clues[-1])

    def _latest(self) -> str:
        """What was found out last, in two or three words."""
        told = [fact for fact in self.facts_told if fact.startswith("clue-")]
        known = next((one.knows for one in self.stage.context.states if one.character == self.pov.id), ())
        clues = sorted(fact for fact in (*known, *told) if fact.startswith("clue-"))
        if not clues:
            return ""
        back = min(len(clues), 3)
        return _find_name(clues[-1 - int(self.dealer.chance("latest") * back)])

    def _sense(self) -> None:
        roll = self.dealer.chance("sense")
        if roll < 0.3:
            self.add("air", joins=self._joins(("while",), 0.3))
        elif roll < 0.42:
            smell = self.surface.phrase("smells" + self.place, self.kind["smells"], {})
            self.add("smell", smell=smell)
        else:
            self.add("sense", joins=self._joins(("while", "front"), 0.35))

    def _clause(self) -> str:
        if self.dealer.chance("where") < 0.3:
            return self.surface.phrase("anywhere", self.lines["anywhere"]["patterns"], {"prop": self._prop})
        return self.surface.phrase(f"clause:{self.place}", self.kind["clauses"], {})

    def _join_in(self, one: Person) -> str:
        self.new()
        with self.surface.aside(one):
            doing = self.surface.phrase("doing", self.lines["notice"]["doing"], self._bound(O=one))
        unseen = any(beat.summary.startswith("Follow:") for beat in self.scene.beats)
        return self.add("spied" if unseen else "notice", O=one, doing=doing)

    def _do_sight(self, text: str, _until: int) -> str:
        key = next((key for key in self.stage.people if self._named(key, text)), self.pov.id)
        sheet = self.stage.sheets[key]
        look = plain(sheet.appearance).rstrip(".")
        if not look:
            return ""
        who = self.stage.people[key]
        if key == self.pov.id:
            proof = self._own_look(look)
            self._named_in_full(who)
            return proof
        proof = self._looked("looks", look, O=who)
        self._named_in_full(who)
        if self.contract.words >= 700:
            self._background(who)
        return proof

    def _background(self, who: Person) -> None:
        sheet = self.stage.sheets[who.id]
        role, want, fear = (plain(one).rstrip(".") for one in (sheet.role, sheet.want, sheet.fear))
        if self.pov.speaker:
            role = addressed(role, self.stage.names(self.pov.id), ())
        if role and want.startswith("to "):
            named = (
                role
                if re.match(r"(?i)(a|an|the|his|her|my|one|[A-Z])\b", role) or "’s " in role or "'s " in role
                else f"a {role}"
            )
            self.add("background", O=who, role=named, want=want)
        if fear:
            self.add("fears", O=who, fear=fear[:1].lower() + fear[1:])

    def _own_look(self, look: str) -> str:
        return self._looked("own", look)

    def _looked(self, part: str, look: str, **bound: Bound) -> str:
        inner = (
            look[:1].lower() + look[1:]
            if look.split(maxsplit=1)[0] not in self.stage.proper and not look.startswith("I ")
            else look
        )
        free = self.surface.memory.free
        made = self.surface.compose(
            f"notice.{part}",
            self.lines["notice"][part],
            self._bound(look=inner, **bound),
            finish=lambda text: text if inner in text and free(text) else "",
        )
        if not made:
            return self._must(part, self.naming["absent"]["look" if "O" in bound else "mine"], look=inner, **bound)
        return self._keep(self.current_add(made))

    def _do_meet(self, _text: str, _until: int) -> str:
        other = self._who(self.changes[0], "other") if self.changes else self.others[0]
        return self.add("meet", O=other)

    def _do_premise(self, text: str, until: int) -> str:
        self.new()
        item = re.sub(r"^it begins with ", "", text).rstrip(".")
        note = next((one.description for one in self.stage.context.items if one.name == item), "")
        self.add("premise", thing=f"{item} {note}".strip())
        gone = self.stage.facts.get("the-gone", "")
        if gone and self.roomy:
            self.add("relation", fact=self._inner("the-gone"))
        self._fill(min(until, self.words + 40), lambda: self._handle(item))
        self._fill(until, self._muse)
        return ""

    def _handle(self, item: str) -> None:
        self.add("heft", item=item)

    # --- asking and telling ----------------------------------------------------------------------------------------

    def _do_ask(self, text: str, until: int) -> str:
        if not self.others:
            return ""
        other = self.others[0]
        question = self._question(text)
        if self.roomy:
            self.say("greet", other, self.pov)
        self.say("ask", self.pov, other, q=question)
        self._rounds(until - 25, other, ("witness",), question)
        return ""

    def _question(self, text: str) -> str:
        asked = re.search(r"\b((?:who|what|why|where|when|how|whether|whom|whose|which)\b.*)", text)
        return plain(asked[1]).rstrip(".?!") if asked else "what happened"

    def _rounds(self, until: int, other: Person, kinds: tuple[str, ...], question: str = "") -> None:
        for turn in range(120):
            if self.words >= until:
                return
            before = self.words
            self._exchange(kinds[turn % len(kinds)], other, question)
            if self.words < until:
                self._pause(other)
            if self.words == before:
                return

    def _exchange(self, kind: str, other: Person, question: str) -> None:
        last = getattr(self, "_last_speaker", "")
        pair = (self.pov, other) if last == other.id and kind in ("ally", "chat", "mend") else (other, self.pov)
        if last == pair[0].id and not self.current and self.roomy:
            self.new()
            self.add("still", joins=self._joins(("while",), 0.3))
        more = {"np": self._latest(), "q": question}
        turns = (self._spoken_bound(*pair, more), self._spoken_bound(pair[1], pair[0], more))
        key = f"exchange:{kind}"
        for card, wordings in self.surface.exchanges(key, table("exchanges")[kind], turns):
            lines = [self._wording(each, pair[n % 2]) for n, each in enumerate(wordings)]
            if all(lines):
                self.surface.said(key, card, lines)
                for n, line in enumerate(lines):
                    self._uttered(line, pair[n % 2])
                return

    def _wording(self, wordings: list[str], speaker: Person) -> str:
        """The first of some wordings that this chapter may use, tagged or not; none if it may use none."""
        lines = [self._in_voice(one, speaker) for one in wordings]
        bare = next((one for one in lines if self.surface.memory.free(f"“{one}”")), "")
        if bare:
            return bare
        for line in lines:
            if tagged := self._tagged(line, speaker, speaker.reference):
                self.ready[line] = tagged
                return line
        return ""

    def _in_voice(self, line: str, speaker: Person) -> str:
        kind = manner(self.stage.sheets[speaker.id])
        spoken = voiced(line.strip(), kind)
        fit = len(spoken.split()) > 3 and spoken.split()[0] not in ("And", "Then", "But", "No.", "Yes.")
        if fit and self.roomy and self.dealer.chance(f"tic:{speaker.id}") < 0.08 and kind in self.speech["tics"]:
            tic = self.dealer.word(f"tic:{kind}", self.speech["tics"][kind])
            low = spoken if tic.endswith(". ") or self._proper_first(spoken) else spoken[:1].lower() + spoken[1:]
            spoken = capital(tic + low)
        return spoken.replace("'", "’")

    def _proper_first(self, text: str) -> bool:
        first = re.split(r"[\s’',.]", text, maxsplit=1)[0]
        return first == "I" or first in self.stage.proper

    def _pause(self, other: Person) -> None:
        roll = self.dealer.chance("pausing")
        if roll > 0.55:
            return
        self.new()
        if roll < 0.12:
            self.add("still", joins=self._joins(("while",), 0.3))
        elif roll < 0.3:
            who = other if roll < 0.22 else self.pov
            self.add("act", S=who, joins=self._joins(("front", "trail", "while", "and"), 0.95, S=who))
        elif roll < 0.42:
            self.add("drift")
        else:
            self.add("feel", S=self.pov)
        if roll > 0.48:
            self.add("air", joins=self._joins(("while",), 0.5))

    def _do_tell(self, _text: str, until: int) -> str:
        change = next((one for one in self.changes if one.kind == "tells"), None)
        if change is None:
            return ""
        speaker, listener = self._who(change, "character"), self._who(change, "listener")
        if self.roomy:
            self.say("yield", speaker, listener)
        proof = self.say("tell", speaker, listener, fact=self._fact(getattr(change, "fact", "")))
        self._after(until, speaker, listener)
        return proof

    def _after(self, _until: int, speaker: Person, listener: Person) -> None:
        if not self.roomy:
            return
        self.say("doubt", listener, speaker)
        self.say("answer", speaker, listener)
        self.new()
        self.add("turn")
        self.add("feel", S=self.pov)

    _do_confess = _do_tell
    _do_witness = _do_tell

    def _do_own(self, _text: str, _until: int) -> str:
        """A secret in whatever words it was given: told, not spoken, so that its grammar is its own."""
        change = next((one for one in self.changes if one.kind == "tells"), None)
        if change is None:
            return ""
        speaker, listener = self._who(change, "character"), self._who(change, "listener")
        self.say("admit", speaker, listener)
        self.new()
        proof = self.add("told", O=speaker, P=listener, fact=self._inner(getattr(change, "fact", "")))
        if self.roomy:
            self.say("doubt", listener, speaker)
            self.add("feel", S=self.pov)
        return proof

    def _do_news(self, _text: str, until: int) -> str:
        change = self.changes[0] if self.changes else None
        other = self._who(change, "listener") if change else self.others[0]
        if self.roomy:
            self.say("greet", other, self.pov)
        fact = self._fact(getattr(change, "fact", ""))
        proof = self.say("news", self.pov, other, fact=fact, inner=fact)
        self._rounds(until, other, ("ally", "ally", "chat"))
        return proof

    def _do_talk(self, _text: str, until: int) -> str:
        if not self.others:
            return ""
        other = self.others[-1]
        self._rounds(until, other, ("chat", "ally", "ally"))
        return ""

    def _do_bargain(self, _text: str, _until: int) -> str:
        change = self.changes[0]
        giver, taker = self._who(change, "character"), self._who(change, "receiver")
        self.say("bargain", taker, giver, item=self._item(change))
        self.say("agree", giver, taker)
        self.new()
        return self.add("item_give", S=giver, O=taker, item=self._item(change))

    def _do_yield(self, _text: str, _until: int) -> str:
        self.new()
        return self._show_gives(self.changes[0])

    def _do_accuse(self, text: str, until: int) -> str:
        if not self.others:
            return ""
        other = self.others[0]
        question = self._question(text)
        self.say("accuse", self.pov, other)
        self._rounds(until - 20, other, ("accuse",), question)
        self.say("ask", self.pov, other, q=question)
        return ""

    # --- going after, looking for ----------------------------------------------------------------------------------

    def _do_search(self, _text: str, until: int) -> str:
        self.new()
        self._fill(until, self._look_for, PURSUIT)
        self._fill(until, self._muse)
        return ""

    def _look_for(self) -> None:
        self.add("search", joins=self._joins(("front", "trail", "while", "and"), 0.55))
        if self.dealer.chance("search") < 0.3:
            self._muse()

    def _do_find(self, _text: str, until: int) -> str:
        self.new()
        fact = getattr(self.changes[0], "fact", "") if self.changes else ""
        proof = self.add("find", fact=self._inner(fact))
        if self.roomy:
            self.add("turn")
            self._fill(until, self._muse)
        return proof

    def _do_follow(self, _text: str, until: int) -> str:
        self.new()
        if self.others:
            self._fill(until, self._go_after, PURSUIT)
            self._fill(until, self._muse)
        return ""

    def _go_after(self) -> None:
        self.add("follow", O=self.others[0], joins=self._joins(("front", "trail", "while", "and"), 0.5))
        if self.dealer.chance("follow") < 0.35:
            self._sense()

    def _do_overhear(self, _text: str, until: int) -> str:
        self.new()
        fact = getattr(self.changes[0], "fact", "") if self.changes else ""
        proof = self.add("overheard", fact=self._inner(fact))
        if self.roomy:
            self.add("turn")
            self._fill(until, self._muse)
        return proof

    def _do_take(self, _text: str, _until: int) -> str:
        return self._show_takes(self.changes[0]) if self.changes else ""

    def _do_lose(self, _text: str, _until: int) -> str:
        self.new()
        proof = self._show_loses(self.changes[0]) if self.changes else ""
        if self.roomy:
            self.add("feel", S=self.pov)
        return proof

    def _do_stolen(self, _text: str, _until: int) -> str:
        change = self.changes[0]
        return self.add("item_stolen", S=self._who(change, "character"), item=self._item(change))

    # --- against each other, with each other ------------------------------------------------------------------------

    def _do_threat(self, _text: str, until: int) -> str:
        if not self.others:
            return ""
        other = self.others[0]
        self._rounds(until - 15, other, ("threat",))
        self.new()
        self.add("threatened", O=other)
        return ""

    def _do_turn(self, _text: str, _until: int) -> str:
        self.new()
        return self._show_relates(self.changes[0]) if self.changes else ""

    def _do_quarrel(self, _text: str, until: int) -> str:
        if self.others:
            self._rounds(until, self.others[0], ("accuse",))
        return ""

    def _do_mend(self, _text: str, until: int) -> str:
        if self.others:
            self._rounds(until, self.others[0], ("mend", "mend", "ally"))
        return ""

    def _do_confront(self, text: str, until: int) -> str:
        if not self.others:
            return ""
        other, question = self.others[0], self._question(text)
        self.say("charge", self.pov, other, q=question)
        self._rounds(until, other, ("confront", "confront", "threat"), question)
        return ""

    def _do_last(self, _text: str, until: int) -> str:
        change = self.changes[0]
        speaker = self._who(change, "character")
        self._rounds(until - 30, speaker, ("dying",))
        return self.say("last", speaker, self.pov, fact=self._fact(getattr(change, "fact", "")))

    def _do_die(self, _text: str, _until: int) -> str:
        self.new()
        proof = self._show_dies(self.changes[0]) if self.changes else ""
        if self.roomy:
            self.add("still")
            self.add("feel", S=self.pov)
        return proof

    def _do_wound(self, _text: str, until: int) -> str:
        self.new()
        proof = self._show_injured(self.changes[0]) if self.changes else ""
        self._fill(until, self._muse)
        return proof

    def _do_heal(self, _text: str, _until: int) -> str:
        self.new()
        return self._show_heals(self.changes[0]) if self.changes else ""

    # --- alone, and on ---------------------------------------------------------------------------------------------

    def _do_alone(self, _text: str, until: int) -> str:
        self._fill(until, self._muse)
        return ""

    def _muse(self) -> None:
        """A thought: what is known and what follows from it, or what is missing; then what the place does."""
        self.new()
        roll = self.dealer.chance("muse")
        before = self.words
        if roll < 0.2 and (known := self._known()):
            self.add("reason", known=known)
        elif roll < 0.6 and (fact := self._remembered()):
            self.add("turnback", np=fact, earlier=self._earlier())
        elif roll < 0.72 and (earlier := self._earlier()):
            self.add("memory", earlier=earlier)
        else:
            self.add("alone")
        self.add("drift")
        if self.words == before or self.dealer.chance("muse2") < 0.4:
            self.add("feel", S=self.pov)
        if self.dealer.chance("muse3") < 0.3:
            self.add("act", S=self.pov, joins=self._joins(("front", "trail", "while", "and"), 0.95))
        if self.words == before or self.dealer.chance("muse4") < 0.12:
            self._sense()

    def _known(self) -> str:
        """An earlier find in full, each once a chapter; nothing when all have been gone over."""
        known = next((one.knows for one in self.stage.context.states if one.character == self.pov.id), ())
        fresh = [key for key in known if key.startswith("clue-") and f"full:{key}" not in self.facts_told]
        if not fresh:
            return ""
        chosen = fresh[-1 - int(self.dealer.chance("known") * min(len(fresh), RECENT))]
        self.facts_told |= {chosen, f"full:{chosen}"}
        return self._inner(chosen)

    def _remembered(self) -> str:
        known = next((one.knows for one in self.stage.context.states if one.character == self.pov.id), ())
        fresh = [fact for fact in known if fact.startswith("clue-") and fact not in self.facts_told]
        if not fresh:
            return ""
        chosen = fresh[int(self.dealer.chance("remember") * len(fresh))]
        self.facts_told.add(chosen)
        return _find_name(chosen)

    def _earlier(self) -> str:
        spots = [found[1] for line in self.stage.context.so_far if (found := re.search(r"\bAt ([^,.]+),", line))]
        fresh = [spot for spot in dict.fromkeys(spots) if spot not in self.facts_told and spot != self.place]
        if not fresh:
            return ""
        spot = fresh[int(self.dealer.chance("earlier") * len(fresh))]
        self.facts_told.add(spot)
        return f"the {self.dealer.pick('earlier', ['hour', 'day', 'business', 'talk'])} at {spot}"

    def _do_raise(self, _text: str, _until: int) -> str:
        self.new()
        return self._show_opens_promise(self.changes[0]) if self.changes else ""

    def _do_settle(self, _text: str, _until: int) -> str:
        self.new()
        return self._show_pays_promise(self.changes[0]) if self.changes else ""

    def _do_decide(self, text: str, until: int) -> str:
        found = re.search(r"decides to (.+)$", text)
        following = self._mine(plain(found[1]).rstrip(".")) if found else "go on"
        self.new()
        while self.words < until - 40 and self.roomy:
            before = self.words
            self._muse()
            if self.words == before:
                break
        if self.others and self.roomy and self.dealer.chance("plan") < 0.5:
            self.say("plan", self.pov, self.others[-1], next=following)
        else:
            self.new()
            self.add("decide", next=f"to {following}")
        return ""

    def _do_close(self, _text: str, until: int) -> str:
        self._fill(until - 30, self._muse)
        self.new()
        self.add("close")
        self.add("close")
        return ""

    # --- saying ----------------------------------------------------------------------------------------------------

    def say(self, intent: str, speaker: Person, listener: Person, **more: str) -> str:
        """One turn of speech as a paragraph; the words spoken, as they stand."""
        bound = self._spoken_bound(speaker, listener, more)
        patterns: list[str] = self.speech[intent]
        spoken = self.surface.compose(
            f"say:{intent}", patterns, bound, finish=lambda line: self._wording([line], speaker)
        )
        if not spoken:
            return ""
        self._uttered(spoken, speaker)
        return _longest(spoken, more.get("fact", ""))

    def _spoken_bound(self, speaker: Person, listener: Person, more: dict[str, str]) -> dict[str, Bound]:
        mouth = self.stage.names(speaker.id), self.stage.names(listener.id)
        turned = {key: addressed(text, *mouth) for key, text in more.items() if text}
        if "inner" in turned:
            turned["inner"] = lower_first(turned["inner"], self.stage.proper)
        named = {"C": self.stage.purpose("Rival"), "V": self.stage.purpose("Gone"), "X": self.stage.purpose("Sought")}
        stays = {
            key: lower_first(addressed(text, *mouth), self.stage.proper)
            for key, text in named.items()
            if text and text not in (*mouth[0], *mouth[1])
        }
        name = self.stage.people[listener.id].name
        return {"you": name, "here": self.place, **stays, **turned}

    def _uttered(self, spoken: str, speaker: Person) -> None:
        self.new()
        last = getattr(self, "_last_speaker", "")
        streak = getattr(self, "_untagged", 0)
        roll = self.dealer.chance("tag")
        known = last and last != speaker.id and streak < UNTAGGED
        self._last_speaker = speaker.id
        self._untagged = 0
        bare = self.surface.memory.free(f"“{spoken}”")
        if known and bare and roll < 0.6:
            self._untagged = streak + 1
            self.current_add(f"“{spoken}”")
        elif (
            bare
            and roll < 0.74
            and self.roomy
            and self.add("act", S=speaker, joins=self._joins(("trail", "and"), 0.5, S=speaker))
        ):
            self.current_add(f"“{spoken}”")
        else:
            made = self._tagged(spoken, speaker, self.surface.reference(speaker)) if bare else ""
            self.current_add(made or self.ready.get(spoken) or f"“{spoken}”")
            self.surface.mention(speaker)

    def _tagged(self, spoken: str, speaker: Person, who: str) -> str:
        """What is said with the name of who says it, in the first form that this chapter may use."""
        asks = spoken.endswith("?")
        verbs = ["ask", "say"] if asks else ["say", "say", "answer", "say"]
        free = self.surface.memory.free
        for tries in range(3 + 3 * self.dealer.of):
            verb = self.dealer.pick("asktag" if asks else "saytag", verbs)
            said = self.surface.phrase(f"tag{verb}", [f"{{S.n}} <{verb}>"], {"S": speaker}).split()[-1]
            tail = self._tail(speaker) if tries or asks or len(spoken.split()) < BRIEF else ""
            made = self._with_tag(spoken, f"{who} {said}{tail}")
            if free(made):
                return made
        return ""

    def _tail(self, speaker: Person) -> str:
        """How a thing is said."""
        with self.surface.aside(speaker):
            words = self.surface.phrase("tail", self.speech["tails"], self._bound(S=speaker))
        return f" {words}" if words.startswith(CLOSE) else f", {words}"

    def _with_tag(self, spoken: str, tag: str) -> str:
        body = spoken if spoken[-1] in "?!—" else spoken.rstrip(".") + ","
        parts = re.match(r"^(.{3,60}?[.]) (.{12,})$", spoken)
        if parts and self.dealer.chance("split") < 0.6:
            return f"“{parts[1].rstrip('.')},” {tag}. “{parts[2]}”"
        return f"“{body}” {tag}."

    # --- putting down ----------------------------------------------------------------------------------------------

    def add(self, key: str, joins: Joins = tuple, **bound: Bound) -> str:
        """A sentence of that kind, put down; the sentence, or nothing where all has been said."""
        before = self.current[-1] if self.current and self._short(self.current[-1]) else ""
        merging = before and self.dealer.chance("merge") < MERGED
        patterns = self.lines[key]["patterns"]
        if merging and (both := self._both(before, key, patterns, self._bound(**bound))):
            self.current.pop()
            self.words -= word_count(before)
            return self.current_add(both).rstrip(".")
        return self.current_add(self.surface.compose(key, patterns, self._bound(**bound), joins)).rstrip(".")

    def _both(self, before: str, key: str, patterns: list[str], bound: dict[str, Bound]) -> str:
        """The sentence before and one of that kind as a single sentence."""
        return self.surface.compose(key, patterns, bound, finish=lambda text: self._merged(before, text), leading=False)

    def _short(self, text: str) -> bool:
        """Whether a sentence may be one half of another."""
        return len(text.split()) < HALF and not re.search(r"[;:?!“”]|\. ", text)

    def _merged(self, before: str, text: str) -> str:
        """Two short sentences in one, if this chapter may have it; else the second alone."""
        free = self.surface.memory.free
        if self._short(text) and text.endswith("."):
            link = self.dealer.pick("link", [", and ", "; ", ", and "])
            made = f"{before[:-1]}{link}{lower_first(text, self.stage.proper)}."
            return made if free(made) else ""
        return ""

    def state(self, text: str) -> str:
        """A plain sentence."""
        return self.current_add(self.surface.compose(text, [text], self._bound(), self._joins(("front",), 0.5)))

    def current_add(self, text: str) -> str:
        """Put a sentence into the paragraph."""
        if text:
            self.current.append(text)
            self.surface.memory.put(text)
            self.words += word_count(text)
            if len(self.current) >= 5 or sum(map(word_count, self.current)) > 85:
                self.new()
        return text.rstrip(".”") if text.endswith("”") else text

    def new(self) -> None:
        """End the paragraph."""
        self._flush()
        self.surface.paragraph()

    def _flush(self) -> None:
        if self.current:
            self.blocks.append(" ".join(self.current))
            self.current = []

    def _fill(self, until: int, make: Callable[[], object], most: int = 400) -> None:
        for _ in range(most):
            before = self.words
            if self.words >= until - 8 or not self.roomy:
                return
            make()
            if self.words == before:
                return

    def _joins(self, modes: tuple[str, ...], share: float, **bound: Bound) -> Joins:
        """A source of what a sentence is joined with; it draws anew for each candidate."""
        if not self.roomy or self.dealer.chance("join") > share:
            return tuple
        return lambda: self._drawn(modes, {"S": self.pov, **bound})

    def _drawn(self, modes: tuple[str, ...], who: dict[str, Bound]) -> tuple[str, ...]:
        mode = self.dealer.pick("mode", list(modes))
        made = [self._join(mode, who)]
        if mode != "front" and "front" in modes and self.dealer.chance("twice") < 0.2:
            made.append(self._join("front", who))
        return tuple(made)

    def _join(self, mode: str, who: dict[str, Bound]) -> str:
        if mode == "while":
            return f"while:{self._clause()}"
        if mode == "and":
            return f"and:{self._predicate(who)}"
        doer = who["S"]
        assert isinstance(doer, Person)
        with self.surface.aside(doer):
            return f"{mode}:{self.surface.phrase(mode, self.lines[mode]['patterns'], self._bound(**who))}"

    def _predicate(self, who: dict[str, Bound]) -> str:
        """What the same person does next, without the person: the tail of an act."""
        acts = [one for one in self.lines["act"]["patterns"] if one.startswith("{S} <")]
        doer = who["S"]
        assert isinstance(doer, Person)
        with self.surface.aside(doer):
            words = self.surface.phrase("second", acts, self._bound(**who))
        return words.removeprefix(f"{doer.form('n')} ").removeprefix(f"{doer.name} ")

    def _bound(self, **more: Bound) -> dict[str, Bound]:
        base: dict[str, Bound] = {
            "P": self.pov, "S": self.pov, "place": self.place, "prop": self._prop, "clause": self._clause,
            "V": self._gone(), "C": self.stage.purpose("Rival"), "X": self.stage.purpose("Sought"),
            "q": self._sought(),
        }  # fmt: skip
        if "np" not in more and (latest := self._latest()):
            base["np"] = latest
        return base | more

    def _sought(self) -> str:
        """The chapter's own question, as an embedded one."""
        return self._mine(found[1]) if (found := re.search(r"has to know ([^.]+)\.", self.contract.purpose)) else ""

    def _gone(self) -> str:
        """What the point of view calls the one who is gone."""
        return re.sub(rf"^{re.escape(self.pov.name)}[’']s ", f"{self.pov.form('p')} ", self.stage.purpose("Gone"))

    def _prop(self) -> str:
        return self.dealer.word(f"prop:{self.place}", self.kind["props"])

    # --- names -----------------------------------------------------------------------------------------------------

    def _who(self, change: Change, role: str) -> Person:
        key = getattr(change, role, "")
        return self.stage.people.get(key) or Person(key, key.replace("-", " ").title(), "he")

    def _name(self, change: Change, role: str) -> str:
        return self._who(change, role).name

    def _item(self, change: Change) -> str:
        key = getattr(change, "item", "")
        return self.stage.items.get(key, f"the {key.replace('-', ' ')}")

    def _fact(self, key: str) -> str:
        text = plain(self.stage.facts.get(key, ""))
        self.facts_told.add(key)
        return sentence(text) if text else "There is more to it than anybody said."

    def _inner(self, key: str) -> str:
        self.facts_told.add(key)
        text = self.stage.facts.get(key, "") or "there is more to it than anybody said"
        return self.stage.inside(plain(text), self.pov)


_PAST = {
    "is": "was", "are": "were", "has": "had", "wants": "wanted", "does": "did", "gives": "gave", "may": "might",
    "offers": "offered", "bars": "barred", "denies": "denied", "have": "had", "keeps": "kept", "will": "would",
}  # fmt: skip
_PRESENT = re.compile(rf"\b(?:{'|'.join(_PAST)})\b")


def _find_name(fact: str) -> str:
    name = re.sub(r"^clue-\d+-?", "", fact).replace("-", " ")
    return f"the {name}" if name else "what had come out"


def _size(scene: ScenePlan) -> float:
    return sum(_weight(beat) for beat in scene.beats)


def _weight(beat: Beat) -> float:
    return WEIGHT.get(beat.summary.partition(":")[0], 3.0)


def _longest(spoken: str, fact: str) -> str:
    """The sentence of a speech that carries the fact; the whole speech when there is none."""
    if not fact:
        return spoken.rstrip(".,")
    sentences = re.split(r"(?<=[.?!]) ", spoken)
    known = set(re.findall(r"\w{4,}", fact.lower()))
    return max(sentences, key=lambda one: len(known & set(re.findall(r"\w{4,}", one.lower())))).rstrip(".,")


__all__ = ["Telling", "tell", "written"]
