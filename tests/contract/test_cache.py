"""What every cache promises, on every cache."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from storage.cache.memory import MemoryCache
from storage.cache.ports import LockBusy, LockLost
from storage.cache.redis import RedisCache
from storage.cache.sql import SqlCache
from storage.cache.views import Views, invalidating
from storage.memory import MemoryStorage
from storage.ports import StoreUnavailable
from storage.sql import Database
from story.errors import InvalidInput
from story.events import ChapterWithdrawn, NovelPaused
from tests.contract.cache_stores import one_cache, two_caches
from tests.contract.conftest import World, write
from tests.contract.stories import accepted, requested
from tests.servers.redis import closed_redis, free_port, own_redis, redis_url

__all__ = ["closed_redis", "one_cache", "own_redis", "redis_url", "two_caches"]

ROOT = Path(__file__).parents[2]
SHORT = 0.05
"""Seconds that a test can wait for; nothing is expected of less than it."""


async def until(wanted, ask):
    """Asks until the answer is the wanted one."""
    async with asyncio.timeout(20):
        while await ask() != wanted:  # noqa: ASYNC110 - a server's clock tells nobody
            await asyncio.sleep(0.01)


async def is_free(cache, key):
    """Whether the lock can be had at once."""
    try:
        async with cache.lock(key):
            return True
    except LockBusy:
        return False


class TestValues:
    """Keeping values."""

    async def test_a_value_is_kept(self, pair):
        """What one process keeps another reads."""
        await pair[0].set("a", 'Grüße,\n"Ada"')
        assert await pair[1].get("a") == 'Grüße,\n"Ada"'

    async def test_nothing_is_not_empty(self, cache):
        """A key that was never set has no value; an empty text is one."""
        await cache.set("empty", "")
        assert (await cache.get("empty"), await cache.get("nothing")) == ("", None)

    async def test_the_last_value_counts(self, pair):
        """A key that is set again has the new value and its time."""
        await pair[0].set("a", "old", SHORT)
        await pair[1].set("a", "new")
        await asyncio.sleep(2 * SHORT)
        assert await pair[0].get("a") == "new"

    async def test_a_value_expires(self, cache):
        """It is there, and after its time it is not."""
        await cache.set("lasting", "value", 60)
        await cache.set("passing", "value", SHORT)
        await until(None, lambda: cache.get("passing"))
        assert await cache.get("lasting") == "value"

    async def test_deletion(self, pair):
        """Deleted keys have no value for anybody; others keep theirs; unknown ones are no error."""
        for key in "abc":
            await pair[0].set(key, key)
        await pair[1].delete("a", "b", "unknown")
        await pair[1].delete()
        assert [await pair[0].get(key) for key in "abc"] == [None, None, "c"]


class TestCounters:
    """Counting."""

    async def test_sums(self, pair):
        """A counter begins at 0 and adds up over processes, down as well as up."""
        assert await pair[0].increment("n") == 1
        assert await pair[1].increment("n", 5) == 6
        assert await pair[0].increment("n", -2) == 4

    async def test_nothing_is_lost_at_once(self, pair):
        """Fifty increments at the same time, from two processes, give fifty sums."""
        sums = await asyncio.gather(*(pair[number % 2].increment("n", seconds=60) for number in range(50)))
        assert sorted(sums) == list(range(1, 51))

    async def test_the_first_increment_says_when_it_expires(self, cache):
        """Later ones do not put it off; a counter that expired begins anew, with a time of its own."""
        await cache.increment("n", 3, SHORT)
        assert await cache.increment("lasting", seconds=60) == 1
        await asyncio.sleep(2 * SHORT)
        assert await cache.increment("n", seconds=60) == 1
        assert await cache.increment("n", seconds=SHORT) == 2
        await asyncio.sleep(2 * SHORT)
        assert [await cache.increment("n"), await cache.increment("lasting")] == [3, 2]

    async def test_a_counter_is_no_value(self, cache):
        """A value and a counter of the same key do not meet, and are deleted together."""
        await cache.increment("a")
        assert await cache.get("a") is None
        await cache.set("a", "text")
        assert (await cache.increment("a"), await cache.get("a")) == (2, "text")
        await cache.delete("a")
        assert (await cache.get("a"), await cache.increment("a")) == (None, 1)


class TestLocks:
    """Excluding others."""

    async def test_exclusion(self, pair):
        """Nobody else has a held lock; another key is another lock; afterwards it is free."""
        async with pair[0].lock("a"):
            with pytest.raises(LockBusy, match=r"'a'.*held"):
                async with pair[1].lock("a"):
                    pytest.fail("two have it")
            assert await is_free(pair[1], "b")
        assert await is_free(pair[1], "a")

    async def test_one_at_a_time(self, pair):
        """Of many who wait for it, each has it alone, and all have it in the end."""
        inside, most, done = 0, 0, 0

        async def work(cache):
            nonlocal inside, most, done
            async with cache.lock("a", wait=60):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.001)
                inside -= 1
                done += 1

        await asyncio.gather(*(work(pair[number % 2]) for number in range(10)))
        assert (most, done) == (1, 10)

    async def test_waiting_ends(self, pair):
        """Who waits in vain is told so."""
        async with pair[0].lock("a"):
            with pytest.raises(LockBusy):
                async with pair[1].lock("a", wait=SHORT):
                    pytest.fail("two have it")

    async def test_it_is_renewed(self, pair):
        """A holder that lives keeps a lock for longer than its expiry."""
        async with pair[0].lock("a", seconds=1.0):
            await asyncio.sleep(1.6)
            assert not await is_free(pair[1], "a")

    async def test_the_lock_of_a_dead_holder_is_taken_over(self, pair):
        """A lock that nobody renews is free after its expiry, to one who waits, and not before."""
        await pair[0]._locks.take("a", "of the dead", 1.0)
        assert not await is_free(pair[1], "a")
        async with pair[1].lock("a", wait=20):
            assert not await pair[0]._locks.renew("a", "of the dead", 60)
            assert not await pair[0]._locks.give_back("a", "of the dead")
            assert not await is_free(pair[0], "a")

    async def test_a_lost_lock_is_told_at_the_end(self, pair):
        """A holder that stood still and was taken over learns of it; the new holder keeps the lock."""
        with pytest.raises(LockLost, match=r"'a'.*expired"):  # noqa: PT012 - the block is the subject
            async with pair[0].lock("a", seconds=0.1):
                time.sleep(0.3)  # noqa: ASYNC251 - the process stands still
                assert await pair[1]._locks.take("a", "of another", 60)
        assert await pair[1]._locks.give_back("a", "of another")

    async def test_a_lock_that_nobody_else_took_is_lost_too(self, cache):
        """A holder that stood still past the expiry cannot know who was there meanwhile."""
        with pytest.raises(LockLost):
            async with cache.lock("a", seconds=0.1):
                time.sleep(0.3)  # noqa: ASYNC251 - the process stands still

    async def test_an_error_in_the_block(self, cache):
        """It passes through unchanged, and the lock is free."""
        with pytest.raises(OSError, match="mine"):
            async with cache.lock("a"):
                raise OSError("mine")
        assert await is_free(cache, "a")

    async def test_a_cancelled_holder(self, pair):
        """It gives the lock back."""
        held = asyncio.Event()

        async def hold():
            async with pair[0].lock("a"):
                held.set()
                await asyncio.Event().wait()

        holder = asyncio.create_task(hold())
        await held.wait()
        holder.cancel()
        with suppress(asyncio.CancelledError):
            await holder
        assert holder.cancelled()
        assert await is_free(pair[1], "a")

    async def test_a_passing_fault_keeps_the_lock(self):
        """A renewal that failed is tried again, and the lock is kept when it succeeds in time."""
        cache = MemoryCache()
        renew, failures = cache._locks.renew, iter([StoreUnavailable("away")])

        async def failing(*arguments):
            for failure in failures:
                raise failure
            return await renew(*arguments)

        cache._locks.renew = failing
        async with cache.lock("a", seconds=1.0):
            await asyncio.sleep(1.5)
            assert not await is_free(cache, "a")

    @pytest.mark.parametrize("error", [LockBusy, LockLost])
    def test_errors_can_be_sent(self, error):
        """They survive pickling, with what they say."""
        assert str(pickle.loads(pickle.dumps(error("It is held.")))) == "It is held."


class TestMessages:
    """Telling others."""

    async def test_order(self, pair):
        """A listener hears what is sent from its entry on, by all, in order."""
        await pair[0].publish("news", "before")
        async with pair[0].listening("news") as messages:
            for number in range(10):
                await pair[number % 2].publish("news", str(number))
            assert [await anext(messages) for _ in range(10)] == [str(number) for number in range(10)]

    async def test_later_messages(self, pair):
        """A listener that waits hears what is sent then."""
        async with pair[0].listening("news") as messages:
            waiting = asyncio.ensure_future(anext(messages))
            await asyncio.sleep(2 * SHORT)
            await pair[1].publish("news", "at last")
            assert await waiting == "at last"

    async def test_channels_are_apart(self, pair):
        """Nobody hears another channel; all who listen to one hear the same."""
        async with pair[0].listening("a") as first, pair[1].listening("a") as second, pair[1].listening("b") as other:
            await pair[0].publish("a", "for a")
            await pair[0].publish("b", "for b")
            await pair[0].publish("a", "for a again")
            assert [await anext(one) for one in (first, second, other)] == ["for a", "for a", "for b"]
            assert [await anext(one) for one in (first, second)] == ["for a again"] * 2

    async def test_many_senders_lose_nothing(self, pair):
        """What is sent at the same time is all heard."""
        async with pair[0].listening("news") as messages:
            await asyncio.gather(*(pair[number % 2].publish("news", str(number)) for number in range(30)))
            heard = [await anext(messages) for _ in range(30)]
        assert sorted(map(int, heard)) == list(range(30))

    async def test_nobody_listens(self, pair):
        """A message that nobody hears is gone."""
        await pair[0].publish("news", "unheard")
        async with pair[1].listening("news") as messages:
            await pair[0].publish("news", "heard")
            assert await anext(messages) == "heard"


class TestMemory:
    """What a cache in memory is made of."""

    async def test_its_clock_decides(self):
        """Values, counters and locks expire by the clock that it was given, at the moment itself."""
        world = World()
        cache = MemoryCache(world.clock)
        await cache.set("a", "text", 10)
        await cache.increment("n", 4, 10)
        await cache._locks.take("l", "other", 10)
        world.advance(9.9)
        assert (await cache.get("a"), await cache.increment("n"), await is_free(cache, "l")) == ("text", 5, False)
        world.advance(0.1)
        assert (await cache.get("a"), await cache.increment("n"), await is_free(cache, "l")) == (None, 1, True)

    async def test_what_expired_goes(self):
        """It takes up no room once others are written."""
        world = World()
        cache = MemoryCache(world.clock)
        for number in range(100):
            await cache.set(f"passing-{number}", "text", 10)
        await cache.set("lasting", "text")
        world.advance(61)
        await cache.set("new", "text")
        assert set(cache._values._kept) == {"lasting", "new"}


class TestSql:
    """What only a cache in SQL can suffer."""

    @pytest.fixture
    async def world_cache(self, sql_url, surroundings):
        """A cache by the clock of the test."""
        database = Database(sql_url)
        yield SqlCache(database, surroundings.clock)
        await database.close()

    async def rows(self, cache):
        """How many rows each table holds."""
        from sqlalchemy import func, select

        from storage.sql.tables import cache_counters, cache_entries, cache_locks, cache_messages

        tables = cache_entries, cache_counters, cache_locks, cache_messages
        async with cache._database.reading() as connection:
            return [(await connection.execute(select(func.count()).select_from(table))).scalar() for table in tables]

    async def test_tables_do_not_grow(self, world_cache, surroundings):
        """What expired, locks of the dead and old messages are removed by whoever writes later."""
        for number in range(20):
            await world_cache.set(f"v{number}", "text", 10)
            await world_cache.increment(f"n{number}", seconds=10)
            await world_cache._locks.take(f"l{number}", "of the dead", 10)
            await world_cache.publish("news", "text")
        await world_cache.set("lasting", "text")
        assert await self.rows(world_cache) == [21, 20, 20, 20]
        surroundings.advance(61)
        await world_cache.set("new", "text")
        assert await self.rows(world_cache) == [2, 0, 0, 1]

    async def test_a_listener_goes_on_past_a_sweep(self, world_cache, surroundings):
        """Messages are numbered on when all before them were removed."""
        async with world_cache.listening("news") as messages:
            for number in range(5):
                await world_cache.publish("news", str(number))
            heard = [await anext(messages) for _ in range(5)]
            for number in range(5, 8):
                surroundings.advance(61)
                await world_cache.publish("news", str(number))
                heard.append(await anext(messages))
        assert heard == [str(number) for number in range(8)]

    async def test_a_lock_of_a_killed_process(self, sqlite_url):
        """After kill -9 of its holder a lock is held until it expires, and then free to the next."""
        database = Database(sqlite_url)
        cache = SqlCache(database)
        command = [sys.executable, "-m", "tests.contract.locker", sqlite_url, "a", "3"]
        holder = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        assert await holder.stdout.readline() == b"held\n"
        assert not await is_free(cache, "a")
        os.kill(holder.pid, signal.SIGKILL)
        await holder.wait()
        assert not await is_free(cache, "a")
        async with cache.lock("a", wait=20):
            assert not await is_free(cache, "a")
        await database.close()

    async def test_who_waits_for_a_lock_stands_in_nobodys_way(self, sqlite_url):
        """It asks whether the lock is free without waiting for, or keeping out, those who write."""
        mine, others = Database(sqlite_url), Database(sqlite_url)
        cache = SqlCache(mine)
        async with cache.lock("a"), others.writing():
            assert not await is_free(cache, "a")
        for database in (mine, others):
            await database.close()

    async def test_the_database_is_left_open(self, sqlite_url):
        """Whoever made it closes it: others use it, too."""
        database = Database(sqlite_url)
        pool = database._engine.pool
        await SqlCache(database).close()
        assert database._engine.pool is pool
        await database.close()

    async def test_no_tables(self, tmp_path):
        """A database that was never migrated is told from one that is away."""
        database = Database(f"sqlite:///{tmp_path}/new.db")
        with pytest.raises(InvalidInput, match="not set up"):
            await SqlCache(database).get("a")
        await database.close()


class TestRedis:
    """A server that goes away, or will not have us."""

    async def test_down_and_up_again(self, own_redis):
        """While the server is down every call says so; once it is back, empty, the same instance works on."""
        cache = RedisCache(own_redis.url)
        await cache.set("a", "text")
        await asyncio.to_thread(own_redis.stop)
        calls = (
            lambda: cache.get("a"),
            lambda: cache.set("a", "b"),
            lambda: cache.delete("a"),
            lambda: cache.increment("a"),
            lambda: is_free(cache, "a"),
            lambda: cache.publish("a", "b"),
        )
        for call in calls:
            with pytest.raises(StoreUnavailable, match=r"does not answer.*server runs"):
                await call()
        await asyncio.to_thread(own_redis.start)
        assert await cache.get("a") is None
        assert await cache.increment("a") == 1
        await cache.close()

    async def test_restarted_between_two_calls(self, own_redis):
        """Connections that broke while idle are replaced unnoticed."""
        cache = RedisCache(own_redis.url)
        assert [await cache.increment("a"), await is_free(cache, "a")] == [1, True]
        await asyncio.to_thread(own_redis.stop)
        await asyncio.to_thread(own_redis.start)
        assert [await cache.increment("a"), await is_free(cache, "a")] == [1, True]
        await cache.close()

    async def test_down_while_listening(self, own_redis):
        """A listener is told, rather than waiting for ever."""
        cache = RedisCache(own_redis.url)
        async with cache.listening("news") as messages:
            await cache.publish("news", "up")
            assert await anext(messages) == "up"
            await asyncio.to_thread(own_redis.stop)
            with pytest.raises(StoreUnavailable):
                await anext(messages)
        await cache.close()

    async def test_down_while_a_lock_is_held(self, own_redis):
        """A lock that could not be renewed because the server restarted, empty, was lost."""
        cache = RedisCache(own_redis.url)
        with pytest.raises(LockLost):  # noqa: PT012 - the block is the subject
            async with cache.lock("a", seconds=0.3):
                await asyncio.to_thread(own_redis.stop)
                await asyncio.sleep(0.5)
                await asyncio.to_thread(own_redis.start)
        await cache.close()

    async def test_nobody_is_there(self):
        """An address that nobody listens on is a store that is away."""
        cache = RedisCache(f"redis://127.0.0.1:{free_port()}/0")
        with pytest.raises(StoreUnavailable):
            await cache.get("a")
        with pytest.raises(StoreUnavailable):
            async with cache.listening("a"):
                pytest.fail("nobody is there")
        await cache.close()

    @pytest.mark.parametrize("login", ["", ":sesame-street@", "ada:sesame-street@"])
    async def test_a_wrong_password(self, closed_redis, login):
        """It is a wrong setting, and told without the password."""
        cache = RedisCache(f"redis://{login}127.0.0.1:{closed_redis.port}/0")
        with pytest.raises(InvalidInput, match=r"refuses.*SCRIPTORIUM_REDIS_URL") as refused:
            await cache.get("a")
        assert "sesame" not in str(refused.value)
        await cache.close()

    async def test_the_right_password(self, closed_redis):
        """A server with a password works with it."""
        cache = RedisCache(closed_redis.url)
        async with cache.listening("news") as messages:
            await cache.publish("news", "open")
            assert await anext(messages) == "open"
        await cache.close()

    async def test_a_database_that_is_not_there(self, own_redis):
        """It is a wrong setting, too."""
        cache = RedisCache(own_redis.url.removesuffix("/0") + "/999")
        with pytest.raises(InvalidInput, match=r"out of range.*database"):
            await cache.get("a")
        await cache.close()

    @pytest.mark.parametrize(
        "url", ["", "nonsense", "http://:sesame@host/0", "redis://:sesame@host:port/0", "redis://:ses/ame@host:x"]
    )
    def test_no_address(self, url):
        """It is refused at once, without being repeated."""
        with pytest.raises(InvalidInput, match="write redis://") as refused:
            RedisCache(url)
        assert "ame" not in str(refused.value)

    async def test_prefixes_are_apart(self, own_redis):
        """Two installations on one server do not meet."""
        mine, other = RedisCache(own_redis.url, "mine:"), RedisCache(own_redis.url, "other:")
        await mine.set("a", "text")
        await mine.increment("a")
        async with mine.lock("a"):
            assert await is_free(other, "a")
        assert (await other.get("a"), await other.increment("a")) == (None, 1)
        await mine.close()
        await other.close()


class CountingStorage(MemoryStorage):
    """A store that counts the reads of chapters, and lets something happen at the end of one."""

    reads = 0
    meanwhile = None

    async def chapters(self, novel_id):
        self.reads += 1
        read = await super().chapters(novel_id)
        if (happens := self.meanwhile) is not None:
            self.meanwhile = None
            await happens()
        return read


@pytest.fixture
async def library(cache):
    """A store with two novels whose events reach the cache."""
    storage = CountingStorage(subscribers=(invalidating(cache),))
    for novel_id in ("n1", "n2"):
        await write(storage, novel_id, requested(), accepted("c0", f"The text of {novel_id}."))
    return storage


@pytest.fixture
def views(library, cache):
    """The views of that store."""
    return Views(library, cache)


class TestViews:
    """Reads that are kept."""

    async def test_hit(self, library, views):
        """The second read is the same, and not the store's."""
        first, second = await views.chapters("n1"), await views.chapters("n1")
        assert first == second == await MemoryStorage.chapters(library, "n1")
        assert first[0].text == "The text of n1."
        assert library.reads == 1

    async def test_an_event_makes_it_stale(self, library, views):
        """What an event changes is read anew."""
        await views.chapters("n1")
        await write(library, "n1", accepted("c1"), ChapterWithdrawn(chapter_id="c0"))
        assert [row.id for row in await views.chapters("n1")] == ["c1"]

    async def test_an_event_removes_it(self, library, views, cache):
        """What an event made stale does not stay in the cache, however many came at once."""
        kept = []
        for _ in range(2):
            await views.chapters("n1")
            kept.append(f"chapters:n1:{(await library.novel('n1')).version}")
            assert await cache.get(kept[-1]) is not None
            await write(library, "n1", NovelPaused(reason="a"), NovelPaused(reason="b"))
        assert [await cache.get(place) for place in kept] == [None, None]

    async def test_an_event_during_a_read(self, library, views):
        """What was read before an event and is kept after it is given to nobody who reads later."""
        library.meanwhile = lambda: write(library, "n1", accepted("c1"))
        assert [row.id for row in await views.chapters("n1")] == ["c0"]
        assert [row.id for row in await views.chapters("n1")] == ["c0", "c1"]

    async def test_an_event_that_nobody_told_of(self, library, cache):
        """A process that knows nothing of the cache makes nobody see what was."""
        views = Views(library, cache)
        await views.chapters("n1")
        library._subscribers = ()
        await write(library, "n1", accepted("c1"))
        assert [row.id for row in await views.chapters("n1")] == ["c0", "c1"]

    async def test_two_novels(self, library, views):
        """Each has its own chapters, and keeps them when the other changes."""
        texts = [[row.text for row in await views.chapters(novel_id)] for novel_id in ("n1", "n2", "n1", "n2")]
        assert texts == [["The text of n1."], ["The text of n2."]] * 2
        await write(library, "n1", ChapterWithdrawn(chapter_id="c0"))
        reads = library.reads
        assert [row.text for row in await views.chapters("n2")] == ["The text of n2."]
        assert library.reads == reads

    async def test_a_deleted_novel(self, library, views, cache):
        """Nothing of it is given or kept."""
        await views.chapters("n1")
        async with library.begin() as work:
            await work.delete("n1")
            await work.commit()
        assert await views.chapters("n1") == []
        assert await cache.get("chapters:n1:2") is None

    async def test_a_value_that_cannot_be_read(self, library, views, cache):
        """What another version of Scriptorium kept is read anew."""
        await cache.set("chapters:n1:2", '[{"id": "c0", "pages": 7}]')
        assert [row.id for row in await views.chapters("n1")] == ["c0"]
        await views.chapters("n1")
        assert library.reads == 1


class TestViewsWithoutCache:
    """A cache that is away."""

    async def test_reads_go_to_the_store(self, caplog):
        """The chapters are read, and the log says why it is slow."""
        cache = RedisCache(f"redis://127.0.0.1:{free_port()}/0")
        storage = MemoryStorage(subscribers=(invalidating(cache),))
        await write(storage, "n1", requested(), accepted("c0"))
        assert [row.id for row in await Views(storage, cache).chapters("n1")] == ["c0"]
        assert "without the cache" in caplog.text
        await cache.close()
