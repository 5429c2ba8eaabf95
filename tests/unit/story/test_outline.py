"""The outline: order, identity, effects, and who is on stage; the cast's names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from story.changes import Dies, Learns, Moves
from story.outline import Act, ChapterPlan, Outline
from tests.builders import CHAPEL, IDA, MARA, TOMAS, a_cast, a_plan, a_scene, an_outline


def outline(*chapters: ChapterPlan) -> Outline:
    """An outline with one chapter an act."""
    return Outline(title="T", acts=tuple(Act(title=f"A{n}", chapters=(one,)) for n, one in enumerate(chapters)))


def ids(given: Outline) -> list[str]:
    """The ids of an outline's chapters."""
    return [chapter.id for chapter in given.chapters]


def test_chapters_stand_in_the_order_of_telling():
    """Through all acts."""
    assert [one.title for one in an_outline(5).chapters] == [f"Bell {n}" for n in range(1, 6)]


def test_every_chapter_gets_an_id_that_does_not_change():
    """The same outline gets the same ids, and they are pinned: they stand in logs."""
    once = outline(a_plan(key="", title="A Light"), a_plan(key="", title="A Light")).identified()
    again = outline(a_plan(key="", title="A Light"), a_plan(key="", title="A Light")).identified()
    assert ids(once) == ids(again) == ["c5dabd00e09", "cdd199f7584"]


def test_an_id_that_stands_is_kept_wherever_the_chapter_moves():
    """Identity is not position."""
    one, two = outline(a_plan(key="", title="One"), a_plan(key="", title="Two")).identified().chapters
    moved = outline(two, a_plan(key="", title="New"), one).identified()
    assert (moved.chapters[0].id, moved.chapters[2].id) == (two.id, one.id)


def test_a_new_chapter_does_not_take_the_id_of_one_that_moved():
    """Even when it has the other's old place and title."""
    one, two = outline(a_plan(key="", title="One"), a_plan(key="", title="Two")).identified().chapters
    amended = outline(one, a_plan(key="", title="Two"), two).identified()
    assert amended.chapters[2].id == two.id
    assert len(set(ids(amended))) == 3


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from(["One", "Two"])), min_size=1, max_size=8))
def test_ids_are_distinct(chapters):
    """Law: whatever ids and titles a model gave, no two chapters share an id, and settled ids stay."""
    once = outline(*(a_plan(key=key, title=title) for key, title in chapters)).identified()
    assert len(set(ids(once))) == len(chapters)
    assert all(ids(once))
    assert once.identified() == once
    first = {key: n for n, (key, _) in reversed([*enumerate(chapters)]) if key}
    assert all(ids(once)[n] == key for key, n in first.items())


def test_effects_carry_the_number_of_their_scene():
    """Whatever scene the architect wrote."""
    plan = a_plan(a_scene(Moves(character=MARA, place=CHAPEL, scene=7)), a_scene(Dies(character=TOMAS)))
    assert [(one.kind, one.scene) for one in plan.effects] == [("moves", 1), ("dies", 2)]


def test_characters_are_named_once_in_order_of_appearance():
    """The point of view first."""
    plan = a_plan(a_scene(others=(TOMAS,)), a_scene(Learns(character=IDA, fact="f"), pov=IDA, others=(MARA,)))
    assert plan.characters == (MARA, TOMAS, IDA)


@pytest.mark.parametrize("empty", [{"acts": ()}, {"acts": [{"title": "A", "chapters": []}]}])
def test_an_outline_has_chapters(empty):
    """No empty book and no empty act."""
    with pytest.raises(ValidationError):
        Outline(title="T", **empty)


def test_a_cast_is_asked_by_id_and_a_character_has_many_names():
    """Nobody is found under a name that is not an id."""
    assert a_cast().get(MARA).names == ("Mara Venn", "the keeper")
    assert a_cast().get("Mara Venn") is None
