"""The commands about novels that are there: status, read, history, export, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from deployments.cli.output import RESULTS, plain, print_json, say
from deployments.cli.session import with_services
from deployments.embedded import results_folder
from storage.ports import ChapterRow, Deleted, NovelRow
from storage.projections.ports import Lag
from storage.projections.story_memory import described
from story.errors import InvalidInput
from story.events import write_event
from tasks.assignment import result_key
from tasks.books import make_book
from tasks.wiring import Services


def status(name: str | None, *, as_json: bool) -> int:
    """Shows all novels, or one with its chapters."""
    rows, lags = with_services(lambda given: _standing(given, name))
    if as_json:
        print_json({"novels": [_novel(row) | {"projections": _projections(lags.get(row.id, []))} for row in rows]})
    elif not rows:
        say('No novel yet. Begin with: scriptorium write "your premise"')
    else:
        _print_novels(rows, lags)
    return 0


Lags = dict[str, list[Lag]]
"""How far the projections of each novel are, by its id."""


async def _standing(given: Services, name: str | None) -> tuple[list[NovelRow], Lags]:
    rows = await _rows(given, name)
    lags: Lags = {row.id: [] for row in rows}
    for lag in await given.memory.lags(given.owner):
        lags.setdefault(lag.position.novel_id, []).append(lag)
    return rows, lags


def _projections(lags: list[Lag]) -> list[dict[str, Any]]:
    return [
        {"name": lag.position.name, "version": lag.position.version, "behind": lag.events, "error": lag.why}
        for lag in lags
    ]


def _memory(lags: list[Lag]) -> str:
    """How far story memory is, in a few words."""
    behind = [f"{lag.position.name} {lag.events} behind" for lag in lags if lag.events]
    return ", ".join(behind) or "up to date"


async def _rows(given: Services, name: str | None) -> list[NovelRow]:
    if name is not None:
        return [await given.storage.find(given.owner, name)]
    return await given.storage.novels(given.owner)


def shown_state(row: NovelRow) -> str:
    """The state of a novel in a word; ``stopped`` is one that no living run works at."""
    return "stopped" if row.state in ("requested", "writing") and not row.running else row.state


def _novel(row: NovelRow) -> dict[str, Any]:
    return {
        "novel": row.id,
        "title": row.title,
        "state": shown_state(row),
        "chapters_accepted": row.chapters_accepted,
        "chapters": row.chapters,
        "words": row.words,
        "reason": row.reason,
    }


def _print_novels(rows: list[NovelRow], lags: Lags) -> None:
    table = Table("novel", "title", "state", "chapters", "words", "memory", box=None, pad_edge=False)
    for row in rows:
        chapters = f"{row.chapters_accepted}/{row.chapters}"
        memory = _memory(lags[row.id])
        table.add_row(row.id, plain(row.title), shown_state(row), chapters, str(row.words), memory)
    RESULTS.print(table)
    for row in rows:
        for lag in lags[row.id]:
            if lag.why:
                say(f"{row.id}: the {lag.position.name} are behind: {lag.why}")
        if row.reason:
            print(f"{row.id}: {plain(row.reason)}")
        if shown_state(row) in ("stopped", "paused", "held"):
            say(f"Go on with: scriptorium write --resume {row.id}")


def read(name: str, chapter: int | None, *, as_json: bool) -> int:
    """Prints the text of a novel or of one chapter."""
    row, chapters = with_services(lambda given: _chapters(given, name))
    wanted = [one for one in chapters if chapter in (None, one.position)]
    if not wanted:
        there = f"chapters 1 to {len(chapters)}" if chapters else "none yet"
        raise InvalidInput(f"There is no chapter {chapter if chapter is not None else 1} in {row.id}; it has {there}.")
    if as_json:
        texts = [{"chapter": one.position, "title": one.title, "words": one.words, "text": one.text} for one in wanted]
        print_json({"novel": row.id, "title": row.title, "chapters": texts})
    else:
        print("\n\n".join(f"{one.position}. {plain(one.title)}\n\n{plain(one.text)}" for one in wanted))
    return 0


async def _chapters(given: Services, name: str) -> tuple[NovelRow, list[ChapterRow]]:
    row = await given.storage.find(given.owner, name)
    return row, await given.views.chapters(row.id)


def history(name: str, *, as_json: bool) -> int:
    """Prints the events of a novel, and whether their chain of hashes is whole."""
    row, log, broken = with_services(lambda given: _log(given, name))
    if as_json:
        print_json({"novel": row.id, "events": log, "whole": broken is None})
    else:
        for one in log:
            print(f"{one['version']:>4}  {one['at']}  {one['kind']}  {plain(one['what'])}")
    if broken is not None:
        say(f"The log of {row.id} was altered: event {broken} does not fit the hash before it.")
    return 0 if broken is None else 1


async def _log(given: Services, name: str) -> tuple[NovelRow, list[dict[str, Any]], int | None]:
    row = await given.storage.find(given.owner, name)
    log = [
        {
            "version": one.version,
            "at": one.at.isoformat(timespec="seconds"),
            "kind": one.event.kind,
            "what": _what(write_event(one.event)),
            "hash": one.hash,
        }
        for one in await given.storage.events(row.id)
    ]
    return row, log, await given.storage.verify(row.id)


def _what(payload: dict[str, Any]) -> str:
    """A few words on what an event was about."""
    for key in ("chapter", "outline"):
        if payload.get(key):
            return str(payload[key]["title"])
    return str(payload.get("reason") or "")


def export(name: str, form: str, out: str, *, as_json: bool) -> int:
    """Makes one file of a novel as it stands."""
    novel, path = with_services(lambda given: _export(given, name, form, out))
    print_json({"novel": novel, "files": {form: str(path)}}) if as_json else print(path)
    return 0


async def _export(given: Services, name: str, form: str, out: str) -> tuple[str, Path]:
    row = await given.storage.find(given.owner, name)
    if not row.chapters_accepted:
        raise InvalidInput(f"{row.id} has no chapter yet; go on with `scriptorium write --resume {row.id}`.")
    return row.id, (await make_book(given, row.id, out, (form,)))[form]


def delete(name: str, *, yes: bool, as_json: bool) -> int:
    """Deletes a novel once it is confirmed."""
    row = with_services(lambda given: given.storage.find(given.owner, name))
    if not yes and not _confirmed(row):
        say("Nothing was deleted.")
        return 0
    deleted = with_services(lambda given: _delete(given, row))
    if as_json:
        print_json({"novel": row.id, "steps": len(deleted.fingerprints), "files": len(deleted.exports)})
    else:
        say(f"Deleted {row.id}.")
    return 0


def _confirmed(row: NovelRow) -> bool:
    try:
        return typer.confirm(f"Delete {plain(row.title) or 'it'} ({row.id}, {row.words} words) for good?", err=True)
    except typer.Abort as error:
        raise InvalidInput("Nobody answered, so nothing was deleted; `--yes` deletes without asking.") from error


async def _delete(given: Services, row: NovelRow) -> Deleted:
    async with given.storage.begin() as work:
        deleted = await work.delete(row.id)
        await work.commit()
    for lag in await given.memory.lags_of(row.id):
        await _forgotten(given, lag)
    for mark in deleted.fingerprints:
        (results_folder(given.home) / result_key(row.owner, mark)).unlink(missing_ok=True)
    for export in deleted.exports:
        _remove(given.home / export.path)
    return deleted


async def _forgotten(given: Services, lag: Lag) -> None:
    try:
        await given.memory.bring_up(lag.position)
    except Exception as error:  # kept at the position; whatever a store raises, the rest of the novel goes
        say(f"The {lag.position.name} of {lag.position.novel_id} are not removed yet: {described(error)}")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()
