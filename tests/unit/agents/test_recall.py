"""What story memory is asked for a chapter, and what of its answer is passed on."""

from __future__ import annotations

from agents.context import compile_context
from agents.recall import MOST_EXCERPTS, Gap, Recalled, Recollection, Stated, memorable, questions
from agents.requests import Bond, Excerpt
from story.changes import Learns, Tells
from story.events import ChapterAccepted
from tests.builders import HARBOUR, IDA, MARA, TOMAS, a_chapter, a_novel, a_plan, a_scene, quote_of

LONG = 10**9


def recollection(text: str, chapter: int = 1) -> Recollection:
    """A window of a chapter."""
    return Recollection(key=f"chapter {chapter}", excerpt=Excerpt(chapter=chapter, title="Bell", text=text))


def compiled(novel, *recollections, bonds=(), gaps=(), budget=LONG):
    """A chapter's context with what was recalled."""
    recalled = Recalled(recollections=recollections, bonds=bonds, gaps=gaps)
    return compile_context(novel, novel.next_plan, recalled, budget)


def test_memory_speaks_of_all_chapters_but_the_last():
    """The last one's end is told word for word, so that memory need not have reached it."""
    assert [one.id for one in memorable(a_novel(5, written=3))] == ["chapter-1", "chapter-2"]
    assert memorable(a_novel(5, written=1)) == ()


def test_each_scene_asks_a_question():
    """Who, where and what is to happen, in names and not in ids; the same question is asked once."""
    plan = a_plan(a_scene(), a_scene(place=HARBOUR, pov=IDA, others=(TOMAS,)), a_scene())
    asked = questions(a_novel(), plan)
    assert len(asked) == 2
    assert "Mara Venn, Tomas Reed, The Tower" in asked[0]
    assert "Ida Quill, Tomas Reed, The Harbour: to learn more They talk about the wreck." in asked[1]
    assert "mara" not in asked[0]


def test_excerpts_stand_in_the_order_of_the_book():
    """The best go in; in the context the earliest stands first."""
    context = compiled(a_novel(5, written=4), recollection("Late.", 3), recollection("Early.", 1)).context
    assert [(one.chapter, one.text) for one in context.excerpts] == [(1, "Early."), (3, "Late.")]


def test_only_so_many_excerpts_are_passed_on():
    """More are asked for than are passed on."""
    found = [recollection(f"Text {n}.") for n in range(MOST_EXCERPTS + 3)]
    context = compiled(a_novel(5, written=4), *found).context
    assert {one.text for one in context.excerpts} == {f"Text {n}." for n in range(MOST_EXCERPTS)}


def test_excerpts_keep_to_the_budget():
    """What does not fit is left out, and the trace says so."""
    result = compiled(a_novel(5, written=4), recollection("word " * 4_000), budget=2_000)
    assert result.context.excerpts == ()
    assert [(one.included, "left" in one.why) for one in result.trace if one.tier == "excerpt"] == [(False, True)]


def test_no_excerpt_gives_away_what_the_point_of_view_does_not_know():
    """A passage that tells a secret to others is kept from a chapter whose eyes have not learned it."""
    tells = Tells(character=TOMAS, listener=IDA, fact="secret-of-tomas")
    learns = Learns(character=MARA, fact="secret-of-tomas")
    novel = a_novel(5, written=2).after(ChapterAccepted(chapter=a_chapter(tells, key="told")))
    knowing = novel.after(ChapterAccepted(chapter=a_chapter(learns, key="learned")))
    secret, plain = recollection(f"Rain. {quote_of(tells)} Rain.", 3), recollection("Rain.", 1)
    kept = compiled(novel, secret, plain)
    assert kept.context.excerpts == (plain.excerpt,)
    assert [one.why for one in kept.trace if one.key == secret.key] == [
        "tells what no point of view of the chapter knows"
    ]
    assert compiled(knowing, secret, plain).context.excerpts == (plain.excerpt, secret.excerpt)


def test_bonds_are_given():
    """How those on stage stand to others."""
    bond = Bond(of=MARA, to=TOMAS, how="distrusts", since=0)
    assert compiled(a_novel(5, written=3), bonds=(Stated(bond=bond),)).context.bonds == (bond,)


def test_no_bond_gives_away_what_the_point_of_view_does_not_know():
    """A bond that the book states in the words of an untold secret is kept back, and the trace says so."""
    tells = Tells(character=TOMAS, listener=IDA, fact="secret-of-tomas")
    novel = a_novel(5, written=2).after(ChapterAccepted(chapter=a_chapter(tells, key="told")))
    bond = Bond(of=TOMAS, to=IDA, how="confides in", since=3)
    result = compiled(novel, bonds=(Stated(bond=bond, words=quote_of(tells)),))
    assert result.context.bonds == ()
    assert [one.included for one in result.trace if one.tier == "bond"] == [False]


def test_a_store_that_is_down_is_said_in_the_trace():
    """A tier that could not be filled is no error; the trace says which, and why."""
    result = compiled(a_novel(5, written=3), gaps=(Gap(tier="excerpt", why="Milvus does not answer."),))
    assert [(one.tier, one.included, one.why) for one in result.trace if not one.tokens] == [
        ("excerpt", False, "Milvus does not answer.")
    ]


def test_without_memory_summaries_have_the_room():
    """Where nothing is recalled, summaries take all that is left."""
    novel = a_novel(40, written=39)
    plain = compiled(novel, budget=1_600).context
    with_memory = compiled(novel, recollection("word " * 100), budget=1_600).context
    assert len(plain.so_far) > len(with_memory.so_far)
