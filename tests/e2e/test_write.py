"""A premise becomes a book, as a user sees it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from agents.decisions import planned_calls
from tests.e2e.books import PREMISE, book, text_of
from tests.servers.java import epubcheck


def test_a_premise_becomes_a_book_in_three_formats(cli, tmp_path):
    """One command leaves EPUB, DOCX and Markdown where it says, and one JSON object on standard output."""
    made = book(cli("write", PREMISE, "--chapters", "2", "--words", "300", "--out", str(tmp_path / "out"), "--json"))
    assert set(made) == {"novel", "title", "chapters", "words", "calls_made", "calls_reused", "seconds", "files"}
    assert made["chapters"] == 2
    assert made["calls_made"] >= planned_calls(2) and made["calls_reused"] == 0
    assert {form: Path(path).suffix for form, path in made["files"].items()} == {
        "epub": ".epub", "docx": ".docx", "md": ".md",
    }  # fmt: skip
    assert all(Path(path).stat().st_size > 1000 for path in made["files"].values())
    assert epubcheck(Path(made["files"]["epub"])) == []


def test_the_same_premise_again_is_another_novel_with_the_same_text_and_no_call(cli):
    """Steps are reused; events are the second novel's own."""
    first = book(cli("write", PREMISE, "--chapters", "2", "--words", "200", "--json"))
    second = book(cli("write", PREMISE, "--chapters", "2", "--words", "200", "--json"))
    assert second["novel"] != first["novel"]
    assert (second["calls_made"], second["calls_reused"]) == (0, first["calls_made"])
    assert text_of(cli, second["novel"]) == text_of(cli, first["novel"])
    events = json.loads(cli("history", second["novel"], "--json").stdout)
    assert events["whole"] and [one["kind"] for one in events["events"]] == [
        "novel_requested", "world_built", "cast_assembled", "plot_outlined",
        "chapter_accepted", "chapter_accepted", "novel_finished",
    ]  # fmt: skip


def test_a_fresh_telling_and_another_seed_are_other_texts(cli):
    """``--fresh`` and ``--seed`` make calls of their own."""
    options = ("--chapters", "1", "--words", "200", "--json")
    made = [book(cli("write", PREMISE, *options, *more)) for more in ((), ("--fresh",), ("--seed", "9"))]
    assert [one["calls_reused"] for one in made] == [0, 0, 0]
    texts = [text_of(cli, one["novel"])[0] for one in made]
    assert len(set(texts)) == 3


def test_deleting_a_novel_leaves_nothing_of_it(cli, tmp_path):
    """Events, files, steps and Prefect's results are gone, and a second write pays again."""
    made = book(cli("write", PREMISE, "--chapters", "1", "--words", "200", "--json"))
    assert cli("delete", made["novel"][:6], "--yes").returncode == 0
    assert json.loads(cli("status", "--json").stdout) == {"novels": []}
    assert not any(Path(path).exists() for path in made["files"].values())
    leftovers = subprocess.run(
        ["grep", "-rlaF", "magistrate", str(cli.home)], capture_output=True, text=True, check=False
    ).stdout.split()
    assert [one for one in leftovers if "/prefect.db" not in one and "scriptorium.db" not in one] == []
    assert (
        book(cli("write", PREMISE, "--chapters", "1", "--words", "200", "--json"))["calls_made"] == made["calls_made"]
    )


def test_the_users_own_prefect_is_neither_read_nor_touched(cli):
    """Settings files of the working folder do not win, and no folder of Prefect's appears in the user's home."""
    (cli.user / "prefect.toml").write_text('[api]\nurl = "http://127.0.0.1:9/api"\n')
    (cli.user / ".env").write_text("PREFECT_API_URL=http://127.0.0.1:9/api\n")
    book(cli("write", PREMISE, "--chapters", "1", "--words", "100", "--json"))
    assert cli("delete", "latest", "--yes").returncode == 0
    assert not (cli.user / ".prefect").exists()


def test_moving_the_data_folder_moves_everything(cli, tmp_path):
    """Novels are read and exported from the folder's new place, and resumed there."""
    book(cli("write", PREMISE, "--chapters", "1", "--words", "200", "--json"))
    cli.home.rename(tmp_path / "moved")
    cli.environment["SCRIPTORIUM_HOME"] = str(tmp_path / "moved")
    assert text_of(cli, "latest")
    resumed = book(cli("write", "--resume", "latest", "--json"))
    assert all(str(tmp_path / "moved") in path for path in resumed["files"].values())


@pytest.mark.parametrize("form", ["epub", "docx", "md"])
def test_each_format_is_exported_on_its_own(cli, form):
    """``export`` prints where the file is."""
    book(cli("write", PREMISE, "--chapters", "1", "--words", "100", "--json"))
    done = cli("export", "latest", "--format", form)
    assert done.returncode == 0
    assert Path(done.stdout.strip()).is_file()


def test_a_proxy_and_an_odd_data_folder_are_no_matter(cli, tmp_path):
    """A proxy of the user's does not lead to Prefect inside the command, and any folder name will do."""
    cli.environment |= {"HTTP_PROXY": "http://127.0.0.1:9", "SCRIPTORIUM_HOME": str(tmp_path / "what? 100%20" / "data")}
    book(cli("write", PREMISE, "--chapters", "1", "--words", "100", "--json"))
    assert (tmp_path / "what? 100%20" / "data" / "scriptorium.db").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "user", "what? 100%20"]


def test_a_title_with_markup_is_only_text(cli, tmp_path):
    """Brackets in a title neither break the display nor the command."""
    premise = tmp_path / "odd.toml"
    premise.write_text(
        'premise = "A clerk opens a letter."\ntitle = "[/red] The Letter <b>"\nchapters = 1\nwords = 100\n'
    )
    assert "[/red]" in book(cli("write", str(premise), "--json"))["title"]
