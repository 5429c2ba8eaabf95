"""Prefect tasks on manuscripts: read one, find its people, and make of it what enters the log of a novel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from prefect import task

from agents.decisions import default_max_calls
from agents.registry import installed
from agents.requests import ChapterContext, ChronicleChapter, Contract, Reference
from storage.manuscripts import Manuscript, read_manuscript
from story.base import Value, digest, word_count
from story.cast import Cast
from story.chapter import Chapter, Chronicle, SceneRecord
from story.entities import Entities
from story.events import CastAssembled, ChapterImported, Event, NovelFinished, NovelRequested
from story.models import Models
from story.premise import Premise
from story.reading.mentions import mentions
from story.reading.people import cast_of, people
from tasks import agents as agent_tasks
from tasks.assignment import Assignment
from tasks.policy import STORE

OPENING_WORDS = 40
"""Words of a chapter's opening that stand for its summary where no model was asked."""

MOST_CHAPTERS, FEWEST_WORDS, MOST_WORDS = 400, 100, 10_000
"""What a premise may ask for; a manuscript may have more, which its log holds all the same."""


class Book(Value):
    """A manuscript as it was read, and the people found in it."""

    manuscript: Manuscript
    cast: Cast | None = None

    @property
    def words(self) -> int:
        """Words of all chapters."""
        return sum(word_count(one.text) for one in self.manuscript.chapters)

    @property
    def premise(self) -> Premise:
        """What stands in the log as that which was asked for."""
        given, count = self.manuscript, len(self.manuscript.chapters)
        return Premise(
            premise=f"{given.title}, a manuscript that was imported",
            title=given.title[:200],
            author=given.author[:200],
            language=given.language,
            chapters=min(count, MOST_CHAPTERS),
            words=min(max(self.words // count, FEWEST_WORDS), MOST_WORDS),
        ).seeded()


class Told(Value):
    """A chapter with what is known of it, and the calls that it is known from."""

    chapter: Chapter
    steps: tuple[str, ...] = ()


@task(name="read-manuscript", **STORE)
async def read_book(path: str, title: str = "", author: str = "") -> Book:
    """The manuscript in a file, with its people; raises ``UnusableManuscript``."""
    return await asyncio.to_thread(_read, path, title, author)


def _read(path: str, title: str, author: str) -> Book:
    read = read_manuscript(Path(path))
    given = {name: value for name, value in (("title", title), ("author", author)) if value}
    found = people([chapter.text for chapter in read.chapters])
    return Book(manuscript=read.model_copy(update=given), cast=cast_of(found) if found else None)


def told_plainly(book: Book) -> tuple[Told, ...]:
    """The chapters with what can be said of them without a model: how they open, and who is named in which scene."""
    names = {one.id: one.names for one in book.cast.characters} if book.cast else {}
    return tuple(
        Told(
            chapter=Chapter(
                id="c" + digest([number, one.title])[:10],
                title=one.title,
                text=one.text,
                chronicle=Chronicle(summary=_opening(one.text), scenes=_scenes(one.text, names)),
            )
        )
        for number, one in enumerate(book.manuscript.chapters, start=1)
    )


def _opening(text: str) -> str:
    words = text.replace("* * *", " ").split()
    return " ".join(words[:OPENING_WORDS]) + (" …" if len(words) > OPENING_WORDS else "")


def _scenes(text: str, names: dict[str, tuple[str, ...]]) -> tuple[SceneRecord, ...]:
    return tuple(
        SceneRecord(number=number, characters=tuple(dict.fromkeys(one.key for one in mentions(scene, names))))
        for number, scene in enumerate(text.split("\n\n* * *\n\n"), start=1)
    )


async def chronicled(assignment: Assignment, book: Book, told: Told, number: int) -> Told:
    """The chapter as a model chronicles it: summary, scenes and changes to canon with the words that prove them."""
    request = ChronicleChapter(premise=book.premise, context=_context(book, told, number), text=told.chapter.text)
    answered = await agent_tasks.chronicle(assignment, request)
    known, _ = Entities.of(None, book.cast, None).recognise(Chronicle.model_validate(answered["answer"]))
    proven, _ = known.proven_by(told.chapter.text)
    chapter = told.chapter.model_copy(update={"chronicle": proven})
    return Told(chapter=chapter, steps=tuple(answered["steps"]))


def _context(book: Book, told: Told, number: int) -> ChapterContext:
    cast = book.cast.characters if book.cast else ()
    count = len(book.manuscript.chapters)
    contract = Contract(
        number=number, of=count, act="", title=told.chapter.title, purpose="", words=told.chapter.words, scenes=()
    )
    roster = tuple(Reference(id=one.id, name=", ".join(one.names)) for one in cast)
    return ChapterContext(contract=contract, people=(), roster=roster)


def chronicler(language: str) -> str:
    """The name of the agent that chronicles."""
    return installed().choose("chronicle", "", language).name


def imported_events(owner: str, book: Book, told: Sequence[Told], models: Models) -> tuple[Event, ...]:
    """The log of a novel that was imported; it is finished when it begins."""
    asked = NovelRequested(
        owner=owner, premise=book.premise, models=models, max_calls=default_max_calls(book.premise.chapters)
    )
    cast = (CastAssembled(cast=book.cast),) if book.cast else ()
    chapters = (ChapterImported(chapter=one.chapter, steps=one.steps) for one in told)
    return (asked, *cast, *chapters, NovelFinished())
