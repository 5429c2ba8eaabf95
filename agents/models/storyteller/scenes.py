"""Scenes: the beats of a chapter on stage, each kind told by its own function, until the asked words are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from agents.models.storyteller import deeds, endings, interviews, talks
from agents.models.storyteller.grammar import sentence
from agents.models.storyteller.page import Telling
from agents.models.storyteller.premise import plain
from agents.models.storyteller.stage import Stage
from agents.models.storyteller.teller import FULL, Teller, lowered
from agents.requests import ChapterContext, WriteChapter
from story.base import digest
from story.outline import Beat
from story.premise import Premise

REVISIONS = 7
"""Into so many tellings the findings of a revision are sorted, so that the chronicler can tell which it was."""

OTHER = 5.0
"""What a beat weighs that somebody else planned."""


def written(request: WriteChapter) -> str:
    """The text of a chapter; a revision is another telling, chosen by what the findings say."""
    number = request.telling
    if request.draft:
        named = digest([finding.model_dump() for finding in request.findings])
        number = 100 + int(named[:8], 16) % REVISIONS
        if tell(request.premise, request.context, number).text == request.draft:
            number = 100 + (number - 99) % REVISIONS
    return tell(request.premise, request.context, number).text


@lru_cache(maxsize=24)
def tell(premise: Premise, context: ChapterContext, number: int = 0) -> Telling:
    """The telling of that number."""
    if not context.contract.scenes:
        return Telling(sentence(plain(context.contract.purpose) or plain(context.contract.title) or "nothing happened"))
    teller = Teller(Stage(premise.seeded(), context), number)
    scenes = context.contract.scenes
    sizes = [sum(map(_weight, scene.beats)) for scene in scenes]
    aim = 0.0
    for index, (scene, size) in enumerate(zip(scenes, sizes, strict=True)):
        aim += context.contract.words * FULL * size / sum(sizes)
        teller.begin_scene(scene, index)
        _beats(teller, scene.beats, aim)
    return teller.finished()


def _beats(teller: Teller, beats: tuple[Beat, ...], until: float) -> None:
    left = sum(map(_weight, beats))
    for beat in beats:
        share = max(0.0, until - teller.page.words) * _weight(beat) / left
        left -= _weight(beat)
        _beat(teller, beat, teller.page.words + share)


def _beat(teller: Teller, beat: Beat, until: float) -> None:
    label, _, text = beat.summary.partition(": ")
    teller.begin_beat(beat, until)
    if label in SCENES and (text or label == "Begin"):
        _, teller.feeling, told = SCENES[label]
        told(teller, text, until)
    else:
        teller.foreign(beat, until)
    teller.show_rest()


def _weight(beat: Beat) -> float:
    known = SCENES.get(beat.summary.partition(":")[0])
    return known[0] if known else OTHER


def _arrive(teller: Teller, text: str, until: float) -> None:
    """The way there, what is seen, and why one has come."""
    teller.opening()
    teller.page.new()
    for effect in teller.open_effects("moves"):
        who = teller.stage.people.get(getattr(effect, "character", ""))
        if who == teller.view:
            made = teller.page.add("arrive") if teller.ample else ""
            teller.prove("moves", teller.page.keep(made) or teller.page.must("moves.one", S=teller.view))
        elif who:
            teller.prove("moves", teller.page.must("moves.other", S=who))
    if (goal := teller.stage.step(text, "goals")) and teller.roomy:
        teller.page.add("aim", next=goal)
    teller.fill(until)


def _name(teller: Teller, text: str, until: float) -> None:
    """Somebody whom the author gave and whom the story never brings on stage: the names and the look."""
    given = next((one for one in teller.stage.premise.characters if f"{one.name} is named." == text), None)
    if given:
        called = "".join(f" {'or' if n else 'called'} {alias}" for n, alias in enumerate(given.aliases))
        full = f"{given.name},{called}," if called else given.name
        look = lowered(plain(given.appearance).rstrip("."))
        teller.page.must("absent.patterns" if look else "absent.unseen", full=full, look=look)
    teller.discovered()


def _roll(teller: Teller, text: str, until: float) -> None:
    """Those who are only listed."""
    teller.page.must("absent.roll", full=re.sub(r" are listed\.$", "", text))


Scene = Callable[[Teller, str, float], None]

SCENES: dict[str, tuple[float, str, Scene]] = {
    "Arrive": (1.3, "doubt", _arrive), "Name": (0.4, "doubt", _name), "Roll": (0.4, "doubt", _roll),
    "Begin": (4.0, "longing", endings.begin), "Open": (5.0, "longing", endings.opened),
    "Decide": (1.4, "resolve", endings.decide), "Confront": (16.0, "resolve", endings.confront),
    "After": (5.0, "relief", endings.after), "Ask": (10.0, "doubt", interviews.ask),
    "Confess": (10.0, "anger", interviews.confess), "Last": (5.0, "grief", interviews.last),
    "Search": (8.0, "hope", deeds.search), "Enter": (8.5, "fear", deeds.enter), "Follow": (8.0, "fear", deeds.follow),
    "Strike": (6.0, "fear", deeds.strike), "Theft": (5.0, "anger", deeds.theft),
    "Recover": (6.0, "hope", deeds.recover),
    "Set": (7.5, "hope", deeds.set_piece), "Alone": (4.5, "grief", deeds.alone),
    "Confer": (6.0, "relief", talks.confer),
    "Quarrel": (6.5, "anger", talks.quarrel), "Mend": (5.0, "shame", talks.mend), "Threat": (6.5, "fear", talks.threat),
    "Side": (5.0, "longing", talks.side),
}  # fmt: skip
"""By the label of a beat: its weight in words, what the point of view feels in it, and how it is told."""
