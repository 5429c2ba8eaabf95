"""Which names stand for whom."""

from __future__ import annotations

from story.cast import Cast, Character
from story.changes import Dies, HasAttribute, Learns, Moves, Takes
from story.chapter import Chronicle, SceneRecord
from story.entities import Entities
from story.outline import Act, Beat, ChapterPlan, Outline, ScenePlan, Truth
from story.world import Item, Place, World

WORLD = World(
    genre="x", setting="x", places=(Place(id="quay", name="The Quay"),), items=(Item(id="key", name="a key"),)
)
CAST = Cast(
    characters=(
        Character(id="mara", name="Mara Quill", aliases=("Quill", "the pilot")),
        Character(id="jon", name="Jon Quill", aliases=("Quill",)),
    )
)
SCENE = ScenePlan(place="quay", pov="mara", characters=("mara",), beats=(Beat(summary="x"),))
OUTLINE = Outline(
    title="x",
    acts=(Act(title="x", chapters=(ChapterPlan(title="x", scenes=(SCENE,)),)),),
    truths=(Truth(id="wreck", text="The wreck was no accident."),),
)
KNOWN = Entities.of(WORLD, CAST, OUTLINE)


def recognised(*changes):
    """What is kept of changes, and what is dropped."""
    chronicle, dropped = KNOWN.recognise(Chronicle(summary="x", changes=changes))
    return chronicle.changes, dropped


def test_a_name_or_alias_stands_for_its_id():
    """The dead are dead under every name."""
    kept, dropped = recognised(
        Dies(character="Mara Quill"), Dies(character="the Pilot"), Moves(character="JON", place="the quay")
    )
    assert kept == (Dies(character="mara"), Dies(character="mara"), Moves(character="jon", place="quay"))
    assert dropped == ()


def test_a_name_of_two_stands_for_neither():
    """Nobody dies by mistake for another."""
    assert recognised(Dies(character="Quill")) == ((), (Dies(character="Quill"),))


def test_what_there_is_not_is_dropped_and_named():
    """Canon takes no stranger in."""
    strange = (
        Takes(character="nobody", item="key"),
        Takes(character="mara", item="crown"),
        Learns(character="mara", fact="x"),
    )
    assert recognised(*strange) == ((), strange)
    assert KNOWN.unknown(strange[0]) == ["character 'nobody'"]


def test_people_places_and_items_have_attributes():
    """Any of the three may be named, by name."""
    kept, _ = recognised(HasAttribute(entity="The Quay", attribute="state", value="burnt"))
    assert kept == (HasAttribute(entity="quay", attribute="state", value="burnt"),)


def test_scenes_hold_only_whom_there_is():
    """Names become ids, and strangers are left out."""
    scene = SceneRecord(number=1, place="The Quay", pov="Mara Quill", characters=("Mara Quill", "a passer-by"))
    chronicle, _ = KNOWN.recognise(Chronicle(summary="x", scenes=(scene,)))
    assert chronicle.scenes == (SceneRecord(number=1, place="quay", pov="mara", characters=("mara",)),)
