"""The context compiler: what a chapter's agents are told, under a budget, and never anything from later."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.context import DEFAULT_BUDGET, ENDING_WORDS, compile_context, ending, tokens
from agents.requests import Fact
from story.changes import Dies, Gives, HasAttribute, Injured, Learns, Moves, OpensPromise, Tells
from story.events import ChapterAccepted, PlotOutlined
from story.novel import Novel
from story.outline import Act, Promise, Truth
from tests.builders import (
    CHAPEL,
    HARBOUR,
    IDA,
    LAMP,
    LEDGER,
    MARA,
    TOMAS,
    TOWER,
    a_chapter,
    a_novel,
    a_plan,
    a_scene,
    an_outline,
    chapter_as_planned,
    events_of,
)

LONG = 10**9
TOMAS_SECRET = "He sold the cargo of the wreck."


def planned(*plans, written: int = 0, promises=()) -> Novel:
    """A novel with this outline, of which the first chapters were written without changing anything."""
    outline = an_outline().model_copy(update={"acts": (Act(title="Ebb", chapters=plans),), "promises": promises})
    novel = Novel.of([*events_of()[:3], PlotOutlined(outline=outline)])
    for number, plan in enumerate(plans[:written], start=1):
        novel = novel.after(ChapterAccepted(chapter=chapter_as_planned(plan, number)))
    return novel


def compiled(novel: Novel, budget: int = LONG):
    """The context of a novel's next chapter and its trace."""
    return compile_context(novel, novel.next_plan, budget=budget)


def context_of(novel: Novel, budget: int = LONG):
    """The context alone."""
    return compiled(novel, budget).context


def test_the_contract_says_what_the_chapter_has_to_do():
    """Its place in the book, its scenes, its length."""
    novel = a_novel(chapters=5, written=3)
    contract = context_of(novel).contract
    assert (contract.number, contract.of, contract.act, contract.title) == (4, 5, "Flood", "Bell 4")
    assert (contract.words, contract.scenes) == (100, novel.next_plan.scenes)


def test_people_on_stage_stand_as_they_are_just_before_the_chapter():
    """After all that has been told: where, with what, hurt, knowing what."""
    before = a_chapter(
        Moves(character=MARA, place=CHAPEL),
        Gives(character=MARA, receiver=TOMAS, item=LAMP),
        Injured(character=TOMAS, injury="a burn"),
        Learns(character=MARA, fact="wreck"),
        key="c1",
    )
    novel = planned(a_plan(key="c1"), a_plan(key="c2")).after(ChapterAccepted(chapter=before))
    context = context_of(novel)
    mara, tomas = context.states
    assert [one.id for one in context.people] == [mara.character, tomas.character] == [MARA, TOMAS]
    assert (mara.place, mara.holds, mara.alive) == (CHAPEL, (), True)
    assert (tomas.holds, tomas.injuries) == ((LAMP, LEDGER), ("a burn",))
    assert mara.knows == ("secret-of-mara", "wreck")
    assert tomas.knows == ()
    assert {item.id for item in context.items} == {LAMP, LEDGER}
    assert [place.id for place in context.places] == [TOWER]


def test_the_dead_are_named_as_dead():
    """So that nobody lets them speak."""
    novel = planned(a_plan(key="c1"), a_plan(key="c2"))
    novel = novel.after(ChapterAccepted(chapter=a_chapter(Dies(character=TOMAS), key="c1")))
    assert [one.alive for one in context_of(novel).states] == [True, False]


def test_who_is_touched_by_an_effect_is_on_stage_and_an_item_too():
    """Even when no scene lists them."""
    plan = a_plan(a_scene(Gives(character=MARA, receiver=IDA, item=LEDGER), others=()))
    context = context_of(planned(plan))
    assert [one.id for one in context.people] == [MARA, IDA]
    assert {item.id for item in context.items} == {LAMP, LEDGER}


def test_the_roster_names_everybody_everywhere_and_everything():
    """The chronicler needs every id."""
    assert [one.id for one in context_of(a_novel()).roster] == [MARA, TOMAS, IDA, HARBOUR, TOWER, CHAPEL, LAMP, LEDGER]
    assert context_of(a_novel()).roster[0].name == "Mara Venn, the keeper"


def test_a_secret_that_the_point_of_view_does_not_know_is_nowhere():
    """Neither as a fact nor on the sheet of the one who keeps it, nor as somebody's knowledge."""
    text = context_of(planned(a_plan())).model_dump_json()
    assert TOMAS_SECRET not in text
    assert "secret-of-tomas" not in text
    assert "She put the lamp out that night." in text


@pytest.mark.parametrize(
    "reveal",
    [Learns(character=MARA, fact="secret-of-tomas"), Tells(character=TOMAS, listener=IDA, fact="secret-of-tomas")],
)
def test_a_secret_that_the_chapter_reveals_is_told(reveal):
    """It could not be written otherwise."""
    context = context_of(planned(a_plan(a_scene(reveal))))
    assert Fact(id="secret-of-tomas", text=TOMAS_SECRET, told=False) in context.facts
    assert TOMAS_SECRET in {one.secret for one in context.people}


def test_a_secret_that_was_learned_before_is_known():
    """From the chapter after on."""
    novel = planned(a_plan(key="c1"), a_plan(key="c2"))
    assert "secret-of-tomas" not in {one.id for one in context_of(novel).facts}
    novel = novel.after(ChapterAccepted(chapter=a_chapter(Learns(character=MARA, fact="secret-of-tomas"))))
    assert "secret-of-tomas" in {one.id for one in context_of(novel).facts}


def test_a_fact_says_whether_the_reader_has_been_told():
    """Mara has always known her own secret; the reader learns Tomas' with her."""
    novel = planned(a_plan(key="c1"), a_plan(key="c2"))
    novel = novel.after(ChapterAccepted(chapter=a_chapter(Learns(character=MARA, fact="secret-of-tomas"), key="c1")))
    assert {one.id: one.told for one in context_of(novel).facts} == {"secret-of-mara": False, "secret-of-tomas": True}


def test_another_point_of_view_has_other_secrets():
    """Ida knows the truth of the wreck and no secret of the others."""
    context = context_of(planned(a_plan(a_scene(pov=IDA, others=(MARA,)))))
    assert [one.id for one in context.facts] == ["wreck"]
    assert {one.secret for one in context.people} == {""}


@given(st.integers(2, 9), st.data())
@settings(max_examples=25)
def test_nothing_told_later_is_in_a_context(chapters, data):
    """Law: with the later chapters written, the context of a chapter says not a word of them."""
    number = data.draw(st.integers(1, chapters))
    novel = a_novel(chapters=chapters, written=number - 1)
    text = compile_context(novel, novel.next_plan, budget=LONG).model_dump_json()
    assert all(f"mark-{later}" not in text for later in range(number, chapters + 1))
    told = [f"The sum of mark-{earlier}:" in text for earlier in range(1, number)]
    assert all(told)
    assert all(f"Bell {later} rings" not in text for later in range(number + 1, chapters + 1))
    assert (f"promise-{number + 1}" in text) is False


def test_a_promise_of_a_later_chapter_is_not_told():
    """Only open ones and those that this chapter opens or pays."""
    novel = a_novel(chapters=6, written=2)
    assert [one.id for one in context_of(novel).promises] == ["promise-2", "promise-3"]


def test_this_chapters_promises_come_first_then_the_most_urgent():
    """And ties by id."""
    promises = tuple(
        Promise(id=key, text="?", due_chapter=due) for key, due in (("late", 9), ("b", 3), ("a", 3), ("mine", 8))
    )
    opening = a_plan(a_scene(*(OpensPromise(promise=key) for key in ("late", "b", "a"))), key="c1")
    mine = a_plan(a_scene(OpensPromise(promise="mine")), key="c2")
    novel = planned(opening, mine, written=1, promises=promises)
    assert [one.id for one in context_of(novel).promises] == ["mine", "a", "b", "late"]


def test_summaries_stand_in_the_order_of_the_book():
    """Oldest first, each with its number and title."""
    so_far = context_of(a_novel(chapters=4, written=3)).so_far
    assert [line.split(":")[0] for line in so_far] == ["1. Bell 1", "2. Bell 2", "3. Bell 3"]


def test_without_room_the_protected_tier_goes_in_all_the_same():
    """With this chapter's promises, and nothing else."""
    novel = a_novel(chapters=6, written=4)
    full, bare = context_of(novel), context_of(novel, budget=0)
    kept = ("contract", "people", "places", "items", "promises", "roster", "ending")
    assert all(getattr(bare, tier) == getattr(full, tier) for tier in kept)
    assert bare.so_far == ()
    assert bare.ending
    assert bare.contract.scenes


@given(st.integers(0, 2_000))
@settings(max_examples=40)
def test_the_budget_is_kept_by_all_that_is_not_protected(room):
    """Law: what goes in beside the protected tier and the chapter's own promises fits into what is left."""
    novel = a_novel(chapters=12, written=10)
    protected = compiled(novel, 0).trace[0].tokens
    trace = compiled(novel, protected + room).trace
    own = sum(one.tokens for one in trace if one.why == "this chapter's")
    free = sum(one.tokens for one in trace if one.included and one.why == "fits")
    assert free == 0 or own + free <= room


def test_the_latest_summaries_go_in_first():
    """Room for two is room for the last two."""
    novel = a_novel(chapters=12, written=10)
    trace = compiled(novel).trace
    summaries = [one for one in trace if one.tier == "summary"]
    others = sum(one.tokens for one in trace if one.tier != "summary")
    room = others + summaries[0].tokens + summaries[1].tokens
    assert [line.split(".")[0] for line in context_of(novel, room).so_far] == ["9", "10"]
    assert len(context_of(novel, room - 1).so_far) == 1


def test_the_trace_says_what_went_in_what_was_left_out_and_why():
    """Tier by tier, in the order in which room was given."""
    novel = a_novel(chapters=6, written=4)
    trace = compiled(novel, compiled(novel).trace[0].tokens).trace
    assert list(dict.fromkeys(one.tier for one in trace)) == ["protected", "promise", "fact", "summary"]
    assert [one.key for one in trace[-4:]] == ["chapter-4", "chapter-3", "chapter-2", "chapter-1"]
    assert {one.why for one in trace[1:3]} == {"this chapter's"}
    for left_out in trace[3:]:
        assert not left_out.included
        assert left_out.why == f"{left_out.tokens} tokens, 0 left"
    assert {one.why for one in compiled(novel).trace[3:]} == {"fits"}


def test_the_trace_counts_what_is_in_the_context():
    """The protected tier is measured as it stands."""
    made = compiled(a_novel())
    bare = context_of(a_novel(), budget=0).model_copy(update={"promises": (), "so_far": ()})
    assert made.trace[0].tokens == tokens(bare) == len(bare.model_dump_json()) // 4 + 1


def test_a_context_is_a_function_of_the_novel():
    """The same log gives the same context, and compiling changes nothing."""
    novel = a_novel(chapters=5, written=3)
    before = novel.model_dump_json()
    assert compiled(novel) == compiled(novel) == compiled(a_novel(chapters=5, written=3))
    assert novel.model_dump_json() == before
    json.dumps(compiled(novel).model_dump())


def test_a_context_does_not_grow_with_the_book():
    """Chapter 300 is told no more than a tenth more than chapter 30."""

    def size(number: int) -> int:
        novel = a_novel(chapters=300, written=29)
        rest = novel.outline.chapters[29 : number - 1]
        chapters = [chapter_as_planned(plan, n) for n, plan in enumerate(rest, start=30)]
        novel = novel.model_copy(update={"chapters": (*novel.chapters, *chapters)})
        return tokens(compile_context(novel, novel.next_plan, budget=1_200).context)

    assert size(300) <= 1.1 * size(30)


def test_the_previous_ending_is_word_for_word():
    """Whole paragraphs with enough words, in their order."""
    paragraphs = [" ".join([f"p{n}"] * 100) for n in range(5)]
    assert ENDING_WORDS == 220
    assert ending("\n\n".join(paragraphs)) == "\n\n".join(paragraphs[2:])
    assert ending("Short.\n\nText.") == "Short.\n\nText."
    assert context_of(a_novel(chapters=3)).ending == ""
    novel = a_novel(chapters=3, written=1)
    assert context_of(novel).ending == ending(novel.chapters[0].text)


def test_an_attribute_change_names_nobody_on_stage():
    """An effect on a thing brings nobody in."""
    plan = a_plan(a_scene(HasAttribute(entity=LAMP, attribute="oil", value="low"), others=()))
    assert [one.id for one in context_of(planned(plan)).people] == [MARA]


def test_what_is_known_does_not_crowd_out_what_has_happened():
    """With a truth learned in every chapter, the 400th keeps to the budget and still sums up the last ones."""
    late = context_of(_learning(400, 399), DEFAULT_BUDGET)
    assert tokens(late) <= DEFAULT_BUDGET
    assert len(late.so_far) >= 5
    latest = [one.id for one in late.facts]
    assert "truth-399" in latest and "truth-1" not in latest


def _learning(chapters: int, written: int):
    """A novel in whose every chapter the protagonist learns a truth."""
    novel = a_novel(chapters=chapters, written=written)
    who = novel.cast.characters[0].id
    truths = tuple(
        Truth(id=f"truth-{n}", text=f"Truth {n} is a long and winding one, " * 4) for n in range(1, chapters + 1)
    )
    learned = tuple(
        one.model_copy(
            update={
                "chronicle": one.chronicle.model_copy(
                    update={"changes": (*one.chronicle.changes, Learns(character=who, fact=f"truth-{n}", quote="."))}
                )
            }
        )
        for n, one in enumerate(novel.chapters, start=1)
    )
    return novel.model_copy(
        update={"chapters": learned, "outline": novel.outline.model_copy(update={"truths": truths})}
    )
