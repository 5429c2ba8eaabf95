"""Beginnings and endings: how a book opens, how each chapter hands on, and how it is all brought to an end."""

from __future__ import annotations

import re

from agents.models.storyteller.deeds import phases
from agents.models.storyteller.interviews import asked
from agents.models.storyteller.lexicon import table
from agents.models.storyteller.premise import plain
from agents.models.storyteller.surface import Person
from agents.models.storyteller.teller import FILLED, Teller

CLOSINGS = ("image", "question", "turn", "resolve")
"""The kinds of last lines; a chapter ends otherwise than the last."""

TALE = 20
"""The premise's own sentences take at most one word in so many of the first chapter."""


def begin(teller: Teller, text: str, until: float) -> None:
    """The first page: the place, the seeker, the premise as people tell it, the wish."""
    teller.page.new()
    teller.page.must("begin")
    _tale(teller)
    teller.given_facts()
    if teller.contract.words >= FILLED:
        teller.named_in_full(teller.view)
    if teller.ample:
        teller.own_names()
    if teller.roomy:
        teller.page.add("want")
    teller.fill(until, teller.memory)


def _tale(teller: Teller) -> None:
    told: list[str] = []
    for one in re.split(r"(?<=[.?!])\s+", plain(teller.stage.premise.premise)):
        words = sum(len(line.split()) for line in (*told, one))
        if words * TALE > teller.contract.words or not re.match(r"[A-Z]", one) or not re.search(r"[.?!]$", one):
            break
        told.append(one.replace("'", "’").replace('"', ""))
    if told:
        teller.page.new()
        teller.page.must("hear.tale", tale=" ".join(told))
        teller.page.new()


def opened(teller: Teller, text: str, until: float) -> None:
    """The question of the book is asked for the first time, to a friend where one is there."""
    other = teller.other
    if other:
        teller.introduced(other)
        if teller.roomy:
            teller.chat(other)
        for effect in teller.open_effects("tells"):
            teller.prove("tells", teller.page.quote(teller.view, other, "confer.news", teller.fact(effect), "that"))
        if teller.roomy:
            teller.said("o", other, "confer.react")
            asked(teller, other, "ask.plain")
            talk = (
                ("o", "confer.doubt"),
                ("p", "confer.back"),
                ("o", "confer.worry"),
                ("p", "confer.calm"),
                ("o", "confer.tease"),
                ("p", "confer.teaseback"),
            )
            teller.exchange(other, talk, until - 40)
    teller.page.new()
    teller.prove("opens_promise", teller.page.must("opens_promise.one", what=teller.promised("truth")))
    teller.show_rest()
    teller.fill(until)


def decide(teller: Teller, text: str, until: float) -> None:
    """The last lines of a chapter: what is to be done next, and one look back or ahead."""
    step = teller.stage.step(text, "next") or text
    teller.page.new()
    teller.fill(until - (45 if teller.ample else 20))
    teller.page.new()
    teller.page.must("decide", next=step)
    if teller.ample:
        teller.page.new()
        kind = CLOSINGS[(teller.contract.number + (teller.stage.premise.seed or 0)) % len(CLOSINGS)]
        teller.page.add(f"close.{kind}", next=step, question=teller.reworded())


def confront(teller: Teller, text: str, until: float) -> None:
    """The reckoning: the question before everyone, excuse and proof in turn, the truth."""
    rival = teller.stage.named("Rival") or teller.other
    teller.asks(text)
    teller.on_stage()
    start, span = teller.page.words, max(0.0, until - teller.page.words)
    if rival:
        if teller.roomy:
            phases(teller, "gather", ("begin", "hush", "rise"), start + span * 0.22)
        teller.introduced(rival)
        if teller.roomy:
            teller.said("p", rival, "confront.call", "firm")
            _proved(teller, rival, start + span * 0.72)
            teller.said("o", rival, "confront.crack", "angry")
        _owned(teller, rival)
    teller.page.new()
    _settled(teller)
    if teller.roomy:
        phases(teller, "gather", ("end",), until)
    teller.fill(until)


def _proved(teller: Teller, rival: Person, until: float) -> None:
    """The rival's excuses, and one after the other what takes them away."""
    known = teller.known()
    here = (teller.stage.people.get(key) for key in teller.scene.characters)
    others = [one for one in here if one and one not in (rival, teller.view)]
    for turn in range(14):
        if teller.page.words >= until:
            return
        teller.said("o", rival, "confront.shift" if turn % 2 else "confront.deny", "firm")
        if turn < len(known):
            witness = {"W": others[turn % len(others)]} if others else {}
            teller.page.quote(teller.view, rival, "confront.prove", teller.gist(known[turn]), "that", "firm", **witness)
        else:
            teller.said("p", rival, "confront.close", "firm")
        teller.page.new()
        teller.page.add("confront.crowd") if turn % 2 == 0 else teller.pause()


def _owned(teller: Teller, rival: Person) -> None:
    for number, effect in enumerate(teller.open_effects("tells")):
        speaker = teller.stage.people.get(getattr(effect, "character", ""), rival)
        path = "confess.own" if speaker != rival else "tell.frame" if number else "confront.own"
        teller.prove("tells", teller.page.quote(speaker, teller.view, path, teller.fact(effect), "fact", "tired"))
        if teller.roomy and not number:
            teller.said("o", rival, "confront.why", "tired")
    if teller.roomy:
        teller.said("p", rival, "confront.answer", "firm")


def _settled(teller: Teller) -> None:
    for effect in teller.open_effects("pays_promise"):
        key = getattr(effect, "promise", "")
        part = key if key in ("threat", "stolen", "side") else "one"
        words = teller.page.must(
            f"pays_promise.{part}",
            item=teller.page.bound.get("X", "it"),
            what=teller.promised(key),
            why="the old trouble",
        )
        teller.prove("pays_promise", words)
    _answered(teller)
    teller.discovered()


def _answered(teller: Teller) -> None:
    """Where the wish was to learn who did something, the answer in its own words."""
    wish, rival = re.match(r"(?:learn|find out|discover|prove) who (.+)", teller.stage.wish), teller.page.bound.get("R")
    if wish and teller.ample and isinstance(rival, Person):
        was = "is" if teller.page.surface.present else "was"
        teller.page.keep(teller.page.put(f"It {was} {rival.name} who {wish[1].rstrip('.')}."))


def after(teller: Teller, text: str, until: float) -> None:
    """What is done with the truth, what becomes of those who wanted it, and the last line of the book."""
    name = text.partition("; ")[0]
    own = next((one for one in table(teller.stage.genre)["wrong"] if one["name"] == name), None)
    teller.page.new()
    righted = own["righted"] if own and teller.roomy else []
    for _ in righted[:2]:
        teller.page.keep(teller.page.say(f"righted.{name}", righted))
    if teller.other and teller.roomy:
        talk = (("o", "confer.tease"), ("p", "confer.teaseback"), ("o", "small.chat"), ("p", "small.reply"))
        teller.exchange(teller.other, talk, until - 130, "tender")
    teller.page.new()
    teller.show_rest()
    teller.fill(until - (80 if teller.ample else 25), teller.memory)
    teller.page.new()
    for part in ("calm", "loss", "dawn") if teller.roomy else ():
        teller.page.add(f"end.{part}")
    teller.page.must("end.last")
