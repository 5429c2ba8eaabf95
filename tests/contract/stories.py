"""Events to write in the tests of stores: a novel from its request to its end, and random ones."""

from __future__ import annotations

from hypothesis import strategies as st

from story.cast import Cast, Character
from story.chapter import Chapter, Chronicle
from story.events import (
    BibleAmended,
    CastAssembled,
    ChapterAccepted,
    ChapterEdited,
    ChapterHeld,
    ChapterImported,
    ChapterMoved,
    ChapterWithdrawn,
    Event,
    NovelFinished,
    NovelPaused,
    NovelRequested,
    NovelResumed,
    OutlineAmended,
    OutlineApproved,
    PlotOutlined,
    WorldBuilt,
)
from story.finding import Finding
from story.models import Models
from story.outline import Act, Beat, ChapterPlan, Outline, ScenePlan
from story.premise import Premise
from story.steps import Step, Usage
from story.world import Place, World


def requested(owner: str = "ada", title: str = "", max_calls: int = 100) -> NovelRequested:
    """The request of an owner."""
    return NovelRequested(owner=owner, premise=Premise(premise="A keeper of bees.", title=title), max_calls=max_calls)


def outline(title: str = "The Hive", count: int = 3) -> Outline:
    """A plan of so many chapters."""
    scene = ScenePlan(place="hive", pov="mara", characters=("mara",), beats=(Beat(summary="She looks."),))
    plans = tuple(ChapterPlan(id=f"c{number}", title=f"Chapter {number}", scenes=(scene,)) for number in range(count))
    return Outline(title=title, acts=(Act(title="One", chapters=plans),))


def world() -> World:
    """A world of one place."""
    return World(genre="pastoral", setting="a valley", places=(Place(id="hive", name="The hive"),))


def cast() -> Cast:
    """A cast of one."""
    return Cast(characters=(Character(id="mara", name="Mara"),))


def chapter(key: str, text: str = "Bees hum over the hill.") -> Chapter:
    """A chapter with that id."""
    return Chapter(id=key, title=f"Of {key}", text=text, chronicle=Chronicle(summary=f"Summary of {key}."))


def accepted(key: str, text: str = "Bees hum over the hill.", steps: tuple[str, ...] = ()) -> ChapterAccepted:
    """An accepted chapter."""
    return ChapterAccepted(chapter=chapter(key, text), steps=steps)


def call(fingerprint: str = "f1", answer: str | None = None, outcome: str | None = None) -> Step:
    """A step as the gateway hands it over."""
    return Step(
        fingerprint=fingerprint,
        agent="chapter-writer",
        model="offline:storyteller",
        request={"prompt": "Write.", "limits": [1, 2.5, None]},
        chapter=2,
        answer=answer,
        outcome=outcome,
        usage=Usage(tokens_in=7, tokens_out=11) if answer else Usage(),
    )


FINDING = Finding(rule="dead-speaks", severity="block", message="Mara is dead.")

EVERY_KIND: tuple[Event, ...] = (
    requested(),
    WorldBuilt(world=world(), steps=("w",)),
    CastAssembled(cast=cast(), steps=("k",)),
    PlotOutlined(outline=outline(), steps=("p", "p2")),
    OutlineApproved(by="ada"),
    BibleAmended(by="ada", cast=cast()),
    OutlineAmended(by="ada", outline=outline("The Smoke", 4)),
    accepted("c0", steps=("s0", "s1")),
    accepted("c1", "One two three.", steps=("s2",)),
    ChapterHeld(chapter_id="c2", findings=(FINDING,), steps=("s3",)),
    NovelResumed(max_calls=250, models=Models(default="openai:gpt")),
    accepted("c2", "Four five."),
    ChapterEdited(by="ada", chapter=chapter("c1", "Now it is longer than before, by far."), steps=("s2", "s4")),
    ChapterImported(chapter=chapter("x", "From elsewhere.")),
    ChapterMoved(chapter_id="x", position=1),
    ChapterWithdrawn(chapter_id="c0"),
    NovelPaused(reason="The limit of calls is reached."),
    NovelResumed(),
    NovelFinished(),
)
"""A log that holds every kind but ``NovelDeleted``, which only a deletion writes."""

_keys = st.sampled_from([f"c{number}" for number in range(5)])
_texts = st.text(alphabet="ab é\n'\"", min_size=0, max_size=30).map(lambda text: text + " end")

_later = st.one_of(
    st.just(WorldBuilt(world=world())),
    st.builds(lambda title, count: PlotOutlined(outline=outline(title, count)), st.sampled_from("AB"), st.just(2)),
    st.builds(accepted, _keys, _texts, st.lists(st.sampled_from(["f1", "f2"]), max_size=3).map(tuple)),
    st.builds(lambda key, text: ChapterImported(chapter=chapter(key, text)), _keys, _texts),
    st.builds(lambda key, text: ChapterEdited(by="ada", chapter=chapter(key, text)), _keys, _texts),
    st.builds(ChapterMoved, chapter_id=_keys, position=st.integers(1, 7)),
    st.builds(ChapterWithdrawn, chapter_id=_keys),
    st.builds(ChapterHeld, chapter_id=_keys, findings=st.just((FINDING,))),
    st.just(NovelPaused(reason="Enough.")),
    st.just(NovelResumed(max_calls=7)),
    st.just(NovelFinished()),
)


def _without_doubles(events: list[Event]) -> list[Event]:
    there: set[str] = set()
    kept: list[Event] = []
    for event in events:
        if isinstance(event, ChapterAccepted | ChapterImported):
            if event.chapter.id in there:
                continue
            there.add(event.chapter.id)
        if isinstance(event, ChapterWithdrawn):
            there.discard(event.chapter_id)
        kept.append(event)
    return kept


logs = st.tuples(st.builds(requested, title=st.sampled_from(["", "Given"])), st.lists(_later, max_size=14)).map(
    lambda parts: [parts[0], *_without_doubles(parts[1])]
)
"""Logs of novels in which no chapter is added twice."""
