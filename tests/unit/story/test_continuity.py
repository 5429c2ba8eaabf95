"""Continuity rules: each finds its violation with the words that prove it, and lets the innocent pass."""

from __future__ import annotations

import pytest

from story.canon import Canon
from story.changes import (
    Dies,
    Gives,
    Injured,
    Learns,
    Loses,
    Moves,
    OpensPromise,
    PaysPromise,
    Relates,
    Takes,
    Tells,
)
from story.chapter import Chapter, Chronicle, SceneRecord
from story.continuity import LENGTH_TOLERANCE, RULES, Draft, check
from story.finding import Finding, weight
from story.outline import Promise
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
    a_plan,
    a_scene,
    a_text,
    a_world,
    an_outline,
    chapter_as_planned,
    quote_of,
    shown,
)

OUTLINE = an_outline().model_copy(
    update={
        "promises": (Promise(id="soon", text="Who rang?", due_chapter=2), Promise(id="late", text="?", due_chapter=9))
    }
)


def findings(
    *changes,
    before: tuple[Chapter, ...] = (),
    scenes: tuple[SceneRecord, ...] = (),
    plan=None,
    day: int = 1,
    words: int = 100,
) -> tuple[Finding, ...]:
    """What the rules say of a draft with these changes after these chapters."""
    records = scenes or (SceneRecord(number=1, place=TOWER, day=day, pov=MARA),)
    draft = Draft(
        position=len(before) + 1,
        plan=plan or a_plan(),
        asked_words=100,
        text=a_text(words=words),
        chronicle=Chronicle(summary="s", scenes=records, changes=shown(*changes)),
    )
    return check(Canon.of(a_world(), a_cast(), OUTLINE, before), draft, OUTLINE)


DEATH = a_chapter(Dies(character=TOMAS), day=5)


def test_the_dead_do_not_act_in_a_later_chapter():
    """A man who died on day 5 goes nowhere on day 6, and the finding blocks."""
    acts = Moves(character=TOMAS, place=CHAPEL)
    assert findings(acts, before=(DEATH,), day=6) == (
        Finding(
            rule="dead-do-not-act",
            severity="block",
            message="tomas died on day 5 and acts on day 6",
            quote=quote_of(acts),
        ),
    )


def test_the_dead_do_not_act_later_in_the_chapter_of_their_death():
    """Nor in the scene of it."""
    acts = Moves(character=TOMAS, place=CHAPEL)
    for scene in (1, 2):
        found = findings(Dies(character=TOMAS), acts.model_copy(update={"scene": scene}))
        assert [(one.rule, one.quote) for one in found] == [("dead-do-not-act", quote_of(acts))]


@pytest.mark.parametrize(
    "acts",
    [
        Tells(character=MARA, listener=TOMAS, fact="x"),
        Gives(character=MARA, receiver=TOMAS, item=LAMP),
        Relates(character=TOMAS, other=MARA, relation="forgives"),
    ],
    ids=lambda change: change.kind,
)
def test_nobody_deals_with_the_dead_as_if_they_lived(acts):
    """The dead hear nothing, take nothing, forgive nothing."""
    assert [one.rule for one in findings(acts, before=(DEATH,), day=6)] == ["dead-do-not-act"]


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ((Moves(character=TOMAS, place=CHAPEL),), 4),
        ((Moves(character=MARA, place=CHAPEL),), 6),
        ((Relates(character=MARA, other=TOMAS, relation="mourns"),), 6),
    ],
    ids=["flashback", "somebody else", "mourning"],
)
def test_flashbacks_and_mourners_are_innocent(changes, day):
    """Before the death he lives, and the living may change how they think of the dead."""
    assert findings(*changes, before=(DEATH,), day=day) == ()


def test_who_dies_may_have_acted_before():
    """The order within a chapter counts."""
    assert findings(Moves(character=TOMAS, place=CHAPEL), Dies(character=TOMAS)) == ()


def two_scenes(other: str = CHAPEL, day: int = 1, characters: tuple[str, ...] = (MARA,)) -> tuple[SceneRecord, ...]:
    """Mara with Tomas at the tower, then whoever at another place."""
    return (
        SceneRecord(number=1, place=TOWER, day=1, pov=MARA, characters=(MARA, TOMAS)),
        SceneRecord(number=2, place=other, day=day, pov=MARA, characters=characters),
    )


def test_nobody_is_in_two_places_on_one_day_without_having_gone_there():
    """One finding names the person and the places."""
    assert findings(scenes=two_scenes()) == (
        Finding(rule="one-place-at-a-time", message="mara is at tower and then at chapel without having gone there"),
    )


@pytest.mark.parametrize("scene", [1, 2])
def test_who_moves_between_may_be_elsewhere(scene):
    """At the end of the scene before or the beginning of the next."""
    assert findings(Moves(character=MARA, place=CHAPEL, scene=scene), scenes=two_scenes()) == ()


def test_a_move_of_somebody_else_does_not_carry_a_person():
    """Each person moves for themselves."""
    found = findings(Moves(character=TOMAS, place=CHAPEL), scenes=two_scenes(characters=(MARA, TOMAS)))
    assert [one.message[:4] for one in found] == ["mara"]


@pytest.mark.parametrize(
    "scenes",
    [two_scenes(other=TOWER), two_scenes(day=2), two_scenes(characters=(IDA,)), two_scenes(other="")],
    ids=["same place", "another day", "others", "unknown place"],
)
def test_what_may_be_is_no_double_presence(scenes):
    """When in doubt the rule does not object."""
    assert findings(scenes=scenes) == ()


@pytest.mark.parametrize(
    "parts", [Gives(character=MARA, receiver=IDA, item=LEDGER), Loses(character=MARA, item=LEDGER)]
)
def test_hands_hold_what_they_part_with(parts):
    """Mara neither gives nor loses the ledger that Tomas holds."""
    assert findings(parts) == (
        Finding(
            rule="hands-hold-what-they-give",
            message="mara parts with ledger, which tomas holds",
            quote=quote_of(parts),
        ),
    )


@pytest.mark.parametrize(
    "changes",
    [
        (Gives(character=MARA, receiver=IDA, item=LAMP),),
        (Takes(character=MARA, item=LEDGER), Gives(character=MARA, receiver=IDA, item=LEDGER)),
        (Gives(character=MARA, receiver=IDA, item="a coin"),),
        (Loses(character=TOMAS, item=LEDGER), Gives(character=MARA, receiver=IDA, item=LEDGER)),
    ],
    ids=["own", "taken before", "nobody's", "lost before"],
)
def test_what_one_may_hold_one_may_give(changes):
    """Items that nobody is known to hold included."""
    assert findings(*changes) == ()


def test_nobody_tells_a_fact_that_they_do_not_know():
    """Mara has not learned Tomas' secret."""
    tells = Tells(character=MARA, listener=IDA, fact="secret-of-tomas")
    assert findings(tells) == (
        Finding(
            rule="learned-before-told",
            message="mara tells secret-of-tomas without knowing it",
            quote=quote_of(tells),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "before"),
    [
        ((Tells(character=TOMAS, listener=IDA, fact="secret-of-tomas"),), ()),
        (
            (
                Learns(character=MARA, fact="secret-of-tomas"),
                Tells(character=MARA, listener=IDA, fact="secret-of-tomas"),
                Tells(character=IDA, listener=TOMAS, fact="secret-of-tomas"),
            ),
            (),
        ),
        ((Tells(character=MARA, listener=IDA, fact="secret-of-tomas"),), (a_chapter(),)),
        ((Tells(character=MARA, listener=IDA, fact="a rumour"),), ()),
    ],
    ids=["own secret", "learned and heard here", "learned before", "no fact of the story"],
)
def test_what_one_knows_one_may_tell(changes, before):
    """Their own, learned before or here, heard here, and what is no fact at all."""
    assert findings(*changes, before=before) == ()


def test_a_fact_learned_after_it_is_told_comes_too_late():
    """The order of scenes counts, not that of the list."""
    late = Learns(character=MARA, fact="secret-of-tomas", scene=2)
    found = findings(late, Tells(character=MARA, listener=IDA, fact="secret-of-tomas"))
    assert [one.rule for one in found] == ["learned-before-told"]


def test_a_promise_is_not_paid_before_it_is_opened():
    """Nobody expected anything."""
    pays = PaysPromise(promise="late")
    assert findings(pays) == (
        Finding(rule="opened-before-paid", message="late is paid but never opened", quote=quote_of(pays)),
    )


@pytest.mark.parametrize(
    ("changes", "before"),
    [
        ((OpensPromise(promise="late"), PaysPromise(promise="late")), ()),
        ((PaysPromise(promise="late"),), (a_chapter(OpensPromise(promise="late")),)),
    ],
)
def test_an_opened_promise_may_be_paid(changes, before):
    """Opened here or before."""
    assert findings(*changes, before=before) == ()


OPENED = a_chapter(OpensPromise(promise="soon"), OpensPromise(promise="late"))


def test_a_promise_is_paid_in_the_chapter_in_which_it_is_due():
    """Chapter 2 owes what was opened in chapter 1."""
    assert findings(before=(OPENED,)) == (
        Finding(rule="due-promises-are-paid", message="soon was due here: Who rang?"),
    )


def test_an_overdue_promise_is_still_owed():
    """Chapter 3 owes it, too."""
    assert [one.rule for one in findings(before=(OPENED, a_chapter()))] == ["due-promises-are-paid"]


def test_a_paid_promise_is_not_owed():
    """Paid here or before."""
    paid = PaysPromise(promise="soon")
    assert findings(paid, before=(OPENED,)) == ()
    assert findings(before=(OPENED, a_chapter(paid))) == ()


@pytest.mark.parametrize(
    ("effect", "who"),
    [(Learns(character=MARA, fact="wreck"), MARA), (Tells(character=IDA, listener=TOMAS, fact="wreck"), TOMAS)],
)
def test_planned_reveals_happen(effect, who):
    """What the plan means somebody to learn or hear is learned or heard."""
    plan = a_plan(a_scene(effect))
    assert findings(plan=plan) == (Finding(rule="planned-reveals-happen", message=f"{who} was to come to know wreck"),)
    assert findings(effect, plan=plan) == ()
    assert findings(Learns(character=who, fact="wreck"), plan=plan) == ()


def test_a_reveal_of_what_is_known_already_need_not_happen_again():
    """Mara learned it a chapter before."""
    before = a_chapter(Learns(character=MARA, fact="wreck"))
    assert findings(plan=a_plan(a_scene(Learns(character=MARA, fact="wreck"))), before=(before,)) == ()


@pytest.mark.parametrize(("words", "sound"), [(74, False), (75, True), (100, True), (125, True), (126, False)])
def test_the_text_is_as_long_as_asked(words, sound):
    """A quarter more or less passes."""
    assert LENGTH_TOLERANCE == 0.25
    expected = () if sound else (Finding(rule="asked-length", message=f"{words} words where 100 were asked"),)
    assert findings(words=words) == expected


def test_only_contradictions_block():
    """Every rule but that of the dead asks for a revision."""
    before = (DEATH, OPENED)
    found = findings(
        Moves(character=TOMAS, place=HARBOUR),
        PaysPromise(promise="nothing"),
        Tells(character=MARA, listener=IDA, fact="wreck"),
        Loses(character=MARA, item=LEDGER),
        before=before,
        plan=a_plan(a_scene(Learns(character=MARA, fact="secret-of-tomas"))),
        scenes=tuple(one.model_copy(update={"day": 6}) for one in two_scenes()),
        words=20,
    )
    assert {one.rule for one in found if one.severity == "block"} == {"dead-do-not-act"}
    assert {one.rule for one in found} == {rule.__name__.replace("_", "-") for rule in RULES}


def test_nothing_that_stands_after_the_draft_is_held_against_it():
    """A draft at position 1 is judged by what was told before it."""
    canon = Canon.of(a_world(), a_cast(), OUTLINE, (OPENED, DEATH))
    chronicle = Chronicle(summary="s", changes=shown(Injured(character=TOMAS, injury="a cut")))
    draft = Draft(position=1, plan=a_plan(), asked_words=100, text=a_text(), chronicle=chronicle)
    assert check(canon, draft, OUTLINE) == ()


def test_a_book_as_planned_has_no_findings():
    """The builders' book of six chapters passes every rule, chapter by chapter."""
    for number in range(1, 7):
        novel = a_novel(chapters=6, written=number - 1)
        plan = novel.next_plan
        chapter = chapter_as_planned(plan, number)
        draft = Draft(position=number, plan=plan, asked_words=100, text=chapter.text, chronicle=chapter.chronicle)
        assert check(novel.canon, draft, novel.outline) == ()


def test_one_contradiction_weighs_more_than_a_few_blemishes():
    """Notes weigh nothing."""
    note, fix, block = (Finding(rule="r", severity=one, message="m") for one in ("note", "fix", "block"))
    assert weight((note, note)) == 0
    assert 0 < weight((fix,) * 9) < weight((block,))
