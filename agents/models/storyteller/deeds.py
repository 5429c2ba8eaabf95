"""Deeds: what is done rather than said, told by its phases in the genre's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agents.models.storyteller.surface import Bound
from agents.models.storyteller.teller import Teller

STEPS = 7
"""So many sentences of a phase stand together at most."""


def phases(teller: Teller, section: str, names: Iterable[str], until: float, **bound: Bound) -> None:
    """The phases of a deed, each with its share of the words."""
    told(teller, section, teller.page.own[section], tuple(names), until, **bound)


def told(teller: Teller, key: str, own: Mapping[str, Any], names: Sequence[str], until: float, **bound: Bound) -> None:
    """The phases of one table, each a paragraph or more."""
    start, span = teller.page.words, max(0.0, until - teller.page.words)
    for number, name in enumerate(names, start=1):
        teller.page.new()
        _steps(teller, f"{key}.{name}", own[name], start + span * number / len(names), **bound)


def _steps(teller: Teller, key: str, patterns: Sequence[str], until: float, **bound: Bound) -> None:
    for count in range(1, STEPS + 1):
        made = teller.page.say(key, patterns, **bound)
        if not made or not teller.roomy or teller.page.words >= until - 14:
            return
        if count % 3 == 0:
            teller.felt()
    teller.fill(until - 8)


def _done(teller: Teller, section: str, names: tuple[str, ...], text: str, until: float, **bound: Bound) -> None:
    """A deed at whose end something is found out."""
    teller.asks(text)
    teller.on_stage()
    phases(teller, section, names, until - (90 if teller.roomy else 30), **bound)
    teller.discovered()
    if teller.roomy:
        teller.link()
        teller.fill(until)


def search(teller: Teller, text: str, until: float) -> None:
    """A place is searched."""
    _done(teller, "search", ("begin", "sift", "risk", "find"), text, until)


def enter(teller: Teller, text: str, until: float) -> None:
    """The rival's place is entered unasked."""
    _done(teller, "enter", ("begin", "inside", "risk", "find"), text, until)


def follow(teller: Teller, text: str, until: float) -> None:
    """Somebody is followed; the beat's topic says who."""
    name = text.partition("; ")[2]
    whom = next((one for one in teller.stage.people.values() if one.name == name), teller.stage.named("Between"))
    _done(teller, "follow", ("begin", "trail", "risk", "end"), text, until, **({"O": whom} if whom else {}))


def strike(teller: Teller, text: str, until: float) -> None:
    """The point of view is set upon; the beat's text is the hurt."""
    teller.on_stage()
    phases(teller, "strike", ("sudden", "fight", "hurt", "after"), until - 40)
    teller.prove("injured", teller.page.must("injured.one", injury=text))


def theft(teller: Teller, text: str, until: float) -> None:
    """The wanted thing is found to be gone."""
    teller.on_stage()
    phases(teller, "theft", ("before", "missing", "trace", "after"), until - 50)
    for effect in teller.open_effects("loses"):
        teller.prove("loses", teller.page.must("loses.one", S=teller.view, item=teller.item(effect)))


def recover(teller: Teller, text: str, until: float) -> None:
    """The wanted thing is taken back."""
    teller.on_stage()
    phases(teller, "enter", ("begin", "inside", "risk"), until - 60)
    teller.discovered()
    teller.prove("pays_promise", teller.page.must("pays_promise.stolen", item=teller.page.bound.get("X", "it")))
    teller.fill(until)


def set_piece(teller: Teller, text: str, until: float) -> None:
    """A set piece of the genre, by its name; what it makes of the two who go through it."""
    name = text.partition(";")[0]
    own = next((one for one in teller.page.own["set"] if one["name"] == name), None)
    teller.on_stage()
    if own:
        start, span = teller.page.words, max(0.0, until - 60 - teller.page.words)
        told(teller, f"set.{name}", own, ("begin", "rise"), start + 0.4 * span)
        if teller.other and teller.roomy:
            teller.chat(teller.other, 1 + int(span > 500))
        told(teller, f"set.{name}", own, ("crisis", "turn", "after"), start + span)
    teller.related()
    teller.fill(until)


def alone(teller: Teller, text: str, until: float) -> None:
    """A sequel: rest, feeling, memory, and what the facts come to."""
    teller.on_stage()
    teller.page.new()

    def night() -> str:
        return teller.page.add("night")

    if teller.roomy:
        night()
    teller.fill(until, night, teller.memory, teller.know, night, teller.link)
