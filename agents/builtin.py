"""The agents that come with Scriptorium."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from agents.contract import Agent
from agents.requests import (
    AssembleCast,
    BuildWorld,
    ChronicleChapter,
    EditChapter,
    OutlinePlot,
    Prose,
    Review,
    WriteChapter,
)
from story.cast import Cast
from story.changes import OpensPromise, PaysPromise, quoted
from story.chapter import Chronicle
from story.entities import Entities
from story.finding import Finding
from story.outline import Outline
from story.world import World

TOKENS_PER_WORD = 1.6
"""A generous bound for English prose in JSON or out of it; the mean is about 1.33."""


class WorldBuilder(Agent[BuildWorld, World]):
    """Builds the world; the author's facts stand in it word for word."""

    name = "world-builder"
    capability = "build-world"
    request_type, answer_type = BuildWorld, World
    template = "world_builder.md.j2"

    def problems(self, request: BuildWorld, answer: World) -> list[str]:
        """Given facts that are missing, and ids that stand twice."""
        missing = [fact for fact in request.premise.world.facts if fact not in answer.facts]
        return [
            *(f"facts: the author's fact is missing: {fact!r}" for fact in missing),
            *_twice("places", (place.id for place in answer.places)),
            *_twice("items", (item.id for item in answer.items)),
        ]


class CharacterDesigner(Agent[AssembleCast, Cast]):
    """Assembles the cast; the author's characters stand in it as given."""

    name = "character-designer"
    capability = "assemble-cast"
    request_type, answer_type = AssembleCast, Cast
    template = "character_designer.md.j2"

    def problems(self, request: AssembleCast, answer: Cast) -> list[str]:
        """Given characters or fields that are missing, ids that stand twice or nowhere."""
        places = {place.id for place in request.world.places}
        items = {item.id for item in request.world.items}
        return [
            *(problem for given in request.premise.characters for problem in _departures(given.model_dump(), answer)),
            *_twice("characters", (one.id for one in answer.characters)),
            *_twice("holds", (item for one in answer.characters for item in one.holds)),
            *_unknown("home", (one.home for one in answer.characters if one.home), places),
            *_unknown("holds", (item for one in answer.characters for item in one.holds), items),
        ]


class PlotArchitect(Agent[OutlinePlot, Outline]):
    """Plans the book: acts, chapters, scenes, beats; threads, promises, truths."""

    name = "plot-architect"
    capability = "outline-plot"
    request_type, answer_type = OutlinePlot, Outline
    template = "plot_architect.md.j2"

    def problems(self, request: OutlinePlot, answer: Outline) -> list[str]:
        """A wrong number of chapters, ids that stand nowhere, promises that are not kept."""
        asked, got = request.premise.chapters, len(answer.chapters)
        scenes = [scene for chapter in answer.chapters for scene in chapter.scenes]
        people = {one.id for one in request.cast.characters}
        return [
            *([f"acts: {asked} chapters were asked, the outline has {got}"] if asked != got else []),
            *_unknown("place", (scene.place for scene in scenes), {place.id for place in request.world.places}),
            *_unknown("characters", (who for scene in scenes for who in (scene.pov, *scene.characters)), people),
            *_twice("promises", (promise.id for promise in answer.promises)),
            *_unkept(answer),
            *_strange(request, answer),
        ]

    def answer_tokens(self, request: OutlinePlot) -> int:
        """An outline grows with the chapters: about 900 tokens each."""
        return 4_000 + 900 * request.premise.chapters


class ChapterWriter(Agent[WriteChapter, Prose]):
    """Writes a chapter, and revises one."""

    name = "chapter-writer"
    capability = "write-chapter"
    request_type, answer_type = WriteChapter, Prose
    template = "chapter_writer.md.j2"

    def answer_tokens(self, request: WriteChapter) -> int:
        """Half as much again as was asked."""
        return 500 + int(1.5 * TOKENS_PER_WORD * request.context.contract.words)


class Editor(Agent[EditChapter, Review]):
    """Objects to a draft; an objection whose quote is not in the draft does not count."""

    name = "editor"
    capability = "edit-chapter"
    request_type, answer_type = EditChapter, Review
    template = "editor.md.j2"

    def parse(self, request: EditChapter, text: str) -> Review:
        """The review without findings that quote what the draft does not say; only a rule may block a chapter."""
        review = super().parse(request, text)
        return Review(findings=tuple(_advice(one) for one in review.findings if _proven(one, request.text)))


class Chronicler(Agent[ChronicleChapter, Chronicle]):
    """Records what a draft does to canon."""

    name = "chronicler"
    capability = "chronicle"
    request_type, answer_type = ChronicleChapter, Chronicle
    template = "chronicler.md.j2"


def _unkept(outline: Outline) -> Iterator[str]:
    """What is wrong with the promises: never opened, never paid, paid too early or too late."""
    opened: dict[str, int] = {}
    paid: dict[str, int] = {}
    for number, chapter in enumerate(outline.chapters, start=1):
        for effect in chapter.effects:
            if isinstance(effect, OpensPromise):
                opened.setdefault(effect.promise, number)
            if isinstance(effect, PaysPromise):
                paid.setdefault(effect.promise, number)
    for promise in outline.promises:
        begins, ends = opened.get(promise.id), paid.get(promise.id)
        if begins is None or ends is None:
            yield f"promises: {promise.id} is never {'opened' if begins is None else 'paid'}"
        elif not begins <= ends <= promise.due_chapter:
            yield f"promises: {promise.id} opens in chapter {begins}, is due in {promise.due_chapter}, paid in {ends}"


def _strange(request: OutlinePlot, outline: Outline) -> Iterator[str]:
    """Effects and truths that name what there is not."""
    known = Entities.of(request.world, request.cast, outline)
    for number, chapter in enumerate(outline.chapters, start=1):
        for effect in chapter.effects:
            for name in known.unknown(effect):
                yield f"effects of chapter {number}: {effect.kind} names {name}, which there is not"
    for truth in outline.truths:
        for who in truth.known_by:
            if who not in {one.id for one in request.cast.characters}:
                yield f"truths: {truth.id} is known by {who!r}, who is not in the cast"


def _proven(finding: Finding, text: str) -> bool:
    return not finding.quote or quoted(finding.quote, text)


def _advice(finding: Finding) -> Finding:
    return finding.model_copy(update={"severity": "fix"}) if finding.severity == "block" else finding


def _twice(field: str, keys: Iterable[str]) -> list[str]:
    return [f"{field}: {key!r} stands {count} times" for key, count in Counter(keys).items() if count > 1]


def _unknown(field: str, keys: Iterable[str], known: set[str]) -> list[str]:
    return [f"{field}: there is no {key!r}; there are {', '.join(sorted(known))}" for key in sorted(set(keys) - known)]


def _departures(given: dict[str, object], cast: Cast) -> Iterator[str]:
    made = next((one for one in cast.characters if one.name == given["name"]), None)
    if made is None:
        yield f"characters: {given['name']!r}, whom the author gave, is missing"
        return
    for field, value in given.items():
        if value and field != "aliases" and getattr(made, field) != value:
            yield f"characters: {given['name']}'s {field} is not as given: {value!r}"
    for alias in sorted(set(given["aliases"]) - set(made.aliases)):  # type: ignore[call-overload]  # a tuple of str
        yield f"characters: {given['name']}'s alias {alias!r} is missing"
