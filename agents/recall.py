"""What story memory says about the chapter in hand: what it is asked, and what of its answer may be passed on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from agents.requests import Bond, Excerpt
from story.base import Value
from story.changes import quoted
from story.chapter import Chapter
from story.novel import Novel
from story.outline import ChapterPlan, ScenePlan

MOST_EXCERPTS = 6
"""Passages that are recalled for a chapter, some 370 words each."""

QUESTION_WORDS = 120
"""Words of a question; an embedding model reads about 190."""


class Recollection(Value):
    """An excerpt, and what names it in a trace."""

    key: str
    excerpt: Excerpt


class Gap(Value):
    """A tier that story memory could not fill, and why."""

    tier: Literal["bond", "excerpt"]
    why: str


class Recalled(Value):
    """What story memory answered: bonds by rank, recollections the best first, and what it could not say."""

    bonds: tuple[Bond, ...] = ()
    recollections: tuple[Recollection, ...] = ()
    gaps: tuple[Gap, ...] = ()


def memorable(novel: Novel) -> tuple[Chapter, ...]:
    """The chapters that memory may speak of before the next one: all but the last, whose end is told word for word."""
    return novel.chapters[:-1]


def questions(novel: Novel, plan: ChapterPlan) -> tuple[str, ...]:
    """What to ask of the passages for a chapter: a question a scene, made of who, where and what."""
    return tuple(dict.fromkeys(_question(novel, scene) for scene in plan.scenes))


def _question(novel: Novel, scene: ScenePlan) -> str:
    people = (novel.cast.get(key) for key in (scene.pov, *scene.characters)) if novel.cast else ()
    places = (one.name for one in (novel.world.places if novel.world else ()) if one.id == scene.place)
    names = dict.fromkeys((*(one.name for one in people if one), *places))
    told = " ".join((scene.goal, scene.obstacle, *(beat.summary for beat in scene.beats)))
    return " ".join(f"{', '.join(names)}: {told}".split()[:QUESTION_WORDS])


def withheld(
    recollections: Sequence[Recollection], quotes: Collection[str]
) -> tuple[list[Recollection], list[Recollection]]:
    """The recollections that hold none of these words, at most ``MOST_EXCERPTS``, and those that do."""
    telling = [one for one in recollections if any(quoted(quote, one.excerpt.text) for quote in quotes)]
    return [one for one in recollections if one not in telling][:MOST_EXCERPTS], telling
