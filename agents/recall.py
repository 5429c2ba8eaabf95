"""What story memory says about the chapter in hand: what it is asked, and what of its answer may be passed on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, TypeVar

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


Tier = Literal["bond", "excerpt"]
"""The tiers of a context that story memory fills."""


class Recollection(Value):
    """An excerpt, and what names it in a trace."""

    key: str
    excerpt: Excerpt

    @property
    def words(self) -> str:
        """The words of the book in it."""
        return self.excerpt.text


class Stated(Value):
    """A bond, and the words in which the book states it; none where the bible does."""

    bond: Bond
    words: str = ""

    @property
    def key(self) -> str:
        """What names it in a trace."""
        return f"{self.bond.of}, {self.bond.to}"


P = TypeVar("P", Recollection, Stated)


class Gap(Value):
    """A tier that story memory could not fill, and why."""

    tier: Tier
    why: str


class Recalled(Value):
    """What story memory answered: bonds by rank, recollections the best first, and what it could not say."""

    bonds: tuple[Stated, ...] = ()
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


def withheld(pieces: Sequence[P], quotes: Collection[str]) -> tuple[list[P], list[P]]:
    """The pieces that hold none of these quotes and stand in none, and those that do."""
    telling = [one for one in pieces if any(quoted(said, one.words) or quoted(one.words, said) for said in quotes)]
    return [one for one in pieces if one not in telling], telling
