"""The cast: the author's people as given, the premise's people, and whom the story needs beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from agents.models.storyteller.lexicon import first_names, genre, heads, strings, table, words
from agents.models.storyteller.meaning import stated
from agents.models.storyteller.patterns import parsed
from agents.models.storyteller.premise import Found, lost_when, luck, reading
from story.base import slug
from story.cast import Cast, Character, Relation
from story.premise import GivenCharacter, Premise
from story.world import World

WITNESSES = ((6, 2), (12, 3), (20, 4), (30, 5), (1_000, 6))
"""Below so many chapters a book has so many witnesses."""

VOICES = ("blunt", "formal", "warm", "wry", "nervous")
_RIVAL = re.compile(r"(?i)\b(rival|antagonist|villain|enemy|opponent|nemesis|against)\b")
OWNED = re.compile(r"[’']s? \w+$")
"""A name that is a relation, as in Nora's father."""
_GONE = re.compile(r"(?i)\bgone since\b")
_TITLES = {
    "captain",
    "doctor",
    "dr",
    "mr",
    "mrs",
    "miss",
    "ms",
    "lady",
    "lord",
    "sir",
    "father",
    "mother",
    "sister",
    "brother",
    "inspector",
    "king",
    "queen",
    "prince",
    "princess",
    "professor",
    "old",
    "the",
    "aunt",
    "uncle",
    "marquis",
    "regent",
    "bishop",
    "count",
    "colonel",
    "general",
    "sergeant",
    "detective",
    "saint",
    "judge",
    "madame",
    "duke",
    "dame",
    "canon",
    "abbot",
    "abbess",
    "baron",
    "baroness",
    "countess",
    "duchess",
    "major",
    "lieutenant",
    "commander",
    "admiral",
    "reverend",
    "rabbi",
    "pastor",
    "constable",
}


@dataclass(frozen=True)
class Parts:
    """Who plays what: seeker, rival, between, helper, witnesses, and the one who is gone."""

    hero: Character
    rival: Character
    between: Character
    helper: Character
    witnesses: tuple[Character, ...]
    gone: Character | None


def parts(cast: Cast) -> Parts:
    """The parts of a cast, by what the characters say of themselves, else by their order."""
    hero, *others = cast.characters
    gone = next((one for one in reversed(others) if _GONE.search(one.role)), None)
    rest = [one for one in others if one is not gone] or [hero]
    rival = next((one for one in rest if _RIVAL.search(one.role)), rest[0])
    left = [one for one in rest if one is not rival] or [rival]
    return Parts(hero, rival, left[0], left[1 % len(left)], tuple(left[2:]) or tuple(left[-1:]), gone)


def pronoun(one: Character) -> str:
    """``she`` or ``he``: by the character's own words, else by the name."""
    told = re.search(r"\b(she|he)\b", f"{one.need} {one.appearance} {one.voice} {one.want} {one.secret}".lower())
    if told:
        return told[1]
    return by_name(one.name) or (
        "she" if re.search(r"(?:a|ie|ette|lyn|ine|elle|ise)$", (one.name.split() or [""])[0].lower()) else "he"
    )


@lru_cache(maxsize=512)
def by_name(name: str) -> str:
    """``she`` or ``he`` if the lexicon knows the first name or the title, else nothing."""
    words_of = name.split()
    for word in words_of[:1] if len(words_of) == 1 else words_of[:-1]:
        if part := first_names().get(word, ""):
            return part
        if (kind := heads().get(word.lower(), ("", ""))) and kind[0] == "people" and kind[1] in ("she", "he"):
            return kind[1]
    return ""


def short_name(name: str) -> str:
    """What people say for a name: the first name, or the title with what follows it."""
    words_of = name.split() or ["somebody"]
    if OWNED.search(name):
        return name
    titled = words_of[0].lower().strip(".") in _TITLES
    if len(words_of) > 2 and words_of[1] == "of":
        return words_of[-1]
    if titled and len(words_of) == 3 and words_of[0].lower() != "the":
        return words_of[1]
    return name if titled or len(words_of) > 3 else words_of[0]


def cast(premise: Premise, world: World) -> Cast:
    """The cast of a premise in its world."""
    chance = luck(premise, "cast")
    maker = _Maker(premise, world, chance)
    people = maker.people()
    gone = maker.gone(people[0])
    return Cast(characters=(*(maker.finish(one, n, people, gone.name) for n, one in enumerate(people)), gone))


class _Maker:
    def __init__(self, premise: Premise, world: World, chance: Random) -> None:
        self.premise, self.world, self.chance = premise, world, chance
        self.read = reading(premise)
        self.source = genre(self.read.genre)
        self.pools = {
            part: _shuffled(chance, tuple(self.source["names"][part].split())) for part in ("she", "he", "family")
        }
        self.roles = _shuffled(chance, tuple(self.source["roles"]))
        self.homes = _shuffled(chance, tuple(place.id for place in world.places))
        own = [place.id for place in world.places][: len(self.read.places)]
        self.homes = [*own[:1], *(home for home in self.homes if home not in own[:1])]
        self.voices = _shuffled(chance, VOICES)
        self.taken: set[str] = set()
        self.heard = {word for one in premise.characters for word in one.name.split()} | {
            word for one in self.read.people for word in one.name.split()
        }

    def people(self) -> list[GivenCharacter]:
        """Everyone who acts, in the order of parts: seeker, rival, between, helper, witnesses."""
        given = list(self.premise.characters)
        found = [one for one in self.read.people if not one.gone and not self._given(one)]
        size = max(len(given), 4 + next(count for chapters, count in WITNESSES if self.premise.chapters < chapters))
        known = [*given, *map(self._named, found[: 1 if not given else 5])]
        known += [self._named(one) for one in found[1:6] if not given and (one.name or not one.kin)]
        hero = self._of_kin(known[0]) if known else self._invented()
        rest = known[1:]
        sides = {one.name or one.role: one for one in self.read.people}
        opposed = [one for one in rest if (side := sides.get(one.name) or sides.get(one.role)) and side.opposes]
        powers = {*words("naming", "reading", "powers")}
        strong = [one for one in given if one in rest and powers & set(re.findall(r"[a-z]+", one.role.lower()))]
        rival = next((one for one in rest if _RIVAL.search(one.role)), next(iter((*strong, *opposed)), None))
        others = [one for one in rest if one is not rival]
        friends = [one for one in others if (side := sides.get(one.name) or sides.get(one.role)) and side.stands_by]
        if friends and len(others) > 1:
            # The helper is the third part; who stands between is the second.
            others = [one for one in others if one is not friends[0]]
            others.insert(1, friends[0])
        if rival is None and len(others) < 3:
            rival = self._invented()
        ordered = [hero, *([rival] if rival else []), *others]
        while len(ordered) < min(size, 60):
            ordered.append(self._invented())
        return ordered

    def _of_kin(self, hero: GivenCharacter) -> GivenCharacter:
        """The seeker, named by what the lost one was to them where the premise says no more."""
        lost = next((one.kin for one in self.read.people if one.gone and one.kin), "")
        she = self._gender(hero) == "she"
        role = _LEFT_BEHIND.get(lost, ("", ""))[0 if she else 1] or self._role("she" if she else "he")
        return hero.model_copy(update={"role": role}) if hero.role == _ACQUAINTED else hero

    def gone(self, hero: GivenCharacter) -> Character:
        """The one the old story is about, who does not come on stage."""
        found = next((one for one in self.read.people if one.gone and not self._given(one)), None)
        kin = (found.kin if found else "") or self.chance.choice(strings("plot", "words", "kin"))
        gender = (found.gender if found and found.gender else "") or {
            "mother": "she",
            "sister": "she",
            "aunt": "she",
        }.get(kin, self.chance.choice(("she", "he")) if kin in ("teacher", "oldest friend") else "he")
        gender = heads().get(kin, ("", gender))[1] if heads().get(kin, ("", ""))[1] in ("she", "he") else gender
        family = hero.name.split()[-1] if len(hero.name.split()) > 1 and kin not in ("teacher", "oldest friend") else ""
        name = found.name if found and found.name else f"{self._first(gender)} {family or self._family()}"
        if found and found.kin and not found.name:
            name = f"{short_name(hero.name)}'s {kin}"
        night = self.chance.choice(self.source["nights"])
        night = (lost_when(self.premise, gender) if found else "") or night
        he = gender.capitalize()
        return Character(
            id=slug(name), name=name, role=f"{hero.name}'s {kin}, gone since {night}",
            need=f"{he} needs to be found out.",
            want="to be remembered as it was", aliases=_alias(name, self.heard),
        )  # fmt: skip

    def finish(self, given: GivenCharacter, number: int, people: list[GivenCharacter], gone: str) -> Character:
        """A character with every empty field filled; what was given stays."""
        names = [one.name for one in people]
        she = self._gender(given)
        he = she.capitalize()
        voice = self.voices[number % len(self.voices)]
        taken = [slug(one) for one in names[:number]]
        key = slug(given.name)
        role, _, _ = (given.role or self.roles[number % len(self.roles)]).partition(":")
        items = self._holds(number)
        secret = given.secret or (self._secret(number, she, names, gone) if number in (1, 2, 3, 4, 5) else "")
        return Character(
            id=key if key not in taken else f"{key}-{number}",
            name=given.name,
            aliases=given.aliases
            or _alias(given.name, {word for one in names if one != given.name for word in one.split()}),
            role=given.role or role,
            want=given.want or self._want(number),
            need=f"{he} needs {self._pick('need')}.",
            fear=given.fear or self._pick("fear"),
            secret=secret,
            voice=given.voice or table("plot")["voices"][voice].replace("{S.He}", he),
            appearance=given.appearance or self._looks(she),
            home=self.homes[number % len(self.homes)],
            holds=items,
            relations=self._relations(number, names),
        )

    def _given(self, found: Found) -> bool:
        mine = {word.lower() for one in self.premise.characters for word in (*one.name.split(), *one.role.split())}
        return bool({word.lower() for word in (found.name or found.role).split()} & mine)

    def _named(self, found: Found) -> GivenCharacter:
        gender = found.gender or self.chance.choice(("she", "he"))
        name = found.name or f"{self._first(gender)} {self._family()}"
        first = found.name.split()[0].lower() if found.name else ""
        titled = (
            first if first in _TITLES and heads().get(first, ("",))[0] == "people" and first not in _KINDRED else ""
        )
        role = found.role or found.kin or titled or (_ACQUAINTED if found.name else self._role(gender))
        return GivenCharacter(name=name, role=role, voice="", appearance="")

    def _invented(self) -> GivenCharacter:
        gender = self.chance.choice(("she", "he"))
        return GivenCharacter(name=f"{self._first(gender)} {self._family()}", role=self._role(gender))

    def _role(self, gender: str) -> str:
        fit = next((one for one in self.roles if one.endswith((":any", f":{gender}"))), self.roles[0])
        self.roles.remove(fit)
        self.roles.append(fit)
        return fit.partition(":")[0]

    def _first(self, gender: str) -> str:
        return self._unused(self.pools[gender])

    def _family(self) -> str:
        return self._unused(self.pools["family"])

    def _unused(self, pool: list[str]) -> str:
        initials = {word[0] for word in self.heard}
        fresh = [one for one in pool if one not in self.heard]
        name = next((one for one in fresh if one[0] not in initials), fresh[0] if fresh else pool[0])
        self.heard.add(name)
        return name

    def _gender(self, given: GivenCharacter) -> str:
        told = re.search(
            r"\b(she|he|her|his|him)\b",
            f"{given.appearance} {given.voice} {given.want} {given.fear} {given.secret} {given.role}".lower(),
        )
        if told:
            return "she" if told[1] in ("she", "her") else "he"
        role = given.role.split()[-1].lower() if given.role.split() else ""
        kind = heads().get(role, ("", ""))[1]
        if kind in ("she", "he"):
            return kind
        found = next((one.gender for one in self.read.people if one.name == given.name or one.role == given.role), "")
        return found or pronoun(Character(id="x", name=given.name))

    def _holds(self, number: int) -> tuple[str, ...]:
        items = [item.id for item in self.world.items]
        return {0: tuple(items[:1]), 3: tuple(items[1:2])}.get(number, ())

    def _secret(self, number: int, she: str, names: list[str], gone: str) -> str:
        kind = {1: "rival", 2: "between", 3: "helper"}.get(number, "witness")
        pool = strings("plot", "secrets", kind)
        pattern = _shuffled(luck(self.premise, "secrets", kind), tuple(pool))[number % len(pool)]
        people = {"S": (names[number], she), "R": (names[1], "he"), "P": (names[0], "she"), "V": (gone, "he")}
        bound = {slot: short_name(name) for slot, (name, _) in people.items()} | {
            "X": self.world.items[0].name if self.world.items else "the truth of it"
        }
        text = stated(parsed(pattern), bound, {slot: gender for slot, (_, gender) in people.items()})
        return f"{text[:1].upper()}{text[1:]}."

    def _want(self, number: int) -> str:
        if number == 0 and self.read.wish:
            return f"to {self.read.wish}"
        thing = self.world.items[0].name if self.world.items else "what is hidden"
        return (f"to know the truth about {thing}", f"to have {thing} and be asked nothing",
                "to keep what the old lie bought",
                "to see one wrong put right")[number] if number < 4 else self._pick("want")  # fmt: skip

    def _pick(self, key: str) -> str:
        """A need, a fear or a want that nobody has yet."""
        pool = [one for one in strings("senses", "want", key) if "[" not in one]
        left = [one for one in pool if one not in self.taken] or pool
        self.taken.add(chosen := self.chance.choice(left))
        return chosen

    def _looks(self, she: str) -> str:
        his = {"she": "her", "he": "his"}[she]
        looks = table("senses")["looks"]
        taken = [self.chance.choice(looks[part]) for part in ("build", "hair", "mark")]
        return re.sub(r"\{S\.p\}", his, re.sub(r"\[([^\[\]|]*)\|?[^\[\]]*\]", r"\1", ", ".join(taken)))

    def _relations(self, number: int, names: list[str]) -> tuple[Relation, ...]:
        if number in (1, 3) and names[0] != names[number]:
            return (Relation(other=slug(names[0]), kind={1: "rival", 3: "friend"}[number]),)
        return ()


def _shuffled(chance: Random, pool: tuple[str, ...]) -> list[str]:
    return chance.sample(pool, len(pool))


def _alias(name: str, others: set[str]) -> tuple[str, ...]:
    short = short_name(name)
    return (short,) if short != name and short not in others else ()


_KINDRED = ("mother", "father", "sister", "brother", "aunt", "uncle", "lady", "lord")
_ACQUAINTED = "an old acquaintance"
_LEFT_BEHIND = {
    "mother": ("daughter", "son"), "father": ("daughter", "son"), "husband": ("widow", "widower"),
    "wife": ("widow", "widower"), "sister": ("sister", "brother"), "brother": ("sister", "brother"),
    "grandmother": ("granddaughter", "grandson"), "grandfather": ("granddaughter", "grandson"),
    "aunt": ("niece", "nephew"), "uncle": ("niece", "nephew"),
}  # fmt: skip
