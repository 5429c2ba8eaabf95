"""Interviews: somebody who knows is asked, has a reason not to answer, and is brought to answer."""

from __future__ import annotations

from agents.models.storyteller.meaning import Clause
from agents.models.storyteller.surface import Person
from agents.models.storyteller.teller import Teller

MOODS = {
    "fear": "uneasy", "shame": "uneasy", "paid": "uneasy", "grief": "tired", "weary": "tired", "grudge": "angry",
    "proud": "firm", "oath": "firm", "protect": "firm", "price": "sly",
}  # fmt: skip
"""How a reason not to speak shows in what hands do."""

PRESSED = 0.66
"""So much of an interview is told before the answer."""

LONG = 500
"""From so many words on an interview has small talk first."""


def ask(teller: Teller, text: str, until: float) -> None:
    """A witness is asked; goal, refusal for a reason, pressing, the turn, the answer, and where it points."""
    teller.asks(text)
    teller.on_stage()
    if teller.other is None:
        _nobody(teller, until)
        return
    reason = teller.stage.reason(teller.scene)
    start, span = teller.page.words, max(0.0, until - teller.page.words)
    teller.introduced(teller.other)
    if teller.roomy:
        teller.page.add(f"{reason}.sign")
        _greeted(teller, teller.other, reason)
        teller.chat(teller.other, int(span > LONG) + int(span > 2 * LONG))
    asked(teller, teller.other, "ask.plain")
    pressing = (("o", f"{reason}.refuse"), ("p", f"{reason}.press"), ("o", f"{reason}.hold"), ("p", f"{reason}.press"))
    teller.exchange(teller.other, pressing, start + span * PRESSED, MOODS[reason])
    _given_way(teller, teller.other, reason, until)


def _nobody(teller: Teller, until: float) -> None:
    """Nobody is there any more to be asked: the place has to answer."""
    teller.discovered()
    teller.fill(until)


def _greeted(teller: Teller, other: Person, reason: str) -> None:
    met = any(effect.kind == "meets" for beat in teller.scene.beats for effect in beat.effects)
    kind = "hostile" if reason in ("grudge", "proud") else "first" if met else "again"
    teller.said("o", other, f"meet.{kind}")
    teller.said("p", other, f"meet.{kind}reply")


def _given_way(teller: Teller, other: Person, reason: str, until: float) -> None:
    mood = MOODS[reason]
    teller.said("p", other, f"{reason}.turn", mood)
    if teller.roomy:
        teller.page.new()
        teller.page.add(f"{reason}.note")
        teller.said("o", other, f"{reason}.give", mood)
    revealed(teller, other, mood)
    if teller.roomy:
        teller.said("o", other, "tell.source", mood)
        doubt = (("p", "check.doubt"), ("o", "check.sure"))
        teller.exchange(other, doubt, until - 120, mood)
        _pointed(teller, other)
        teller.pause()
        teller.fill(until - 70)
        teller.said("o", other, f"{reason}.after", mood)
        teller.said(*(("o", other, "part.o") if teller.page.dealer.chance() < 0.5 else ("p", other, "part.p")))
        teller.page.new()
        teller.page.add("leave")


def asked(teller: Teller, other: Person, path: str) -> None:
    """The question is put, whatever has been said of it before."""
    question = teller.page.bound.get("question")
    if isinstance(question, Clause) and teller.ample:
        teller.page.quote(teller.view, other, path, question, "question")


def revealed(teller: Teller, other: Person, mood: str, path: str = "tell.frame") -> None:
    """The answer, in the witness's own mouth, and then what else there is to own to."""
    for number, effect in enumerate(teller.open_effects("tells")):
        said = path if not number else "confess.own"
        teller.prove("tells", teller.page.quote(other, teller.view, said, teller.fact(effect), "fact", mood))


def _pointed(teller: Teller, other: Person) -> None:
    """The witness names who or where is next."""
    outcome = teller.scene.outcome
    who = next(
        (one for one in teller.stage.people.values() if one.name in outcome and one not in (other, teller.view)), None
    )
    place = next((name for name in teller.stage.things.values() if name in outcome), "")
    if who:
        teller.said("o", other, "tell.point", T=who)
    elif place:
        teller.said("o", other, "tell.point", N=place)


def confess(teller: Teller, text: str, until: float) -> None:
    """The one who stood between owns to a share in it."""
    teller.asks(text)
    teller.on_stage()
    if teller.other is None:
        _nobody(teller, until)
        return
    other, start, span = teller.other, teller.page.words, max(0.0, until - teller.page.words)
    teller.introduced(other)
    asked(teller, other, "ask.sharp" if teller.roomy else "ask.plain")
    talk = (("o", "confess.slip"), ("p", "confess.corner"), ("o", "confess.beg"), ("p", "confess.steady"))
    teller.exchange(other, talk, start + span * PRESSED, "uneasy")
    if teller.roomy:
        teller.page.new()
        teller.page.look_round()
    revealed(teller, other, "tired", "confess.own")
    if teller.roomy:
        teller.said("o", other, "confess.why", "tired")
        teller.pause()
        teller.fill(until - 60)
        teller.said("p", other, "confess.leave")
        teller.page.new()
        teller.page.add("leave")


def last(teller: Teller, text: str, until: float) -> None:
    """A witness says the last that is needed, and dies."""
    teller.asks(text)
    teller.on_stage()
    if teller.other is None:
        _nobody(teller, until)
        return
    other = teller.other
    teller.page.new()
    teller.page.add("last.find")
    teller.fill(until - 320)
    if teller.roomy:
        teller.said("p", other, "last.stay", "tender")
        teller.pause()
    revealed(teller, other, "tired", "last.say")
    if teller.roomy:
        teller.said("p", other, "last.stay", "tender")
    teller.page.new()
    teller.page.add("last.still")
    teller.prove("dies", teller.page.must("dies.one", S=other))
    teller.fill(until, lambda: teller.page.add("feel.grief"))
