"""The plan of a book: acts, chapters, scenes and beats; threads, promises and hidden truths."""

from __future__ import annotations

from itertools import count
from typing import Annotated

from pydantic import Field

from story.base import Value, digest
from story.changes import Change, actors


class Beat(Value):
    """One thing that happens in a scene, and what it is meant to change in canon."""

    summary: str
    effects: tuple[Change, ...] = ()


class ScenePlan(Value):
    """One scene: where (place id), on which day of the story, through whose eyes, with whom (character ids)."""

    place: str
    day: int = 1
    pov: str
    characters: tuple[str, ...]
    goal: str = ""
    obstacle: str = ""
    outcome: str = ""
    beats: Annotated[tuple[Beat, ...], Field(min_length=1)]


class ChapterPlan(Value):
    """One chapter as planned. ``id`` is given when the outline enters the log and never changes."""

    id: str = ""
    title: str
    purpose: str = ""
    scenes: Annotated[tuple[ScenePlan, ...], Field(min_length=1)]

    @property
    def effects(self) -> tuple[Change, ...]:
        """Every intended change of the chapter, in order, each with the number of its scene."""
        return tuple(
            effect.model_copy(update={"scene": number})
            for number, scene in enumerate(self.scenes, start=1)
            for beat in scene.beats
            for effect in beat.effects
        )

    @property
    def characters(self) -> tuple[str, ...]:
        """Ids of all who are on stage in the chapter, in order of appearance."""
        return tuple(dict.fromkeys(one for scene in self.scenes for one in (scene.pov, *scene.characters)))

    @property
    def concerned(self) -> tuple[str, ...]:
        """Ids of all who are on stage or whom an intended change is about."""
        return tuple(dict.fromkeys((*self.characters, *(who for effect in self.effects for who in actors(effect)))))


class Act(Value):
    """A part of the book with one purpose."""

    title: str
    purpose: str = ""
    chapters: Annotated[tuple[ChapterPlan, ...], Field(min_length=1)]


class Thread(Value):
    """A line of action that runs through several chapters."""

    id: str
    name: str
    description: str = ""


class Promise(Value):
    """An expectation raised in the reader, and the number of the chapter in which it must be paid at the latest."""

    id: str
    text: str
    due_chapter: Annotated[int, Field(ge=1)]


class Truth(Value):
    """Something true that not everybody knows; ``known_by`` are those who know it when the book begins."""

    id: str
    text: str
    known_by: tuple[str, ...] = ()


class Outline(Value):
    """The plot architect's answer: book → act → chapter → scene → beat, and what holds them together."""

    title: str
    logline: str = ""
    acts: Annotated[tuple[Act, ...], Field(min_length=1)]
    threads: tuple[Thread, ...] = ()
    promises: tuple[Promise, ...] = ()
    truths: tuple[Truth, ...] = ()

    @property
    def chapters(self) -> tuple[ChapterPlan, ...]:
        """All chapters in the order of telling."""
        return tuple(chapter for act in self.acts for chapter in act.chapters)

    def identified(self) -> Outline:
        """The same outline with an id of its own on every chapter; ids that stand already are kept.

        An id that stands twice is kept where it stands first.
        """
        numbers = count(1)
        given, seen = {chapter.id for chapter in self.chapters}, set[str]()

        def named(chapter: ChapterPlan) -> ChapterPlan:
            number = next(numbers)
            key = chapter.id if chapter.id and chapter.id not in seen else _new_id(number, chapter.title, given | seen)
            seen.add(key)
            return chapter.model_copy(update={"id": key})

        acts = tuple(act.model_copy(update={"chapters": tuple(map(named, act.chapters))}) for act in self.acts)
        return self.model_copy(update={"acts": acts})


def _new_id(number: int, title: str, taken: set[str]) -> str:
    tries = ([number, title, *([n] if n else [])] for n in count())
    return next(key for one in tries if (key := "c" + digest(one)[:10]) not in taken)
