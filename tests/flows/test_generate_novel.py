"""The flow on Prefect's real engine, with the storyteller and stores in memory."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from langchain_core.messages import AIMessage

from agents.builtin import Editor
from agents.models import providers
from agents.models.outcomes import Fatal, Unavailable
from agents.models.storyteller.chat import Storyteller
from flows.generate_novel import generate_novel
from storage.ports import Holder, LeaseLost, NovelBusy, StoreUnavailable
from storage.processes import this_process
from story.changes import Dies, Injured
from story.chapter import Chronicle
from story.errors import InvalidInput, UnknownNovel
from story.novel import Novel
from story.order import Order
from tasks.novels import record
from tasks.policy import is_transient
from tasks.wiring import override

PREMISE = "Ines Calloway, a clockmaker, finds that the town clock has been counting down to her brother's return."


def order(novel: str, **more) -> Order:
    """An order for a short novel."""
    return Order(premise=PREMISE, chapters=2, words=150, novel=novel, **more)


async def run(asked: Order):
    """The final state of a run."""
    return await generate_novel(asked, return_state=True)


async def novel_of(given, novel_id: str) -> Novel:
    """The novel as its log has it."""
    return Novel.of(one.event for one in await given.storage.events(novel_id))


Break = Callable[[str, int], Exception | str | None]


@pytest.fixture
def broken(monkeypatch):
    """Lets the storyteller fail: given the task and the chapter, an exception, another text, or None."""
    state = {"break": None, "calls": [], "asked": [], "seconds": 0.0, "busy": 0, "most_busy": 0}

    class Breaking(Storyteller):
        async def ainvoke(self, messages, *args, **more):
            asked = str(messages[1].content)
            task = re.search(r"^Task: (.*)$", asked, re.MULTILINE).group(1)
            chapter = re.search(r'"number": (\d+),\s+"of"', asked)
            state["calls"].append(task)
            state["asked"].append(asked)
            wanted = state["break"] and state["break"](task, int(chapter.group(1)) if chapter else 0)
            if isinstance(wanted, Exception):
                raise wanted
            if isinstance(wanted, str):
                return AIMessage(wanted, response_metadata={"finish_reason": "stop"})
            state["busy"] += 1
            state["most_busy"] = max(state["busy"], state["most_busy"])
            await asyncio.sleep(state["seconds"])
            state["busy"] -= 1
            return await super().ainvoke(messages, *args, **more)

    monkeypatch.setattr(providers, "chat_model", lambda name, settings, answer_tokens: Breaking())
    return state


async def test_a_premise_becomes_a_finished_novel_with_its_files(given):
    """Every chapter is accepted in order, and the result names the files."""
    state = await run(order("n1"))
    novel = await novel_of(given, "n1")
    assert (novel.state, len(novel.chapters)) == ("finished", 2)
    assert set((await state.aresult())["files"]) == {"epub", "docx", "md"}


async def test_a_second_novel_makes_no_call_and_has_events_of_its_own(given, broken):
    """The same request is the same step, whichever novel asks."""
    await run(order("n1"))
    made = len(broken["calls"])
    await run(order("n2"))
    assert len(broken["calls"]) == made
    first, second = await novel_of(given, "n1"), await novel_of(given, "n2")
    assert [one.text for one in first.chapters] == [one.text for one in second.chapters]
    assert await given.storage.calls("n2") == []
    assert await given.storage.used_steps("n2") == await given.storage.used_steps("n1")


async def test_losing_prefects_results_costs_no_call(given, broken):
    """The steps in our own database are the truth; Prefect's results are convenience."""
    await run(order("n1"))
    made = len(broken["calls"])
    from prefect.settings import get_current_settings

    shutil.rmtree(get_current_settings().results.local_storage_path)
    await run(order("n2"))
    assert len(broken["calls"]) == made


async def test_another_owner_shares_nothing(given, broken):
    """Steps belong to an owner: the same premise of somebody else is asked anew."""
    await run(order("n1"))
    made = len(broken["calls"])
    with override(replace(given, owner=f"{given.owner}-other")):
        await run(order("n2"))
    assert len(broken["calls"]) == 2 * made


async def test_a_changed_prompt_makes_only_its_agents_calls_again(given, broken, monkeypatch, tmp_path):
    """The editor's prompt changes: its reviews are asked anew, and all else is reused."""
    await run(order("n1"))
    before = len(broken["calls"])
    hashed = Editor.prompts.hash
    monkeypatch.setattr(
        Editor,
        "prompts",
        _Altered(Editor.prompts, lambda template: "altered" if "editor" in template else hashed(template)),
    )
    await run(order("n2"))
    assert set(broken["calls"][before:]) == {"edit-chapter"}


class _Altered:
    """Prompts whose hash is another."""

    def __init__(self, prompts, hashed) -> None:
        self.render, self.hash = prompts.render, hashed


async def test_transient_failures_are_tried_again_and_paid_answers_kept(given, broken):
    """Two failures in a row end in the same novel; Prefect's retries are the one retry layer."""
    broken["break"] = lambda task, chapter: Unavailable("away") if len(broken["calls"]) in (2, 3) else None
    state = await run(order("n1"))
    assert state.is_completed()
    outcomes = [call.outcome for call in await given.storage.calls("n1")]
    assert outcomes.count("unavailable") == 2 and set(outcomes) == {"unavailable", "ok"}


async def test_a_terminal_failure_pauses_the_novel_and_keeps_its_chapters(given, broken):
    """It is not tried again; the reason stands in the log; a later run goes on from there."""
    broken["break"] = lambda task, chapter: Fatal("The key is wrong.") if chapter == 2 else None
    state = await run(order("n1"))
    assert state.is_failed()
    novel = await novel_of(given, "n1")
    assert (novel.state, novel.reason, len(novel.chapters)) == ("paused", "The key is wrong.", 1)
    made = len(broken["calls"])
    broken["break"] = None
    assert (await run(Order(novel="n1"))).is_completed()
    assert "build-world" not in broken["calls"][made:]
    assert (await novel_of(given, "n1")).state == "finished"


async def test_reaching_the_limit_of_calls_pauses_and_a_higher_one_goes_on(given, broken):
    """The bound holds over all runs of the novel."""
    state = await run(order("n1", max_calls=4))
    assert state.name == "Paused" and "4" in (state.message or "")
    assert len(broken["calls"]) == 4
    assert (await run(Order(novel="n1"))).name == "Paused"
    assert len(broken["calls"]) == 4
    assert (await run(Order(novel="n1", max_calls=40))).name != "Paused"
    assert (await novel_of(given, "n1")).state == "finished"


async def test_a_chapter_in_which_the_dead_act_is_held_and_told_anew(given, broken, monkeypatch):
    """Twice contradicting canon holds the chapter; the next run asks for another telling of it."""
    import flows.generate_novel as flow

    contradicting = True
    real = flow.Writing._replace

    def forged(self, number, draft, **fields):
        if contradicting and "chronicle" in fields and len(self._novel.chapters) == 1:
            chronicle: Chronicle = fields["chronicle"]
            who = self._novel.cast.characters[0].id
            quote = draft.text.split(".")[0]
            changes = (Dies(character=who, quote=quote), Injured(character=who, injury="a cut", quote=quote))
            fields["chronicle"] = chronicle.model_copy(update={"changes": changes})
        real(self, number, draft, **fields)

    monkeypatch.setattr(flow.Writing, "_replace", forged)
    assert (await run(order("n1"))).name == "Paused"
    novel = await novel_of(given, "n1")
    assert novel.state == "held" and "died" in novel.reason
    contradicting = False
    written = broken["calls"].count("write-chapter")
    assert (await run(Order(novel="n1"))).is_completed()
    assert broken["calls"].count("write-chapter") > written
    assert any("<telling>\n1\n</telling>" in asked for asked in broken["asked"])
    assert (await novel_of(given, "n1")).state == "finished"


async def test_a_run_that_was_taken_over_neither_writes_nor_pays(given, broken):
    """Fencing: once another run has the lease, the old one stops at its next call or event."""
    stolen = asyncio.Event()
    broken["seconds"] = 0.2

    async def steal() -> None:
        given.storage.alive = lambda holder, heartbeat, now: False  # the holder counts as gone
        await given.storage.acquire("n1", Holder(host="elsewhere", pid=1, started=1.0))
        stolen.set()

    def breaking(task: str, chapter: int):
        if task == "write-chapter" and not stolen.is_set():
            asyncio.get_running_loop().create_task(steal())

    broken["break"] = breaking
    state = await run(order("n1"))
    assert stolen.is_set() and state.is_failed()
    assert isinstance(await state.aresult(raise_on_failure=False), LeaseLost)
    assert len((await novel_of(given, "n1")).chapters) == 0


async def test_two_runs_of_one_novel_do_not_meet(given):
    """A run is refused while another that lives holds the novel, and goes on once it has let go."""
    lease = await given.storage.acquire("n1", this_process())
    refused = await run(order("n1"))
    assert isinstance(await refused.aresult(raise_on_failure=False), NovelBusy)
    assert (await novel_of(given, "n1")).version == 0
    await given.storage.release(lease)
    assert (await run(order("n1"))).is_completed()


async def test_two_novels_of_one_premise_at_once_pay_each_call_once(given, broken):
    """A step that another run is making is waited for, not made a second time."""
    broken["seconds"] = 0.3
    states = await asyncio.gather(run(order("n1")), run(order("n2")))
    assert all(state.is_completed() for state in states)
    assert broken["most_busy"] == 1
    assert len(broken["calls"]) == len(
        {call.fingerprint for n in ("n1", "n2") for call in await given.storage.calls(n)}
    )


async def test_a_novel_without_premise_or_id_begins_nothing(given):
    """An empty form fails with what is missing, and no event is written."""
    state = await run(Order())
    assert isinstance(await state.aresult(raise_on_failure=False), InvalidInput)
    assert await given.storage.novels(given.owner) == []


async def test_only_our_transient_errors_are_tried_again():
    """What is not marked transient is final."""
    from prefect.client.schemas.objects import TaskRun
    from prefect.states import exception_to_failed_state

    for error, again in ((Unavailable("x"), True), (Fatal("x"), False), (ValueError("x"), False)):
        assert (
            await is_transient(None, TaskRun.model_construct(run_count=1), await exception_to_failed_state(error))
            is again
        )


async def test_a_run_is_named_after_its_novel_and_shows_its_work(given):
    """Progress, a page per chapter and a table of words and calls are there to look at, without markup of a model's."""
    from prefect.client.orchestration import get_client

    await run(order("n1", title="The <b>Count</b>"))
    async with get_client() as client:
        names = [one.name for one in await client.read_flow_runs()]
        artifacts = {one.key: one for one in await client.read_artifacts() if (one.key or "").startswith("n1-")}
    assert any(name.startswith("The <b>Count</b> (n1") for name in names)
    assert set(artifacts) == {"n1-progress", "n1-chapter-1", "n1-chapter-2", "n1-chapters", "n1-plan", "n1-graph"}
    assert "<b>" not in str([one.data for one in artifacts.values()])


async def test_an_answer_is_kept_though_the_store_blinks(given, broken, monkeypatch):
    """What was paid for is held until the store answers, and not asked again."""
    real, blinks = given.storage.answer, iter([True, True])

    async def blinking(*arguments):
        if next(blinks, False):
            raise StoreUnavailable("away")
        await real(*arguments)

    monkeypatch.setattr(given.storage, "answer", blinking)
    monkeypatch.setattr("agents.models.gateway.KEEP_WAIT_SECONDS", 0.0)
    assert (await run(order("n1"))).is_completed()
    fingerprints = [call.fingerprint for call in await given.storage.calls("n1")]
    assert len(fingerprints) == len(set(fingerprints)) == len(broken["calls"])


async def test_a_commit_whose_reply_was_lost_is_recognised(given, monkeypatch):
    """The event stands once in the log, and the run goes on."""
    real, lost = given.storage.begin, iter([False, True])

    @asynccontextmanager
    async def losing(lease=None):
        async with real(lease) as work:
            yield work
        if next(lost, False):
            raise StoreUnavailable("The reply was lost.")

    monkeypatch.setattr(record, "retry_delay_seconds", 0)
    monkeypatch.setattr(given.storage, "begin", losing)
    assert (await run(order("n1"))).is_completed()
    kinds = [one.event.kind for one in await given.storage.events("n1")]
    assert kinds.count("world_built") == 1


async def test_an_empty_answer_is_asked_for_twice_more_and_then_pauses_with_the_reason(given, broken):
    """Each kind of failure has its own bound; the reason stands in the log."""
    broken["break"] = lambda task, chapter: "" if task == "assemble-cast" else None
    assert (await run(order("n1"))).is_failed()
    assert broken["calls"].count("assemble-cast") == 3
    novel = await novel_of(given, "n1")
    assert novel.state == "paused" and "nothing" in novel.reason


async def test_strangers_do_not_enter_canon(given, broken):
    """A change that names whom there is not is dropped and named; a name is taken for its id."""
    who = "Ines Calloway"

    def naming(task: str, chapter: int):
        if task != "chronicle" or chapter != 1:
            return None
        injured = {"kind": "injured", "character": who, "injury": "a cut", "quote": who.split(maxsplit=1)[0]}
        stranger = {
            "kind": "takes",
            "character": "nobody-at-all",
            "item": "no-such-thing",
            "quote": who.split(maxsplit=1)[0],
        }
        return json.dumps({"summary": "x", "changes": [injured, stranger]})

    broken["break"] = naming
    assert (await run(order("n1"))).is_completed()
    log = await given.storage.events("n1")
    accepted = next(one.event for one in log if one.event.kind == "chapter_accepted")
    cast = (await novel_of(given, "n1")).cast
    hero = next(one.id for one in cast.characters if one.name == who)
    assert [(one.kind, one.character) for one in accepted.chapter.chronicle.changes] == [("injured", hero)]
    assert [one.character for one in accepted.dropped] == ["nobody-at-all"]


async def test_another_owners_novel_is_unknown(given):
    """A worker of one owner neither writes nor resumes what another owns."""
    await run(order("n1", max_calls=4))
    with override(replace(given, owner="somebody-else")):
        state = await run(Order(novel="n1", max_calls=40))
    assert isinstance(await state.aresult(raise_on_failure=False), UnknownNovel)
    assert (await novel_of(given, "n1")).state == "paused"


async def test_reports_are_wanted_not_needed(given, monkeypatch):
    """Whatever Prefect does with an artifact, the novel is written."""

    async def refusing(*arguments, **more):
        raise RuntimeError("no artifacts today")

    for name in ("acreate_markdown_artifact", "acreate_progress_artifact", "acreate_table_artifact"):
        monkeypatch.setattr(f"tasks.reports.{name}", refusing)
    assert (await run(order("n1"))).is_completed()


@pytest.mark.parametrize("novel", ["N1", "my_novel", "../../../up"])
def test_an_id_that_no_novel_has_is_refused_by_the_form(novel):
    """The order is not valid, so no run of it begins."""
    with pytest.raises(ValueError, match="novel"):
        Order(novel=novel)
