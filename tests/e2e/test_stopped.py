"""Novels that are stopped on their way, by a signal, a limit or a model, and go on from there."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from tests.e2e.books import PREMISE, book, text_of
from tests.e2e.conftest import CommandLine, wait_for
from tests.servers.chat import MODEL, chat_server, completion


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
