"""Search, pictures, import and rebuild as a user sees them, on the embedded stores and with the real model."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.conftest import SECONDS, CommandLine, copied, wait_for
from tests.servers.chat import MODEL, chat_server

ROOT = Path(__file__).parents[2]
PEOPLE = ("Ada Finch", "Martin Hale", "Ruth Calder")
SUBJECTS = (
    "the weir broke in March and took the mill with it",
    "a letter from the bishop lay unopened on the piano",
    "the red boat was painted green for the regatta",
    "nobody had fed the peacocks since the funeral",
    "the well was deeper than the church tower is high",
    "an auctioneer counted the silver spoons twice",
)


def manuscript(chapters: int = 6, words: int = 420) -> str:
    """A book of chapters, each about one thing of its own, in which three people speak."""
    chance = random.Random(7)
    pages = ["# The Weir", ""]
    for number in range(1, chapters + 1):
        who, other = PEOPLE[number % 3], PEOPLE[(number + 1) % 3]
        said = f"“I tell you that {SUBJECTS[number - 1]},” said {who} to {other}."
        filler = [
            f"{chance.choice(PEOPLE)} went to the window and looked at the rain over the fields."
            for _ in range(words // 13)
        ]
        pages += [f"## Chapter {number}", "", said, "", *[f"{line}\n" for line in filler]]
    return "\n".join(pages)


class Imported(NamedTuple):
    """A data folder in which a manuscript was imported, what the command said, and what is stored."""

    home: Path
    said: dict
    content: str


@pytest.fixture(scope="session")
def imported_home(warm_home, tmp_path_factory) -> Imported:
    """A manuscript is imported once for all tests; each works on a copy."""
    folder = tmp_path_factory.mktemp("imported")
    cli = copied(warm_home, folder)
    (folder / "weir.md").write_text(manuscript())
    said = answer(cli("import", str(folder / "weir.md"), "--json"))
    return Imported(cli.home, said, content(cli, said["novel"]))


@pytest.fixture
def cli(imported_home, tmp_path) -> CommandLine:
    """The command with a data folder of the test's own, in which the manuscript is imported."""
    return copied(imported_home.home, tmp_path)


@pytest.fixture
def imported(imported_home) -> dict:
    """What the import said."""
    return imported_home.said


@pytest.fixture
def whole(imported_home) -> str:
    """The hash of what is stored of the manuscript."""
    return imported_home.content


def content(cli: CommandLine, novel: str) -> str:
    """The hash of what stands in the stores of a novel."""
    return projecting(cli, "content", novel)[1].strip()


def projecting(cli: CommandLine, *arguments: str) -> tuple[int, str]:
    """Runs ``tests.e2e.projecting``; gives its exit code and what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.projecting", *arguments],
        env={**cli.environment, "PYTHONPATH": str(ROOT)},
        cwd=cli.user,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode, done.stdout


def answer(done: subprocess.CompletedProcess[str]) -> dict:
    """The JSON of a command that succeeded."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that was refused."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("scriptorium: ") and "Traceback" not in done.stderr
    return line


def test_a_book_of_ones_own_is_taken_in_searched_and_drawn(cli, imported, tmp_path):
    """Import gives chapters, passages and people; search finds what was asked; the graph is a picture."""
    assert set(imported) == {"novel", "chapters", "words", "passages", "characters", "seconds"}
    assert (imported["chapters"], imported["characters"]) == (6, 3)
    assert imported["passages"] >= 12
    hits = answer(cli("search", imported["novel"], "What happened to the birds in the garden?", "--json"))["hits"]
    assert set(hits[0]) == {"chapter", "title", "score", "text"}
    assert "peacocks" in hits[0]["text"] and hits[0]["chapter"] == 4
    graph = answer(cli("graph", imported["novel"], "--out", str(tmp_path / "people.png"), "--json"))
    assert {one["name"] for one in graph["nodes"]} == set(PEOPLE)
    assert {"id", "kind", "name", "aliases", "mentions"} == set(graph["nodes"][0])
    assert {"source", "target", "kind", "weight"} == set(graph["edges"][0])
    assert (tmp_path / "people.png").read_bytes().startswith(b"\x89PNG")


def test_a_search_may_stop_before_a_chapter(cli, imported):
    """What comes later is not found."""
    hits = answer(cli("search", "latest", "peacocks", "--before", "4", "--json"))["hits"]
    assert hits and all(hit["chapter"] < 4 for hit in hits)


def test_status_says_how_far_memory_is(cli, imported):
    """Each projection has its version, and how far it is behind."""
    (novel,) = answer(cli("status", imported["novel"], "--json"))["novels"]
    assert {one["name"]: one["behind"] for one in novel["projections"]} == {"graph": 0, "passages": 0}
    assert novel["state"] == "finished"


def test_what_is_dropped_is_rebuilt_to_the_same(cli, imported, whole):
    """All graph and vector data are removed behind the back; a rebuild gives what the import gave."""
    with sqlite3.connect(cli.home / "scriptorium.db") as database:
        for table in ("graph_nodes", "graph_edges"):
            database.execute(f"DELETE FROM {table}")
    shutil.rmtree(cli.home / "passages.db")
    (again,) = answer(cli("rebuild", "--json"))["novels"]
    assert (again["before"] != whole, again["after"]) == (True, whole)


def test_an_altered_row_changes_the_content(cli, imported, whole):
    """The hash is of what stands in the stores: one node's name is enough, and a rebuild mends it."""
    with sqlite3.connect(cli.home / "scriptorium.db") as database:
        database.execute("UPDATE graph_nodes SET name = 'Nobody' WHERE id = 'character/ada-finch'")
    (row,) = answer(cli("rebuild", imported["novel"], "--json"))["novels"]
    assert (row["before"] != whole, row["after"]) == (True, whole)


def test_a_whole_memory_is_rebuilt_to_itself(cli, imported, whole):
    """Where nothing was altered, before and after are equal."""
    assert answer(cli("rebuild", "--json")) == {
        "novels": [{"novel": imported["novel"], "before": whole, "after": whole}]
    }


def test_a_deleted_novel_leaves_nothing(cli, imported):
    """No passage, vector, node or edge of it remains."""
    assert cli("delete", imported["novel"], "--yes").returncode == 0
    with sqlite3.connect(cli.home / "scriptorium.db") as database:
        for table in ("graph_nodes", "graph_edges", "passages", "vectors", "projections", "contexts"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_another_embedding_model_is_refused_until_a_rebuild(cli, imported):
    """Vectors of two models are never mixed: the line names the remedy."""
    with sqlite3.connect(cli.home / "scriptorium.db") as database:
        database.execute("UPDATE vectors SET model = 'other'")
    models, mine = cli.home / "models", cli.home / "own-models"
    shutil.copytree(models, mine)
    models.unlink()
    mine.rename(models)
    described = next(models.glob("*/embedder.json"))
    text = described.read_text()
    model = json.loads(text)["model"]
    described.write_text(text.replace(model, model + "x"))
    assert "scriptorium rebuild" in refused(cli("search", imported["novel"], "peacocks"))
    rebuilt = cli("rebuild", "--json")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert answer(cli("search", imported["novel"], "peacocks", "--json"))["hits"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("picture.epub", b"PK\x03\x04 no zip"),
        ("code.py.txt", b"import os\nfor x in range(3):\n    print(x)\n" * 40),
        ("binary.docx", bytes(range(256)) * 40),
    ],
)
def test_what_is_no_book_is_refused_and_leaves_nothing(cli, tmp_path, name, content):
    """One clear line, and no novel beside the one that is there."""
    (tmp_path / name).write_bytes(content)
    assert name in refused(cli("import", str(tmp_path / name)))
    assert len(answer(cli("status", "--json"))["novels"]) == 1


def test_an_interrupted_import_leaves_nothing(cli, tmp_path):
    """Ctrl-C ends with 130 and says how things stand; there is no novel beside the one that was there."""
    (tmp_path / "weir.md").write_text(manuscript())
    with chat_server(delay=0.3) as chat:
        cli.environment |= {"OPENAI_BASE_URL": chat.url, "OPENAI_API_KEY": "k"}
        running = cli.start("import", str(tmp_path / "weir.md"), "--model", f"openai:{MODEL}")
        wait_for(lambda: len(chat.calls) >= 2)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130 and "Traceback" not in said, said
    assert said.rstrip().endswith("Stopped. Nothing was imported.")
    assert len(answer(cli("status", "--json"))["novels"]) == 1


def test_questions_that_cannot_be_answered_are_refused(cli, imported, tmp_path):
    """An empty question, no passages, chapters that are not there, an unknown ending: one line each."""
    novel = imported["novel"]
    assert "question is empty" in refused(cli("search", novel, "  "))
    assert "--before" in refused(cli("search", novel, "peacocks", "--before", "1"))
    assert "--as-of" in refused(cli("graph", novel, "--as-of", "0"))
    assert "--limit" in refused(cli("search", novel, "peacocks", "--limit", "0"))
    assert ".png" in refused(cli("graph", novel, "--out", str(tmp_path / "people.bmp")))
    assert "imported has none" in refused(cli("graph", novel, "--plan"))
    assert "no novel" in refused(cli("search", "nobody", "peacocks"))
    with sqlite3.connect(cli.home / "scriptorium.db") as database:
        database.execute("DELETE FROM projections")
    assert "Nothing of it is embedded yet" in refused(cli("search", novel, "peacocks"))


def stored(cli: CommandLine) -> list[object]:
    """The rows that projections keep in the SQL database, but for times."""
    with sqlite3.connect(cli.home / "scriptorium.db") as database:
        queries = (
            "SELECT * FROM graph_nodes ORDER BY 1, 2, 3, 4",
            "SELECT * FROM graph_edges ORDER BY 1, 2, 3, 4",
            "SELECT * FROM passages ORDER BY 1, 2, 3, 4",
            "SELECT owner, model, text_hash FROM vectors ORDER BY 1, 2, 3",
            "SELECT novel_id, name, version, error FROM projections ORDER BY 1, 2",
        )
        return [database.execute(query).fetchall() for query in queries]


def reset(cli: CommandLine, table: str) -> None:
    """Puts everything back to before a projection."""
    with sqlite3.connect(cli.home / "scriptorium.db") as database:
        names = ("graph_nodes", "graph_edges") if table == "graph" else ()
        for name in (*names, "projections"):
            database.execute(f"DELETE FROM {name}")


@pytest.mark.parametrize("flow", ["embed_passages", "ingest_graph"])
@pytest.mark.parametrize("place", ["write", "advance"])
def test_killed_in_the_middle_and_run_again_nothing_is_lost_or_doubled(cli, imported, whole, flow, place):
    """SIGKILL before or after a batch is written; a second run leaves the stores as an undisturbed one does."""
    undisturbed = stored(cli)
    reset(cli, "graph" if flow == "ingest_graph" else "passages")
    assert projecting(cli, flow, place, "2")[0] == -signal.SIGKILL
    assert stored(cli) != undisturbed
    assert projecting(cli, "both", place, "0")[0] == 0
    assert stored(cli) == undisturbed
    assert content(cli, imported["novel"]) == whole
