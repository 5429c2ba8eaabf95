"""The world: the premise's places and things first, then what the genre lends."""

from __future__ import annotations

import re
from random import Random

from agents.models.storyteller.grammar import the
from agents.models.storyteller.lexicon import genre, genres, heads, table
from agents.models.storyteller.premise import luck, plain, reading
from story.base import slug
from story.premise import Premise
from story.world import Item, Place, World

PLACES = 11
ITEMS = 4


def world(premise: Premise) -> World:
    """The world of a premise; the author's facts stand first, word for word."""
    read, source = reading(premise), genre(reading(premise).genre)
    chance = luck(premise, "world")
    lent = chance.choice(source["settings"])
    setting = premise.world.setting or next((the(name) if name.islower() else name for name, _ in read.places), lent)
    customs = tuple(
        re.sub(r"\[([^\[\]|]*)(?:\|[^\[\]]*)*\]", r"\1", one) for one in chance.sample(source["customs"], 6)
    )
    return World(
        genre=premise.genre or read.genre,
        setting=setting,
        era=premise.world.era or chance.choice(source["eras"]),
        facts=premise.world.facts,
        customs=customs,
        places=_places(_place_names(premise, chance)),
        items=_items(premise, chance),
    )


def kind_of(name: str) -> str:
    """What kind of place a name speaks of; a name that says nothing is taken for a street."""
    known = {place: kind for name_of in genres() for place, kind in _split(table(name_of)["places"])}
    last = plain(name).lower().split()[-1] if plain(name) else ""
    kind = known.get(name) or (heads().get(last, ("", ""))[1] if heads().get(last, ("", ""))[0] == "places" else "")
    return kind or next(
        (heads()[word][1] for word in reversed(name.lower().split()) if heads().get(word, ("",))[0] == "places"),
        "street",
    )


def _split(entries: list[str]) -> list[tuple[str, str]]:
    return [(name, kind) for name, _, kind in (entry.partition(":") for entry in entries)]


def _place_names(premise: Premise, chance: Random) -> list[str]:
    read = reading(premise)
    own = [the(name) if name.islower() else name for name, _ in read.places]
    lent = [name for name, _ in _split(genre(read.genre)["places"])]
    heard = {name.lower().split()[-1] for name in own}
    rest = [name for name in chance.sample(lent, len(lent)) if name.lower().split()[-1] not in heard]
    return [*own, *rest][:PLACES]


def _places(names: list[str]) -> tuple[Place, ...]:
    ids = [slug(name.removeprefix("the ")) for name in names]
    around = len(ids)
    return tuple(
        Place(
            id=key,
            name=name,
            description=f"{name[:1].upper()}{name[1:]}: a place of the kind {kind_of(name)}.",
            near=tuple(
                dict.fromkeys(ids[(n + step) % around] for step in (-1, 1, 3) if ids[(n + step) % around] != key)
            ),
        )
        for n, (key, name) in enumerate(zip(ids, names, strict=True))
    )


def _items(premise: Premise, chance: Random) -> tuple[Item, ...]:
    read = reading(premise)
    lent = chance.sample(genre(read.genre)["items"], ITEMS)
    found = [*read.things, *((name, "") for name in lent)]
    unique: dict[str, tuple[str, str]] = {}
    for name, note in found:
        unique.setdefault(slug(name.split(" of ")[0].split()[-1]), (name, note))
    return tuple(
        Item(id=slug(name.removeprefix("the ")), name=name, description=note)
        for name, note in [*unique.values()][:ITEMS]
    )
