"""``scriptorium doctor``: each store and setting, ok or what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import httpx

from agents.models.providers import PROVIDERS
from agents.registry import GROUP, installed
from deployments.cli.output import plain, print_json
from deployments.cli.session import opened, prefect_api_url, usable_folder
from storage.settings import data_folder
from story.errors import ScriptoriumError
from tasks.wiring import Settings


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``ok`` is None for what is fine to lack."""

    name: str
    ok: bool | None
    says: str


def examine(*, as_json: bool) -> int:
    """Looks at everything; gives 0 when nothing is wrong, else 1."""
    checks = asyncio.run(_checks())
    if as_json:
        print_json({"checks": [{"name": one.name, "ok": one.ok, "says": one.says} for one in checks]})
    else:
        for one in checks:
            mark = {True: "ok     ", False: "WRONG  ", None: "-      "}[one.ok]
            print(f"{mark}{one.name}: {plain(one.says)}")
    return 1 if any(one.ok is False for one in checks) else 0


async def _checks() -> list[Check]:
    settings = Settings(data_folder())
    return [
        await _tried("data folder", _folder),
        await _tried("database", _database),
        await _tried("graph", _graph),
        await _tried("passages", _passages),
        await _tried("embedding", partial(_embedding, settings)),
        await _tried("cache", _cache),
        await _tried("agents", _agents),
        *[await _tried(f"model {name}", partial(_model, settings, name)) for name in ("offline", *PROVIDERS)],
        await _tried("Prefect", _prefect),
    ]


async def _tried(name: str, check: Callable[[], Awaitable[tuple[bool | None, str]]]) -> Check:
    try:
        ok, says = await check()
    except ScriptoriumError as error:
        return Check(name, False, str(error))
    return Check(name, ok, says)


async def _folder() -> tuple[bool, str]:
    return True, f"{usable_folder()} (SCRIPTORIUM_HOME moves it)"


async def _database() -> tuple[bool, str]:
    async with opened() as given:
        novels = await given.storage.novels(given.owner)
        return True, f"reachable, at this version's migration, {len(novels)} novels of {given.owner!r}"


async def _graph() -> tuple[bool, str]:
    async with opened() as given:
        await given.memory.graph.relations("doctor")
        return True, "reachable (SCRIPTORIUM_NEO4J_URL names a server; without it, tables in the database)"


async def _passages() -> tuple[bool, str]:
    async with opened() as given:
        await given.memory.passages.refuse_other()
        return True, "reachable (SCRIPTORIUM_MILVUS_URL names a server; without it, a file in the data folder)"


async def _embedding(settings: Settings) -> tuple[bool | None, str]:
    from storage.passages.saved import described, folder_of

    name = settings.storage.embedding_model
    saved = described(folder_of(name, settings.models_folder))
    if saved is None:
        return None, f"{name} is not made ready yet; the first novel or import does it, half a minute once"
    return True, f"{saved.model} (SCRIPTORIUM_EMBEDDING_MODEL names another)"


async def _cache() -> tuple[bool, str]:
    async with opened() as given:
        await given.memory.cache.get("doctor")
        return True, "reachable (SCRIPTORIUM_REDIS_URL names a server; without it, tables in the database)"


async def _agents() -> tuple[bool, str]:
    return True, f"{', '.join(sorted(installed().names))} (entry points {GROUP})"


async def _model(settings: Settings, provider: str) -> tuple[bool | None, str]:
    if provider == "offline":
        return True, "offline:storyteller, the default, needs nothing"
    entry = PROVIDERS[provider]
    if entry.key_missing(settings.models):
        return None, f"no key; export {entry.key}=… to use it"
    return True, "key set" if entry.key else f"asked at {settings.models.ollama_base_url}"


async def _prefect() -> tuple[bool, str]:
    url = prefect_api_url()
    if not url:
        return True, "runs inside the command; export PREFECT_API_URL=… to use a server"
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            answer = await client.get(f"{url.rstrip('/')}/health")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return False, f"{url} does not answer ({type(error).__name__}); start it, or unset PREFECT_API_URL"
    return answer.is_success, f"{url} answers with HTTP {answer.status_code}"
