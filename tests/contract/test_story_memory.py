"""Story memory as a whole, with novels of identical people in the same SQL database and the same stores."""

from __future__ import annotations

from contextlib import asynccontextmanager
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.cache.memory import MemoryCache
from storage.graph.sql import SqlGraph
from storage.passages.hashing import HashingEmbedder
from storage.passages.memory import MemoryNearest
from storage.passages.searching import Passages
from storage.passages.sql import SqlTexts
from storage.projections.pending import batches, pending
from storage.projections.sql import SqlPositions
from storage.projections.story_memory import StoryMemory
from storage.sql import Database, SqlStorage
from story.chapter import Chapter
from story.events import ChapterAccepted, ChapterEdited, ChapterWithdrawn
from story.novel import Novel
from tests.builders import a_chapter, events_of

OWNERS = ("ada", "ada", "bob")
"""Whose the novels are: two of them share what they had embedded."""

steps = st.lists(
    st.tuples(
        st.integers(0, len(OWNERS) - 1), st.sampled_from(["accept", "edit", "withdraw", "rebuild", "delete", "lag"])
    ),
    min_size=4,
    max_size=8,
)


@asynccontextmanager
async def opened(url):
    """Story memory on a database, with vectors in memory."""
    database = Database(url)
    passages = Passages(SqlTexts(database), MemoryNearest(), HashingEmbedder())
    storage = SqlStorage(database)
    yield StoryMemory(storage, SqlGraph(database), passages, SqlPositions(database), MemoryCache())
    await database.close()


class Book:
    """One of the novels: what is done to it, and what story memory then holds of it."""

    def __init__(self, memory, owner):
        self.memory = memory
        self.owner = owner
        self.id = uuid4().hex

    async def begin(self):
        """Asks for the novel, with the same people in the same words as every other one."""
        first, *rest = events_of()
        await self.append(first.model_copy(update={"owner": self.owner}), *rest)

    async def append(self, *events):
        """Appends to its log."""
        async with self.memory.storage.begin() as work:
            version = len(await self.memory.storage.events(self.id))
            await work.append(self.id, version, *events)
            await work.commit()

    async def chapters(self) -> list[Chapter]:
        """Its chapters; none where it is deleted."""
        return list(Novel.of(one.event for one in await self.memory.storage.events(self.id)).chapters)

    async def take(self, step):
        """Takes a step, and brings story memory up."""
        if await self.memory.storage.novel(self.id) is None:
            return
        await getattr(self, step)(await self.chapters())
        for lag in await self.memory.lags_of(self.id) if step != "lag" else ():
            await self.memory.bring_up(lag.position, anew=step == "rebuild")

    async def accept(self, chapters):
        """One more chapter, which others have, too, but for a word."""
        await self.append(ChapterAccepted(chapter=a_chapter(key=f"c{len(chapters)}", mark=f"Of {self.id}.")))

    async def edit(self, chapters):
        """Another text for the last chapter."""
        if chapters:
            changed = chapters[-1].model_copy(update={"text": f"{chapters[-1].text}\n\nMara Venn rowed home."})
            await self.append(ChapterEdited(by=self.owner, chapter=changed))

    async def withdraw(self, chapters):
        """The last chapter goes."""
        if chapters:
            await self.append(ChapterWithdrawn(chapter_id=chapters[-1].id))

    async def lag(self, chapters):
        """A chapter that is not projected yet."""
        await self.accept(chapters)

    async def rebuild(self, _chapters):
        """Nothing in the log."""

    async def delete(self, _chapters):
        """The novel goes."""
        async with self.memory.storage.begin() as work:
            await work.delete(self.id)
            await work.commit()

    async def held(self):
        """All that the stores hold and answer of it."""
        chapters = [f"c{n}" for n in range(9)]
        found = await self.memory.passages.search(self.id, "Mara Venn harbour tide home", chapters, 9)
        others = await self.memory.graph.neighbourhood(self.id, ["character/mara"], chapters, ["learns", "moves to"])
        vectors = await self.memory.passages._texts.known(self.owner, HashingEmbedder().model, await self._hashes())
        return await self.memory.content(self.id, self.owner), found, others, vectors.keys()

    async def _hashes(self):
        return {row.text_hash for row in await self.memory.passages._nearest.rows(self.id)}


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(taken=steps)
async def test_novels_of_identical_people_do_not_touch_each_other(taken, sqlite_url):
    """Whatever is written, edited, withdrawn, rebuilt and deleted in one, the others hold and answer what they did."""
    async with opened(sqlite_url) as memory:
        books = [Book(memory, owner) for owner in OWNERS]
        for book in books:
            await book.begin()
            await book.take("accept")
        for which, step in taken:
            before = [await book.held() for book in books]
            await books[which].take(step)
            after = [await book.held() for book in books]
            assert [one for n, one in enumerate(after) if n != which] == [
                one for n, one in enumerate(before) if n != which
            ]
        for book in books:
            assert all(book.id in one.text or "Of " not in one.text for one in (await book.held())[1])


async def test_a_novel_that_is_deleted_under_way_is_not_written_again(sqlite_url):
    """A batch that was planned before the deletion writes nothing, and the removal leaves nothing."""
    async with opened(sqlite_url) as memory:
        book = Book(memory, "ada")
        await book.begin()
        for step in ("accept", "lag", "lag"):
            await book.take(step)
        lag = await memory.positions.lag("passages", book.id)
        log = await memory.logs.of(book.id)
        (batch,) = batches(pending(log.events, lag.position.version, with_bible=False), log.novel, lag.position.version)
        before = await memory.passages.count(book.id)
        await book.delete([])
        await memory.project(lag.position, batch)
        assert await memory.passages.count(book.id) == before
        for left in await memory.lags_of(book.id):
            await memory.bring_up(left.position)
        assert await memory.passages.count(book.id) == 0


async def test_a_log_is_read_on(sqlite_url):
    """What is remembered of a log is what the whole of it says, for two novels by turns."""
    async with opened(sqlite_url) as memory:
        books = [Book(memory, "ada"), Book(memory, "bob")]
        for book in (*books, *books):
            await (book.begin() if await memory.storage.novel(book.id) is None else book.accept(await book.chapters()))
            log = await memory.logs.of(book.id)
            assert list(log.events) == await memory.storage.events(book.id)
            assert log.novel == Novel.of(one.event for one in log.events)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(taken=steps)
async def test_whatever_happened_a_rebuild_changes_nothing(taken, sqlite_url):
    """What came about step by step is what is built from the log at once, and of a deleted novel nothing is left."""
    async with opened(sqlite_url) as memory:
        book = Book(memory, "ada")
        await book.begin()
        for _, step in taken:
            await book.take(step)
        for lag in await memory.lags_of(book.id):
            await memory.bring_up(lag.position)
        before = await book.held()
        for lag in await memory.lags_of(book.id):
            await memory.bring_up(lag.position, anew=True)
        assert await book.held() == before
        if await memory.storage.novel(book.id) is None:
            assert await memory.graph.relations(book.id) == await memory.graph.relations("nobody")
            assert await memory.passages.count(book.id) == len(await book._hashes()) == 0
