"""Plotting: the leads of the past are laid over the chapters, and what happens between them follows a tension curve."""

from __future__ import annotations

import re
from itertools import chain, count
from math import pi, sin

from agents.models.storyteller.casting import parts, short_name
from agents.models.storyteller.grammar import listed
from agents.models.storyteller.lexicon import genre, strings, table
from agents.models.storyteller.operators import chosen, lost
from agents.models.storyteller.past import Lead, Past
from agents.models.storyteller.plot import Plot
from agents.models.storyteller.premise import luck, reading
from agents.models.storyteller.worldmaking import kind_of
from story.canon import State
from story.cast import Cast, Character, secret_of
from story.changes import Change, Heals, Learns, OpensPromise, PaysPromise, Relates, Takes, Tells
from story.outline import Act, Beat, ChapterPlan, Outline, ScenePlan, Thread, Truth
from story.premise import Premise
from story.world import Item, World

NOTHING = Item(id="", name="the truth of it")
"""What is wanted where a world has no thing to want."""

TINY = 200
"""Below so many words a chapter has nobody on stage but whom it needs."""

SHORT = 450
"""Below so many words a chapter is one scene."""

ROOMY, MOST = 720, 8
"""For every so many words a chapter has room for a thing beside its lead, up to so many."""

DENSITY = 0.72
"""The share of chapters that have a lead; what is left to the others is the price of it."""


def outline(premise: Premise, world: World, cast: Cast) -> Outline:
    """The plan of a book."""
    return _Architect(premise, world, cast).outline()


class _Architect:
    def __init__(self, premise: Premise, world: World, cast: Cast) -> None:
        self.premise, self.cast, self.chance = premise, cast, luck(premise, "plot")
        self.read = reading(premise)
        people = parts(cast)
        free = [one for one in world.items if not any(one.id in who.holds for who in cast.characters)]
        item = next((one for one in world.items if one.id in people.hero.holds), next(iter(world.items), NOTHING))
        proof = next(iter(free), world.items[-1] if world.items else NOTHING)
        past = Past(self.read.genre, world, people, item, proof, self._night(people.gone), self.chance)
        sets = list(range(len(table(self.read.genre)["set"])))
        self.chance.shuffle(sets)
        self.plot = Plot(
            genre=self.read.genre,
            world=world,
            parts=people,
            past=past,
            chance=self.chance,
            of=premise.chapters,
            trouble=self.chance.choice(strings("plot", "words", "troubles")),
            state=State(
                places={one.id: one.home for one in cast.characters if one.home},
                holders={held: one.id for one in cast.characters for held in one.holds},
            ),
            known={one.id: {secret_of(one.id)} if one.secret else set() for one in cast.characters},
            sets=sets,
            roomy=premise.words >= TINY,
        )
        self.past = past
        self.term = self.read.term or self.chance.choice(genre(self.read.genre)["terms"])
        self.leads = past.leads(self._wanted())
        self.main = past.whose
        self._titles: set[str] = set()
        self._seen: set[str] = set()
        self._given = {one.name for one in premise.characters}

    def _night(self, gone: Character | None) -> str:
        told = re.search(r"gone since (.+)$", gone.role) if gone else None
        return told[1] if told else str(self.chance.choice(genre(self.read.genre)["nights"]))

    def _wanted(self) -> int:
        of = self.premise.chapters
        return max(1, of - 1) if of < 5 else round(DENSITY * (of - 1))

    # --- the book --------------------------------------------------------------------------------------------------

    def outline(self) -> Outline:
        """The whole plan."""
        at = self._laid()
        plans = self._with_names(
            [self._chapter(number, at.get(number, ())) for number in range(1, self.premise.chapters + 1)]
        )
        hero, rival = self.plot.hero, self.plot.rival
        return Outline(
            title=self.premise.title or self._title(),
            logline=f"{hero.name} must find out {self.main} before {self.term}, against {rival.name}, "
            f"who wants {self.past.item.name} too.",
            acts=self._acts(plans),
            threads=self._threads(),
            promises=tuple(self.plot.promises.values()),
            truths=self._truths(),
        )

    def _with_names(self, plans: list[ChapterPlan]) -> list[ChapterPlan]:
        """The plans, with those whom the author gave and whom no scene brings on stage at least named."""
        seen = {key for plan in plans for key in plan.characters} - {self.plot.helper.id} | set(plans[0].characters)
        left = [one.name for one in self.cast.characters if one.id not in seen and one.name in self._given]
        room = max(1, self.premise.words // 150)
        for number, plan in enumerate(plans):
            ahead = len(plans) - number
            share = min(room, -(-len(left) // ahead))
            beats = [Beat(summary=f"Name: {name} is named.", effects=self._named_secret(name)) for name in left[:share]]
            left = left[share:]
            if left and ahead == 1:
                beats.append(Beat(summary=f"Roll: {listed(tuple(left))} are listed."))
            if beats:
                first, *rest = plan.scenes
                scene = first.model_copy(update={"beats": (first.beats[0], *beats, *first.beats[1:])})
                plans[number] = plan.model_copy(update={"scenes": (scene, *rest)})
        return plans

    def _named_secret(self, name: str) -> tuple[Change, ...]:
        """The secret that the author gave to somebody whom the story does not bring on stage."""
        who = next(one for one in self.cast.characters if one.name == name)
        return (
            (Learns(character=self.plot.hero.id, fact=secret_of(who.id)),)
            if who.secret and who.name in self._given
            else ()
        )

    def _laid(self) -> dict[int, tuple[Lead, ...]]:
        """The leads by chapter: spread over all but the last, the first in the second where there is one."""
        of = self.premise.chapters
        first, last = (2, of - 1) if of > 3 else (1, max(1, of - 1))
        room = last - first + 1
        laid: dict[int, tuple[Lead, ...]] = {}
        for n, lead in enumerate(self.leads):
            number = last - round((len(self.leads) - 1 - n) * (room - 1) / max(1, len(self.leads) - 1))
            laid[number] = (*laid.get(number, ()), lead)
        return laid

    def _threads(self) -> tuple[Thread, ...]:
        hero, rival, helper, item = (
            self.plot.hero.name,
            self.plot.rival.name,
            self.plot.helper.name,
            self.past.item.name,
        )
        threads = (
            Thread(id="truth", name="The old wrong", description=f"To find out {self.main}."),
            Thread(id="rivals", name="The rivals", description=f"{hero} and {rival} both want {item}."),
            Thread(id="friends", name="The friend", description=f"{helper} stands by {hero} and keeps something back."),
        )
        return (*threads, *([self._side_thread()] if "side" in self.plot.promises else []))

    def _side_thread(self) -> Thread:
        side = self.plot.side.name
        description = f"{side} has to deal with {self.plot.trouble}."
        return Thread(id="side", name=f"The trouble of {side}", description=description)

    def _truths(self) -> tuple[Truth, ...]:
        rival, between = self.plot.rival.id, self.plot.parts.between.id
        wrong = self.past.wrong
        leads = (
            Truth(
                id=one.key, text=one.fact, known_by=(one.source.id,) if one.source and one.how != "follow" else (rival,)
            )
            for one in self.leads
        )
        both = tuple(dict.fromkeys((rival, between)))
        return (
            Truth(id="the-gone", text=self._gone(), known_by=(self.plot.hero.id,)),
            *{one.id: one for one in leads}.values(),
            Truth(id="the-truth", text=self.past.sentence(wrong["deed"]), known_by=both),
            Truth(id="the-end", text=self.past.sentence(wrong["now"]), known_by=both),
        )

    def _gone(self) -> str:
        return self.past.sentence(self.past.wrong["gone"], night=self.past.night)

    def _title(self) -> str:
        return self._fresh("book", None)

    def _acts(self, plans: list[ChapterPlan]) -> tuple[Act, ...]:
        parts = 1 if len(plans) < 3 else 3 if len(plans) < 30 else 5
        edges = [round(n * len(plans) / parts) for n in range(parts + 1)]
        return tuple(
            Act(
                title=_spread("names", n, parts),
                purpose=_spread("purposes", n, parts),
                chapters=tuple(plans[edges[n] : edges[n + 1]]),
            )
            for n in range(parts)
        )

    # --- a chapter -------------------------------------------------------------------------------------------------

    def _chapter(self, number: int, leads: tuple[Lead, ...]) -> ChapterPlan:
        plot = self.plot
        plot.number, plot.day = number, 1 + (number - 1) * (1 if plot.of > 25 else 2)
        scenes: list[ScenePlan] = []
        if number == 1:
            scenes.append(self._hook())
        scenes += map(self._lead, leads)
        if number == plot.of:
            scenes += self._last()
        elif not leads or (self.premise.words >= SHORT and number > 1):
            scenes += self._between(bool(leads))
        title = self._fresh(_kind(scenes[0]), scenes[0])
        scenes = self._fitting(scenes)
        self._seen.update(key for scene in scenes for key in scene.characters)
        scenes[-1] = self._decided(scenes[-1], number)
        return ChapterPlan(title=title, purpose=self._purpose(leads), scenes=tuple(scenes))

    def _between(self, busy: bool) -> list[ScenePlan]:
        """What happens beside the lead: one thing, or more where there is room or no lead."""
        room = self.premise.words // ROOMY + int(not busy)
        return [self._operate() for _ in range(min(max(1, room), MOST))]

    def _operate(self) -> ScenePlan:
        one = chosen(self.plot, self._tension())
        scene = one.plan(self.plot)
        self.plot.happened.append(one.name)
        self.plot.stages[one.name] = self.plot.number
        return scene

    def _tension(self) -> float:
        """The curve: rising over the book, with a fall after every third chapter or so."""
        return 0.25 + 0.4 * self.plot.progress + 0.25 * sin(2 * pi * self.plot.number / 3.3)

    def _fitting(self, scenes: list[ScenePlan]) -> list[ScenePlan]:
        """The scenes as one where the chapter is short: nothing that is planned is lost."""
        if self.premise.words >= SHORT or len(scenes) == 1:
            return scenes
        first, *rest = scenes
        beats = tuple(beat for scene in scenes for beat in scene.beats)
        people = tuple(dict.fromkeys(one for scene in scenes for one in scene.characters))
        return [
            first.model_copy(
                update={"beats": beats, "characters": people, "place": scenes[-1].place, "outcome": rest[-1].outcome}
            )
        ]

    def _hook(self) -> ScenePlan:
        plot, hero = self.plot, self.plot.hero
        whose = f"Who will be found to have done it: {self.main}."
        plot.promise("truth", whose, True)
        item = self.past.item
        takes: tuple[Change, ...] = (
            () if item.id in hero.holds or item == NOTHING else (Takes(character=hero.id, item=item.id),)
        )
        others = (plot.helper,) if self.premise.words >= SHORT else ()
        effects: tuple[Change, ...] = (
            *takes,
            OpensPromise(promise="truth"),
            *(Tells(character=hero.id, listener=one.id, fact="the-gone") for one in others),
        )
        if self.plot.of == 1:
            others = ()
        beats = (
            Beat(summary=f"Begin: {item.name}; {self.past.night}"),
            Beat(summary=f"Open: find out {self.main}", effects=effects),
        )
        place = self.world_start()
        return plot.scene(
            place, others, f"find out {self.main}", "nobody has wanted it asked before", "it has to be found out", beats
        )

    def world_start(self) -> str:
        """Where the book begins: the premise's own first place."""
        return self.plot.world.places[0].id

    def _lead(self, lead: Lead) -> ScenePlan:
        plot, hero = self.plot, self.plot.hero
        others = (lead.source,) if lead.source and lead.how != "follow" else ()
        if lead.source and not plot.alive(lead.source):
            others = ()
        goal = self._goal(lead)
        if lead.how in ("ask", "confess") and others:
            source = others[0]
            told = Tells(character=source.id, listener=hero.id, fact=lead.key)
            effects: tuple[Change, ...] = (told, *self._owned(lead))
            if self._dies(lead):
                effects = lost(plot, source, lead.key)
        else:
            effects = (Learns(character=hero.id, fact=lead.key),)
        if lead.how == "enter" and self.past.proof != NOTHING and self.past.proof.id not in plot.state.holders:
            effects = (*effects, Takes(character=hero.id, item=self.past.proof.id))
        name = "Last" if any(one.kind == "dies" for one in effects) else lead.how.capitalize()
        beats = (Beat(summary=f"{name}: {lead.question}; {lead.topic}", effects=effects),)
        return plot.scene(lead.place.id, others, goal, self._obstacle(lead), self._outcome(lead), beats)

    def _owned(self, lead: Lead) -> tuple[Change, ...]:
        """The witness's own secret, which comes out with the last answer."""
        later = self.leads[self.leads.index(lead) + 1 :]
        who = lead.source
        short = self.premise.words < SHORT and who is not None and who.name not in self._given
        if who is None or short or not who.secret or any(one.source == who for one in later):
            return ()
        return self._told([who])

    def _told(self, people: list[Character]) -> tuple[Change, ...]:
        """That people tell the seeker their secrets, those which the seeker does not know."""
        known = self.plot.known[self.plot.hero.id]
        return tuple(
            Tells(character=one.id, listener=self.plot.hero.id, fact=secret_of(one.id))
            for one in people
            if one.secret and secret_of(one.id) not in known and self.plot.alive(one)
        )

    def _dies(self, lead: Lead) -> bool:
        plot = self.plot
        later = self.leads[self.leads.index(lead) + 1 :]
        return (
            lead.how == "ask"
            and 0.55 < plot.progress < 0.9
            and plot.of > 7
            and lead.source is not None
            and lead.source != plot.side
            and not plot.state.dead
            and not any(one.source == lead.source or one.points == lead.source.id for one in later)
        )

    def _goal(self, lead: Lead) -> str:
        return self._step(lead, "goals")

    def _step(self, lead: Lead, section: str) -> str:
        patterns = strings("plot", section, lead.how)
        return self.past.said(
            self.chance.choice(patterns), O=lead.source or self.plot.rival, L=lead.place, question=lead.question
        )

    def _obstacle(self, lead: Lead) -> str:
        name = lead.how
        if lead.source and lead.how in ("ask", "confess"):
            name = self._reason(lead.source)
        return self.past.said(
            self.chance.choice(strings("plot", "obstacles", name)), O=lead.source or self.plot.rival, L=lead.place
        )

    def _reason(self, who: Character) -> str:
        """Why somebody will not speak: each has reasons of their own, and another one when asked again."""
        kinds = strings("plot", "words", "reasons")
        order = luck(self.premise, "reason", who.id).sample(kinds, len(kinds))
        again = self.plot.happened.count(f"asked-{who.id}")
        self.plot.happened.insert(0, f"asked-{who.id}")
        return order[again % len(order)]

    def _outcome(self, lead: Lead) -> str:
        who = next((one for one in self.cast.characters if one.id == lead.points), None)
        patterns = strings("plot", "outcomes", "person" if who else "place")
        return self.past.said(self.chance.choice(patterns), T=who or self.plot.rival, N=self.plot.at(lead.points))

    def _last(self) -> list[ScenePlan]:
        plot, hero, rival = self.plot, self.plot.hero, self.plot.rival
        crowd = self._crowd()
        done = {key for key, paid in (("side", plot.side_stage == 4), ("stolen", plot.holds(self.past.item))) if paid}
        due = [key for key in plot.promises if key not in done]
        effects: tuple[Change, ...] = (
            Tells(character=rival.id, listener=hero.id, fact="the-truth"),
            Tells(character=rival.id, listener=hero.id, fact="the-end"),
            *self._told([one for one in crowd if one.name in self._given]),
            *(PaysPromise(promise=key) for key in due if key != "side"),
        )
        if self.past.item != NOTHING and not plot.holds(self.past.item):
            effects = (*effects, Takes(character=hero.id, item=self.past.item.id))
        name = short_name(rival.name)
        goal, obstacle = (
            f"make {name} say before everyone {self.main}",
            f"{name} has an answer to everything but the truth",
        )
        beat = Beat(summary=f"Confront: {self.main}", effects=effects)
        confront = plot.scene(self._forum(), crowd, goal, obstacle, "it is said, and cannot be unsaid", (beat,))
        return [confront, self._after("side" in due)]

    def _crowd(self) -> tuple[Character, ...]:
        """Who is there at the reckoning: as many as the length allows, and whoever has still something to own to."""
        plot = self.plot
        if self.premise.words < TINY:
            return (plot.rival,)
        people = [one for one in (plot.rival, plot.parts.between, plot.helper, *plot.witnesses[:2]) if plot.alive(one)]
        known = (one for one in plot.witnesses if one.name in self._given and one.id in self._seen and plot.alive(one))
        return tuple(dict.fromkeys((*(people if self.premise.words >= SHORT else people[:2]), *known)))

    def _after(self, side: bool) -> ScenePlan:
        """The last scene: whatever is open is closed."""
        plot, hero = self.plot, self.plot.hero
        ends: list[Change] = [PaysPromise(promise="side")] if side else []
        if plot.estranged:
            ends.append(Relates(character=plot.helper.id, other=hero.id, relation="reconciled"))
        if plot.injury:
            ends.append(Heals(character=hero.id, injury=plot.injury))
        friend = (plot.helper,) if plot.alive(plot.helper) and self.premise.words >= TINY else ()
        place = hero.home if self.premise.words >= SHORT else plot.place.id
        beat = Beat(summary=f"After: {self.past.wrong['name']}; {self._wish()}", effects=tuple(ends))
        return plot.scene(place, friend, "put down what has been carried", "some of it stays", "it is over", (beat,))

    def _wish(self) -> str:
        return self.read.wish or f"find out {self.main}"

    def _forum(self) -> str:
        places = self.plot.world.places
        wanted = ("hall", "sanctum", "office", "tavern", "market", "station", "ship")
        return next(
            (one.id for kind in wanted for one in places if kind_of(one.name) == kind and one != self.past.lair),
            places[0].id,
        )

    def _decided(self, scene: ScenePlan, number: int) -> ScenePlan:
        """The scene with the decision that leads to the next chapter."""
        if number == self.plot.of:
            return scene
        following = next((one for at in range(number + 1, self.plot.of) for one in self._laid().get(at, ())), None)
        step = (
            self._step(following, "next")
            if following
            else self.past.said(
                self.chance.choice(strings("plot", "next", "confront")),
                R=self.plot.rival,
                L=self.plot.at(self._forum()),
            )
        )
        return scene.model_copy(update={"beats": (*scene.beats, Beat(summary=f"Decide: {step}"))})

    def _purpose(self, leads: tuple[Lead, ...]) -> str:
        """What a chapter is for, and what every chapter's telling has to know of the book."""
        people = self.plot.parts
        named = {"Rival": people.rival, "Friend": people.helper, "Between": people.between, "Lost": people.gone}
        said = [
            f"Before {self.term}.",
            f"Genre: {self.read.genre}.",
            f"Wish: {self._wish()}.",
            f"Question: {self.main}.",
            f"Wanted: {self.past.item.name}.",
            *(f"{key}: {short_name(one.name)}." for key, one in named.items() if one),
            *(f"Learned here: {lead.fact}" for lead in leads[-1:]),
        ]
        return " ".join(said)

    def _fresh(self, kind: str, scene: ScenePlan | None) -> str:
        """A title that has not been used."""
        titles = table(self.read.genre)["titles"]
        pool = list(
            titles.get(kind)
            or titles.get(
                {"threat": "confront", "side": "confer", "alone": "journey", "recover": "enter"}.get(kind, ""),
                titles["open"],
            )
        )
        if kind == "set" and scene:
            name = next(beat.summary for beat in scene.beats if beat.summary.startswith("Set: "))[5:].split(";")[0]
            pool = next(one["title"] for one in table(self.read.genre)["set"] if one["name"] == name)
        self.chance.shuffle(pool)
        who = next((one for one in self.cast.characters if scene and one.id in scene.characters[1:]), self.plot.rival)
        place = self.plot.at(scene.place) if scene else self.past.site
        made = [_titled(self.past.said(one, O=who, L=place, T=self.plot.rival)) for one in pool]
        fresh = next((one for one in made if one not in self._titles), None)
        fresh = fresh or next(
            f"{made[0]}, {word}"
            for word in chain(strings("plot", "words", "again"), map(str, count(2)))
            if f"{made[0]}, {word}" not in self._titles
        )
        self._titles.add(fresh)
        return fresh


def _kind(scene: ScenePlan) -> str:
    """What kind of thing a scene is, by the label of its last beat, as titles are sorted by."""
    label = scene.beats[-1].summary.partition(":")[0].lower()
    return {"last": "die"}.get(label, label)


def _spread(key: str, number: int, parts: int) -> str:
    """What an act of that number is called or for, where a book has so many."""
    every = strings("plot", "acts", key)
    return every[number * (len(every) - 1) // max(1, parts - 1)]


def _titled(text: str) -> str:
    small = {"of", "the", "at", "in", "and", "a", "an", "to", "for", "by", "on", "from", "with"}
    words = [word if n and word in small else word[:1].upper() + word[1:] for n, word in enumerate(text.split())]
    return " ".join(words)
