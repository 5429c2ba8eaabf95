"""The command ``graph``: who is in a novel and how they stand to each other, drawn, told, or traced; and its plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from deployments.cli.memory import refuse_empty, visible
from deployments.cli.output import RESULTS, plain, print_json, say
from deployments.cli.session import with_services
from storage.graph.ports import StoredEdge, StoredNode
from storage.ports import ChapterRow, NovelRow
from story.errors import InvalidInput
from story.novel import Novel
from story.plan import Plan
from tasks.wiring import Services

if TYPE_CHECKING:
    from storage.graph.network import Network

SHOWN = 15
"""People and ties of a graph that fit a terminal."""


@dataclass(frozen=True)
class Seen:
    """A novel and those of its chapters that may be seen, in order."""

    row: NovelRow
    chapters: list[ChapterRow]
    of: int

    @property
    def ids(self) -> list[str]:
        """The chapters' ids."""
        return [one.id for one in self.chapters]

    @property
    def note(self) -> str:
        """Which chapters they are, in words."""
        return f"Chapters 1 to {len(self.chapters)} of {self.of}"


async def _seen(given: Services, name: str, as_of: int | None) -> Seen:
    row = await given.storage.find(given.owner, name)
    chapters = await given.views.chapters(row.id)
    seen = Seen(row, visible(chapters, row, as_of, "--as-of"), len(chapters))
    await refuse_empty(given, "graph", row)
    return seen


def graph(name: str, as_of: int | None, out: str, *, as_json: bool) -> int:
    """Shows who is in a novel and how they stand to each other, or draws it."""
    seen, network = with_services(lambda given: _network(given, name, as_of))
    file = Path(out).expanduser().absolute()
    if out:
        from storage.exports.graphs import write_graph

        write_graph(network, seen.row.title, file, seen.note)
    if as_json:
        print_json(_shown(network) | ({"file": str(file)} if out else {}))
    elif out:
        print(file)
    else:
        _print_network(network, seen.note)
    return 0


async def _network(given: Services, name: str, as_of: int | None) -> tuple[Seen, Network]:
    from storage.graph.network import introduced, network

    seen = await _seen(given, name, as_of)
    relations = await given.memory.graph.relations(seen.row.id, seen.ids)
    return seen, network(introduced(relations))


def _shown(network: Network) -> dict[str, Any]:
    return {
        "nodes": [one.model_dump(include={"id", "kind", "name", "aliases", "mentions"}) for one in network.entities],
        "edges": [one.model_dump(include={"source", "target", "kind", "weight"}) for one in network.ties],
    }


def _print_network(network: Network, note: str) -> None:
    names = {one.id: plain(one.name) for one in network.entities}
    people = Table("name", "also", "kind", "named", box=None, pad_edge=False)
    for one in network.entities[:SHOWN]:
        people.add_row(names[one.id], plain(", ".join(one.aliases)), one.kind, str(one.mentions))
    ties = Table("who", "with whom or what", "how", "weight", box=None, pad_edge=False)
    for tie in network.ties[:SHOWN]:
        ties.add_row(names[tie.source], names[tie.target], plain(tie.label) or tie.kind, f"{tie.weight:g}")
    RESULTS.print(people)
    print()
    RESULTS.print(ties)
    say(f"{note}. {len(network.entities)} in all, {len(network.ties)} ties; --out FILE.png or .html draws them.")


def plan(name: str, others: list[str], out: str, *, as_json: bool) -> int:
    """Shows the plan of a novel, who comes to know what when, or draws it with acts, threads and promises.

    ``others`` are options that were given and that a plan has no use for.
    """
    if others:
        raise InvalidInput(f"--plan shows the whole outline, and does not go with {' or '.join(others)}.")
    planned, note = with_services(lambda given: _planned(given, name))
    file = Path(out).expanduser().absolute()
    if out:
        from storage.exports.graphs.plan import write_plan

        write_plan(planned, file, note)
    if as_json:
        print_json(planned.model_dump() | ({"file": str(file)} if out else {}))
    elif out:
        print(file)
    else:
        _print_plan(planned, note)
    return 0


async def _planned(given: Services, name: str) -> tuple[Plan, str]:
    row = await given.storage.find(given.owner, name)
    novel = Novel.of(one.event for one in await given.storage.events(row.id))
    if novel.outline is None:
        raise InvalidInput(
            f"{row.id} has no outline to show: a novel gets it after its cast, a book that was imported has none."
        )
    note = f"{novel.planned_chapters} chapters are planned, {len(novel.chapters)} of them written."
    return Plan.of(novel.outline, novel.cast, novel.world), note


def _print_plan(planned: Plan, note: str) -> None:
    table = Table("chapter", "who", "how", "what", box=None, pad_edge=False)
    turns = [(turn, one.name) for one in planned.people for turn in one.turns]
    for turn, who in sorted(turns, key=lambda pair: pair[0].chapter):
        what = planned.facts.get(turn.what) or planned.items.get(turn.what) or turn.what
        table.add_row(str(turn.chapter) if turn.chapter else "before", plain(who), turn.kind, plain(what))
    RESULTS.print(table)
    say(f"{note} --out FILE.png or .svg draws the plan.")


def about(name: str, as_of: int | None, whom: str, *, as_json: bool) -> int:
    """Tells everything that is stated about somebody or something, chapter by chapter, in the text's own words."""
    node, rows = with_services(lambda given: _about(given, name, as_of, whom))
    if as_json:
        print_json({"about": node.model_dump(include={"id", "kind", "name", "aliases"}), "statements": rows})
        return 0
    print(f"{plain(node.name)} ({node.kind})")
    for one in rows:
        where = f"chapter {one['chapter']}, scene {one['scene']}" if one["chapter"] else "from the start"
        quote = f": “{one['quote']}”" if one["quote"] else ""
        print(plain(f"  {where}: {one['source']} {one['kind']} {one['target']} {one['label']}".rstrip() + quote))
    return 0


async def _about(given: Services, name: str, as_of: int | None, whom: str) -> tuple[StoredNode, list[dict[str, Any]]]:
    from storage.graph.ports import STATED

    seen = await _seen(given, name, as_of)
    nodes = (await given.memory.graph.relations(seen.row.id, seen.ids)).nodes
    node = _named(nodes, whom)
    edges = await given.memory.graph.neighbourhood(seen.row.id, [node.id], seen.ids, STATED)
    names = {one.id: one.name for one in nodes}
    positions = {one.id: one.position for one in seen.chapters}
    return node, [_stated(one, names, positions) for one in edges]


def _stated(edge: StoredEdge, names: dict[str, str], positions: dict[str, int]) -> dict[str, Any]:
    return {
        "chapter": positions.get(edge.chapter, 0),
        "scene": edge.scene,
        "source": names.get(edge.source, edge.source),
        "kind": edge.kind,
        "target": names.get(edge.target, edge.target),
        "label": names.get(edge.label, edge.label),
        "quote": edge.quote,
    }


def path(name: str, as_of: int | None, ends: tuple[str, str], *, as_json: bool) -> int:
    """Traces how two people, places or things hang together."""
    nodes = with_services(lambda given: _path(given, name, as_of, ends))
    if as_json:
        print_json({"path": [one.model_dump(include={"id", "kind", "name"}) for one in nodes]})
    elif nodes:
        print(plain(" – ".join(one.name for one in nodes)))
    else:
        say(f"Nothing that is told so far ties {ends[0]} to {ends[1]}.")
    return 0


async def _path(given: Services, name: str, as_of: int | None, ends: tuple[str, str]) -> list[StoredNode]:
    seen = await _seen(given, name, as_of)
    nodes = (await given.memory.graph.relations(seen.row.id, seen.ids)).nodes
    source, target = (_named(nodes, end) for end in ends)
    found = await given.memory.graph.path(seen.row.id, source.id, target.id, seen.ids)
    by_id = {one.id: one for one in nodes}
    return [by_id[key] for key in found if key in by_id]


def _named(nodes: Sequence[StoredNode], name: str) -> StoredNode:
    """The one node of that id, name or alias; raises ``InvalidInput``."""
    wanted = name.casefold()
    called = {
        one.id: one
        for one in nodes
        if one.kind != "scene" and wanted in (word.casefold() for word in (one.id, one.name, *one.aliases))
    }
    if len(called) == 1:
        return next(iter(called.values()))
    if called:
        raise InvalidInput(f"{name!r} may be {', '.join(called)}; give one of these ids.")
    raise InvalidInput(
        f"Nobody and nothing is called {name!r}; `scriptorium graph NOVEL` lists whom and what there is."
    )
