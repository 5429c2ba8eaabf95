"""``scriptorium graph NOVEL --plan``: the outline told, as JSON, and drawn into a file."""

from __future__ import annotations

import json

import pytest

from deployments.cli.app import run
from deployments.cli.session import with_services
from storage.processes import this_process
from tests.builders import MARA, events_of


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A data folder of the test's own."""
    monkeypatch.setenv("SCRIPTORIUM_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def kept(novel_id: str, events: list) -> None:
    """Writes a log into the database of the data folder."""

    async def write(given) -> None:
        lease = await given.storage.acquire(novel_id, this_process())
        first = events[0].model_copy(update={"owner": given.owner})
        async with given.storage.begin(lease) as work:
            await work.append(novel_id, 0, first, *events[1:])
            await work.commit()
        await given.storage.release(lease)

    with_services(write)


@pytest.mark.parametrize(("ending", "begins"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_the_plan_is_drawn_into_the_file(capsys, tmp_path, ending, begins):
    """The file is named on standard output, whether a chapter is written or not."""
    kept("n1", events_of(3))
    file = tmp_path / f"plan{ending}"
    assert run(["graph", "n1", "--plan", "--out", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}\n" and file.read_bytes().startswith(begins)


def test_the_plan_is_told(capsys):
    """Who comes to know what in which chapter; and that it can be drawn."""
    kept("n1", events_of(3, written=1))
    assert run(["graph", "n1", "--plan"]) == 0
    out, said = capsys.readouterr()
    assert "Mara Venn" in out and "The ship was sunk for its cargo." in out
    assert said == "3 chapters are planned, 1 of them written. --out FILE.png or .svg draws the plan.\n"


def test_the_plan_as_json_is_one_object(capsys):
    """Acts, strands, people, facts and items."""
    kept("n1", events_of(3))
    assert run(["graph", "n1", "--plan", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["people"][0]["turns"] == [{"chapter": 3, "kind": "is told", "what": "wreck"}]
    assert plan["people"][0]["id"] == MARA and [one["title"] for one in plan["acts"]] == ["Ebb", "Flood"]


@pytest.mark.parametrize(
    ("events", "options", "named"),
    [
        (3, [], "has no outline to show"),
        (4, ["--as-of", "2"], "--as-of"),
        (4, ["--about", "Mara Venn"], "--about"),
        (4, ["--path", "Mara Venn", "Ida Quill"], "--path"),
        (4, ["--out", "plan.html"], ".png or .svg"),
    ],
)
def test_what_cannot_be_shown_is_one_line(capsys, events, options, named):
    """No outline yet, an option that goes with the graph alone, an ending that is none of the two."""
    kept("n1", events_of(3)[:events])
    assert run(["graph", "n1", "--plan", *options]) == 2
    out, said = capsys.readouterr()
    assert out == "" and named in said and said.count("\n") == 1
