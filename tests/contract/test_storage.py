"""What every store promises, on every store."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.memory import chapter_rows, novel_row
from storage.ports import (
    CallLimitReached,
    ContextKey,
    ExportRow,
    LeaseLost,
    NovelBusy,
    VersionConflict,
)
from story.errors import InvalidInput, UnknownNovel
from story.events import ChapterMoved, ChapterWithdrawn, NovelDeleted, NovelPaused, WorldBuilt
from story.novel import Novel
from story.steps import StepBusy, Usage
from tests.contract.conftest import ME, OTHER, write
from tests.contract.stories import EVERY_KIND, accepted, call, logs, requested, world

slowly = settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


async def pay(storage, lease, owner="ada", fingerprint="f1", answer="text", outcome="ok"):
    """Makes a call from its claim to its verdict."""
    await storage.claim(lease, owner, call(fingerprint), 100)
    await storage.answer(lease, owner, call(fingerprint, answer), 1.5)
    await storage.judge(owner, fingerprint, outcome)


async def everything(storage, owner, novel_id):
    """All that a store says of a novel."""
    return (
        await storage.events(novel_id),
        await storage.verify(novel_id),
        await storage.novels(owner),
        await storage.chapters(novel_id),
        await storage.calls(novel_id),
        await storage.used_steps(novel_id),
        await storage.exports(novel_id),
        [await storage.step(owner, fingerprint) for fingerprint in ("f1", "f2")],
    )


class TestLog:
    """Appending and reading."""

    async def test_appended_events_are_read_back(self, storage, surroundings):
        """What was appended is read as it was, numbered, at the time of the store's clock."""
        await write(storage, "n", *EVERY_KIND)
        log = await storage.events("n")
        assert [one.event for one in log] == list(EVERY_KIND)
        assert [one.version for one in log] == list(range(1, len(EVERY_KIND) + 1))
        assert {one.at for one in log} == {surroundings.now}
        assert log[0].at.utcoffset().total_seconds() == 0

    async def test_events_after_a_version(self, storage, novel):
        """Reading can begin after an event."""
        await write(storage, novel, NovelPaused(reason="a"), NovelPaused(reason="b"))
        assert [one.version for one in await storage.events(novel, after=1)] == [2, 3]

    async def test_no_novel_has_no_events(self, storage):
        """The log of an unknown novel is empty, and whole."""
        assert await storage.events("nothing") == []
        assert await storage.verify("nothing") is None

    @pytest.mark.parametrize("expected", [0, 2])
    async def test_another_expected_version_is_refused(self, storage, novel, expected):
        """An append that expects too few or too many events conflicts."""
        with pytest.raises(VersionConflict, match="version 1"):
            async with storage.begin() as work:
                await work.append(novel, expected, NovelPaused(reason="late"))

    async def test_two_appends_in_one_work_go_on_from_each_other(self, storage):
        """The second append of a work sees the first."""
        async with storage.begin() as work:
            await work.append("n", 0, requested())
            await work.append("n", 1, NovelPaused(reason="a"))
            await work.commit()
        assert [one.version for one in await storage.events("n")] == [1, 2]
        assert await storage.verify("n") is None

    async def test_appending_nothing_changes_nothing(self, storage, novel):
        """An append of no events is no event."""
        await write(storage, novel)
        assert len(await storage.events(novel)) == 1

    async def test_uncommitted_work_is_rolled_back(self, storage):
        """Leaving the block without a commit leaves no trace in log or read models."""
        async with storage.begin() as work:
            await work.append("n", 0, requested())
        assert (await storage.events("n"), await storage.novel("n")) == ([], None)

    async def test_an_error_rolls_back(self, storage, novel):
        """An error in the block undoes it and passes through unchanged."""
        with pytest.raises(OSError, match="mine"):  # noqa: PT012 - the block is the subject
            async with storage.begin() as work:
                await work.append(novel, 1, NovelPaused(reason="a"))
                raise OSError("mine")
        assert len(await storage.events(novel)) == 1

    async def test_log_and_read_models_are_written_together(self, storage, novel):
        """A refused event takes those before it in the work along, out of the log and the read models."""
        with pytest.raises(InvalidInput, match="c1"):
            await write(storage, novel, accepted("c1"), accepted("c1"))
        assert len(await storage.events(novel)) == 1
        assert (await storage.novel(novel)).version == 1
        assert await storage.chapters(novel) == []

    async def test_concurrent_appends(self, storage, novel):
        """Of many appends that expect the same version exactly one wins."""

        async def one(number):
            async with storage.begin() as work:
                await work.append(novel, 1, NovelPaused(reason=str(number)))
                await work.commit()

        ended = await asyncio.gather(*map(one, range(8)), return_exceptions=True)
        assert sorted(type(one).__name__ for one in ended) == ["NoneType"] + ["VersionConflict"] * 7
        assert len(await storage.events(novel)) == 2

    async def test_concurrent_novels(self, storage):
        """Many novels are written at once."""
        await asyncio.gather(*(write(storage, f"n{number}", requested(), accepted("c")) for number in range(12)))
        assert len(await storage.novels("ada")) == 12

    async def test_a_cancelled_writer_lets_go(self, storage, novel):
        """Wherever a writer is cancelled, the next one can write, and the log stays whole."""
        for wait in range(40):
            writer = asyncio.create_task(write(storage, novel, NovelPaused(reason="cancelled")))
            await asyncio.sleep(wait / 4000)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            async with asyncio.timeout(2):
                await write(storage, novel, NovelPaused(reason="next"))
        assert len(await storage.events(novel)) == (await storage.novel(novel)).version
        assert await storage.verify(novel) is None

    async def test_deletion_cannot_be_appended(self, storage, novel):
        """``NovelDeleted`` enters a log only by a deletion."""
        with pytest.raises(InvalidInput):
            await write(storage, novel, NovelDeleted())

    async def test_text_with_any_character_is_kept(self, storage, novel):
        """A character that PostgreSQL's text cannot hold does not lose a paid chapter."""
        await write(storage, novel, accepted("c", "a\0b \U0001f41d ‘q’"))
        assert (await storage.events(novel))[-1].event.chapter.text == "a\0b \U0001f41d ‘q’"
        assert await storage.verify(novel) is None
        assert (await storage.chapters(novel))[0].words == 2


class TestSubscribers:
    """Who is told, and when."""

    async def test_told_after_commit_in_order(self, storage, surroundings):
        """Subscribers hear of every event once the block is left, not before."""
        async with storage.begin() as work:
            await work.append("n", 0, requested(), NovelPaused(reason="a"))
            await work.commit()
            assert surroundings.heard == []
        assert surroundings.heard == await storage.events("n")

    async def test_not_told_of_what_was_rolled_back(self, storage, surroundings):
        """Nobody hears of work that was not committed."""
        async with storage.begin() as work:
            await work.append("n", 0, requested())
        assert surroundings.heard == []

    async def test_told_although_the_block_fails_after_its_commit(self, storage, surroundings):
        """What is committed is announced whatever happens next."""
        with pytest.raises(RuntimeError):  # noqa: PT012 - the block is the subject
            async with storage.begin() as work:
                await work.append("n", 0, requested())
                await work.commit()
                raise RuntimeError
        assert len(surroundings.heard) == 1

    async def test_a_failing_subscriber_is_logged(self, storage, caplog):
        """A subscriber that fails keeps neither the writer nor the other subscribers from going on."""

        async def fail(recorded):
            raise RuntimeError(recorded.event.kind)

        told = storage._subscribers
        storage._subscribers = (fail, *told)
        await write(storage, "n", requested())
        assert [record.action for record in caplog.records] == ["subscriber_failed"]
        assert len(told[0].__self__.heard) == 1


class TestReadModels:
    """Rows against the fold of the log."""

    async def check(self, storage, novel_id, created_at):
        """Compares what is read with what the log amounts to."""
        folded = Novel.of([one.event for one in await storage.events(novel_id)])
        assert await storage.novel(novel_id) == novel_row(novel_id, folded, created_at)
        assert await storage.chapters(novel_id) == chapter_rows(folded)

    async def test_every_kind(self, storage, surroundings):
        """After each event of a log that holds every kind the rows are what the log amounts to."""
        for event in EVERY_KIND:
            await write(storage, "n", event)
            await self.check(storage, "n", surroundings.now)
        assert await storage.used_steps("n") == sorted(["w", "k", "p", "p2", "s0", "s1", "s2", "s3", "s4"])

    @slowly
    @given(log=logs, cut=st.integers(1, 15))
    async def test_any_log(self, storage, surroundings, log, cut):
        """Whatever happens to a novel, in however many works, the rows are what the log amounts to."""
        novel_id = uuid.uuid4().hex
        await write(storage, novel_id, *log[:cut])
        await write(storage, novel_id, *log[cut:])
        await self.check(storage, novel_id, surroundings.now)

    async def test_created_when_requested(self, storage, surroundings):
        """A novel's time is that of its first event."""
        then = surroundings.now
        await write(storage, "n", requested())
        surroundings.advance(60)
        await write(storage, "n", NovelPaused(reason="a"))
        assert (await storage.novel("n")).created_at == then

    async def test_moving_beyond_the_end(self, storage, novel):
        """A chapter that is moved too far becomes the last."""
        await write(storage, novel, *map(accepted, "abc"), ChapterMoved(chapter_id="a", position=9))
        assert [(row.id, row.position) for row in await storage.chapters(novel)] == [("b", 1), ("c", 2), ("a", 3)]

    async def test_latest_first(self, storage, surroundings):
        """An owner's novels are listed with the newest first."""
        for name in "bca":
            await write(storage, name, requested())
            surroundings.advance(1)
        assert [row.id for row in await storage.novels("ada")] == ["a", "c", "b"]

    async def test_exports_are_remembered_once_a_path(self, storage, novel):
        """A file that is made again is the same file."""
        for form, path in (("epub", "b.epub"), ("docx", "a.docx"), ("epub", "b.epub")):
            async with storage.begin() as work:
                await work.record_export(novel, ExportRow(format=form, path=path))
                await work.commit()
        assert [row.path for row in await storage.exports(novel)] == ["a.docx", "b.epub"]

    async def test_export_of_an_unknown_novel(self, storage):
        """A file belongs to a novel that is there."""
        with pytest.raises(UnknownNovel):
            async with storage.begin() as work:
                await work.record_export("nothing", ExportRow(format="epub", path="b.epub"))


class TestFind:
    """Names for novels."""

    @pytest.fixture(autouse=True)
    async def library(self, storage, surroundings):
        """Four novels of one owner and one of another."""
        for name in ("abc1", "abd2", "ab", "a%c"):
            await write(storage, name, requested())
            surroundings.advance(1)
        await write(storage, "zed", requested(owner="bob"))

    @pytest.mark.parametrize(
        ("name", "found"), [("abc1", "abc1"), ("abc", "abc1"), ("ab", "ab"), ("a%", "a%c"), ("latest", "a%c")]
    )
    async def test_found(self, storage, name, found):
        """An id, the beginning of only one id, and ``latest`` name a novel; an id is never ambiguous."""
        assert (await storage.find("ada", name)).id == found

    @pytest.mark.parametrize("name", ["", "zed", "AB", "b", "%", "_bc1", "abc12", "a_c"])
    async def test_not_found(self, storage, name):
        """Wildcards are letters, case counts, and other owners' novels do not exist."""
        with pytest.raises(UnknownNovel, match="scriptorium status"):
            await storage.find("ada", name)

    async def test_ambiguous(self, storage):
        """A beginning of several ids names them all."""
        with pytest.raises(UnknownNovel, match=r"a%c.*abc1|abc1.*a%c"):
            await storage.find("ada", "a")

    async def test_no_latest(self, storage):
        """An owner without novels has no latest."""
        with pytest.raises(UnknownNovel):
            await storage.find("carol", "latest")


class TestLeases:
    """Who may write a novel."""

    async def test_a_living_holder_is_not_disturbed(self, storage, novel, lease):
        """A second run of a novel is refused and told who is in its way."""
        with pytest.raises(NovelBusy, match=r"process 1 on here"):
            await storage.acquire(novel, OTHER)

    async def test_running(self, storage, novel, surroundings):
        """A novel is running as long as somebody alive holds its lease."""
        seen = [(await storage.novel(novel)).running]
        lease = await storage.acquire(novel, ME)
        seen.append((await storage.find("ada", "latest")).running)
        await storage.release(lease)
        seen.append((await storage.novel(novel)).running)
        await storage.acquire(novel, ME)
        surroundings.dead.add(ME)
        seen.append((await storage.novels("ada"))[0].running)
        assert seen == [False, True, False, False]

    async def test_given_back(self, storage, novel, lease):
        """A lease that was given back can be taken, with the next attempt, and no longer writes."""
        await storage.release(lease)
        with pytest.raises(LeaseLost):
            await storage.renew(lease)
        assert (await storage.acquire(novel, OTHER)).attempt == 2

    async def test_taken_over_from_the_dead(self, storage, novel, lease, surroundings):
        """The lease of a process that is gone is taken over at once."""
        surroundings.dead.add(ME)
        taken = await storage.acquire(novel, OTHER)
        assert (taken.attempt, taken.holder) == (2, OTHER)

    async def test_heartbeat_expires(self, storage, novel, lease, surroundings):
        """A lease outlives its last renewal by a minute, and renewing prolongs it."""
        surroundings.advance(40)
        await storage.renew(lease)
        surroundings.advance(40)
        with pytest.raises(NovelBusy):
            await storage.acquire(novel, OTHER)
        surroundings.advance(21)
        assert (await storage.acquire(novel, OTHER)).attempt == 2

    async def test_writing_renews(self, storage, novel, lease, surroundings):
        """An append of the holder is a sign of life."""
        surroundings.advance(40)
        await write(storage, novel, NovelPaused(reason="a"), lease=lease)
        surroundings.advance(40)
        assert (await storage.novel(novel)).running

    async def test_the_old_attempt_is_fenced(self, storage, novel, lease, surroundings):
        """Who was declared dead and wakes up can neither write, nor spend, nor renew, and disturbs nobody."""
        surroundings.dead.add(ME)
        taken = await storage.acquire(novel, OTHER)
        with pytest.raises(LeaseLost):
            await write(storage, novel, NovelPaused(reason="zombie"), lease=lease)
        with pytest.raises(LeaseLost):
            await storage.claim(lease, "ada", call(), 100)
        with pytest.raises(LeaseLost):
            await storage.renew(lease)
        await storage.release(lease)
        assert (len(await storage.events(novel)), await storage.calls(novel)) == (1, [])
        await write(storage, novel, NovelPaused(reason="mine"), lease=taken)

    async def test_people_need_no_lease(self, storage, novel, lease):
        """A command appends by expected version alone, while a run holds the novel."""
        await write(storage, novel, NovelPaused(reason="a person"))
        assert len(await storage.events(novel)) == 2

    async def test_a_lease_is_of_one_novel(self, storage, lease):
        """The lease of a novel does not open another."""
        with pytest.raises(InvalidInput):
            await write(storage, "other", requested(), lease=lease)

    async def test_one_of_many_gets_it(self, storage):
        """Of many that ask at once one gets the lease, of a novel without events too."""
        ended = await asyncio.gather(*(storage.acquire("n", ME) for _ in range(6)), return_exceptions=True)
        assert sorted(type(one).__name__ for one in ended) == ["Lease"] + ["NovelBusy"] * 5


class TestCalls:
    """Steps and the ledger."""

    async def test_claimed(self, storage, novel, lease):
        """A claim is seen as a step without answer and as an open call."""
        await storage.claim(lease, "ada", call(), 100)
        assert await storage.step("ada", "f1") == call()
        (made,) = await storage.calls(novel)
        assert (made.attempt, made.fingerprint, made.chapter) == (1, "f1", 2)
        assert (made.outcome, made.seconds, made.usage) == (None, None, Usage())

    async def test_answered_then_judged(self, storage, novel, lease):
        """An answer is kept before it is judged; the verdict is seen on the step and on the call."""
        await storage.claim(lease, "ada", call(), 100)
        await storage.answer(lease, "ada", call(answer="a\0b"), 1.5)
        assert await storage.step("ada", "f1") == call(answer="a\0b")
        await storage.judge("ada", "f1", "invalid")
        assert (await storage.step("ada", "f1")).outcome == "invalid"
        (made,) = await storage.calls(novel)
        assert (made.outcome, made.seconds, made.usage.tokens_out) == ("invalid", 1.5, 11)

    async def test_a_verdict_is_on_an_answer(self, storage, novel, lease):
        """A verdict that comes after the next claim is that of the call that was answered."""
        await storage.claim(lease, "ada", call(), 100)
        await storage.answer(lease, "ada", call(answer="a"), 1.0)
        await storage.claim(lease, "ada", call(), 100)
        await storage.judge("ada", "f1", "invalid")
        assert [one.outcome for one in await storage.calls(novel)] == ["invalid", None]

    async def test_failed_without_answer(self, storage, novel, lease):
        """A call that failed is closed, and the step can be claimed again."""
        await storage.claim(lease, "ada", call(), 100)
        await storage.answer(lease, "ada", call(outcome="unavailable"), 0.5)
        await storage.claim(lease, "ada", call(), 100)
        assert [one.outcome for one in await storage.calls(novel)] == ["unavailable", None]
        assert (await storage.step("ada", "f1")).outcome is None

    async def test_a_second_call_for_a_step_is_the_one_answered(self, storage, novel, lease):
        """An answer closes the latest call, and the verdict is the latest answered call's."""
        await pay(storage, lease, outcome="invalid")
        await pay(storage, lease, outcome="ok")
        assert [one.outcome for one in await storage.calls(novel)] == ["invalid", "ok"]

    async def test_limit(self, storage, lease):
        """No more calls than the limit are claimed, and the message says how to go on."""
        for number in range(3):
            await storage.claim(lease, "ada", call(f"f{number}"), 3)
        with pytest.raises(CallLimitReached, match=r"limit of 3 .*--resume novel-1 --max-calls 6"):
            await storage.claim(lease, "ada", call("f9"), 3)
        assert await storage.step("ada", "f9") is None

    async def test_limit_counts_all_attempts(self, storage, novel, lease):
        """A new run of a novel goes on counting."""
        await storage.claim(lease, "ada", call(), 1)
        await storage.release(lease)
        again = await storage.acquire(novel, ME)
        with pytest.raises(CallLimitReached):
            await storage.claim(again, "ada", call("f2"), 1)

    async def test_limit_counts_only_the_novel(self, storage, novel, lease):
        """The calls of other novels are other novels' calls."""
        other = await storage.acquire("novel-2", OTHER)
        await storage.claim(other, "ada", call("f1"), 1)
        await storage.claim(lease, "ada", call("f2"), 1)
        assert len(await storage.calls(novel)) == 1

    async def test_limit_holds_for_claims_at_once(self, storage, novel, lease):
        """Parallel claims together keep the limit."""
        claims = (storage.claim(lease, "ada", call(f"f{number}"), 3) for number in range(8))
        await asyncio.gather(*claims, return_exceptions=True)
        assert len(await storage.calls(novel)) == 3

    async def test_busy(self, storage, lease, surroundings):
        """A call that another living run is making is not made twice, until that run is gone."""
        await write(storage, "novel-2", requested())
        other = await storage.acquire("novel-2", OTHER)
        await storage.claim(lease, "ada", call(), 100)
        with pytest.raises(StepBusy):
            await storage.claim(other, "ada", call(), 100)
        assert await storage.calls("novel-2") == []
        surroundings.dead.add(ME)
        await storage.claim(other, "ada", call(), 100)

    async def test_busy_until_given_back(self, storage, lease):
        """The claim of a run that has ended blocks nobody."""
        await write(storage, "novel-2", requested())
        other = await storage.acquire("novel-2", OTHER)
        await storage.claim(lease, "ada", call(), 100)
        await storage.release(lease)
        await storage.claim(other, "ada", call(), 100)

    async def test_the_same_run_may_claim_again(self, storage, novel, lease):
        """A run that never got its answer asks again, and both calls count."""
        await storage.claim(lease, "ada", call(), 100)
        await storage.claim(lease, "ada", call(), 100)
        await storage.answer(lease, "ada", call(answer="b"), 2.0)
        await storage.answer(lease, "ada", call(answer="a"), 1.0)
        assert [one.seconds for one in await storage.calls(novel)] == [1.0, 2.0]

    async def test_only_one_of_many_novels_claims(self, storage):
        """Of many novels that claim the same new call at once one makes it."""
        leases = [await storage.acquire(f"n{number}", ME) for number in range(6)]
        claims = (storage.claim(one, "ada", call(), 100) for one in leases)
        ended = await asyncio.gather(*claims, return_exceptions=True)
        assert sorted(type(one).__name__ for one in ended) == ["NoneType"] + ["StepBusy"] * 5

    async def test_a_good_answer_is_never_claimed_away(self, storage, lease):
        """Who claims a step that has become good looks again, and finds the answer."""
        await pay(storage, lease)
        with pytest.raises(StepBusy):
            await storage.claim(lease, "ada", call(), 100)
        assert (await storage.step("ada", "f1")).answer == "text"

    async def test_a_good_answer_is_never_overwritten(self, storage, lease):
        """A late answer does not replace a good one."""
        await pay(storage, lease)
        await storage.answer(lease, "ada", call(answer="late"), 9.0)
        assert (await storage.step("ada", "f1")).answer == "text"

    async def test_an_answer_is_kept_after_the_lease_is_lost(self, storage, novel, lease, surroundings):
        """What was paid for is kept, whoever holds the novel by then."""
        await storage.claim(lease, "ada", call(), 100)
        surroundings.dead.add(ME)
        await storage.acquire(novel, OTHER)
        await storage.answer(lease, "ada", call(answer="paid"), 2.0)
        assert (await storage.step("ada", "f1")).answer == "paid"
        assert [one.seconds for one in await storage.calls(novel)] == [2.0]

    async def test_owners_do_not_share(self, storage, lease):
        """The same call of two owners is two steps."""
        await write(storage, "b", requested(owner="bob"))
        theirs = await storage.acquire("b", OTHER)
        await pay(storage, lease)
        assert await storage.step("bob", "f1") is None
        await storage.claim(theirs, "bob", call(), 100)
        await storage.answer(theirs, "bob", call(answer="theirs"), 1.0)
        await storage.judge("bob", "f1", "refused")
        assert (await storage.step("ada", "f1")).answer == "text"
        assert (await storage.step("ada", "f1")).outcome == "ok"
        assert (await storage.step("bob", "f1")).outcome == "refused"

    async def test_unknown_step(self, storage):
        """A call that nobody made is not known, and judging it is nothing."""
        await storage.judge("ada", "f1", "ok")
        assert await storage.step("ada", "f1") is None


class TestDeletion:
    """What a deletion takes and leaves."""

    async def delete(self, storage, novel_id, lease=None):
        """Deletes and commits."""
        async with storage.begin(lease) as work:
            gone = await work.delete(novel_id)
            await work.commit()
        return gone

    async def test_one_event_remains(self, storage, novel, surroundings):
        """Of the log one ``NovelDeleted`` with the next version remains, and the chain is whole."""
        await write(storage, novel, accepted("c0"))
        await self.delete(storage, novel)
        (left,) = await storage.events(novel)
        assert (left.version, left.event) == (3, NovelDeleted())
        assert await storage.verify(novel) is None
        assert surroundings.heard[-1] == left

    async def test_nothing_else_remains(self, storage, novel, lease):
        """Read models, calls, exports and own steps are gone, and said to be."""
        await pay(storage, lease)
        await storage.claim(lease, "ada", call("f2"), 100)
        await write(storage, novel, accepted("c0", steps=("f1",)))
        book = ExportRow(format="epub", path="book.epub")
        async with storage.begin() as work:
            await work.record_export(novel, book)
            await work.commit()
        gone = await self.delete(storage, novel, lease)
        assert (gone.fingerprints, gone.exports) == (("f1", "f2"), (book,))
        log, broken, *rest = await everything(storage, "ada", novel)
        assert (len(log), broken, rest) == (1, None, [[], [], [], [], [], [None, None]])
        assert await storage.novel(novel) is None

    async def test_shared_steps_stay(self, storage, novel, lease):
        """A step that another novel was made from, or that another novel called, stays until that one goes too."""
        await write(storage, "novel-2", requested(), accepted("c0", steps=("f1",)))
        other = await storage.acquire("novel-2", OTHER)
        for fingerprint in ("f1", "f2", "f3"):
            await pay(storage, lease, fingerprint=fingerprint, outcome="invalid")
        await pay(storage, other, fingerprint="f2")
        await storage.release(lease)
        assert (await self.delete(storage, novel)).fingerprints == ("f3",)
        assert (await storage.step("ada", "f1")).answer == "text"
        assert (await self.delete(storage, "novel-2", other)).fingerprints == ("f1", "f2")

    async def test_steps_of_other_owners_stay(self, storage, novel, lease):
        """The same call of another owner is not touched."""
        theirs = await storage.acquire("b", OTHER)
        await pay(storage, theirs, owner="bob")
        await pay(storage, lease)
        assert (await self.delete(storage, novel, lease)).fingerprints == ("f1",)
        assert (await storage.step("bob", "f1")).answer == "text"

    async def test_a_running_novel_is_not_deleted(self, storage, novel, lease, surroundings):
        """A novel that somebody alive is writing stays; when they are gone it can go."""
        with pytest.raises(NovelBusy):
            await self.delete(storage, novel)
        assert (await storage.novel(novel)).running
        surroundings.dead.add(ME)
        await self.delete(storage, novel)

    async def test_not_found_any_more(self, storage, novel):
        """A deleted novel has no name, cannot be written, taken or deleted again."""
        await self.delete(storage, novel)
        with pytest.raises(UnknownNovel):
            await storage.find("ada", novel)
        with pytest.raises(UnknownNovel, match="deleted"):
            await write(storage, novel, WorldBuilt(world=world()))
        with pytest.raises(UnknownNovel):
            await storage.acquire(novel, ME)
        with pytest.raises(UnknownNovel):
            await self.delete(storage, novel)

    async def test_a_zombie_does_not_come_back(self, storage, novel, lease, surroundings):
        """The run of a deleted novel can neither write nor spend, and its late answer is not kept."""
        await storage.claim(lease, "ada", call(), 100)
        surroundings.dead.add(ME)
        await self.delete(storage, novel)
        with pytest.raises(LeaseLost):
            await storage.claim(lease, "ada", call("f2"), 100)
        with pytest.raises(LeaseLost):
            await write(storage, novel, NovelPaused(reason="zombie"), lease=lease)
        await storage.answer(lease, "ada", call(answer="late"), 1.0)
        assert await storage.step("ada", "f1") is None

    async def test_undone_unless_committed(self, storage, novel):
        """A deletion without commit is none."""
        before = await everything(storage, "ada", novel)
        async with storage.begin() as work:
            await work.delete(novel)
        assert await everything(storage, "ada", novel) == before

    async def test_unknown(self, storage):
        """What is not there cannot be deleted."""
        with pytest.raises(UnknownNovel):
            await self.delete(storage, "nothing")


class TestContexts:
    """What a chapter's agents are told is kept before they are asked."""

    KEY = ContextKey(chapter_id="c0", telling=0, basis="b")

    async def test_what_is_kept_is_read(self, storage, lease):
        """A context comes back as it was kept."""
        await storage.keep_context(lease, self.KEY, {"so_far": ["é", 1.5, None]})
        assert await storage.context(lease.novel_id, self.KEY) == {"so_far": ["é", 1.5, None]}

    async def test_the_first_one_stays(self, storage, lease):
        """A context that is there is not replaced: somebody may have been asked with it."""
        await storage.keep_context(lease, self.KEY, {"first": True})
        await storage.keep_context(lease, self.KEY, {"first": False})
        assert await storage.context(lease.novel_id, self.KEY) == {"first": True}

    @pytest.mark.parametrize("other", [{"chapter_id": "c1"}, {"telling": 1}, {"basis": "c"}])
    async def test_another_is_another(self, storage, lease, other):
        """Chapter, telling and basis each name another context."""
        await storage.keep_context(lease, self.KEY, {})
        assert await storage.context(lease.novel_id, self.KEY.model_copy(update=other)) is None

    async def test_a_lost_lease_keeps_nothing(self, storage, surroundings, lease):
        """A run that was taken over cannot settle what its successor asks."""
        surroundings.dead.add(ME)
        await storage.acquire(lease.novel_id, OTHER)
        with pytest.raises(LeaseLost):
            await storage.keep_context(lease, self.KEY, {})
        assert await storage.context(lease.novel_id, self.KEY) is None

    async def test_it_goes_with_its_novel(self, storage, lease):
        """A deleted novel leaves no context."""
        await storage.keep_context(lease, self.KEY, {})
        await storage.release(lease)
        async with storage.begin() as work:
            await work.delete(lease.novel_id)
            await work.commit()
        assert await storage.context(lease.novel_id, self.KEY) is None


_operations = st.lists(
    st.sampled_from(["append", "move", "withdraw", "pay", "claim", "export", "release", "die", "delete"]),
    min_size=1,
    max_size=8,
)


class TestIsolation:
    """Many novels in one store."""

    @slowly
    @given(operations=_operations, log=logs)
    async def test_nothing_of_another_novel_is_touched(self, storage, surroundings, operations, log):
        """Whatever is done to one novel, a twin with the same chapters and calls, of another owner, stays as it is."""
        mine, twin = (uuid.uuid4().hex for _ in range(2))
        owner = uuid.uuid4().hex
        log = [*log, accepted("x"), accepted("y", "Four words are here.")]
        await write(storage, mine, *log)
        await write(storage, twin, *[log[0].model_copy(update={"owner": owner}), *log[1:]])
        theirs = await storage.acquire(twin, OTHER)
        await pay(storage, theirs, owner=owner)
        before = await everything(storage, owner, twin)
        for operation in operations:
            await self.do(storage, surroundings, mine, operation)
        surroundings.dead.discard(ME)
        assert await everything(storage, owner, twin) == before
        await storage.renew(theirs)

    async def do(self, storage, surroundings, novel_id, operation):
        """Does something to a novel, as far as it is there and free."""
        try:
            await self.attempt(storage, surroundings, novel_id, operation)
        except (UnknownNovel, NovelBusy, StepBusy, InvalidInput):
            surroundings.dead.discard(ME)

    async def attempt(self, storage, surroundings, novel_id, operation):
        """Does something to a novel."""
        changes = {
            "append": accepted("new"),
            "move": ChapterMoved(chapter_id="y", position=1),
            "withdraw": ChapterWithdrawn(chapter_id="x"),
        }
        async with storage.begin() as work:
            if operation in changes:
                await work.append(novel_id, len(await storage.events(novel_id)), changes[operation])
            elif operation == "export":
                await work.record_export(novel_id, ExportRow(format="epub", path="book.epub"))
            elif operation == "delete":
                await work.delete(novel_id)
            await work.commit()
        if operation == "die":
            surroundings.dead.add(ME)
        elif operation in {"pay", "claim", "release"}:
            lease = await storage.acquire(novel_id, ME)
            await (pay(storage, lease) if operation == "pay" else storage.claim(lease, "ada", call("f2"), 100))
            if operation == "release":
                await storage.release(lease)
