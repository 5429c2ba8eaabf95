"""How a run of the flow ends, and running it in this process; ``deployments.remote`` runs it at a server."""

from __future__ import annotations

from dataclasses import dataclass

from story.order import Order


@dataclass(frozen=True)
class Ended:
    """How a run ended: its error, or the reason why it is paused, or neither."""

    error: Exception | None = None
    paused: str = ""


async def run_here(order: Order) -> Ended:
    """Runs the flow in this process."""
    from flows.generate_novel import generate_novel

    state = await generate_novel(order, return_state=True)
    if state.name == "Paused":
        return Ended(paused=state.message or "paused")
    if state.is_completed():
        return Ended()
    return Ended(error=await state.aresult(raise_on_failure=False))
