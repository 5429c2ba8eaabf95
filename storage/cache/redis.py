"""The cache in Redis, for processes on many hosts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from storage.cache.locks import holding
from storage.ports import StoreUnavailable
from story.errors import InvalidInput

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

ANSWER_SECONDS = 2.0
"""How long Redis may take: what asks it has somewhere else to go, or somebody who waits."""

CONNECTIONS = 20
"""Connections for commands; each listener has one of its own besides."""

HEALTH_SECONDS = 30
"""How often an idle connection is asked whether it still is one."""

_INCREMENT = """
local is_new = redis.call('EXISTS', KEYS[1]) == 0
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if is_new and ARGV[2] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum
"""
_RENEW = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0"
_GIVE_BACK = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"


class _RedisLocks:
    """See ``storage.cache.locks.Locks``. To compare the token and to act on it is one script: nothing comes between."""

    def __init__(self, client: Redis, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._renew = client.register_script(_RENEW)
        self._give_back = client.register_script(_GIVE_BACK)

    async def take(self, key: str, token: str, seconds: float) -> bool:
        """See ``Locks.take``."""
        with translated():
            return bool(await self._client.set(self._prefix + key, token, px=_milliseconds(seconds), nx=True))

    async def renew(self, key: str, token: str, seconds: float) -> bool:
        """See ``Locks.renew``."""
        with translated():
            return bool(await self._renew([self._prefix + key], [token, _milliseconds(seconds)]))

    async def give_back(self, key: str, token: str) -> bool:
        """See ``Locks.give_back``."""
        with translated():
            return bool(await self._give_back([self._prefix + key], [token]))


class RedisCache:
    """See ``storage.cache.ports.Cache``. It connects when it is first used; all its keys begin with ``prefix``.

    Raises ``InvalidInput`` when the address cannot be read, or the server refuses us.
    """

    def __init__(self, url: str, prefix: str = "scriptorium:") -> None:
        self._url = url
        self._prefix = prefix
        self._client = _client(url)
        self._increment = self._client.register_script(_INCREMENT)
        self._locks = _RedisLocks(self._client, f"{prefix}lock:")

    async def get(self, key: str) -> str | None:
        """See ``Cache.get``."""
        with translated():
            value = await self._client.get(self._value(key))
        return None if value is None else str(value)

    async def set(self, key: str, value: str, seconds: float | None = None) -> None:
        """See ``Cache.set``."""
        with translated():
            await self._client.set(self._value(key), value, px=None if seconds is None else _milliseconds(seconds))

    async def delete(self, *keys: str) -> None:
        """See ``Cache.delete``."""
        if keys:
            with translated():
                await self._client.delete(*map(self._value, keys), *map(self._counter, keys))

    async def increment(self, key: str, by: int = 1, seconds: float | None = None) -> int:
        """See ``Cache.increment``."""
        expiry = "" if seconds is None else _milliseconds(seconds)
        with translated():
            return int(await self._increment([self._counter(key)], [by, expiry]))

    def lock(self, key: str, seconds: float = 30.0, wait: float = 0.0) -> AbstractAsyncContextManager[None]:
        """See ``Cache.lock``."""
        return holding(self._locks, key, seconds, wait)

    async def publish(self, channel: str, payload: str) -> None:
        """See ``Cache.publish``."""
        with translated():
            await self._client.publish(self._channel(channel), payload)

    @asynccontextmanager
    async def listening(self, channel: str) -> AsyncIterator[AsyncIterator[str]]:
        """See ``Cache.listening``."""
        async with aclosing(_client(self._url)) as client, aclosing(client.pubsub()) as listener:
            await _subscribe(listener, self._channel(channel))
            async with aclosing(_messages(listener)) as messages:
                yield messages

    async def close(self) -> None:
        """See ``Cache.close``."""
        await self._client.aclose()

    def _value(self, key: str) -> str:
        return f"{self._prefix}value:{key}"

    def _counter(self, key: str) -> str:
        return f"{self._prefix}counter:{key}"

    def _channel(self, channel: str) -> str:
        return f"{self._prefix}channel:{channel}"


def _client(url: str) -> Redis:
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=ANSWER_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            health_check_interval=HEALTH_SECONDS,
            decode_responses=True,
            protocol=2,
            # Whoever calls tries again, or does without; here, a lost answer would have us count twice.
            retry=Retry(NoBackoff(), 0),
        )
    except (ValueError, TypeError):
        # Not chained: what is said of the address may hold its password.
        raise InvalidInput("SCRIPTORIUM_REDIS_URL cannot be used; write redis://user:password@host:6379/0.") from None
    return Redis.from_pool(pool)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


async def _subscribe(listener: PubSub, channel: str) -> None:
    with translated():
        await listener.subscribe(channel)
        # Until the server has answered, a message that is sent may be there before us.
        if await listener.get_message(timeout=ANSWER_SECONDS) is None:
            raise TimeoutError(f"it has not taken the subscription in {ANSWER_SECONDS:g} s")


async def _messages(listener: PubSub) -> AsyncGenerator[str, None]:
    while True:
        with translated():
            message = await listener.get_message(ignore_subscribe_messages=True, timeout=HEALTH_SECONDS)
        if message is not None:
            yield message["data"]


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the client raises into what the port promises."""
    from redis import exceptions

    refusals = exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.NoPermissionError
    try:
        yield
    except refusals as error:
        raise _refused(error) from None
    except (exceptions.RedisError, OSError) as error:
        # An answer that begins with ERR is about the question; any other tells of the server's state, which passes.
        if getattr(error, "status_code", None) == "ERR":
            raise _refused(error) from None
        raise StoreUnavailable(
            f"Redis does not answer ({_first_line(error)}). Check that its server runs and can write."
        ) from error


def _refused(error: Exception) -> InvalidInput:
    # Of a command that it does not know, AUTH among them, Redis repeats what was sent with it.
    said = _first_line(error).partition(", with args")[0]
    return InvalidInput(f"Redis refuses us ({said}); check user, password and database in SCRIPTORIUM_REDIS_URL.")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
