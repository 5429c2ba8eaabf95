"""The flows that keep graph and passages, on Prefect's real engine, with stores in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows import generate_novel as generate
from flows.generate_novel import generate_novel
from flows.import_manuscript import ImportOrder, import_manuscript
from flows.projections import SomeBehind, embed_passages, ingest_graph, rebuild_projections
from storage.cache.ports import key
from storage.passages.hashing import HashingEmbedder
from storage.passages.memory import MemoryNearest
from storage.passages.ports import OtherEmbedding
from storage.ports import StoreUnavailable
from storage.projections.ports import Overtaken
from storage.projections.story_memory import StoryMemory
from story.errors import InvalidInput, UnknownNovel
from story.events import ChapterWithdrawn
from story.novel import Novel
from story.order import Order
from tasks import projections, reports
from tasks.wiring import override

PREMISE = "Ines Calloway, a clockmaker, finds that the town clock has been counting down to her brother's return."

BOOK = """# The Weir

## Chapter 1

Martin Hale came to the weir at dawn. “It is high,” said Martin Hale.

Ada Finch watched the water. “It was higher in March,” said Ada Finch.

## Chapter 2

Ada Finch did not come. Martin Hale waited by the weir until Ada Finch sent word.
"""


@pytest.fixture(autouse=True)
def no_waiting_for_stores(monkeypatch):
    """Retries of store tasks follow at once."""
    for task in (projections.project, projections.wipe_vectors):
        monkeypatch.setattr(task, "retry_delay_seconds", 0)


@pytest.fixture
def down(given):
    """Takes the store of vectors away, and brings it back."""
    nearest = MemoryNearest

    async def away(*args, **kwargs):
        raise StoreUnavailable("Milvus does not answer.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "replace", away)
        patch.setattr(nearest, "search", away)
        yield patch


def order(novel: str, chapters: int = 4, **more) -> Order:
    """An order for a short novel."""
    return Order(premise=PREMISE, chapters=chapters, words=150, novel=novel, **more)


async def behind(given, novel_id: str) -> dict[str, int]:
    """How many events each projection is behind."""
    return {one.position.name: one.events for one in await given.memory.lags_of(novel_id)}


async def drop(given, novel_id: str) -> None:
    """Drops all that is projected of a novel, as a rebuild does that is killed then."""
    for lag in await given.memory.lags_of(novel_id):
        await given.memory.positions.reset(lag.position)
        await given.memory.projections[lag.position.name].drop(novel_id, given.owner, [])


async def texts(given, novel_id: str) -> list[str]:
    """The texts of the accepted chapters."""
    novel = Novel.of(one.event for one in await given.storage.events(novel_id))
    return [chapter.text for chapter in novel.chapters]


async def test_a_finished_novel_has_its_graph_and_passages(given):
    """What is projected of a novel is up to date when its run ends."""
    await generate_novel(order("memory-1"))
    assert await behind(given, "memory-1") == {"graph": 0, "passages": 0}
    assert await given.memory.passages.count("memory-1") >= 4
    assert (await given.memory.graph.relations("memory-1")).nodes


async def test_later_chapters_are_told_what_memory_recalls(given):
    """From the third chapter on, contexts hold passages of chapters before the last."""
    await generate_novel(order("memory-1"))
    kept = [one for one in given.storage.tables.contexts.values() if one["context"]["contract"]["number"] > 2]
    assert kept and all(one["context"]["excerpts"] for one in kept)
    for one in kept:
        number = one["context"]["contract"]["number"]
        assert all(excerpt["chapter"] <= number - 2 for excerpt in one["context"]["excerpts"])


async def test_a_store_that_is_down_stops_no_chapter(given, down):
    """Every chapter is accepted; the passages are behind, with the reason; the trace says what was missing."""
    state = await generate_novel(order("memory-1"), return_state=True)
    assert state.is_completed()
    assert len(await texts(given, "memory-1")) == 4
    assert (await behind(given, "memory-1"))["passages"] > 0
    lag = await given.memory.positions.lag("passages", "memory-1")
    assert lag.position.error == "Milvus does not answer."
    traces = [entry for one in given.storage.tables.contexts.values() for entry in one["trace"]]
    assert any(entry["tier"] == "excerpt" and "Milvus does not answer." in entry["why"] for entry in traces)


async def test_what_was_behind_catches_up(given, down):
    """The batch flow brings on what a store that was down kept back."""
    await generate_novel(order("memory-1"))
    down.undo()
    assert list(await embed_passages()) == ["memory-1"]
    assert await behind(given, "memory-1") == {"graph": 0, "passages": 0}


async def test_a_batch_that_fails_says_so_and_does_the_rest(given, monkeypatch):
    """The run fails with the reason of the novel that failed, and the others are brought up all the same."""
    await generate_novel(order("memory-1", chapters=1))
    await generate_novel(order("memory-2", chapters=1))
    await drop(given, "memory-1")
    await drop(given, "memory-2")
    replace_vectors = MemoryNearest.replace

    async def torn(self, novel_id, parts, vectors):
        if novel_id == "memory-1":
            raise StoreUnavailable("Milvus does not answer.")
        await replace_vectors(self, novel_id, parts, vectors)

    monkeypatch.setattr(MemoryNearest, "replace", torn)
    with pytest.raises(SomeBehind, match=r"1 of 2.*memory-1: Milvus does not answer"):
        await embed_passages()
    assert (await behind(given, "memory-2"))["passages"] == 0


async def test_a_batch_leaves_alone_what_another_run_is_at(given, monkeypatch):
    """A projection whose lock is taken is no failure: whoever has it brings it up."""
    monkeypatch.setattr("storage.projections.story_memory.WAIT_SECONDS", 0.1)
    await generate_novel(order("memory-1", chapters=1))
    await drop(given, "memory-1")
    async with given.memory.cache.lock(key("projection", "memory-1", "passages")):
        await embed_passages()
    lag = await given.memory.positions.lag("passages", "memory-1")
    assert lag.events and lag.why == ""


async def test_a_rebuild_that_does_not_get_its_turn_says_so(given, monkeypatch):
    """Whoever has the lock builds nothing anew: a rebuild that had to give up has failed."""
    monkeypatch.setattr("storage.projections.story_memory.WAIT_SECONDS", 0.1)
    await generate_novel(order("memory-1", chapters=1))
    async with given.memory.cache.lock(key("projection", "memory-1", "passages")):
        with pytest.raises(SomeBehind, match="held by somebody else"):
            await rebuild_projections(novels=["memory-1"])


async def test_a_rebuild_of_one_novel_that_cannot_be_written_drops_nothing(given, monkeypatch):
    """Where vectors of another model stand, only a rebuild of all can be made; what is there stays."""
    await generate_novel(order("memory-1", chapters=2))
    whole = await given.memory.content("memory-1", given.owner)

    async def refused(self):
        raise OtherEmbedding("The vectors were made with another model; `scriptorium rebuild` makes all anew.")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryNearest, "refuse_other", refused)
        with pytest.raises(SomeBehind, match="makes all anew"):
            await rebuild_projections(novels=["memory-1"])
    assert await given.memory.content("memory-1", given.owner) == whole
    assert (await behind(given, "memory-1"))["passages"] == 0


async def test_a_second_novel_of_the_premise_asks_the_same(given):
    """What memory recalls is a function of the log: the same premise makes the same requests, and no call."""
    await generate_novel(order("memory-1"))
    made = len(await given.storage.calls("memory-1"))
    await generate_novel(order("memory-2"))
    assert made and await given.storage.calls("memory-2") == []
    assert await texts(given, "memory-1") == await texts(given, "memory-2")


async def test_a_resumed_run_asks_what_was_kept(given):
    """A context that was kept is read, even when the stores would now say something else."""
    await generate_novel(order("memory-1", chapters=3, max_calls=10))
    kept = dict(given.storage.tables.contexts)
    assert len(kept) == 3
    await drop(given, "memory-1")
    await generate_novel(Order(novel="memory-1", max_calls=50))
    assert {key: one for key, one in given.storage.tables.contexts.items() if key in kept} == kept
    assert len(await texts(given, "memory-1")) == 3


async def test_a_resumed_run_waits_for_memory(given, monkeypatch):
    """Chapters after a run that broke off, and lost projections, are told what those of an undisturbed run are."""
    compiled = generate.compile_chapter

    async def broken_off(lease, plan_id, number):
        if number == 5:
            raise StoreUnavailable("The database does not answer.")
        return await compiled(lease, plan_id, number)

    monkeypatch.setattr(generate, "compile_chapter", broken_off)
    assert (await generate_novel(order("memory-1", chapters=6), return_state=True)).is_failed()
    monkeypatch.setattr(generate, "compile_chapter", compiled)
    await drop(given, "memory-1")
    await generate_novel(Order(novel="memory-1"))
    await generate_novel(order("memory-2", chapters=6))
    resumed, undisturbed = contexts(given, "memory-1"), contexts(given, "memory-2")
    assert resumed == undisturbed
    assert undisturbed[5]["excerpts"] and len(undisturbed) == 6


def contexts(given, novel_id: str) -> dict[int, dict]:
    """What was kept of each chapter's context, by its number."""
    kept = [one["context"] for (novel, _), one in given.storage.tables.contexts.items() if novel == novel_id]
    return {one["contract"]["number"]: one for one in kept}


async def test_nothing_is_embedded_twice(given, monkeypatch):
    """A rebuild, and a second novel of the same text, embed nothing anew."""
    await generate_novel(order("memory-1", chapters=2))
    embedded = []
    embedder = HashingEmbedder
    embed = embedder.embed
    monkeypatch.setattr(embedder, "embed", lambda self, asked: embedded.append(asked) or embed(self, asked))
    await rebuild_projections()
    await generate_novel(order("memory-2", chapters=2))
    assert embedded == []


async def test_a_rebuild_gives_the_same(given):
    """Graph and passages are dropped and built anew with the same contents."""
    await generate_novel(order("memory-1", chapters=3))
    (row,) = await rebuild_projections()
    assert row["novel"] == "memory-1"
    assert row["before"] == row["after"]


async def test_a_rebuild_mends_what_was_altered(given):
    """A store that holds something else than the log says is as it was after a rebuild."""
    await generate_novel(order("memory-1", chapters=2))
    whole = await given.memory.content("memory-1", given.owner)
    await given.memory.graph.remove("memory-1", ["" if not await texts(given, "memory-1") else _first(given)])
    assert await given.memory.content("memory-1", given.owner) != whole
    (row,) = await rebuild_projections(novels=["memory-1"])
    assert (row["before"] != whole, row["after"]) == (True, whole)


def _first(given) -> str:
    return next(key.chapter_id for _, key in given.storage.tables.contexts)


async def test_only_the_named_novels_are_done(given):
    """The batch flows take names of novels; others stay as they are."""
    await generate_novel(order("memory-1", chapters=1))
    await generate_novel(order("memory-2", chapters=1))
    await drop(given, "memory-1")
    await drop(given, "memory-2")
    assert list(await ingest_graph(novels=["memory-2"])) == ["memory-2"]
    assert (await behind(given, "memory-1"))["graph"] > 0


async def test_an_unknown_novel_is_refused(given):
    """A name that fits no novel ends the run before anything is done."""
    with pytest.raises(UnknownNovel):
        await embed_passages(novels=["nobody"])


async def test_a_manuscript_becomes_a_novel(given, tmp_path):
    """Its chapters are in the log in order, its people are found, its graph and passages are made."""
    file = tmp_path / "weir.md"
    file.write_text(BOOK)
    made = await import_manuscript(ImportOrder(path=str(file), novel="memory-1"))
    novel = Novel.of(one.event for one in await given.storage.events("memory-1"))
    assert (novel.state, len(novel.chapters), made["chapters"]) == ("finished", 2, 2)
    assert {one.name for one in novel.cast.characters} == {"Martin Hale", "Ada Finch"}
    assert made["characters"] == 2 and made["passages"] == await given.memory.passages.count("memory-1") == 2
    assert await behind(given, "memory-1") == {"graph": 0, "passages": 0}


async def test_a_manuscript_that_cannot_be_used_leaves_nothing(given, tmp_path):
    """The run fails with the reason, and no novel is there."""
    file = tmp_path / "empty.md"
    file.write_text("")
    with pytest.raises(InvalidInput):
        await import_manuscript(ImportOrder(path=str(file), novel="memory-1"))
    assert await given.storage.novels(given.owner) == []


async def test_a_manuscript_is_chronicled_by_a_model(given, tmp_path):
    """With a model, each chapter is chronicled; what was paid for is kept with the novel."""
    file = tmp_path / "weir.md"
    file.write_text(BOOK)
    await import_manuscript(ImportOrder(path=str(file), novel="memory-1", model="offline:storyteller"))
    assert len(await given.storage.calls("memory-1")) == 2
    assert len(await given.storage.used_steps("memory-1")) == 2


async def test_an_import_is_the_owners(given, tmp_path):
    """Another owner does not see it."""
    file = tmp_path / "weir.md"
    file.write_text(BOOK)
    await import_manuscript(ImportOrder(path=str(file), novel="memory-1"))
    with override(replace(given, owner="another")), pytest.raises(UnknownNovel):
        await ingest_graph(novels=["memory-1"])


async def test_a_rebuild_that_another_overtakes_loses_nothing(given, monkeypatch):
    """A rebuild that was stopped longer than its lock holds, and goes on after another one, leaves all in place."""
    await generate_novel(order("memory-1", chapters=2))
    whole = await given.memory.content("memory-1", given.owner)
    lag = await given.memory.positions.lag("passages", "memory-1")
    advance, late = type(given.memory.positions).advance, []

    async def after_another_drop(self, position, version):
        if position.name == "passages" and not late:
            late.append(position)
            await drop(given, "memory-1")
        await advance(self, position, version)

    monkeypatch.setattr(type(given.memory.positions), "advance", after_another_drop)
    with pytest.raises(Overtaken):
        await given.memory.bring_up(lag.position, anew=True)
    await embed_passages()
    await ingest_graph()
    assert await given.memory.content("memory-1", given.owner) == whole


async def test_what_a_chapter_withdrawn_meanwhile_leaves(given, monkeypatch):
    """A chapter that is withdrawn between plan and batch stops nobody, and leaves nothing behind."""
    await generate_novel(order("memory-1", chapters=2))
    await generate_novel(order("memory-2", chapters=1))
    await drop(given, "memory-1")
    await drop(given, "memory-2")
    project = StoryMemory.project

    async def withdrawn_first(self, position, batch):
        log = await given.storage.events("memory-1")
        chapters = Novel.of(one.event for one in log).chapters
        if position.novel_id == "memory-1" and len(chapters) == 2:
            async with given.storage.begin() as work:
                await work.append("memory-1", log[-1].version, ChapterWithdrawn(chapter_id=chapters[-1].id))
                await work.commit()
        await project(self, position, batch)

    monkeypatch.setattr(StoryMemory, "project", withdrawn_first)
    await embed_passages()
    await embed_passages()
    assert (await behind(given, "memory-1"))["passages"] == (await behind(given, "memory-2"))["passages"] == 0
    (chapter,) = Novel.of(one.event for one in await given.storage.events("memory-1")).chapters
    assert {one.chapter for one in await given.memory.passages._texts.passages("memory-1")} == {chapter.id}


async def test_an_error_of_nobody_s_stops_no_chapter(given, monkeypatch):
    """Whatever a library raises, the chapters are accepted, and what is behind says why."""

    async def broken(*args, **kwargs):
        raise RuntimeError("out of memory\nin a library")

    monkeypatch.setattr(MemoryNearest, "replace", broken)
    monkeypatch.setattr(MemoryNearest, "search", broken)
    state = await generate_novel(order("memory-1"), return_state=True)
    assert state.is_completed() and len(await texts(given, "memory-1")) == 4
    assert (await given.memory.positions.lag("passages", "memory-1")).why == "RuntimeError: out of memory"


async def test_a_picture_that_cannot_be_drawn_stops_no_book(given, monkeypatch):
    """Whatever drawing raises, the run completes, and the book is made."""
    drawn = []

    def broken(*args):
        drawn.append(args)
        raise MemoryError

    monkeypatch.setattr(projections, "png", broken)
    monkeypatch.setattr(reports, "png", broken)
    state = await generate_novel(order("memory-1", chapters=2), return_state=True)
    assert len(drawn) == 2 and state.is_completed()
    assert {one.format for one in await given.storage.exports("memory-1")} == {"epub", "docx", "md"}


async def test_an_error_that_others_made_good_is_cleared(given):
    """A projection that is up to date has no error any more once it is looked at."""
    await generate_novel(order("memory-1", chapters=1))
    lag = await given.memory.positions.lag("graph", "memory-1")
    await given.memory.positions.fail(lag.position, "The lock is taken.")
    await given.memory.bring_up(lag.position)
    assert (await given.memory.positions.lag("graph", "memory-1")).position.error == ""


async def test_a_batch_does_the_novels_of_all_owners(given):
    """A worker serves everybody: what is behind is brought up whosever it is."""
    await generate_novel(order("memory-1", chapters=1))
    await drop(given, "memory-1")
    with override(replace(given, owner="another")):
        assert list(await ingest_graph()) == ["memory-1"]
    assert (await behind(given, "memory-1"))["graph"] == 0
