"""``scriptorium write``: check the wish, run the flow here or at a Prefect server, show how far it is, sum up."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from agents.decisions import default_max_calls, planned_calls
from deployments.cli.follow import following
from deployments.cli.output import FAILED, PAUSED, plain, print_json, say
from deployments.cli.running import run_interruptibly
from deployments.cli.session import opened
from deployments.premises import read_premise, with_options
from deployments.runs import GENERATE_NOVEL, Ended, Runner
from storage.ports import NovelBusy, NovelRow, Storage
from story.errors import InvalidInput, ScriptoriumError
from story.models import Models
from story.novel import Novel
from story.order import Order
from tasks.wiring import Services


@dataclass(frozen=True)
class Wish:
    """What the command line was given."""

    premise: str | None
    chapters: int | None
    words: int | None
    genre: str | None
    language: str | None
    seed: int | None
    fresh: bool
    model: str | None
    agent_models: tuple[str, ...]
    max_calls: int | None
    out: str
    resume: str | None

    @property
    def remeasures(self) -> bool:
        """Whether anything was given that only a new novel can take."""
        given = (self.premise, self.chapters, self.words, self.genre, self.language, self.seed)
        return self.fresh or any(one is not None for one in given)


def write_novel(wish: Wish, *, as_json: bool) -> int:
    """Writes or goes on with a novel; gives the exit code."""
    started = time.monotonic()
    order = asyncio.run(_checked(wish))
    return run_interruptibly(
        lambda run: _write(order, run, started, as_json), lambda server: _tell_interrupted(order, server)
    )


async def _checked(wish: Wish) -> Order:
    """The order in a wish that can be carried out as far as can be told before the first call."""
    from agents.models.providers import check_models, check_reachable

    async with opened() as given:
        order = await _resumed(given, wish) if wish.resume else _new(wish)
        models, language = await _asked(given, order)
        check_models(models, given.models, language)
        for name in models.names:
            check_reachable(name, given.models)
        _check_out(wish.out)
        if not wish.resume:
            _announce(order, models)
        return order


def _new(wish: Wish) -> Order:
    if wish.premise is None:
        raise InvalidInput("Give a premise (a text or a file), or --resume NOVEL.")
    premise = with_options(
        read_premise(wish.premise),
        chapters=wish.chapters,
        words=wish.words,
        genre=wish.genre,
        language=wish.language,
        seed=wish.seed,
    )
    return Order(
        **dict(premise),
        novel=uuid4().hex[:12],
        fresh=wish.fresh,
        **_run_options(wish),
    )


async def _resumed(given: Services, wish: Wish) -> Order:
    if wish.remeasures:
        raise InvalidInput(
            "--resume goes on with a novel as it was asked for; only models, --max-calls and --out can change."
        )
    row = await given.storage.find(given.owner, wish.resume or "")
    if row.running:
        raise InvalidInput(
            f"{row.id} is being written by another run at this moment; `scriptorium status {row.id}` shows it."
        )
    return Order(novel=row.id, **_run_options(wish))


def _run_options(wish: Wish) -> dict[str, Any]:
    if wish.max_calls is not None and wish.max_calls < 1:
        raise InvalidInput(f"--max-calls {wish.max_calls} leaves no call to make; give 1 or more.")
    if wish.model is not None and not wish.model.strip():
        raise InvalidInput("--model is empty; write provider:model, or leave it out for offline:storyteller.")
    return {
        "model": wish.model or "",
        "agent_models": dict(_agent_model(given) for given in wish.agent_models),
        "max_calls": wish.max_calls,
        "out": str(Path(wish.out).expanduser().absolute()) if wish.out else "",
    }


def _agent_model(given: str) -> tuple[str, str]:
    from agents.registry import installed

    agent, found, model = given.partition("=")
    if not found:
        raise InvalidInput(f"--agent-model {given!r} is not AGENT=NAME, as in editor=openai:gpt-5.")
    return installed().named(agent).name, model


async def _asked(given: Services, order: Order) -> tuple[Models, str]:
    """The models that will be asked, and the language they are to write."""
    novel = Novel.of(one.event for one in await given.storage.events(order.novel))
    if novel.premise is None:
        return order.asked_models(), order.language
    return order.amended_models(novel.models), novel.premise.language


def _check_out(out: str) -> None:
    if not out:
        return
    folder = Path(out).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InvalidInput(
            f"The folder {folder} cannot be written ({error.strerror}); give another with --out."
        ) from error


def _announce(order: Order, models: Models) -> None:
    from agents.models.providers import is_paid

    calls = planned_calls(order.chapters)
    bound = order.max_calls or default_max_calls(order.chapters)
    say(
        f"Planned: {order.chapters} chapters of {order.words} words, {calls} model calls, at most {bound}, "
        f"with {', '.join(models.names)}."
    )
    if any(is_paid(name) for name in models.names):
        say("These calls may cost money. Ctrl-C stops; what was paid for is kept.")


async def _write(order: Order, run: Runner, started: float, as_json: bool) -> int:
    async with opened() as given:
        calls_before = len(await given.storage.calls(order.novel))
        async with following(given.storage, order.novel, started):
            ended = await run(GENERATE_NOVEL, {"order": order.model_dump(mode="json")})
    async with opened() as given:
        return await _concluded(given, order, ended, calls_before, started, as_json)


async def _concluded(
    given: Services, order: Order, ended: Ended, calls_before: int, started: float, as_json: bool
) -> int:
    if ended.error is not None:
        return _failed(order, ended.error)
    if await given.storage.novel(order.novel) is None:
        raise InvalidInput(
            f"The run has ended, but its novel {order.novel} is not in this database; give worker and command the same "
            "SCRIPTORIUM_HOME or SCRIPTORIUM_DATABASE_URL."
        )
    row = await given.storage.find(given.owner, order.novel)
    if ended.paused:
        say(f"Paused: {ended.paused}")
        say(f"Go on with: scriptorium write --resume {row.id}")
    summary = await _summary(given, row, calls_before, time.monotonic() - started)
    print_json(summary) if as_json else _print_summary(summary)
    return PAUSED if ended.paused else 0


def _failed(order: Order, error: Exception) -> int:
    if isinstance(error, InvalidInput | NovelBusy) or not isinstance(error, ScriptoriumError):
        raise error
    say(f"scriptorium: {error}")
    say(f"Every accepted chapter is kept. Go on with: scriptorium write --resume {order.novel}")
    return FAILED


async def _summary(given: Services, row: NovelRow, calls_before: int, seconds: float) -> dict[str, Any]:
    made = (await given.storage.calls(row.id))[calls_before:]
    used = set(await given.storage.used_steps(row.id))
    return {
        "novel": row.id,
        "title": row.title,
        "chapters": row.chapters_accepted,
        "words": row.words,
        "calls_made": len(made),
        "calls_reused": len(used - {call.fingerprint for call in made}),
        "seconds": round(seconds, 1),
        "files": await _files(given.storage, row.id, given.home),
    }


async def _files(storage: Storage, novel_id: str, home: Path) -> dict[str, str]:
    """The files by format, as far as they are on this machine: a worker may have made them on its own."""
    made = {export.format: home / export.path for export in await storage.exports(novel_id)}
    return {form: str(path) for form, path in made.items() if path.exists()}


def _print_summary(summary: dict[str, Any]) -> None:
    print(f"{plain(summary['title'])} ({summary['novel']})")
    for path in summary["files"].values():
        print(f"  {path}")
    print(
        f"  {summary['chapters']} chapters, {summary['words']} words, {summary['calls_made']} model calls made, "
        f"{summary['calls_reused']} reused, {summary['seconds']:.0f} s"
    )


def _tell_interrupted(order: Order, server: str) -> None:
    if server:
        say(f"Stopped following; the run goes on at {server}. See: scriptorium status {order.novel}")
    else:
        say(f"Stopped. Go on with: scriptorium write --resume {order.novel}")
