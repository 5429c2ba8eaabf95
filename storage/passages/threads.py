"""Calls that block, made in a thread, and work that is not left half done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the call gives. A thread cannot be stopped: a caller that is cancelled waits for its end."""
    return await finished(asyncio.to_thread(call, *args, **kwargs))


async def finished(work: Awaitable[T]) -> T:
    """What the work gives. It is done to its end even when its caller is cancelled, who then waits for it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
