"""Compiled contexts, kept before the call that is made with them, so that a resumed run asks the same."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.ports import ContextKey
from storage.sql.dialects import insert_missing
from storage.sql.tables import contexts
from story.events import Payload


async def read(connection: AsyncConnection, novel_id: str, key: ContextKey) -> Payload | None:
    """The context that was kept, if one was."""
    matches = [contexts.c[name] == value for name, value in key.model_dump().items()]
    query = select(contexts.c.compiled).where(contexts.c.novel_id == novel_id, *matches)
    kept: Payload | None = (await connection.execute(query)).scalar()
    return kept


async def keep(connection: AsyncConnection, novel_id: str, key: ContextKey, compiled: Payload) -> None:
    """Keeps a context, unless one is there."""
    row = {"novel_id": novel_id, "compiled": compiled, **key.model_dump()}
    await connection.execute(insert_missing(connection, contexts).values(**row))
