"""The plan of a book as lines through its chapters."""

from __future__ import annotations

from story.changes import Dies, Gives, Heals, Injured, Learns, Loses, OpensPromise, PaysPromise, Takes, Tells
from story.outline import Act, Beat, Outline, Promise, Thread, Truth
from story.plan import BEFORE, Course, Part, Plan, Strand
from tests.builders import HARBOUR, IDA, LAMP, LEDGER, MARA, TOMAS, a_cast, a_plan, a_scene, a_world, an_outline


def planned(*chapters: tuple, **fields: object) -> Plan:
    """The plan of an outline whose chapters have these effects, one scene each."""
    plans = tuple(a_plan(a_scene(*effects), key=f"c{n}", title=f"Bell {n}") for n, effects in enumerate(chapters, 1))
    outline = Outline(title="The Dark Lamp", acts=(Act(title="Ebb", chapters=plans),), **fields)
    return Plan.of(outline, a_cast(), a_world())


def turns(plan: Plan, who: str) -> list[tuple[int, str, str]]:
    """What changes for a person."""
    course = next(one for one in plan.people if one.id == who)
    return [(one.chapter, one.kind, one.what) for one in course.turns]


class TestActsAndChapters:
    """The upper edge."""

    def test_acts_reach_over_their_chapters(self):
        """Each has its first and last chapter, counted through the book."""
        plan = Plan.of(an_outline(5), a_cast(), a_world())
        assert plan.acts == (Part(title="Ebb", first=1, last=3), Part(title="Flood", first=4, last=5))
        assert plan.chapters == ("Bell 1", "Bell 2", "Bell 3", "Bell 4", "Bell 5")


class TestStrands:
    """Threads and promises."""

    def test_a_promise_reaches_from_its_opening_to_its_payment(self):
        """Both chapters are known, and so is the one in which it is due."""
        plan = Plan.of(an_outline(5), a_cast(), a_world())
        strand = next(one for one in plan.strands if one.name == "What did the 2. bell mean?")
        assert (strand.opened, strand.paid, strand.due, strand.touched) == (2, 3, 5, (2, 3))

    def test_a_promise_that_nobody_opens_has_no_chapters(self):
        """It is due all the same, in the last chapter at the latest."""
        plan = planned((), promises=(Promise(id="bell", text="Why did it ring?", due_chapter=9),))
        assert plan.strands == (Strand(kind="promise", name="Why did it ring?", due=1),)

    def test_a_thread_is_touched_where_those_it_names_meet(self):
        """Two of them in a scene, or in what its plan says, or the one where it names one."""
        threads = (
            Thread(id="feud", name="The feud", description="Mara Venn against Tomas Reed."),
            Thread(id="parish", name="Ida Quill's parish"),
            Thread(id="weather", name="The weather"),
        )
        alone = a_scene(others=())
        told = alone.model_copy(update={"beats": (Beat(summary="Mara asks after Tomas Reed and Ida Quill."),)})
        outline = Outline(
            title="x",
            acts=(
                Act(title="Ebb", chapters=(a_plan(a_scene(), key="a"), a_plan(alone, key="b"), a_plan(told, key="c"))),
            ),
            threads=threads,
        )
        plan = Plan.of(outline, a_cast(), a_world())
        assert [one.touched for one in plan.strands] == [(1, 3), (3,), ()]

    def test_a_promise_with_the_id_of_a_thread_is_its_own(self):
        """The thread is touched where that promise is opened and paid."""
        plan = planned(
            (OpensPromise(promise="bell"),),
            (),
            (PaysPromise(promise="bell"),),
            threads=(Thread(id="bell", name="The bell"),),
            promises=(Promise(id="bell", text="Why did it ring?", due_chapter=3),),
        )
        assert [one.touched for one in plan.strands] == [(1, 3), (1, 3)]

    def test_what_is_said_before_a_promise_is_opened_is_not_about_it(self):
        """Nor what is said after it is paid."""
        opens, pays = OpensPromise(promise="tomas"), PaysPromise(promise="tomas")
        promises = (Promise(id="tomas", text="What will Tomas Reed do?", due_chapter=5),)
        plan = planned((), (opens,), (), (pays,), (), promises=promises)
        assert plan.strands[0].touched == (2, 3, 4)


class TestKnowledge:
    """Who knows what when."""

    def test_each_fact_is_learned_once(self):
        """Whoever knows it from the start, or was told before, does not come to know it again."""
        tells = Tells(character=IDA, listener=MARA, fact="wreck")
        plan = planned(
            (tells,),
            (tells, Learns(character=MARA, fact="wreck"), Learns(character=IDA, fact="wreck")),
            truths=(Truth(id="wreck", text="It was sunk.", known_by=(IDA,)),),
        )
        assert turns(plan, MARA) == [(1, "is told", "wreck")]
        assert Plan.of(an_outline(3), a_cast(), a_world()).facts == {"wreck": "The ship was sunk for its cargo."}

    def test_who_knows_a_fact_from_the_start_stands_before_the_first_chapter(self):
        """Ida, who is on stage in the last chapter only."""
        plan = Plan.of(an_outline(3), a_cast(), a_world())
        assert plan.people[-1] == Course.model_validate(
            {
                "id": IDA,
                "name": "Ida Quill",
                "on_stage": (3,),
                "turns": ({"chapter": BEFORE, "kind": "knows", "what": "wreck"},),
            }
        )

    def test_secrets_are_facts_when_they_come_out(self):
        """Tomas' is learned; Mara's never is, and would say nothing. Facts stand in the order they come out."""
        truths = (Truth(id="never", text="Nobody asks."),)
        plan = planned((Learns(character=MARA, fact="secret-of-tomas"),), truths=truths)
        assert list(plan.facts) == ["secret-of-tomas", "never"]
        assert turns(plan, TOMAS) == [(BEFORE, "knows", "secret-of-tomas")]


class TestThings:
    """Items and injuries."""

    def test_a_thing_is_followed_from_hand_to_hand(self):
        """Who gets it, who has it no longer, and who had it at the start; the ledger stays where it is."""
        plan = planned(
            (Gives(character=MARA, receiver=TOMAS, item=LAMP),),
            (Takes(character=IDA, item=LAMP), Takes(character=IDA, item=LAMP)),
            (Loses(character=IDA, item=LAMP), Takes(character=MARA, item=LAMP)),
        )
        assert turns(plan, MARA) == [(BEFORE, "holds", LAMP), (1, "gives up", LAMP), (3, "gets", LAMP)]
        assert turns(plan, TOMAS) == [(1, "gets", LAMP), (2, "gives up", LAMP)]
        assert turns(plan, IDA) == [(2, "gets", LAMP), (3, "gives up", LAMP)]
        assert plan.items == {LAMP: "the lamp"} and LEDGER not in plan.items

    def test_hurts_and_deaths_stand_in_their_chapters(self):
        """Each with the words for it."""
        plan = planned(
            (Injured(character=MARA, injury="a torn hand"),),
            (Heals(character=MARA, injury="a torn hand"), Dies(character=TOMAS)),
        )
        assert turns(plan, MARA) == [(1, "is hurt", "a torn hand"), (2, "heals", "a torn hand")]
        assert turns(plan, TOMAS) == [(2, "dies", "")]


class TestPeople:
    """Whose lines there are."""

    def test_who_has_no_part_is_left_out(self):
        """Ida is neither on stage nor concerned."""
        assert [one.id for one in planned(()).people] == [MARA, TOMAS]

    def test_an_outline_alone_is_enough(self):
        """Without cast and world, ids stand for names."""
        scene = a_scene(Takes(character="stranger", item="coin"), place=HARBOUR)
        outline = Outline(title="x", acts=(Act(title="One", chapters=(a_plan(scene),)),))
        plan = Plan.of(outline)
        assert [one.name for one in plan.people] == [MARA, TOMAS, "stranger"] and plan.items == {"coin": "coin"}
