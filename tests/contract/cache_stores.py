"""The caches that the contract is tested on, each as two processes have it: two instances on one store."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from storage.cache.memory import MemoryCache
from storage.cache.ports import Cache
from storage.cache.redis import RedisCache
from storage.cache.sql import SqlCache
from storage.sql import Database

Pair = tuple[Cache, Cache]


@pytest.fixture(name="pair", params=["memory", "sqlite", "postgres", "redis"])
async def two_caches(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """Two instances on one new store; memory is one process's own, so there they are the same."""
    async with AsyncExitStack() as stack:
        caches = await _made(request, stack)
        for cache in caches:
            stack.push_async_callback(cache.close)
        yield caches


@pytest.fixture(name="cache")
def one_cache(pair: Pair) -> Cache:
    """The first of the two."""
    return pair[0]


async def _made(request: pytest.FixtureRequest, stack: AsyncExitStack) -> Pair:
    if request.param == "memory":
        alone = MemoryCache()
        return alone, alone
    if request.param == "redis":
        return await _on_redis(request.getfixturevalue("redis_url"), stack)
    url = await _sql_url(request, stack)
    databases = Database(url), Database(url)
    for database in databases:
        stack.push_async_callback(database.close)
    return SqlCache(databases[0]), SqlCache(databases[1])


async def _sql_url(request: pytest.FixtureRequest, stack: AsyncExitStack) -> str:
    # Async fixtures cannot be asked for by name inside a running one.
    if request.param == "sqlite":
        copied = request.getfixturevalue("migrated_file")
        return await copied(request.getfixturevalue("tmp_path") / "cache.db")
    server = request.getfixturevalue("postgres_server")
    url = await server.create_migrated()
    stack.push_async_callback(server.drop, url)
    return url


async def _on_redis(url: str, stack: AsyncExitStack) -> Pair:
    prefix = f"test-{uuid.uuid4().hex}:"
    stack.push_async_callback(_remove, url, prefix)
    return RedisCache(url, prefix), RedisCache(url, prefix)


async def _remove(url: str, prefix: str) -> None:
    from redis.asyncio import Redis

    async with Redis.from_url(url) as client:
        async for key in client.scan_iter(f"{prefix}*"):
            await client.delete(key)
