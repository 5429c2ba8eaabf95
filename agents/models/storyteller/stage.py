"""The stage of a chapter: everything its telling needs, taken out of the request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from agents.models.storyteller.casting import OWNED, pronoun, short_name
from agents.models.storyteller.lexicon import genres, heads, pools_of, strings, table
from agents.models.storyteller.meaning import Clause, Names, Ref, meant, opaque, understood
from agents.models.storyteller.patterns import Grammar, parsed, roles
from agents.models.storyteller.premise import luck, plain, reading
from agents.models.storyteller.surface import Person
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

    # --- the book --------------------------------------------------------------------------------------------------

    def purpose(self, key: str) -> str:
        """What the chapter's purpose says under a word, as in ``Rival: Anna``."""
        found = re.search(rf"{key}: (.+?)\.(?: [A-Z]|$)", self.context.contract.purpose)
        return found[1] if found else ""

    @cached_property
    def genre(self) -> str:
        """The genre of the book, as its plan names it, else as the premise reads."""
        named = self.purpose("Genre")
        return named if named in genres() else reading(self.premise).genre

    @cached_property
    def term(self) -> str:
        """What time runs out, as it stands after "before"."""
        found = re.search(r"Before (.+?)\.(?: [A-Z]|$)", self.context.contract.purpose)
        term = found[1] if found else reading(self.premise).term or table(self.genre)["terms"][0]
        return term if self.premise.tense == "present" else _backward(term)

    @cached_property
    def wish(self) -> str:
        """What the seeker wants, as an infinitive without "to"."""
        wish = self.purpose("Wish") or reading(self.premise).wish or self.purpose("Question")
        if self.premise.pov == "first":
            wish = re.sub(r"\b(?:her|his|their) (?=\w)", "my ", wish)
        if self.premise.tense == "past":
            wish = re.sub(r"\b(?:has|have)\b(?= \w+(?:ed|en|t|pt|ld|nt|ne)\b)", "had", wish)
            wish = re.sub(r"\bis\b", "was", wish)
            wish = re.sub(r"\bare\b", "were", wish)
        return wish

    # --- people ----------------------------------------------------------------------------------------------------

    @cached_property
    def sheets(self) -> dict[str, Character]:
        """Character sheets by id; somebody only the roster knows gets a bare one."""
        known = {*(one.id for one in self.context.places), *(one.id for one in self.context.items)}
        named = {
            one.id: Character(id=one.id, name=one.name.split(", ")[0])
            for one in self.context.roster
            if one.id not in known and re.match(r"[A-Z]", one.name) and not _is_thing(one.name)
        }
        return named | {one.id: one for one in self.context.people} or {"": Character(id="", name="somebody")}

    @cached_property
    def people(self) -> dict[str, Person]:
        """The persons of the book by id; in the first person the point of view speaks."""
        speaker = self.context.contract.scenes[0].pov if self.premise.pov == "first" else ""
        return {key: self._person(one, key == speaker) for key, one in self.sheets.items()}

    def _person(self, one: Character, speaker: bool) -> Person:
        name = short_name(one.name)
        if sum(short_name(other.name) == name for other in self.sheets.values()) > 1:
            name = one.name
        kin = one.name.split()[-1] if OWNED.search(one.name) else ""
        owner = next(
            (
                key
                for key, other in self.sheets.items()
                if kin and short_name(other.name) == re.split(r"[’']s? ", one.name)[0]
            ),
            "",
        )
        return Person(one.id, name, self._gender(one), speaker, kin if owner else "", owner)

    def _gender(self, one: Character) -> str:
        kin = heads().get(one.name.split()[-1].lower(), ("", ""))[1] if OWNED.search(one.name) else ""
        return kin if kin in ("she", "he") else pronoun(one)

    def named(self, key: str) -> Person | None:
        """The person whom the purpose names under a word, as in ``Rival``."""
        name = self.purpose(key)
        return next((one for one in self.people.values() if name and name == one.name), None)

    def given(self, key: str) -> GivenCharacter | None:
        """What the author gave of somebody."""
        name = self.sheets[key].name
        return next((one for one in self.premise.characters if one.name == name), None)

    def names(self, key: str) -> tuple[str, ...]:
        """Everything somebody is called, the longest first."""
        one = self.sheets[key]
        every = {one.name, short_name(one.name), *one.aliases}
        return tuple(sorted(every, key=lambda name: (-len(name), name)))

    @cached_property
    def proper(self) -> frozenset[str]:
        """Words that begin with a capital wherever they stand."""
        return frozenset(
            word for name in self.things.values() for word in re.findall(r"\w+", name) if word[0].isupper()
        )

    def trade(self, key: str) -> str:
        """What somebody is by trade, in a few words and without an article; nothing where the role is a relation."""
        role = re.sub(r"^(?:an?|the) ", "", plain(self.sheets[key].role), flags=re.IGNORECASE)
        role = re.split(r",|;|\(| (?:who|whose|and|of|in|at|from|that|with|gone) ", role, maxsplit=1)[0].strip()
        kin = (*table("words")["kin"]["words"].split(), *table("naming")["reading"]["unpaid"].split())
        fit = role and len(role.split()) < 4 and re.fullmatch(r"[a-z][a-z ’'-]*", role) and role.split()[-1] not in kin
        return role if fit and not re.search(r"[’']s\b", role) else ""

    def family(self, key: str) -> str:
        """The family name of somebody whom the author named in full."""
        parts = self.sheets[key].name.split()
        known = self.sheets[key].name in plain(self.premise.premise) or self.given(key) is not None
        return parts[-1] if known and len(parts) in (2, 3) and parts[-1] not in self.people[key].name else ""

    # --- places and things -----------------------------------------------------------------------------------------

    @cached_property
    def things(self) -> dict[str, str]:
        """Names of items and places by id."""
        named = {one.id: one.name.split(", ")[0] for one in self.context.roster}
        here = {one.id: one.name for one in self.context.places} | {one.id: one.name for one in self.context.items}
        return named | here

    def place(self, scene: ScenePlan) -> str:
        """The name of a scene's place."""
        return self.things.get(scene.place, scene.place)

    def kind(self, scene: ScenePlan) -> str:
        """The kind of a scene's place."""
        kind: str = kind_of(self.place(scene))
        return kind if kind in table("senses")["kind"] else "street"

    # --- meaning ---------------------------------------------------------------------------------------------------

    @cached_property
    def _names(self) -> Names:
        pairs = [(name, key) for key, one in self.people.items() for name in (one.name, *self.names(key))]
        return Names(tuple(dict.fromkeys((name, key) for name, key in pairs)))

    def _understood(self, text: str, patterns: list[str]) -> Clause:
        return understood(text, tuple(patterns), self._names, pools_of(self.genre))

    @cached_property
    def facts(self) -> dict[str, Clause]:
        """What may be known, by id, as clauses."""
        return {fact.id: self._fact(fact.id, fact.text) for fact in self.context.facts}

    def _fact(self, key: str, text: str) -> Clause:
        own = table(self.genre)
        kind = key.split("-", maxsplit=1)[0]
        if kind in own["legs"]:
            return self._understood(text, own["legs"][kind])
        if key.startswith("secret-of-"):
            clause = self._understood(text, [one for pool in table("plot")["secrets"].values() for one in pool])
            return clause if len(clause.parts) > 1 else self._own(text, key.removeprefix("secret-of-"))
        part = {
            "the-motive": "motive",
            "the-part": "part",
            "the-truth": "deed",
            "the-end": "now",
            "the-gone": "gone",
        }.get(key)
        clause = self._understood(text, [one[part] for one in own["wrong"]]) if part else opaque(text)
        return replace(clause, now=key == "the-end")

    def _own(self, text: str, key: str) -> Clause:
        """An author's secret of somebody, which begins with that person."""
        names = "|".join(map(re.escape, self.names(key))) if key in self.sheets else "(?!)"
        begun = re.match(rf"(?:She|He|{names}) (?!is\b|has\b|does\b|\w+s\b)", text)
        return Clause((Ref(key), f" {text[begun.end() :].rstrip('.')}"), text) if begun else opaque(text)

    def question(self, text: str) -> Clause:
        """A question as a noun clause."""
        every = [one for pool in table("plot")["questions"].values() for one in pool]
        return self._understood(text, [*every, *(one["whose"] for one in table(self.genre)["wrong"])])

    def again(self, number: int) -> Clause:
        """The question of the book in other words, as far as the plan names whom they are about."""
        people = {
            slot: Ref(one.id)
            for slot, key in (("V", "Lost"), ("R", "Rival"), ("B", "Between"))
            if (one := self.named(key))
        }
        made = self._worded(strings("plot", "again", "main"), people, number)
        assert made, "some of the questions name nobody"
        return made

    def gist(self, key: str, number: int) -> Clause:
        """A fact in a few other words; itself where it is somebody else's."""
        fact, kind = self.facts[key], key.removeprefix("the-").split("-")[0]
        patterns = table("plot")["gist"].get(kind, [])
        return self._worded(patterns, dict(fact.slots), number) or fact

    def _worded(self, patterns: list[str], slots: Mapping[str, str | Ref], number: int) -> Clause | None:
        fit = [one for one in patterns if roles(one) <= slots.keys()]
        if not fit:
            return None
        grammar, atoms = Grammar(pools_of(self.genre)), parsed(fit[number % len(fit)])
        return meant(grammar.spelled(atoms, number // len(fit) % grammar.count(atoms)), slots)

    def step(self, text: str, section: str) -> Clause | None:
        """A goal or a next step of the plan, by the patterns of that section; nothing where it is somebody else's."""
        patterns = [one for pool in table("plot")[section].values() for one in pool]
        clause = self._understood(text, patterns)
        return clause if len(clause.parts) > 1 else None

    @cached_property
    def past(self) -> tuple[tuple[int, Clause], ...]:
        """What happened in earlier chapters, with the number of each, as their summaries say it."""
        patterns = [one for pool in table("plot")["events"].values() for one in pool]
        lines = [(re.match(r"(\d+)\. [^:]*: (.*)", line, re.DOTALL)) for line in self.context.so_far]
        told = [(int(line[1]), sentence) for line in lines if line for sentence in re.split(r"(?<=\.) ", line[2])]
        return tuple(
            (number, clause) for number, one in told if len((clause := self._understood(one, patterns)).parts) > 1
        )

    @property
    def changed(self) -> str:
        """What an author wrote into the last chapter, as its summary says it."""
        found = re.search(r"Changed: (.+)$", self.context.so_far[-1]) if self.context.so_far else None
        return found[1].strip() if found else ""

    def reason(self, scene: ScenePlan) -> str:
        """Why the other will not speak, by what the plan says is in the way."""
        reasons = strings("plot", "words", "reasons")
        for kind in reasons:
            if len(self._understood(scene.obstacle, strings("plot", "obstacles", kind)).parts) > 1:
                return kind
        return luck(self.premise, scene.obstacle).choice(reasons)


def _is_thing(name: str) -> bool:
    """Whether a name of the roster is that of a place or a thing."""
    lent = {place.partition(":")[0] for genre in genres() for place in table(genre)["places"]}
    kind = heads().get(name.rsplit(maxsplit=1)[-1].lower(), ("",))[0]
    return name in lent or name.lower().startswith("the ") or ("," not in name and kind in ("places", "things"))


def _backward(term: str) -> str:
    """A term that is a clause, in the past."""
    from lemminflect import getLemma  # noqa: PLC0415  # its tables take a while to load

    from agents.models.storyteller.grammar import form  # noqa: PLC0415

    tokens = term.split()
    for n, word in enumerate(tokens[1:], start=1):
        if word in strings("plot", "words", "verbs") and (n + 1 == len(tokens) or tokens[n + 1] != "of"):
            lemma = {"is": "be", "are": "be"}.get(word) or getLemma(word, upos="VERB")[0]
            tokens[n] = form(lemma, "pastp" if word == "are" else "past3")
            return " ".join(tokens)
    return term
