"""The story while it is planned: what has happened so far, who knows what, who holds what, how people stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from agents.models.storyteller.casting import Parts
from agents.models.storyteller.past import Past
from story.canon import State, knowledge
from story.cast import Character
from story.changes import Change, Meets, Moves, Relates
from story.outline import Beat, Promise, ScenePlan
from story.world import Item, Place, World


@dataclass
class Plot:
    """A book in planning, before the chapter ``number`` of ``of``."""

    genre: str
    world: World
    parts: Parts
    past: Past
    chance: Random
    of: int
    trouble: str
    state: State
    known: dict[str, set[str]]
    sets: list[int]
    roomy: bool
    number: int = 1
    day: int = 1
    learned: list[str] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    stages: dict[str, int] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)
    side_stage: int = 0
    estranged: int = 0
    quarrelled: bool = False
    place: Place = field(init=False)

    def __post_init__(self) -> None:
        self.place = self.at(self.hero.home)

    # --- who and what ----------------------------------------------------------------------------------------------

    @property
    def hero(self) -> Character:
        """Who seeks."""
        return self.parts.hero

    @property
    def helper(self) -> Character:
        """The friend."""
        return self.parts.helper

    @property
    def rival(self) -> Character:
        """Who opposes."""
        return self.parts.rival

    @property
    def witnesses(self) -> tuple[Character, ...]:
        """Who know something."""
        return self.parts.witnesses

    @property
    def side(self) -> Character:
        """Whose trouble the lesser line is about."""
        return self.witnesses[0]

    @property
    def item(self) -> Item:
        """The wanted thing."""
        return self.past.item

    @property
    def lair(self) -> Place:
        """The rival's own place."""
        return self.past.lair

    @property
    def progress(self) -> float:
        """How far the book has come, from 0 to 1."""
        return self.number / self.of

    @property
    def injury(self) -> str:
        """What the seeker is hurt by, if anything."""
        return next(iter(self.state.injuries.get(self.hero.id, ())), "")

    def alive(self, who: Character) -> bool:
        """Whether somebody can act."""
        return who.id not in self.state.dead

    def holds(self, item: Item) -> bool:
        """Whether the seeker holds it."""
        return self.state.holders.get(item.id) == self.hero.id

    def at(self, key: str) -> Place:
        """The place of that id."""
        return next((one for one in self.world.places if one.id == key), self.world.places[0])

    def when(self, name: str) -> int:
        """The chapter in which something last happened."""
        return self.stages.get(name, 0)

    # --- what happens ----------------------------------------------------------------------------------------------

    def promise(self, key: str, text: str, new: bool) -> None:
        """An expectation that is raised here and kept by the last chapter."""
        if new:
            self.promises[key] = Promise(id=key, text=text, due_chapter=self.of)

    def scene(
        self, place: str, others: tuple[Character, ...], goal: str, obstacle: str, outcome: str, beats: tuple[Beat, ...]
    ) -> ScenePlan:
        """A scene of the seeker's at a place, with the ways there of all who were elsewhere."""
        self.place = self.at(place or self.hero.home)
        everyone = (self.hero, *(one for one in others if self.alive(one)))
        moves = tuple(
            Moves(character=one.id, place=self.place.id)
            for one in everyone
            if self.state.places.get(one.id, "") != self.place.id
        )
        beats = (*beats[:-1], self._met(beats[-1], everyone[1:]))
        if moves:
            # A book begins with its first page; who comes then comes after it.
            first = int(beats[0].summary.startswith("Begin"))
            beats = (*beats[:first], Beat(summary=f"Arrive: {goal}", effects=moves), *beats[first:])
        for beat in beats:
            self.apply(beat.effects)
        return ScenePlan(
            place=self.place.id, day=self.day, pov=self.hero.id, characters=tuple(one.id for one in everyone),
            goal=goal, obstacle=obstacle, outcome=outcome, beats=beats,
        )  # fmt: skip

    def _met(self, beat: Beat, others: tuple[Character, ...]) -> Beat:
        """The beat with the first meetings that it brings; a friend is known before the book begins."""
        if not self.roomy:
            return beat
        strange = (
            one for one in others if one != self.helper and frozenset((self.hero.id, one.id)) not in self.state.met
        )
        meets = tuple(Meets(character=self.hero.id, other=one.id) for one in strange)
        return beat.model_copy(update={"effects": (*meets, *beat.effects)})

    def apply(self, effects: tuple[Change, ...]) -> None:
        """Let effects happen."""
        for effect in effects:
            self.state = self.state.after(effect)
            for who, fact in knowledge(effect):
                self.known.setdefault(who, set()).add(fact)
                if who == self.hero.id and fact not in self.learned:
                    self.learned.append(fact)
            if isinstance(effect, Relates) and effect.character == self.helper.id:
                self.estranged = {"estranged": self.number, "reconciled": 0}.get(effect.relation, self.estranged)
                self.quarrelled |= effect.relation == "estranged"
