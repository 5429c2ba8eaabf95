"""Canon: what is true and who knows it, before a point of the telling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from story.canon import Canon, Point, State, Told
from story.cast import secret_of
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
from story.outline import Outline, Promise
from tests.builders import (
    CHAPEL,
    HARBOUR,
    IDA,
    LAMP,
    LEDGER,
    MARA,
    TOMAS,
    TOWER,
    a_cast,
    a_chapter,
    a_novel,
    a_world,
    an_outline,
)
from tests.unit.story.test_changes import EVERY_CHANGE

FACT = "secret-of-tomas"


def canon(*chapters: Chapter, outline: Outline | None = None) -> Canon:
    """Canon of the builders' book after these chapters."""
    return Canon.of(a_world(), a_cast(), outline or an_outline(), chapters)


@st.composite
def chapters(draw) -> Chapter:
    """A chapter of any changes in up to four scenes on any days."""
    scenes = tuple(SceneRecord(number=n, day=draw(st.integers(-3, 9))) for n in range(1, draw(st.integers(0, 4)) + 1))
    changes = [
        change.model_copy(update={"scene": draw(st.integers(1, 5))})
        for change in draw(st.lists(EVERY_CHANGE, max_size=5))
    ]
    return Chapter(id="c", title="T", text="x", chronicle=Chronicle(summary="s", scenes=scenes, changes=tuple(changes)))


BOOKS = st.lists(chapters(), max_size=5).map(tuple)
POINTS = st.builds(Point, st.integers(1, 7), st.integers(1, 6))


@given(BOOKS, POINTS)
def test_canon_before_a_scene_never_holds_what_is_told_later(book, point):
    """Law: everything in it was told in an earlier chapter, or in an earlier scene of the same."""
    whole, before = Canon.of(None, None, None, book), Canon.of(None, None, None, book).as_of(point)
    assert all((one.chapter, one.change.scene) < tuple(point) for one in before.told)
    left_out = [one for one in whole.told if one not in before.told]
    assert all((one.chapter, one.change.scene) >= tuple(point) for one in left_out)


@given(BOOKS, POINTS, POINTS)
def test_canon_only_grows_with_the_telling(book, one, other):
    """Law: what had been told before a scene has been told before every later one, and is known by then."""
    whole = Canon.of(None, None, None, book)
    earlier, later = whole.as_of(min(one, other)), whole.as_of(max(one, other))
    assert set(map(id, earlier.told)) <= set(map(id, later.told))
    assert earlier.reader_knows <= later.reader_knows


@given(BOOKS)
def test_canon_after_the_end_is_all_of_it(book):
    """Law: nothing is lost, and narrowing twice is narrowing once."""
    whole = Canon.of(None, None, None, book)
    assert whole.as_of(Point(len(book) + 1)) == whole
    assert whole.as_of(Point(1)).told == ()


@given(BOOKS, POINTS)
def test_canon_before_a_chapter_does_not_depend_on_the_chapters_after_it(book, point):
    """Law: writing more of the book does not change what was true before."""
    written = Canon.of(None, None, None, book[: point.chapter - 1])
    assert Canon.of(None, None, None, book).as_of(Point(point.chapter)) == written


def test_narrowed_canon_does_not_remember_what_the_whole_one_gave_away():
    """The reader's knowledge is worked out anew for every point."""
    whole = canon(a_chapter(Learns(character=MARA, fact=FACT)))
    assert FACT in whole.reader_knows
    assert FACT not in whole.as_of(Point(1)).reader_knows


def test_a_scene_sees_the_scenes_before_it_in_the_same_chapter():
    """The point of a scene lies after the scenes told before it."""
    whole = canon(a_chapter(Moves(character=MARA, place=HARBOUR), Moves(character=MARA, place=CHAPEL, scene=2)))
    assert whole.as_of(Point(1, 1)).state().places[MARA] == TOWER
    assert whole.as_of(Point(1, 2)).state().places[MARA] == HARBOUR
    assert whole.as_of(Point(2)).state().places[MARA] == CHAPEL


def test_a_flashback_may_hold_the_dead():
    """Story time decides who lives on a day, the order of telling what is known of it."""
    whole = canon(
        a_chapter(Dies(character=TOMAS), day=5),
        a_chapter(Moves(character=TOMAS, place=CHAPEL), Learns(character=MARA, fact=FACT), day=2),
    )
    assert whole.died_on(TOMAS) == 5
    assert TOMAS not in whole.state(day=2).dead
    assert whole.state(day=2).places[TOMAS] == CHAPEL
    assert TOMAS in whole.state().dead
    assert FACT not in whole.as_of(Point(2)).knows(MARA)
    assert FACT in whole.as_of(Point(3)).knows(MARA)


def test_what_happened_first_is_overridden_by_what_happened_later_whichever_was_told_first():
    """A flashback does not move people of the present."""
    whole = canon(
        a_chapter(Moves(character=MARA, place=CHAPEL), day=5), a_chapter(Moves(character=MARA, place=HARBOUR), day=2)
    )
    assert whole.state().places[MARA] == CHAPEL


def test_a_change_in_a_scene_without_record_happens_on_the_last_day_of_its_chapter():
    """And in a chapter without records on the day of its number."""
    recorded = Chronicle(
        summary="s",
        scenes=(SceneRecord(number=1, day=4), SceneRecord(number=2, day=3)),
        changes=(Dies(character=TOMAS, scene=3),),
    )
    bare = Chronicle(summary="s", changes=(Dies(character=IDA),))
    whole = canon(*(Chapter(id=c, title="T", text="x", chronicle=told) for c, told in (("a", recorded), ("b", bare))))
    assert (whole.died_on(TOMAS), whole.died_on(IDA), whole.died_on(MARA)) == (4, 2, None)


def test_the_day_of_a_death_is_the_earliest_one_told():
    """Two tellings of one death do not move it."""
    assert canon(a_chapter(Dies(character=TOMAS), day=5), a_chapter(Dies(character=TOMAS), day=3)).died_on(TOMAS) == 3


def test_everybody_begins_with_their_own_secret_and_the_truths_they_know():
    """And with nobody else's."""
    start = canon()
    assert start.knows(MARA) == {secret_of(MARA)}
    assert start.knows(IDA) == {"wreck"}
    assert start.knows("nobody") == frozenset()
    assert start.reader_knows == frozenset()


def test_a_fact_is_known_once_it_is_learned_or_told():
    """Who tells does not learn; who hears does, and so does the reader."""
    whole = canon(a_chapter(Tells(character=IDA, listener=TOMAS, fact="wreck"), Learns(character=MARA, fact=FACT)))
    assert "wreck" in whole.knows(TOMAS)
    assert "wreck" not in whole.knows(MARA)
    assert FACT in whole.knows(MARA)
    assert whole.reader_knows == {"wreck", FACT}


def test_facts_are_the_worlds_the_secrets_and_the_truths():
    """Each under an id of its own."""
    assert canon().facts == {
        "world-1": "The lamp burns whale oil.",
        "world-2": "No ship sails on a Friday.",
        "secret-of-mara": "She put the lamp out that night.",
        "secret-of-tomas": "He sold the cargo of the wreck.",
        "wreck": "The ship was sunk for its cargo.",
    }


def test_open_promises_are_those_opened_and_not_paid_the_most_urgent_first():
    """Ties are settled by id; what was never opened is not open."""
    promises = tuple(
        Promise(id=key, text=key, due_chapter=due)
        for key, due in (("late", 9), ("b", 2), ("a", 2), ("paid", 1), ("no", 1))
    )
    outline = an_outline().model_copy(update={"promises": promises})
    opened = [OpensPromise(promise=key) for key in ("late", "b", "a", "paid", "unplanned")]
    whole = canon(a_chapter(*opened, PaysPromise(promise="paid")), outline=outline)
    assert [one.id for one in whole.open_promises] == ["a", "b", "late"]
    assert whole.as_of(Point(1)).open_promises == ()


def test_the_world_begins_as_the_cast_stands():
    """Homes, belongings and relations."""
    state = canon().state()
    assert state.places == {MARA: TOWER, TOMAS: HARBOUR, IDA: CHAPEL}
    assert state.holders == {LAMP: MARA, LEDGER: TOMAS}
    assert state.relations == {MARA: {TOMAS: "distrusts"}}


BUSY = State(
    places={MARA: TOWER},
    holders={LAMP: MARA, LEDGER: TOMAS},
    injuries={MARA: ("a cut", "a burn")},
    relations={MARA: {TOMAS: "distrusts"}},
    attributes={LAMP: {"colour": "red"}},
    hours=2,
)


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (Moves(character=MARA, place=CHAPEL), {"places": {MARA: CHAPEL}}),
        (Takes(character=IDA, item=LAMP), {"holders": {LAMP: IDA, LEDGER: TOMAS}}),
        (Gives(character=MARA, receiver=IDA, item=LAMP), {"holders": {LAMP: IDA, LEDGER: TOMAS}}),
        (Loses(character=MARA, item=LAMP), {"holders": {LEDGER: TOMAS}}),
        (Dies(character=MARA), {"dead": frozenset({MARA})}),
        (Injured(character=MARA, injury="a bruise"), {"injuries": {MARA: ("a cut", "a burn", "a bruise")}}),
        (Injured(character=IDA, injury="a cut"), {"injuries": {MARA: ("a cut", "a burn"), IDA: ("a cut",)}}),
        (Heals(character=MARA, injury="a cut"), {"injuries": {MARA: ("a burn",)}}),
        (Meets(character=MARA, other=IDA), {"met": frozenset({frozenset({IDA, MARA})})}),
        (
            Relates(character=MARA, other=IDA, relation="trusts"),
            {"relations": {MARA: {TOMAS: "distrusts", IDA: "trusts"}}},
        ),
        (Relates(character=MARA, other=TOMAS, relation="loves"), {"relations": {MARA: {TOMAS: "loves"}}}),
        (
            HasAttribute(entity=LAMP, attribute="oil", value="low"),
            {"attributes": {LAMP: {"colour": "red", "oil": "low"}}},
        ),
        (TimePasses(hours=5), {"hours": 7}),
        (Learns(character=MARA, fact=FACT), {}),
        (Tells(character=MARA, listener=IDA, fact=FACT), {}),
        (OpensPromise(promise="p"), {}),
        (PaysPromise(promise="p"), {}),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_a_change_does_what_it_says_and_nothing_else(change, changed):
    """Every kind of change on a busy state."""
    assert BUSY.after(change) == BUSY.model_copy(update=changed)


def test_changes_of_a_chapter_are_told_in_the_order_of_its_scenes():
    """However the chronicler listed them."""
    told = canon(a_chapter(Dies(character=TOMAS, scene=2), Moves(character=MARA, place=CHAPEL, scene=1))).told
    assert [one.point for one in told] == [Point(1, 1), Point(1, 2)]
    assert told[1] == Told(change=told[1].change, chapter=1, day=1)


def test_canon_of_a_whole_book_has_paid_its_promises():
    """The builders' book is sound."""
    assert a_novel(chapters=6, written=6).canon.open_promises == ()
