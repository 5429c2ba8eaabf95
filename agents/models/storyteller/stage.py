"""The stage of a chapter: everything its telling needs, taken out of the request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from agents.models.storyteller.casting import pronoun, short_name
from agents.models.storyteller.grammar import lower_first
from agents.models.storyteller.lexicon import table, words
from agents.models.storyteller.premise import plain
from agents.models.storyteller.surface import Person
from agents.models.storyteller.voice import addressed
from agents.models.storyteller.worldmaking import kind_of
from agents.requests import ChapterContext
from story.cast import Character
from story.outline import ScenePlan
from story.premise import GivenCharacter, Premise


@dataclass(frozen=True)
class Stage:
    """A premise and a context, asked as the telling asks them."""

    premise: Premise
    context: ChapterContext

    @cached_property
    def sheets(self) -> dict[str, Character]:
        """Character sheets by id; somebody only the roster knows gets a bare one."""
        named = {one.id: Character(id=one.id, name=one.name.split(", ")[0]) for one in self.context.roster}
        return named | {one.id: one for one in self.context.people}

    @cached_property
    def facts(self) -> dict[str, str]:
        """Facts by id."""
        return {fact.id: fact.text for fact in self.context.facts}

    @cached_property
    def items(self) -> dict[str, str]:
        """Names of items by id, with an article."""
        named = {one.id: one.name for one in self.context.roster}
        return named | {one.id: one.name for one in self.context.items}

    @cached_property
    def people(self) -> dict[str, Person]:
        """The persons of the chapter by id; in the first person the point of view speaks."""
        speaker = self.context.contract.scenes[0].pov if self.premise.pov == "first" else ""
        return {key: Person(key, self._called(one), pronoun(one), key == speaker) for key, one in self.sheets.items()}

    def _called(self, one: Character) -> str:
        short = short_name(one.name)
        clash = sum(short_name(other.name) == short for other in self.context.people) > 1
        return one.name if clash else short

    def given(self, key: str) -> GivenCharacter | None:
        """What the author gave of somebody."""
        name = self.sheets[key].name
        return next((one for one in self.premise.characters if one.name == name), None)

    def trade(self, key: str) -> str:
        """What somebody is by trade, in a few words and without an article; nothing where the role is a relation."""
        role = re.sub(r"^(?:an?|the) ", "", plain(self.sheets[key].role), flags=re.IGNORECASE)
        role = re.split(r",|;|\(| (?:who|whose|and|of|in|at|from|that|with) ", role, maxsplit=1)[0].strip()
        kin = (*table("words")["kin"]["words"].split(), *words("naming", "reading", "unpaid"))
        fit = role and len(role.split()) < 4 and re.fullmatch(r"[a-z][a-z -]*", role) and role.split()[-1] not in kin
        return role if fit else ""

    def family(self, key: str) -> str:
        """The family name of somebody whom the author named in full."""
        parts = self.sheets[key].name.split()
        known = self.sheets[key].name in plain(self.premise.premise) or self.given(key) is not None
        return parts[-1] if known and len(parts) in (2, 3) and parts[-1] not in self._called(self.sheets[key]) else ""

    def names(self, key: str) -> tuple[str, ...]:
        """Everything somebody is called, the longest first."""
        one = self.sheets[key]
        every = {one.name, short_name(one.name), *one.aliases}
        return tuple(sorted(every, key=lambda name: (-len(name), name)))

    def place(self, scene: ScenePlan) -> str:
        """The name of a scene's place."""
        return next(
            (one.name for one in self.context.places if one.id == scene.place), self.items.get(scene.place, scene.place)
        )

    def kind(self, scene: ScenePlan) -> dict[str, list[str]]:
        """What the lexicon knows of that kind of place."""
        places = table("places")
        found: dict[str, list[str]] = places.get(kind_of(self.place(scene)), places["street"])
        return found

    def purpose(self, key: str) -> str:
        """A detail that the chapter's purpose names, as in ``Rival: Anna``."""
        found = re.search(rf"{key}: ([^.]+)\.", self.context.contract.purpose)
        return found[1] if found else ""

    @cached_property
    def proper(self) -> frozenset[str]:
        """Words that begin with a capital wherever they stand."""
        return frozenset(
            word for one in self.sheets.values() for word in re.findall(r"\w+", one.name) if word[0].isupper()
        )

    def inside(self, text: str, point: Person) -> str:
        """A fact made ready to stand inside a sentence of the telling."""
        if point.speaker:
            text = addressed(text, self.names(point.id), ())
        return lower_first(text, self.proper)
