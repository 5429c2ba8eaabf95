"""Who does what: agents found in installed packages and chosen by capability, genre and language."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from agents import registry
from agents.builtin import ChapterWriter, Editor
from agents.registry import AgentUnusable, Registry, installed
from story.errors import InvalidInput
from tests.unit.agents.asking import AGENTS


def writer(name: str, *, genres: tuple[str, ...] = (), languages: tuple[str, ...] = (), ours: bool = False):
    """An agent that writes chapters, somebody else's unless it is ours."""
    fields = {"name": name, "genres": genres, "languages": languages, "__module__": "agents.x" if ours else "theirs"}
    return type(name, (ChapterWriter,), fields)()


OURS = writer("ours", ours=True)
THEIRS = writer("theirs")
HORROR = writer("horror", genres=("Horror", "gothic"))
GERMAN = writer("german", languages=("de",))
GERMAN_HORROR = writer("german-horror", genres=("horror",), languages=("de", "nl"))


@pytest.mark.parametrize(
    ("agents", "genre", "language", "chosen"),
    [
        ((OURS,), "horror", "en", OURS),
        ((OURS, THEIRS), "horror", "en", THEIRS),
        ((OURS, THEIRS, HORROR), "horror", "en", HORROR),
        ((OURS, THEIRS, HORROR), "GOTHIC", "en", HORROR),
        ((OURS, THEIRS, HORROR), "romance", "en", THEIRS),
        ((OURS, HORROR), "", "en", OURS),
        ((OURS, GERMAN), "horror", "de-AT", GERMAN),
        ((OURS, GERMAN), "horror", "en", OURS),
        ((OURS, THEIRS, HORROR, GERMAN, GERMAN_HORROR), "horror", "de", GERMAN_HORROR),
        ((writer("own-horror", genres=("horror",), ours=True), THEIRS), "horror", "en", None),
        ((writer("b"), writer("a")), "", "en", "a"),
    ],
)
def test_the_agent_made_for_it_is_chosen_then_somebody_elses_then_ours(agents, genre, language, chosen):
    """Ties are settled by name, whatever the order of installation."""
    expected = chosen if isinstance(chosen, str) else (chosen or agents[0]).name
    for order in (agents, agents[::-1]):
        assert Registry(order).choose("write-chapter", genre, language).name == expected


def test_a_capability_that_nobody_has_is_named():
    """And so is the language."""
    with pytest.raises(InvalidInput, match=r"'paint-cover' in language 'en'"):
        Registry(AGENTS).choose("paint-cover")
    with pytest.raises(InvalidInput, match=r"'write-chapter' in language 'fr'"):
        Registry([GERMAN]).choose("write-chapter", language="fr")


def test_an_unknown_name_is_answered_with_those_there_are():
    """So that `--agent-model` can be mended."""
    found = Registry([OURS, Editor()])
    assert found.named("editor").capability == "edit-chapter"
    assert found.names == {"ours", "editor"}
    with pytest.raises(InvalidInput, match=r"'writer'; there are editor, ours\."):
        found.named("writer")


def test_two_agents_of_one_name_are_refused():
    """Otherwise one would hide the other without a word."""
    with pytest.raises(AgentUnusable, match="2 agents are named 'ours'"):
        Registry([OURS, writer("ours")])


def test_our_agents_are_installed():
    """Found through the entry points, as anybody's."""
    assert {agent.name for agent in AGENTS} <= installed().names
    for agent in AGENTS:
        assert type(installed().named(agent.name)) is type(agent)


def entry(name: str, load):
    """An entry point as a package declares it."""
    return SimpleNamespace(name=name, value=f"theirs:{name}", load=load)


def broken():
    """What importing a broken package does."""
    raise ImportError("no module named 'torch'")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry("a", broken)], r"'a' \(theirs:a\) cannot be loaded: no module named 'torch'"),
        ([entry("a", lambda: object)], r"'a' \(theirs:a\) does not declare name, capability"),
        ([entry("a", lambda: 7)], r"'a' \(theirs:a\) cannot be loaded: 'int' object is not callable"),
        ([entry("a", lambda: ChapterWriter), entry("a", lambda: Editor)], "2 installed packages bring an agent 'a'"),
    ],
    ids=["import fails", "no agent", "nothing to call", "two of one name"],
)
def test_an_agent_that_cannot_be_used_is_named(monkeypatch, entries, said):
    """One line says whose fault it is."""
    monkeypatch.setattr(registry, "entry_points", lambda group: entries)
    with pytest.raises(AgentUnusable, match=said):
        installed.__wrapped__()


DIST = "gothic_writers-1.0"
METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: gothic-writers\nVersion: 1.0\n",
    "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "entry_points.txt": "[scriptorium.agents]\ngothic-writer = gothic_writers:GothicWriter\n",
}

MODULE = '''
from agents.contract import Agent
from agents.prompts import Prompts
from agents.requests import Prose, WriteChapter


class GothicWriter(Agent[WriteChapter, Prose]):
    """Writes gothic chapters with a prompt of its own."""

    name = "gothic-writer"
    capability = "write-chapter"
    genres = ("gothic",)
    request_type, answer_type = WriteChapter, Prose
    template = "gothic.md.j2"
    prompts = Prompts("gothic_writers")
'''

TEMPLATE = """{% block system %}You write by candle light.{% endblock %}
{% block human %}Task: {{ capability }}

{{ data("premise", premise) }}
{{ answer }}{% endblock %}
"""

ASK = """
from agents.registry import installed
from tests.unit.agents.asking import request_for
found = installed()
agent = found.choose("write-chapter", "gothic")
print(agent.name)
print(found.choose("write-chapter", "romance").name)
print(agent.question(request_for("write-chapter")).prompt.system)
"""


@pytest.fixture(scope="module")
def gothic(tmp_path_factory):
    """A folder into which pip has installed somebody else's package with an agent for gothic novels."""
    wheel = tmp_path_factory.mktemp("wheel") / f"{DIST}-py3-none-any.whl"
    target = tmp_path_factory.mktemp("site")
    files = {"gothic_writers/__init__.py": MODULE, "gothic_writers/prompts/gothic.md.j2": TEMPLATE}
    files |= {f"{DIST}.dist-info/{name}": text for name, text in METADATA.items()}
    record = "".join(f"{name},,\n" for name in (*files, f"{DIST}.dist-info/RECORD"))
    with ZipFile(wheel, "w") as archive:
        for name, text in (files | {f"{DIST}.dist-info/RECORD": record}).items():
            archive.writestr(name, text)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    install += ["--no-deps", "--target", str(target), str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return target


def test_a_package_that_is_installed_brings_an_agent(gothic):
    """Without a change here it is chosen for its genre, and asks with its own prompt."""
    path = os.pathsep.join([str(gothic), str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split("\n")[:3] == ["gothic-writer", "chapter-writer", "You write by candle light."], done.stderr
