"""The house rules that hold for every module: what loads what, and that importing does nothing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import Outbound

ROOT = Path(__file__).parents[2]
PACKAGES = ("story", "agents", "storage", "tasks", "flows", "api", "deployments")
PURE = ("story", "agents", "storage")
HEAVY = ("prefect", "torch", "pandas", "sqlalchemy", "langchain", "langchain_core", "openai", "anthropic", "uvicorn")

IMPORT_ALL = """
import importlib, json, pkgutil, sys
failed = {}
for package in sys.argv[1:]:
    names = [package, *(entry.name for entry in pkgutil.walk_packages([package], package + "."))]
    for name in names:
        if ".migrations." in name or name.endswith("__main__"):
            continue  # scripts that Alembic or Python run, never imported by us
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            failed[name] = str(error)
"""

WATCH = """
import os, sys
wrong = []
here = os.getcwd()
def audit(event, args):
    if event == "open" and isinstance(args[0], str) and not args[0].startswith("/dev/"):
        mode, flags = args[1], args[2] or 0
        written = any(c in mode for c in "wax+") if isinstance(mode, str) else flags & (os.O_WRONLY | os.O_RDWR)
        if written and "__pycache__" not in args[0]:
            wrong.append(f"writes {args[0]}")
    elif event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.fork", "sqlite3.connect"):
        wrong.append(f"{event} {args[1:]}")
    elif event in ("os.mkdir", "os.rename", "os.remove"):
        if "__pycache__" not in str(args[0]) and str(args[0]) != os.environ["PREFECT_HOME"]:  # Prefect makes its own
            wrong.append(f"{event} {args[0]}")
sys.addaudithook(audit)
"""


def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a process of its own at the root of the repository."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_story_agents_and_storage_know_nothing_of_prefect():
    """All of their modules together load no orchestrator and no web framework."""
    code = IMPORT_ALL + "print(json.dumps(sorted(m for m in sys.modules if '.' not in m)))"
    done = run(code, *PURE)
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert {"story", "agents", "storage"} <= loaded
    assert not loaded & {"prefect", "fastapi", "dagster", "torch", "pandas"}


def test_story_loads_pydantic_and_the_standard_library_alone():
    """The vocabulary is pure."""
    code = IMPORT_ALL + "print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = run(code, "story")
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    theirs = {"pydantic", "pydantic_core", "typing_extensions", "typing_inspection", "annotated_types", "story"}
    baseline = set(
        json.loads(
            run(
                "import sys, json; import pydantic, pydantic.main, pydantic.type_adapter;"
                "print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
            ).stdout
        )
    )
    assert loaded - theirs - baseline - set(sys.stdlib_module_names) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_opens_nothing_and_connects_nowhere(package, tmp_path):
    """No file is written, no folder made, no connection sought, no process started, no database touched."""
    code = WATCH + IMPORT_ALL + "print(json.dumps(wrong))"
    home = str(tmp_path)
    done = run(code, package, HOME=home, PREFECT_HOME=f"{home}/prefect", SCRIPTORIUM_HOME=f"{home}/scriptorium")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
    assert not (tmp_path / "scriptorium").exists()


@pytest.mark.parametrize("arguments", [["--help"], ["write", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    """It answers at once."""
    code = (
        "import sys, json, atexit\n"
        f"sys.argv = ['scriptorium', *{arguments!r}]\n"
        f"atexit.register(lambda: print('LOADED', json.dumps([m for m in {HEAVY!r} if m in sys.modules])))\n"
        "from deployments.cli import main\n"
        "main()\n"
    )
    done = run(code)
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout
    assert done.stdout.splitlines()[-1] == "LOADED []"


def folders() -> list[str]:
    """Every package folder of ours; migrations are scripts with Alembic's own form."""
    return sorted(
        str(init.parent.relative_to(ROOT))
        for package in PACKAGES
        for init in (ROOT / package).rglob("__init__.py")
        if "migrations" not in init.parts
    )


@pytest.mark.parametrize("folder", folders())
def test_every_package_says_what_it_is_for(folder):
    """In a docstring, in its first line."""
    text = (ROOT / folder / "__init__.py").read_text(encoding="utf-8")
    assert text.startswith('"""')
    assert len(text.split('"""')[1].strip()) > 20


def test_every_module_says_what_it_is_for():
    """Nobody has to guess."""
    silent = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts and not path.read_text(encoding="utf-8").lstrip().startswith('"""')
    ]
    assert silent == []


@pytest.mark.parametrize("host", ["api.openai.com", "192.0.2.1", "2001:db8::1"])
def test_a_test_cannot_leave_this_machine(host):
    """By name or by address, through a client or a bare socket."""
    with pytest.raises(Outbound, match="only this machine"):
        httpx.get(f"https://[{host}]" if ":" in host else f"https://{host}", timeout=1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as bare, pytest.raises(Outbound):
        bare.connect((host, 443))


def test_tests_have_nobodys_keys_and_a_data_folder_of_their_own():
    """What a developer has exported does not reach them."""
    assert not [name for name in os.environ if name.startswith(("OPENAI_", "ANTHROPIC_"))]
    assert "scriptorium-tests-" in os.environ["SCRIPTORIUM_HOME"]
