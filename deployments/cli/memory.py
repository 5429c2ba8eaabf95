"""The commands on story memory: search, import, rebuild."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from deployments.cli.output import ERRORS, FAILED, RESULTS, plain, print_json, say
from deployments.cli.running import run_interruptibly
from deployments.cli.session import opened, with_services
from deployments.runs import IMPORT_MANUSCRIPT, REBUILD_PROJECTIONS, Ended, Runner, Wanted
from storage.ports import ChapterRow, NovelRow
from storage.projections.ports import Lag, ProjectionName
from story.errors import InvalidInput, ScriptoriumError
from tasks.wiring import Services

if TYPE_CHECKING:
    from storage.passages.searching import Found

MOST_HITS = 50
POLL_SECONDS = 0.5


def search(name: str, question: str, limit: int, before: int | None, *, as_json: bool) -> int:
    """Prints the passages of a novel that answer a question best."""
    if not question.strip():
        raise InvalidInput("The question is empty; ask for something in words.")
    if not 1 <= limit <= MOST_HITS:
        raise InvalidInput(f"--limit {limit} cannot be; give 1 to {MOST_HITS}.")
    chapters, found = with_services(lambda given: _search(given, name, question, limit, before))
    titles = {one.id: (one.position, one.title) for one in chapters}
    hits = [_hit(one, *titles[one.chapter]) for one in found]
    if as_json:
        print_json({"hits": hits})
    else:
        _print_hits(hits, [one.best for one in found])
    return 0


async def _search(
    given: Services, name: str, question: str, limit: int, before: int | None
) -> tuple[list[ChapterRow], list[Found]]:
    row = await given.storage.find(given.owner, name)
    chapters = await given.views.chapters(row.id)
    seen = visible(chapters, row, before - 1 if before is not None else None, "--before")
    await refuse_empty(given, "passages", row)
    return chapters, await given.memory.passages.search(row.id, question, [one.id for one in seen], limit)


def visible(chapters: list[ChapterRow], row: NovelRow, until: int | None, option: str) -> list[ChapterRow]:
    """The chapters up to a position; raises ``InvalidInput`` when there are none."""
    if not chapters:
        raise InvalidInput(f"{row.id} has no chapter yet; `scriptorium status {row.id}` shows how far it is.")
    visible = [one for one in chapters if until is None or one.position <= until]
    if not visible:
        raise InvalidInput(f"{option} leaves no chapter of {row.id} to be seen; it has chapters 1 to {len(chapters)}.")
    return visible


async def refuse_empty(given: Services, name: ProjectionName, row: NovelRow) -> None:
    """Raises ``InvalidInput`` when nothing of a projection is there yet; says so when it is behind."""
    lag = await given.memory.positions.lag(name, row.id)
    assert lag is not None
    why = f" The last try said: {lag.why}" if lag.why else ""
    if not lag.position.version:
        made = "Nothing of it is embedded yet" if name == "passages" else "Its graph is not made yet"
        raise InvalidInput(f"{row.id}: {made}; `scriptorium rebuild {row.id}` does it.{why}")
    if lag.events:
        say(f"The {name} are {lag.events} events behind; `scriptorium rebuild {row.id}` brings them up.{why}")


def _hit(found: Found, position: int, title: str) -> dict[str, Any]:
    return {"chapter": position, "title": title, "score": round(found.score, 4), "text": found.text}


def _print_hits(hits: list[dict[str, Any]], passages: list[str]) -> None:
    if not hits:
        say("No passage has anything in common with that.")
    for hit, passage in zip(hits, passages, strict=True):
        RESULTS.print(f"{hit['chapter']}. {plain(hit['title'])}  (score {hit['score']})", style="bold")
        before, _, after = hit["text"].partition(passage)
        for text, style in ((before, "dim"), (passage, ""), (after, "dim")):
            if text.strip():
                RESULTS.print(plain(text.strip()), style=style)
        print()


def import_file(path: str, title: str, author: str, model: str, *, as_json: bool) -> int:
    """Takes in a manuscript as a new novel."""
    from storage.manuscripts import read_manuscript

    started = time.monotonic()
    if not path.strip():
        raise InvalidInput("The name of the file is empty; name an EPUB, DOCX, Markdown or text file.")
    manuscript = Path(path).expanduser().absolute()
    read_manuscript(manuscript)  # what cannot be used is said before anything is started
    if model:
        _check_model(model)
    order = {"path": str(manuscript), "title": title, "author": author, "model": model, "novel": uuid4().hex[:12]}
    return run_interruptibly(
        lambda run: _import(run, order, started, as_json),
        lambda server: _tell_interrupted(order["novel"], server),
    )


def _tell_interrupted(novel_id: str, server: str) -> None:
    if server:
        say(f"Stopped following; the run goes on at {server}. See: scriptorium status {novel_id}")
        return

    async def is_there(given: Services) -> bool:
        return await given.storage.novel(novel_id) is not None

    if with_services(is_there):
        say(f"Stopped. The book is in, as {novel_id}; `scriptorium rebuild {novel_id}` does what is left.")
    else:
        say("Stopped. Nothing was imported.")


def _check_model(model: str) -> None:
    from agents.models.providers import check_models, check_reachable
    from story.models import Models

    async def check(given: Services) -> None:
        check_models(Models(default=model), given.models, "en")
        check_reachable(model, given.models)

    with_services(check)


async def _import(run: Runner, order: dict[str, str], started: float, as_json: bool) -> int:
    ended = await _followed(run, IMPORT_MANUSCRIPT, {"order": order}, [order["novel"]])
    if ended.error is not None:
        return _failed(ended.error)
    async with opened() as given:
        row = await given.storage.find(given.owner, order["novel"])
        lags = await given.memory.lags_of(row.id)
        people = await given.memory.graph.relations(row.id, [])
        summary = {
            "novel": row.id,
            "chapters": row.chapters_accepted,
            "words": row.words,
            "passages": await given.memory.passages.count(row.id),
            "characters": sum(one.kind == "character" for one in people.nodes),
            "seconds": round(time.monotonic() - started, 1),
        }
    if as_json:
        print_json(summary)
    else:
        print(f"{plain(row.title)} ({row.id})")
        counted = "{chapters} chapters, {words} words, {passages} passages, {characters} people, {seconds:.0f} s"
        print("  " + counted.format(**summary))
    for lag in lags:
        if lag.events:
            say(f"The {lag.position.name} are behind: {lag.why or 'another run is at it'}")
    return 0


def rebuild(name: str | None, *, as_json: bool) -> int:
    """Drops graph and passages of a novel, or of all, and builds them anew from the log."""
    ids = with_services(lambda given: _ids(given, name))
    if not ids:
        say('No novel yet. Begin with: scriptorium write "your premise"')
    return run_interruptibly(
        lambda run: _rebuild(run, name, ids, as_json),
        lambda server: say(
            f"Stopped following; the run goes on at {server}."
            if server
            else f"Stopped. `scriptorium rebuild{f' {name}' if name else ''}` goes on."
        ),
    )


async def _ids(given: Services, name: str | None) -> list[str]:
    if name is not None:
        return [(await given.storage.find(given.owner, name)).id]
    return [row.id for row in await given.storage.novels(given.owner)]


async def _rebuild(run: Runner, name: str | None, ids: list[str], as_json: bool) -> int:
    before = await _contents(ids)
    ended = await _followed(run, REBUILD_PROJECTIONS, {"novels": ids if name is not None else None}, ids)
    if ended.error is not None:
        return _failed(ended.error)
    after = await _contents(ids)
    rows = [{"novel": key, "before": before[key], "after": after[key]} for key in ids]
    if as_json:
        print_json({"novels": rows})
    else:
        _print_contents(rows)
    return 0


async def _contents(ids: Sequence[str]) -> dict[str, str]:
    contents: dict[str, str] = {}
    async with opened() as given:
        for novel_id in ids:
            try:
                contents[novel_id] = await given.memory.content(novel_id, given.owner)
            except ScriptoriumError as error:
                contents[novel_id] = f"unreadable: {error}"
    return contents


def _print_contents(rows: list[dict[str, str]]) -> None:
    for row in rows:
        verdict = "as before" if row["before"] == row["after"] else "other than before"
        print(f"{row['novel']}  {row['before'][:16]} → {row['after'][:16]}  {verdict}")


def _failed(error: Exception) -> int:
    if isinstance(error, InvalidInput) or not isinstance(error, ScriptoriumError):
        raise error
    say(f"scriptorium: {error}")
    return FAILED


async def _followed(run: Runner, wanted: Wanted, parameters: dict[str, Any], ids: Sequence[str]) -> Ended:
    async with opened() as given, _following(given, ids):
        return await run(wanted, parameters)


@asynccontextmanager
async def _following(given: Services, ids: Sequence[str]) -> AsyncIterator[None]:
    """Says on standard error how far the projections of these novels are, for the time of the block."""
    show = asyncio.create_task(_show(given, ids))
    try:
        yield
    finally:
        show.cancel()
        with suppress(asyncio.CancelledError):
            await show


async def _show(given: Services, ids: Sequence[str]) -> None:
    told = ""
    with ERRORS.status("starting …") as status:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            lags = await given.memory.lags(given.owner)
            news = _standing([lag for lag in lags if lag.position.novel_id in ids])
            status.update(news)
            if news != told and not ERRORS.is_terminal:
                say(news)
            told = news


def _standing(lags: Sequence[Lag]) -> str:
    if not lags:
        return "reading"
    done: Counter[str] = Counter()
    heads: Counter[str] = Counter()
    for one in lags:
        done[one.position.name] += one.position.version
        heads[one.position.name] += one.head
    return ", ".join(f"{name}: {100 * done[name] // heads[name]} %" for name in heads)
