"""What the review proves against a draft, and how an author's edit reaches the next chapter."""

from __future__ import annotations

import re
from functools import cache

import pytest

from agents.builtin import ChapterWriter, Chronicler, Editor
from agents.context import compile_context
from agents.requests import ChapterContext, ChronicleChapter, Contract, EditChapter, WriteChapter
from story.cast import Character
from story.changes import OpensPromise, TimePasses
from story.chapter import Chapter
from story.novel import Novel
from story.outline import Beat, Promise, ScenePlan
from story.premise import GivenCharacter, Premise
from story.world import Place, World
from tests.unit.storyteller.book import ask, write

PREMISE = Premise(
    premise="Mara Quill, a lighthouse keeper, finds a logbook that records ships which have not sailed yet.",
    genre="mystery",
    chapters=5,
    words=700,
    characters=(GivenCharacter(name="Mara Quill", appearance="tall, with grey hair"), GivenCharacter(name="Joss Pell")),
)


@cache
def after(chapters: int) -> Novel:
    """The novel with its first chapters written."""
    return write(PREMISE, chapters).novel


def context(novel: Novel) -> ChapterContext:
    """What is known before the next chapter."""
    assert novel.next_plan
    return compile_context(novel, novel.next_plan).context


def draft() -> tuple[ChapterContext, str]:
    """The context and the sound text of a second chapter."""
    return context(after(1)), after(2).chapters[1].text


def rules(text: str) -> set[str]:
    """The rules that object to a text in the place of the second chapter."""
    review = ask(Editor(), EditChapter(premise=PREMISE.seeded(), context=draft()[0], text=text))
    return {finding.rule for finding in review.findings if finding.severity != "note"}


def test_a_sound_chapter_has_no_findings() -> None:
    """Nothing is objected to where nothing is wrong."""
    assert rules(draft()[1]) == set()


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ("Mara’s red hair blew about.", "look-changed"),
        ("I knew it was wrong.", "person-changed"),
        ("Joss gave the logbook to a stranger without a word.", "not-holder"),
    ],
)
def test_a_planted_error_is_named(planted: str, rule: str) -> None:
    """An error that a rule can see is found, with the words that prove it."""
    assert rule in rules(f"{draft()[1]}\n\n{planted}")


def test_a_sentence_said_twice_is_named() -> None:
    """A long sentence that stands twice is found."""
    text = draft()[1]
    long = next(
        line for line in re.split(r"(?<=\.) ", text.split("\n\n")[1]) if len(line.split()) > 8 and "“" not in line
    )

    assert "said-twice" in rules(f"{text}\n\n{long}")


def test_what_the_plan_wants_and_the_text_leaves_out_is_named() -> None:
    """A text in which nothing happens misses every effect."""
    assert rules("It rained.") == {"effect-missing"}


def test_an_authors_edit_is_taken_up_by_the_next_chapter() -> None:
    """A sentence that an author wrote into the last chapter is in its summary, and the next one goes back to it."""
    novel, edit = after(2), "The heron on the quay had lost its left wing that morning."
    last = novel.chapters[-1]
    text = f"{last.text}\n\n{edit}"
    before = novel.model_copy(update={"chapters": novel.chapters[:1]})
    chronicle = ask(Chronicler(), ChronicleChapter(premise=PREMISE.seeded(), context=context(before), text=text))
    edited = novel.model_copy(
        update={
            "chapters": (*novel.chapters[:1], Chapter(id=last.id, title=last.title, text=text, chronicle=chronicle))
        }
    )
    assert edited.world
    request = WriteChapter(premise=PREMISE.seeded(), world=edited.world, context=context(edited))

    assert edit in chronicle.summary
    assert edit in ask(ChapterWriter(), request).text


FOREIGN = (
    "Open: the door nobody dared to open.",
    "Recover: his breath.",
    "Confront: the weather.",
    "Side: the cellar by night.",
    "Name: the baby is named.",
    "Nora and the captain quarrel about the chart until the lamp goes out.",
)


@pytest.mark.parametrize("summary", FOREIGN)
@pytest.mark.parametrize("crowded", [True, False])
def test_a_chapter_of_somebody_elses_plan_is_written(summary: str, crowded: bool) -> None:
    """A beat in another model's words, with or without people and places, becomes a chapter that shows its effects."""
    scene = ScenePlan(
        place="quay" if crowded else "",
        pov="nora" if crowded else "",
        characters=("nora", "joss") if crowded else (),
        beats=(Beat(summary=summary, effects=(TimePasses(hours=3), OpensPromise(promise="truth"))),),
    )
    contract = Contract(number=2, of=4, act="One", title="Two", purpose="", words=400, scenes=(scene,))
    people = (Character(id="nora", name="Nora Pell"), Character(id="joss", name="Joss")) if crowded else ()
    stage = ChapterContext(
        contract=contract, people=people, promises=(Promise(id="truth", text="Who lit it.", due_chapter=4),)
    )
    world = World(genre="", setting="", places=(Place(id="quay", name="the quay"),))
    text = ask(ChapterWriter(), WriteChapter(premise=PREMISE.seeded(), world=world, context=stage)).text
    chronicle = ask(Chronicler(), ChronicleChapter(premise=PREMISE.seeded(), context=stage, text=text))

    assert {change.kind for change in chronicle.changes} == {"time_passes", "opens_promise"}
    assert not re.search(r"[{}<>\[\]|]", text)
