"""What the offline storyteller promises to whoever reads its books, and to whoever asks it."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from agents.builtin import ChapterWriter, CharacterDesigner, WorldBuilder
from agents.context import compile_context
from agents.models.storyteller.chat import Storyteller
from agents.models.storyteller.errors import UnreadableTask, UnsupportedLanguage
from agents.models.storyteller.wording import bare, sentences
from agents.requests import AssembleCast, BuildWorld, EditChapter, Review, WriteChapter
from story.changes import OpensPromise, PaysPromise
from story.finding import Finding
from story.premise import GivenCharacter, GivenWorld, Premise
from tests.unit.storyteller.book import Book, ask, write

TEXT = (
    "Mara Quill, a lighthouse keeper on a drowned coast, finds a logbook that records ships which have not sailed yet."
)
GIVEN = Premise(
    premise=TEXT,
    genre="mystery",
    chapters=6,
    words=500,
    characters=(
        GivenCharacter(name="Mara Quill", role="lighthouse keeper", fear="deep water", appearance="She has a burnt left hand"),
        GivenCharacter(name="Joss Pell", role="ferryman", secret="He let the lamp go out on the night of the wreck.", aliases=("Old Joss",)),
    ),
    world=GivenWorld(facts=("The ferry runs twice a week.", "No lamp may burn on the sea side after ten.")),
)  # fmt: skip


@cache
def told(chapters: int = 3, words: int = 400, pov: str = "third", tense: str = "past") -> Book:
    """A book of the test premise, told once."""
    return write(Premise(premise=TEXT, genre="mystery", chapters=chapters, words=words, pov=pov, tense=tense))  # type: ignore[arg-type]


@cache
def given() -> Book:
    """The book of the premise with given people and facts."""
    return write(GIVEN)


def severe(book: Book) -> list[Finding]:
    """What would keep a chapter out of the book or ask for a revision."""
    return [finding for finding in book.findings if finding.severity != "note"]


@pytest.mark.parametrize("chapters", [1, 2, 3, 12])
def test_a_book_of_any_length_contradicts_nothing(chapters: int) -> None:
    """Its own books fold into canon without a finding, every answer accepted by the agents' own parsers."""
    book = told(chapters)

    assert severe(book) == []
    assert len(book.novel.chapters) == chapters


def test_the_same_request_has_the_same_answer() -> None:
    """Nothing but the request decides what is written."""
    assert write(GIVEN, chapters=1).text == given().text.split("\n\n" + given().novel.chapters[1].text)[0]


def test_the_answer_does_not_depend_on_the_hash_seed() -> None:
    """Another process with another order of sets writes the same text."""
    code = (
        "from tests.unit.storyteller.book import write; from story.premise import Premise;"
        f"print(write(Premise(premise={TEXT!r}, chapters=2, words=200)).text)"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip

    assert len(texts) == 1


def test_another_seed_and_another_variant_are_other_stories() -> None:
    """Seed and variant both make the same premise another book."""
    premise = Premise(premise=TEXT, chapters=1, words=300, seed=1)
    texts = {write(premise.model_copy(update=change)).text for change in ({}, {"seed": 2}, {"variant": 1})}

    assert len(texts) == 3


def test_every_promise_is_opened_and_paid_in_time() -> None:
    """Whatever the reader is made to expect is given by the chapter in which it is due."""
    book = told(12)
    outline = book.novel.outline
    assert outline is not None
    done = [(n, one) for n, chapter in enumerate(book.novel.chapters, start=1) for one in chapter.chronicle.changes]
    opened = {one.promise: n for n, one in done if isinstance(one, OpensPromise)}
    paid = {one.promise: n for n, one in done if isinstance(one, PaysPromise)}

    assert len(outline.promises) > 1
    assert all(opened[one.id] <= paid[one.id] <= one.due_chapter for one in outline.promises)


@pytest.mark.parametrize("words", [100, 150, 300, 900, 3_000, 10_000])
def test_chapters_are_as_long_as_asked(words: int) -> None:
    """From 100 to 10,000 words, within a quarter."""
    book = told(2, words)

    assert all(abs(chapter.words - words) <= 0.25 * words for chapter in book.novel.chapters)
    assert severe(book) == []


@pytest.mark.parametrize(("chapters", "words"), [(12, 700), (20, 500)])
def test_no_long_sentence_stands_twice_in_a_book(chapters: int, words: int) -> None:
    """A sentence of eight words or more belongs to one chapter, and stands there once."""
    text = told(chapters, words).text.replace("* * *", " ")
    lines = [" ".join(bare(line)) for line in sentences(text) if len(bare(line)) >= 8]

    assert [line for line, count in Counter(lines).items() if count > 1] == []


def test_whom_the_premise_misses_is_named_by_relation() -> None:
    """The lost father stays "her father", and the wish of the premise is what the seeker wants."""
    text = "Nora Pell returns to the island where her father vanished. She has six days to learn who lit the lamp."
    novel = write(Premise(premise=text, chapters=2, words=300)).novel

    assert novel.cast
    assert novel.cast.characters[-1].name == "Nora's father"
    assert novel.cast.characters[0].want == "to learn who lit the lamp"


def test_given_people_appear_as_given() -> None:
    """A given appearance and a given secret are told in the author's words."""
    text = given().text

    assert "burnt left hand" in text
    assert "let the lamp go out on the night of the wreck" in text


def test_given_facts_are_told_word_for_word() -> None:
    """Each given fact stands in some chapter."""
    assert all(fact in given().text for fact in GIVEN.world.facts)


def test_the_premises_own_things_stay_recognisable() -> None:
    """What the premise names is what the book is about."""
    assert given().text.count("logbook") >= 3
    assert "Mara" in given().text


def test_nothing_is_objected_to_in_a_sound_draft() -> None:
    """The review of its own chapters is empty."""
    assert [finding for finding in told(3).reviews if finding.rule != "said-twice"] == []


def test_the_first_person_speaks_of_itself() -> None:
    """In the first person the narrator is I."""
    narration = re.sub(r"“[^”]*”", "", told(3, pov="first").text)

    assert len(re.findall(r"\bI\b", narration)) > 10
    assert "Mara had" not in narration


def test_the_present_tense_is_kept() -> None:
    """In the present tense nothing merely was."""
    narration = re.sub(r"“[^”]*”", "", told(3, tense="present").text)

    assert len(re.findall(r"\b(?:is|has|goes|comes)\b", narration)) > len(
        re.findall(r"\b(?:was|went|came)\b", narration)
    )


def test_another_language_is_refused_in_one_line() -> None:
    """Whoever asks for German is told to name a model, and the error survives pickling."""
    question = WorldBuilder().question(BuildWorld(premise=Premise(premise=TEXT, language="de")))

    with pytest.raises(UnsupportedLanguage, match="English") as caught:
        Storyteller().invoke([HumanMessage(question.prompt.human)])
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_unknown_task_is_an_error() -> None:
    """A message that names no known task is not answered with something else."""
    with pytest.raises(UnreadableTask, match="juggle"):
        Storyteller().invoke([HumanMessage("Task: juggle")])


def test_a_repair_request_gets_the_answer_again() -> None:
    """After a complaint the original task is answered as at first."""
    question = WorldBuilder().question(BuildWorld(premise=GIVEN))
    first = [SystemMessage(question.prompt.system), HumanMessage(question.prompt.human)]
    answer = Storyteller().invoke(first)
    again = Storyteller().invoke([*first, AIMessage("{"), HumanMessage("This could not be used: not JSON.")])

    assert again.content == answer.content
    assert answer.response_metadata["finish_reason"] == "stop"
    assert answer.usage_metadata is not None and answer.usage_metadata["output_tokens"] > 0


def test_a_revision_is_another_text_that_still_holds() -> None:
    """Draft and findings make the chapter another telling with the same changes."""
    novel = told(3).novel.model_copy(update={"chapters": told(3).novel.chapters[:1]})
    assert novel.premise and novel.world and novel.next_plan
    context = compile_context(novel, novel.next_plan).context
    draft = told(3).novel.chapters[1].text
    finding = Finding(rule="said-twice", message="a sentence stands twice")
    revised = ask(
        ChapterWriter(),
        WriteChapter(premise=novel.premise, world=novel.world, context=context, draft=draft, findings=(finding,)),
    ).text

    assert revised != draft
    assert _review(novel.premise, context, revised).findings == ()


def _review(premise: Premise, context: object, text: str) -> Review:
    from agents.builtin import Editor

    review: Review = ask(Editor(), EditChapter(premise=premise, context=context, text=text))  # type: ignore[arg-type]
    return review


def test_a_text_that_leaves_the_plan_out_is_objected_to() -> None:
    """A draft in which nothing planned happens has findings."""
    novel = told(3).novel.model_copy(update={"chapters": ()})
    assert novel.premise and novel.next_plan
    context = compile_context(novel, novel.next_plan).context

    assert any(finding.rule == "effect-missing" for finding in _review(novel.premise, context, "It rained.").findings)


def test_a_summary_says_what_happened() -> None:
    """Summaries have 40 to 150 words and name the protagonist."""
    for chapter in told(12, 700).novel.chapters:
        assert 40 <= len(chapter.chronicle.summary.split()) <= 150
        assert "Mara" in chapter.chronicle.summary


@pytest.mark.parametrize(
    "text",
    [
        "War",
        "A GIRL IN A BURNING CITY MUST FIND HER BROTHER BEFORE THE GATES CLOSE",
        "<b>Nora</b> finds a {{7*7}} door <script>alert(1)</script> & {% if x %} [a|b] <walk> {P}",
        "Time is a river and it flows uphill.",
        "¿Qué? 42 — !!! 東京",
        "The old house by the sea waits. " * 800,
    ],
)
def test_an_odd_premise_gives_a_book(text: str) -> None:
    """No premise is too short, too long or too strange, and markup never reaches the prose."""
    book = write(Premise(premise=text, chapters=3, words=300))

    assert severe(book) == []
    assert not re.search(r"[<>{}\[\]|*]", book.text.replace("* * *", ""))


def test_forty_given_people_all_stand_in_the_cast() -> None:
    """A crowd is taken as it is given."""
    people = tuple(
        GivenCharacter(name=f"Person{chr(65 + n % 26)} Of{n}", secret=f"Secret {n}." if n % 7 == 0 else "")
        for n in range(40)
    )
    premise = Premise(premise="A village meets.", characters=people, chapters=3, words=400).seeded()
    world = ask(WorldBuilder(), BuildWorld(premise=premise))

    assert len(ask(CharacterDesigner(), AssembleCast(premise=premise, world=world)).characters) >= 40
    assert severe(write(premise)) == []


def test_long_books_do_not_run_dry() -> None:
    """The plan of 400 chapters gives each its own question."""
    from agents.builtin import PlotArchitect
    from agents.requests import OutlinePlot

    premise = Premise(premise=TEXT, chapters=400, words=1_000).seeded()
    world = ask(WorldBuilder(), BuildWorld(premise=premise))
    cast = ask(CharacterDesigner(), AssembleCast(premise=premise, world=world))
    outline = ask(PlotArchitect(), OutlinePlot(premise=premise, world=world, cast=cast))

    assert len({truth.text for truth in outline.truths}) > 250


NOT_ENGLISH = (
    r"\b(gives?|to|from|for|with|at|of|past|near|beside|behind) I\b",
    r"\bI (has|is|goes|does|was seen by I)\b",
    r"\bdidn.t had\b",
    r"\bI (?!\w+ (?:that|how|while))\w+ [^;,.]{0,30} and (goes|takes|looks|sits|stands|turns)\b",
    r"\b(sitting of anything|kind of us|killed me a|had the boots on|will have given)\b",
)


@pytest.mark.parametrize("tense", ["present", "past"])
def test_the_first_person_is_english(tense: str) -> None:
    """The narrator is "I" as a subject and "me" as an object, and every verb agrees with its subject."""
    text = told(6, 700, pov="first", tense=tense).text

    assert [found[0] for one in NOT_ENGLISH for found in re.finditer(one, text)] == []


ACCOUNTANT = (
    "The accountant Yusuf Bekele finds a letter in the river. His rival, Dame Orla Finch, wants it burned in "
    "Saint Odo's church."
)


def example(name: str, **changes: object) -> Premise:
    """A premise of the examples, shortened."""
    path = Path(__file__).parents[3] / "examples" / f"{name}.toml"
    return Premise.model_validate(tomllib.loads(path.read_text(encoding="utf-8")) | changes)


@pytest.mark.parametrize(("chapters", "words"), [(8, 700), (3, 400)])
def test_every_given_name_alias_look_and_fact_stands_in_the_book(chapters: int, words: int) -> None:
    """What the author gave of the people and the world is in the prose, word for word."""
    premise = example("salt-thief", chapters=chapters, words=words)
    book = write(premise)
    wanted = [word for one in premise.characters for word in (one.name, *one.aliases, one.appearance)]

    assert [one for one in (*wanted, *premise.world.facts) if one not in book.text] == []
    assert severe(book) == []


@pytest.mark.parametrize(
    ("text", "hero", "words"),
    [
        ("A glassblower in a drowned city is asked to make a lung.", "", "glassblower lung drowned"),
        ("A bell-founder must return a stolen bell to a village on the river.", "", "bell-founder bell village river"),
        (
            ACCOUNTANT,
            "Yusuf Bekele",
            "accountant Yusuf Bekele letter river Orla church",
        ),
        (
            "# The Bell\n\n## Part One\n\nCaptain Ines Rourke must bring the ship Constance home with a letter.",
            "Captain Ines Rourke",
            "captain Ines Rourke Constance letter",
        ),
    ],
)
def test_the_book_is_about_what_the_premise_says(text: str, hero: str, words: str) -> None:
    """Trade, thing and place of the premise are those of the book; ships and headings are not people."""
    book = write(Premise(premise=text, chapters=4, words=500))
    assert book.novel.cast

    assert {word: book.text.count(word) for word in words.split() if book.text.count(word) < 2} == {}
    assert hero in book.novel.cast.characters[0].name
    assert not {"Constance", "Saint Odo", "Part One"} & {one.name for one in book.novel.cast.characters}
    assert severe(book) == []


def test_the_things_of_the_lighthouse_are_in_its_book() -> None:
    """The ship, the family, the father's fate and the things that the premise names all return."""
    text = write(example("lighthouse", chapters=4, words=500)).text

    assert all(text.count(word) >= 2 for word in ("Constance", "Tregarth", "vanished", "barometer", "logbook"))
