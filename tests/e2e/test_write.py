"""A premise becomes a book, as a user sees it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from agents.decisions import planned_calls
from tests.e2e.conftest import CommandLine, wait_for
from tests.servers.chat import MODEL, chat_server, completion
from tests.servers.java import epubcheck

PREMISE = "Ada Wren, a ferrywoman, must carry a sealed letter across a river that the magistrate has closed."


def book(written: subprocess.CompletedProcess[str]) -> dict:
    """The JSON of a write that succeeded."""
    assert written.returncode == 0, written.stderr
    return json.loads(written.stdout)


def text_of(cli: CommandLine, novel: str) -> list[str]:
    """The chapters' texts of a novel."""
    return [one["text"] for one in json.loads(cli("read", novel, "--json").stdout)["chapters"]]


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


def test_a_killed_novel_resumes_to_the_same_book_and_pays_no_finished_call_again(cli, warm_home, tmp_path):
    """``kill -9`` in the middle of chapter 5, then ``write --resume``: the text of an undisturbed run."""
    with chat_server(delay=0.15) as chat:
        cli.environment |= {"OPENAI_BASE_URL": chat.url, "OPENAI_API_KEY": "k"}
        order = ("write", PREMISE, "--chapters", "6", "--words", "200", "--model", f"openai:{MODEL}")
        running = cli.start(*order)
        wait_for(lambda: chat.calls and "Write chapter 5 of 6" in chat.calls[-1])
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        at_kill = len(chat.calls)
        status = json.loads(cli("status", "latest", "--json").stdout)["novels"][0]
        assert (status["state"], status["chapters_accepted"]) == ("stopped", 4)
        resumed = book(cli("write", "--resume", "latest", "--json"))
        assert resumed["calls_made"] == len(chat.calls) - at_kill
        finished = len(chat.calls)
        undisturbed = CommandLine(tmp_path / "other", cli.user, OPENAI_BASE_URL=chat.url, OPENAI_API_KEY="k")
        fresh = book(undisturbed(*order, "--json"))
        needed = len(chat.calls) - finished
    assert needed <= finished <= needed + 1  # the call that the kill hit is made again, and no other
    assert text_of(cli, resumed["novel"]) == text_of(undisturbed, fresh["novel"])


def test_one_agent_may_ask_another_model(cli):
    """``--agent-model`` sends the editor's requests, and no others, to the named model."""
    with chat_server() as chat:
        cli.environment |= {"OPENAI_BASE_URL": chat.url, "OPENAI_API_KEY": "k"}
        options = ("--chapters", "1", "--words", "200", "--agent-model", f"editor=openai:{MODEL}", "--json")
        book(cli("write", PREMISE, *options))
    assert chat.calls and all(said.startswith("Task: edit-chapter") for said in chat.calls)


def test_ctrl_c_ends_with_130_and_the_line_that_resumes(cli):
    """An interrupted novel says how to go on, and does."""
    with chat_server(delay=0.3) as chat:
        cli.environment |= {"OPENAI_BASE_URL": chat.url, "OPENAI_API_KEY": "k"}
        running = cli.start("write", PREMISE, "--chapters", "3", "--words", "200", "--model", f"openai:{MODEL}")
        wait_for(lambda: len(chat.calls) >= 5)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
        assert running.returncode == 130, said
        novel = json.loads(cli("status", "--json").stdout)["novels"][0]["novel"]
        assert said.rstrip().endswith(f"scriptorium write --resume {novel}")
        assert "Traceback" not in said
        assert book(cli("write", "--resume", novel, "--json"))["chapters"] == 3


def test_the_limit_on_calls_pauses_the_novel_and_raising_it_goes_on(cli):
    """Exit code 3 and a reason; nothing is made twice."""
    paused = cli("write", PREMISE, "--chapters", "2", "--words", "200", "--max-calls", "5", "--json")
    assert paused.returncode == 3
    assert json.loads(paused.stdout)["calls_made"] == 5
    assert json.loads(cli("status", "--json").stdout)["novels"][0]["state"] == "paused"
    resumed = book(cli("write", "--resume", "latest", "--max-calls", "30", "--json"))
    assert (resumed["calls_reused"], resumed["chapters"]) == (5, 2)


def test_an_answer_that_stays_invalid_ends_the_run_and_keeps_accepted_chapters(cli):
    """The run says what was wrong; a resumed one asks again."""
    broken = True

    def nonsense(number: int, messages: list[str]):
        second = any('"number": 2,\n  "of": 2' in said for said in messages)
        review = any("Task: chronicle" in said for said in messages)
        return (200, completion("no JSON at all")) if broken and second and review else None

    with chat_server(fault=nonsense) as chat:
        cli.environment |= {"OPENAI_BASE_URL": chat.url, "OPENAI_API_KEY": "k"}
        ended = cli("write", PREMISE, "--chapters", "2", "--words", "200", "--model", f"openai:{MODEL}")
        broken = False
        assert ended.returncode == 1
        assert "Traceback" not in ended.stderr and "not JSON" in ended.stderr and "--resume" in ended.stderr
        assert json.loads(cli("status", "--json").stdout)["novels"][0]["chapters_accepted"] == 1
        assert book(cli("write", "--resume", "latest", "--json"))["chapters"] == 2


def test_a_novel_that_is_being_written_is_not_written_twice(cli):
    """A second run of a living one is refused by name, at once and with exit code 2 or 1."""
    with chat_server(delay=4.0) as chat:  # slow enough that the run outlives both refusals
        cli.environment |= {"OPENAI_BASE_URL": chat.url, "OPENAI_API_KEY": "k"}
        running = cli.start("write", PREMISE, "--chapters", "2", "--words", "200", "--model", f"openai:{MODEL}")
        wait_for(lambda: len(chat.calls) >= 2)
        second = cli("write", "--resume", "latest")
        deleted = cli("delete", "latest", "--yes")
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
    assert second.returncode == 2 and "being written" in second.stderr
    assert deleted.returncode != 0 and "being written" in deleted.stderr
    assert len(json.loads(cli("status", "--json").stdout)["novels"]) == 1


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


@pytest.mark.parametrize("seconds", [0.6, 1.2])
def test_an_interruption_while_starting_is_one_line(cli, seconds):
    """Whatever library is being loaded, it neither swallows Ctrl-C nor prints its traceback."""
    starting = cli.start("write", PREMISE, "--chapters", "3", "--words", "200")
    time.sleep(seconds)
    starting.send_signal(signal.SIGINT)
    _, said = starting.communicate(timeout=30)
    assert starting.returncode == 130
    assert "Traceback" not in said and "topped" in said


def test_being_told_to_end_leaves_a_novel_that_resumes(cli):
    """SIGTERM, as from a service manager, ends with 143 and the line that goes on."""
    with chat_server(delay=0.3) as chat:
        cli.environment |= {"OPENAI_BASE_URL": chat.url, "OPENAI_API_KEY": "k"}
        running = cli.start("write", PREMISE, "--chapters", "3", "--words", "200", "--model", f"openai:{MODEL}")
        wait_for(lambda: len(chat.calls) >= 5)
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=30)
        assert running.returncode == 143, said
        assert "Traceback" not in said and "--resume" in said
        assert book(cli("write", "--resume", "latest", "--json"))["chapters"] == 3


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
