"""What a chapter and the bible put into the graph."""

from __future__ import annotations

import pytest

from storage.projections.relations import Names, bible_part, chapter_part, node
from story.changes import (
    Dies,
    Gives,
    HasAttribute,
    Heals,
    Injured,
    Learns,
    Loses,
    Meets,
    Moves,
    OpensPromise,
    PaysPromise,
    Relates,
    Takes,
    Tells,
    TimePasses,
)
from story.chapter import Chapter, Chronicle, SceneRecord
from story.outline import Thread
from tests.builders import HARBOUR, IDA, LAMP, LEDGER, MARA, TOMAS, TOWER, a_chapter, a_novel

WHO = {MARA: "character/mara", TOMAS: "character/tomas", IDA: "character/ida"}


@pytest.fixture
def names():
    """The names of the harbour town."""
    return Names.of(a_novel())


def edges_of(part, kind):
    """Source, target and label of the edges of a kind."""
    return [(one.source, one.target, one.label) for one in part.edges if one.kind == kind]


def written(text, *scenes, changes=()):
    """A chapter with that text."""
    return Chapter(
        id="c1", title="A Light", text=text, chronicle=Chronicle(summary="It rains.", scenes=scenes, changes=changes)
    )


def test_the_bible_is_its_people_places_things_threads_promises_and_facts():
    """Everything that can be named by id is a node before the first chapter."""
    part = bible_part(a_novel(), 4)
    kinds = {one.kind for one in part.nodes}
    assert kinds == {"character", "place", "item", "thread", "promise", "fact"}
    assert next(one for one in part.nodes if one.id == WHO[MARA]).aliases == ("the keeper",)


def test_the_bible_says_how_it_begins():
    """Homes, things held, relations and what is known from the start are edges."""
    part = bible_part(a_novel(), 4)
    assert (WHO[MARA], "place/tower", "") in edges_of(part, "moves to")
    assert (WHO[TOMAS], "item/ledger", "") in edges_of(part, "holds")
    assert edges_of(part, "relates") == [(WHO[MARA], WHO[TOMAS], "distrusts")]
    assert (WHO[IDA], "fact/wreck", "") in edges_of(part, "learns")


def test_a_scene_knows_who_is_on_stage_and_where(names):
    """The chronicle's scenes are nodes, with their people and place."""
    part = chapter_part(names, a_chapter(), 5)
    assert [(one.id, one.name) for one in part.nodes] == [("scene/c1/1", "A Light, 1")]
    assert edges_of(part, "appears") == [(WHO[MARA], "scene/c1/1", ""), (WHO[TOMAS], "scene/c1/1", "")]
    assert edges_of(part, "set in") == [("scene/c1/1", "place/tower", "")]


@pytest.mark.parametrize(
    ("change", "edges"),
    [
        (Moves(character=MARA, place=HARBOUR), [(WHO[MARA], "place/harbour", "moves to", "")]),
        (Takes(character=MARA, item=LEDGER), [(WHO[MARA], "item/ledger", "holds", "")]),
        (
            Gives(character=MARA, receiver=IDA, item=LAMP),
            [(WHO[MARA], WHO[IDA], "gives", "item/lamp"), (WHO[IDA], "item/lamp", "holds", "")],
        ),
        (Loses(character=MARA, item=LAMP), [(WHO[MARA], "item/lamp", "loses", "")]),
        (Learns(character=MARA, fact="wreck"), [(WHO[MARA], "fact/wreck", "learns", "")]),
        (
            Tells(character=IDA, listener=MARA, fact="wreck"),
            [(WHO[IDA], WHO[MARA], "tells", "fact/wreck"), (WHO[MARA], "fact/wreck", "learns", "")],
        ),
        (Dies(character=IDA), [(WHO[IDA], WHO[IDA], "is", "dies")]),
        (Injured(character=IDA, injury="a cut"), [(WHO[IDA], WHO[IDA], "is", "injured: a cut")]),
        (Heals(character=IDA, injury="a cut"), [(WHO[IDA], WHO[IDA], "is", "healed: a cut")]),
        (Meets(character=IDA, other=TOMAS), [(WHO[IDA], WHO[TOMAS], "meets", "")]),
        (Relates(character=IDA, other=TOMAS, relation="owes"), [(WHO[IDA], WHO[TOMAS], "relates", "owes")]),
        (
            HasAttribute(entity=TOWER, attribute="door", value="red"),
            [("place/tower", "place/tower", "is", "door: red")],
        ),
        (OpensPromise(promise="promise-1"), [("scene/c1/1", "promise/promise-1", "opens", "")]),
        (PaysPromise(promise="promise-1"), [("scene/c1/1", "promise/promise-1", "pays", "")]),
        (TimePasses(hours=3), []),
    ],
)
def test_every_change_is_an_edge_with_its_quote(names, change, edges):
    """Each kind of change becomes what it means, in the words that prove it; only passing time relates nobody."""
    part = chapter_part(names, a_chapter(change), 5)
    proven = [one for one in part.edges if one.quote]
    assert [(one.source, one.target, one.kind, one.label) for one in proven] == edges
    assert all(one.quote.startswith("It was so: ") and one.scene == 1 for one in proven)


def test_names_are_counted_scene_by_scene(names):
    """How often each scene names whom and what."""
    part = chapter_part(names, written("Mara Venn saw Ida Quill. Ida Quill left.\n\n* * *\n\nThe Chapel was empty."), 5)
    counted = {(one.source, one.target): one.weight for one in part.edges if one.kind == "named"}
    assert counted == {
        ("scene/c1/1", WHO[MARA]): 1,
        ("scene/c1/1", WHO[IDA]): 2,
        ("scene/c1/2", "place/chapel"): 1,
    }


def test_lines_go_to_whom_the_text_gives_them(names):
    """A line of dialogue that is given to somebody by name counts for them."""
    part = chapter_part(names, written("“It is late,” said Ida Quill.\n\n“It is,” said somebody."), 5)
    assert [(one.source, one.target, one.weight) for one in part.edges if one.kind == "speaks"] == [
        (WHO[IDA], "scene/c1/1", 1)
    ]


def test_who_is_named_in_one_window_is_together(names):
    """Two people named within one window of text are together once; far apart they are not."""
    far = " ".join(["tide"] * 900)
    part = chapter_part(names, written(f"Mara Venn met Ida Quill. {far}\n\nTomas Reed slept."), 5)
    assert [(one.source, one.target, one.weight) for one in part.edges if one.kind == "together"] == [
        (WHO[IDA], WHO[MARA], 1)
    ]


def test_whose_eyes_see_is_in_every_window(names):
    """A narrator who is never named is together with whom the scene names."""
    scene = SceneRecord(number=1, pov=MARA)
    part = chapter_part(names, written("I met Ida Quill.", scene), 5)
    assert edges_of(part, "together") == [(WHO[IDA], WHO[MARA], "")]


def test_a_scene_that_names_what_a_thread_is_about_advances_it():
    """The entities that a thread's description names tie it to scenes."""
    novel = a_novel()
    outline = novel.outline.model_copy(
        update={"threads": (Thread(id="oil", name="The oil", description="Ida Quill takes oil to The Chapel."),)}
    )
    names = Names.of(novel.model_copy(update={"outline": outline}))
    part = chapter_part(names, written("Ida Quill slept.\n\n* * *\n\nIda Quill was in The Chapel."), 5)
    assert edges_of(part, "advances") == [("scene/c1/2", "thread/oil", "")]


def test_nodes_of_different_kinds_do_not_meet():
    """A place and a person may have the same id in the vocabulary."""
    assert node("place", "hive") != node("character", "hive")
