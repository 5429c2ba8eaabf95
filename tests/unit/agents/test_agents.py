"""Our six agents: what they find unusable, how long their answers may be, and what identifies a question."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from agents.builtin import ChapterWriter, CharacterDesigner, Editor, PlotArchitect, WorldBuilder
from agents.contract import fingerprint
from agents.requests import AssembleCast, BuildWorld, EditChapter, OutlinePlot, Review
from story.changes import OpensPromise, PaysPromise
from story.finding import Finding
from story.outline import Act, Outline, Promise
from story.premise import GivenCharacter
from tests.builders import LAMP, MARA, a_cast, a_plan, a_premise, a_scene, a_world, an_outline
from tests.unit.agents.asking import AGENTS, a_revision, request_for

SEEDS = ("0", "1", "4711")


class Answering:
    """A model that gives the same text whatever it is asked."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def ask(self, question):
        """The text, as the question reads it."""
        return question.parse(self.text)


async def test_an_agent_turns_a_request_into_an_answer():
    """It asks a model and knows nothing else."""
    answer = await WorldBuilder().run(request_for("build-world"), Answering(a_world().model_dump_json()))
    assert answer == a_world()


def test_every_agent_declares_a_name_and_a_capability_of_its_own():
    """Six agents, six capabilities."""
    assert len({agent.name for agent in AGENTS}) == len({agent.capability for agent in AGENTS}) == 6
    assert {request_for(agent.capability).__class__ for agent in AGENTS} == {agent.request_type for agent in AGENTS}


BUILDERS_WORLD = BuildWorld(premise=a_premise())


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, None),
        ({"facts": ("the lamp burns whale oil",)}, "facts: the author's fact is missing: 'The lamp burns whale oil.'"),
        ({"places": a_world().places + a_world().places[:1]}, "places: 'harbour' stands 2 times"),
        ({"items": a_world().items * 3}, "items: 'lamp' stands 3 times"),
    ],
)
def test_a_world_holds_the_authors_facts_and_no_id_twice(changed, problem):
    """Word for word."""
    found = WorldBuilder().problems(BUILDERS_WORLD, a_world().model_copy(update=changed))
    assert (problem in found) if problem else found == []


def cast_with(number: int = 0, **fields):
    """The cast with one character changed."""
    people = list(a_cast().characters)
    people[number] = people[number].model_copy(update=fields)
    return a_cast().model_copy(update={"characters": tuple(people)})


GIVEN = GivenCharacter(name="Mara Venn", want="the truth about the wreck", aliases=("the keeper",))


@pytest.mark.parametrize(
    ("cast", "problem"),
    [
        (a_cast(), None),
        (cast_with(name="Mara"), "characters: 'Mara Venn', whom the author gave, is missing"),
        (cast_with(want="money"), "characters: Mara Venn's want is not as given: 'the truth about the wreck'"),
        (cast_with(aliases=("Mar",)), "characters: Mara Venn's alias 'the keeper' is missing"),
        (cast_with(1, id=MARA), "characters: 'mara' stands 2 times"),
        (cast_with(2, holds=(LAMP,)), "holds: 'lamp' stands 2 times"),
        (cast_with(2, holds=("crown",)), "holds: there is no 'crown'; there are lamp, ledger"),
        (cast_with(2, home="moon"), "home: there is no 'moon'; there are chapel, harbour, tower"),
    ],
)
def test_a_cast_holds_the_authors_people_as_given(cast, problem):
    """With places and things that are there, each thing in one pair of hands."""
    request = AssembleCast(premise=a_premise(characters=(GIVEN,)), world=a_world())
    found = CharacterDesigner().problems(request, cast)
    assert (problem in found) if problem else found == []


def outlined(*scenes, promises=(), chapters: int = 1) -> Outline:
    """An outline of chapters with these scenes."""
    plans = tuple(a_plan(*scenes, key="") for _ in range(chapters))
    return Outline(title="T", acts=(Act(title="A", chapters=plans),), promises=promises)


BELL = Promise(id="bell", text="?", due_chapter=1)


@pytest.mark.parametrize(
    ("outline", "problem"),
    [
        (outlined(a_scene(OpensPromise(promise="bell"), PaysPromise(promise="bell")), promises=(BELL,)), None),
        (outlined(chapters=2), "acts: 1 chapters were asked, the outline has 2"),
        (outlined(a_scene(place="moon")), "place: there is no 'moon'; there are chapel, harbour, tower"),
        (outlined(a_scene(pov="ghost")), "characters: there is no 'ghost'; there are ida, mara, tomas"),
        (outlined(a_scene(others=("ghost",))), "characters: there is no 'ghost'; there are ida, mara, tomas"),
        (outlined(promises=(BELL, BELL)), "promises: 'bell' stands 2 times"),
        (outlined(a_scene(PaysPromise(promise="bell")), promises=(BELL,)), "promises: bell is never opened"),
        (outlined(a_scene(OpensPromise(promise="bell")), promises=(BELL,)), "promises: bell is never paid"),
    ],
)
def test_an_outline_has_the_chapters_asked_and_pays_what_it_promises(outline, problem):
    """With people and places that are there."""
    request = OutlinePlot(premise=a_premise(1), world=a_world(), cast=a_cast())
    found = PlotArchitect().problems(request, outline)
    assert (problem in found) if problem else found == []


def test_the_builders_outline_is_sound():
    """What other suites build on would pass for an answer."""
    request = OutlinePlot(premise=a_premise(6), world=a_world(), cast=a_cast())
    assert PlotArchitect().problems(request, an_outline(6)) == []


def test_an_answer_is_refused_with_all_its_problems():
    """There is one repair: it must know everything at once."""
    wrong = a_world().model_copy(update={"facts": (), "items": a_world().items * 2}).model_dump_json()
    with pytest.raises(ValueError, match=r"fact is missing.*'lamp' stands 2 times; items: 'ledger' stands 2 times"):
        WorldBuilder().parse(BUILDERS_WORLD, wrong)


def test_an_editor_counts_only_what_the_draft_says_and_blocks_nothing():
    """A false quote drops the finding, an empty one names what is missing, a block becomes advice."""
    findings = (
        Finding(rule="a", message="m", quote="She went."),
        Finding(rule="b", message="m", quote="She stayed."),
        Finding(rule="c", message="m", severity="note"),
        Finding(rule="d", message="m", severity="block", quote="“Why?”"),
    )
    request = EditChapter(**dict(request_for("edit-chapter")) | {"text": 'She\nwent. "Why?"'})
    review = Editor().parse(request, Review(findings=findings).model_dump_json())
    assert [(one.rule, one.severity) for one in review.findings] == [("a", "fix"), ("c", "note"), ("d", "fix")]


def test_the_longer_the_work_the_longer_the_answer_may_be():
    """An outline grows with its chapters, a chapter with its words."""
    small, large = (
        PlotArchitect().answer_tokens(OutlinePlot(premise=a_premise(n), world=a_world(), cast=a_cast()))
        for n in (3, 40)
    )
    assert (small, large) == (6_700, 40_000)
    assert ChapterWriter().answer_tokens(request_for("write-chapter")) == 740


def test_the_agents_of_a_chapter_do_not_learn_the_secrets_that_an_author_gave():
    """What may be known stands in the context; the premise beside it tells no more."""
    premise = a_premise(characters=(GivenCharacter(name="Tomas Reed", role="smith", secret="He sold the cargo."),))
    for capability in ("write-chapter", "edit-chapter", "chronicle"):
        request = request_for(capability, premise)
        assert "He sold the cargo." not in request.model_dump_json()
        assert request.premise.characters[0].role == "smith"
        assert type(request).model_validate_json(request.model_dump_json()) == request
    assert "He sold the cargo." in request_for("assemble-cast", premise).model_dump_json()


def mark(agent, request, model: str = "openai:gpt-5") -> str:
    """The fingerprint of a question."""
    return fingerprint(agent.identity(request), model)


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_the_same_request_has_the_same_fingerprint(agent):
    """Built twice, it is asked once."""
    first, second = (mark(agent, request_for(agent.capability)) for _ in range(2))
    assert first == second
    assert len(first) == 64


def test_a_fingerprint_changes_with_all_that_is_asked(monkeypatch):
    """Model, prompt, schema, agent version, variant, seed and every field of the request."""
    writer = ChapterWriter()
    request = request_for("write-chapter")
    marks = [
        mark(writer, request),
        mark(writer, request, "openai:gpt-5-mini"),
        mark(writer, request_for("write-chapter", a_premise(variant=1))),
        mark(writer, request_for("write-chapter", a_premise(seed=1))),
        mark(writer, a_revision()),
        mark(writer, request.model_copy(update={"telling": 1})),
    ]
    for name, value in (("version", "2"), ("template", "editor.md.j2"), ("answer_type", Review), ("name", "other")):
        with monkeypatch.context() as patch:
            patch.setattr(ChapterWriter, name, value)
            marks.append(mark(writer, request))
    assert len(set(marks)) == len(marks)
    assert mark(writer, request) == marks[0]


def test_a_fingerprint_does_not_depend_on_the_hash_seed_of_the_process():
    """Three processes that order their sets differently name every call alike."""
    code = (
        "import json\n"
        "from agents.contract import fingerprint\n"
        "from tests.unit.agents.asking import AGENTS, request_for\n"
        "print(json.dumps([fingerprint(a.identity(request_for(a.capability)), 'm') for a in AGENTS]))"
    )
    environments = ({**os.environ, "PYTHONHASHSEED": seed} for seed in SEEDS)
    runs = [
        subprocess.Popen([sys.executable, "-c", code], env=one, stdout=subprocess.PIPE, text=True)
        for one in environments
    ]
    printed = [json.loads(run.communicate(timeout=60)[0]) for run in runs]
    assert printed[0] == printed[1] == printed[2]
    assert printed[0] == [mark(agent, request_for(agent.capability), "m") for agent in AGENTS]


def keys(value) -> set[str]:
    """Every key of a JSON value."""
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_what_identifies_a_question_holds_no_run_no_time_and_no_key(agent, monkeypatch):
    """A second telling of the same story is the same question."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-house")
    identity = agent.identity(request_for(agent.capability))
    assert set(identity) == {"agent", "version", "prompt", "schema", "request"}
    assert not keys(identity) & {"novel_id", "run_id", "run", "at", "time", "created_at", "attempt", "owner", "path"}
    assert "sk-secret" not in json.dumps(identity)
    assert "chapter-2" not in json.dumps(identity["request"].get("context", {}).get("contract", {}))


def test_a_request_is_frozen_and_holds_no_set():
    """Sets have no order, and what can change has no fingerprint."""
    for agent in AGENTS:
        request = request_for(agent.capability)
        json.dumps(request.model_dump(mode="python"))
        with pytest.raises(ValueError, match="frozen"):
            request.premise = a_premise()
