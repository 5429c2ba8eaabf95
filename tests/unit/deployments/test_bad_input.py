"""Bad input ends in one clear line and exit code 2, and nothing is begun."""

from __future__ import annotations

import json
import sqlite3

import pytest

from deployments.cli.app import run


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A data folder of the test's own."""
    monkeypatch.setenv("SCRIPTORIUM_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def refused(capsys):
    """Runs a command that must be refused; gives its one line."""

    def refused(*arguments: str) -> str:
        code = run(list(arguments))
        out, said = capsys.readouterr()
        assert (code, out) == (2, ""), said
        assert said.count("\n") == 1 and said.startswith("scriptorium: ")
        assert run(["status", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"novels": []}
        return said

    return refused


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--chapters", "0"], "chapters"),
        (["--chapters", "401"], "chapters"),
        (["--chapters", "ten"], "--chapters"),
        (["--words", "-5"], "words"),
        (["--words", "20000"], "words"),
        (["--seed", "-1"], "seed"),
        (["--language", "English!"], "language"),
        (["--max-calls", "0"], "--max-calls"),
        (["--model", "gpt-5"], "provider:model"),
        (["--model", "nobody:model"], "openai, anthropic, ollama"),
        (["--model", "openai:"], "provider:model"),
        (["--model", "offline:poet"], "offline:storyteller"),
        (["--model", "openai:gpt-5"], "OPENAI_API_KEY"),
        (["--model", "anthropic:claude"], "ANTHROPIC_API_KEY"),
        (["--model", "ollama:none"], "cannot be reached"),
        (["--agent-model", "editor"], "AGENT=NAME"),
        (["--agent-model", "poet=offline:storyteller"], "chapter-writer"),
        (["--agent-model", "editor=nobody:model"], "provider"),
        (["--out", "/dev/null/books"], "--out"),
        (["--colour", "red"], "--colour"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(refused, monkeypatch, options, named):
    """The line names the option and what would do."""
    monkeypatch.setenv("OLLAMA_BASE_URL", "http://127.0.0.1:9")
    assert named in refused("write", "A premise.", *options)


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("gone.toml", None, "gone.toml"),
        ("empty.txt", b"", "empty"),
        ("blank.md", b" \n\t\n", "empty"),
        ("binary.txt", bytes(range(256)), "text"),
        ("large.txt", b"word " * 2_100_000, "large"),
        ("broken.toml", b"premise = ", "TOML"),
        ("unknown.toml", b'premise = "x"\nchaptres = 3\n', "chapters"),
        ("missing.toml", b'title = "x"\n', "premise"),
        ("zero.toml", b'premise = "x"\nchapters = 0\n', "chapters"),
        ("typed.toml", b'premise = "x"\nchapters = "ten"\n', "chapters"),
    ],
)
def test_a_premise_file_that_cannot_be_used_is_named(refused, tmp_path, name, content, named):
    """The line names the cause and the remedy."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert named in refused("write", str(path))


@pytest.mark.parametrize("command", ["status", "read", "history", "export", "delete"])
def test_an_unknown_novel_is_named(refused, command):
    """Every command that takes a novel says that there is none of that name."""
    assert "nothere" in refused(command, "nothere")


def test_resuming_needs_a_novel_that_is_there(refused):
    """``--resume`` of nothing begins nothing."""
    assert "nothere" in refused("write", "--resume", "nothere")


def test_resuming_takes_no_new_premise(refused):
    """What only a new novel can take is refused, not ignored."""
    assert "--resume" in refused("write", "A premise.", "--resume", "latest")


def test_writing_needs_a_premise(refused):
    """The line says how to give one."""
    assert "premise" in refused("write")


def test_an_unknown_command_is_named(refused):
    """A slip of the finger is one line."""
    assert "wriet" in refused("wriet")


def test_a_data_folder_that_cannot_be_made_is_named(capsys, monkeypatch):
    """The line names the setting that moves it."""
    monkeypatch.setenv("SCRIPTORIUM_HOME", "/dev/null/data")
    assert run(["status"]) == 2
    assert "SCRIPTORIUM_HOME" in capsys.readouterr().err


def test_a_newer_database_is_refused_and_left_alone(capsys, home):
    """A database of a later version is neither used nor changed."""
    assert run(["status"]) == 0
    with sqlite3.connect(home / "scriptorium.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'r9999'")
    capsys.readouterr()
    assert run(["write", "A premise."]) == 2
    said = capsys.readouterr().err
    assert "newer" in said and said.count("\n") == 1
    with sqlite3.connect(home / "scriptorium.db") as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("r9999",)]


def test_a_database_url_that_cannot_be_used_is_named_without_its_password(capsys, monkeypatch):
    """A wrong setting is one line, and no secret is in it."""
    for url in ("mysql://u:hush@h/d", "nonsense", "postgresql://u:hush@127.0.0.1:9/d"):
        monkeypatch.setenv("SCRIPTORIUM_DATABASE_URL", url)
        assert run(["status"]) in (1, 2)
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and "hush" not in said


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        ("SCRIPTORIUM_MILVUS_URL", "http://u:hush@[::1"),
        ("SCRIPTORIUM_MILVUS_URL", "http://u:hush@h:port"),
        ("SCRIPTORIUM_MILVUS_URL", "hush"),
        ("SCRIPTORIUM_MILVUS_URL", "/hush/passages.db"),
        ("SCRIPTORIUM_MILVUS_URL", "http://u:hush@h/passages.db"),
        ("SCRIPTORIUM_NEO4J_URL", "http://u:hush@h:7687"),
        ("SCRIPTORIUM_NEO4J_URL", "neo4j://u:hush@h:port"),
        ("SCRIPTORIUM_NEO4J_URL", "hush"),
        ("SCRIPTORIUM_REDIS_URL", "http://u:hush@h:6379"),
        ("SCRIPTORIUM_REDIS_URL", "redis://u:hush@h:port"),
        ("SCRIPTORIUM_REDIS_URL", "hush"),
    ],
)
def test_an_address_of_a_store_that_cannot_be_used_is_named_without_its_password(capsys, monkeypatch, setting, url):
    """A wrong address of a server is one line, which says how to write it."""
    monkeypatch.setenv(setting, url)
    assert run(["status"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "hush" not in said and setting in said


def test_a_wrong_setting_is_named_without_its_value(capsys, monkeypatch):
    """The line names the setting."""
    monkeypatch.setenv("SCRIPTORIUM_MODEL_TIMEOUT", "hush")
    assert run(["write", "A premise."]) == 2
    said = capsys.readouterr().err
    assert "SCRIPTORIUM_MODEL_TIMEOUT" in said and "hush" not in said


def test_doctor_says_what_is_wrong_and_what_to_do(capsys, monkeypatch):
    """Every check is listed, and the exit code tells a script."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert run(["doctor", "--json"]) == 1
    checks = {one["name"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["database"]["ok"] and checks["model offline"]["ok"]
    assert checks["Prefect"]["ok"] is False and "PREFECT_API_URL" in checks["Prefect"]["says"]
