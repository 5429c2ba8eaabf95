"""Talks: with a friend, with the rival, with one who asks for help."""

from __future__ import annotations

from agents.models.storyteller.meaning import Clause
from agents.models.storyteller.surface import Bound, Person
from agents.models.storyteller.teller import Line, Teller

PLEAS: dict[str, tuple[Line, ...]] = {
    "hint": (("o", "plea.ask"), ("p", "plea.consider"), ("o", "plea.news"), ("p", "plea.accept"), ("o", "plea.thanks")),
    "grow": (("o", "plea.news"), ("p", "plea.consider")),
    "turn": (("o", "plea.news"), ("p", "plea.accept"), ("o", "plea.thanks")),
    "done": (("o", "plea.saved"), ("p", "small.reply")),
}
"""What is said at each stage of somebody's own trouble."""


def confer(teller: Teller, text: str, until: float) -> None:
    """What has been found out is told to a friend: news, how it fits, what does not, worry and comfort."""
    teller.on_stage()
    other = teller.other
    if other:
        _met_again(teller, other)
        news = [getattr(effect, "fact", "") for effect in teller.open_effects("tells")]
        for effect in teller.open_effects("tells"):
            teller.prove("tells", teller.page.quote(teller.view, other, "confer.news", teller.fact(effect), "that"))
            teller.said("o", other, "confer.react")
        if teller.roomy and news:
            _weighed(teller, other, teller.gist(news[-1]), until)
    teller.fill(until)


def _met_again(teller: Teller, other: Person) -> None:
    teller.introduced(other)
    if teller.roomy:
        teller.said("o", other, "meet.again")
        teller.said("p", other, "meet.againreply")


def _weighed(teller: Teller, other: Person, news: Clause, until: float) -> None:
    teller.said("o", other, "confer.sum", that=news)
    teller.said("o", other, "confer.doubt", question=teller.reworded())
    teller.said("p", other, "confer.back")
    teller.pause()
    rest = (
        ("o", "confer.worry"),
        ("p", "confer.calm"),
        ("o", "confer.tease"),
        ("p", "confer.teaseback"),
        ("o", "small.chat"),
        ("p", "small.reply"),
    )
    teller.exchange(other, rest, until - 60)


def quarrel(teller: Teller, text: str, until: float) -> None:
    """A friend has kept something back: it comes out, and they part in anger."""
    teller.on_stage()
    other, start, span = teller.other, teller.page.words, max(0.0, until - teller.page.words)
    if other:
        _met_again(teller, other)
        known = [("that", teller.fact(effect)) for effect in teller.open_effects("learns")]
        teller.discovered()
        bound: dict[str, Bound] = dict(known)
        teller.said("p", other, "quarrel.charge", "angry", **bound)
        talk = (
            ("o", "quarrel.defend"),
            ("p", "quarrel.wound"),
            ("o", "quarrel.wound"),
            ("p", "quarrel.charge"),
            ("o", "quarrel.wall"),
        )
        teller.exchange(other, talk, start + span * 0.8, "angry")
        teller.said("o", other, "quarrel.break", "angry")
    teller.page.new()
    teller.related()
    teller.fill(until, lambda: teller.page.add("feel.anger"))


def mend(teller: Teller, text: str, until: float) -> None:
    """Two who parted in anger make peace."""
    teller.on_stage()
    if teller.other:
        start, span = teller.page.words, max(0.0, until - teller.page.words)
        teller.introduced(teller.other)
        talk = (
            ("o", "mend.come"),
            ("p", "mend.admit"),
            ("o", "mend.ask"),
            ("p", "mend.forgive"),
            ("o", "mend.admit"),
            ("p", "mend.light"),
        )
        teller.exchange(teller.other, talk, start + span * 0.75, "tender")
    teller.page.new()
    teller.related()
    teller.fill(until, lambda: teller.page.add("feel.relief"))


def threat(teller: Teller, text: str, until: float) -> None:
    """The rival comes: courtesy, a question, an offer, and what will happen otherwise."""
    teller.on_stage()
    if teller.other:
        teller.introduced(teller.other)
        talk = (
            ("o", "rival.courtesy"),
            ("p", "rival.parry"),
            ("o", "rival.probe"),
            ("p", "rival.parry"),
            ("o", "rival.offer"),
            ("p", "rival.refuse"),
        )
        teller.exchange(teller.other, talk, until - 150, "sly")
        teller.said("o", teller.other, "rival.threat", "firm")
        if teller.roomy:
            teller.said("p", teller.other, "rival.defy", "firm")
            teller.said("o", teller.other, "rival.parting", "sly")
    _opened(teller)
    teller.fill(until)


def _opened(teller: Teller) -> None:
    teller.page.new()
    for effect in teller.open_effects("opens_promise"):
        what = teller.promised(getattr(effect, "promise", ""))
        teller.prove("opens_promise", teller.page.must("opens_promise.one", what=what))


def side(teller: Teller, text: str, until: float) -> None:
    """A stage of somebody's own trouble: hint, growth, turn, end."""
    stage, _, why = text.partition(", ")
    teller.page.bound["why"] = why
    teller.on_stage()
    if teller.other and stage in PLEAS:
        teller.introduced(teller.other)
        if teller.roomy:
            teller.page.add(f"side.{stage}")
            teller.chat(teller.other)
        for who, path in PLEAS[stage]:
            teller.said(who, teller.other, path)
            teller.page.bound["why"] = " ".join(why.split()[:2])
    _opened(teller)
    if teller.open_effects("pays_promise"):
        teller.prove("pays_promise", teller.page.must("pays_promise.side"))
    teller.related()
    teller.fill(until, *([lambda: teller.page.add(f"side.{stage}")] if stage in PLEAS else ()))
