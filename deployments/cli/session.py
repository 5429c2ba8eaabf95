"""What every command that touches novels begins with: the data folder, its settings, a migrated database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from dotenv import dotenv_values

from storage.settings import data_folder
from story.errors import InvalidInput
from tasks.wiring import Services, Settings, close_services, services

T = TypeVar("T")


@asynccontextmanager
async def opened() -> AsyncIterator[Services]:
    """The services of this command, on a database brought to our migration."""
    from storage.sql.migrate import upgrade

    settings = Settings(usable_folder())
    await upgrade(settings.storage.url(settings.home))
    try:
        yield await services()
    finally:
        await close_services()


def with_services(work: Callable[[Services], Awaitable[T]]) -> T:
    """Runs a piece of work on the services in an event loop of its own."""

    async def working() -> T:
        async with opened() as given:
            return await work(given)

    return asyncio.run(working())


def usable_folder() -> Path:
    """The data folder, made if it is not there; raises ``InvalidInput`` when it cannot be."""
    home = data_folder()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InvalidInput(f"The data folder {home} cannot be made: {error.strerror}; set SCRIPTORIUM_HOME.") from error
    return home


def prefect_api_url() -> str:
    """The Prefect server that the user named, in the environment or in ``.env`` of the data folder; else empty."""
    named = os.environ.get("PREFECT_API_URL") or dotenv_values(data_folder() / ".env").get("PREFECT_API_URL")
    return named or ""
