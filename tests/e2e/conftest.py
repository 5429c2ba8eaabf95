"""The real command in processes of its own, with data folders that Prefect was started in before."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

SCRIPTORIUM = str(Path(sys.executable).with_name("scriptorium"))
PREFECT = str(Path(sys.executable).with_name("prefect"))
SECONDS = 240


class CommandLine:
    """Runs ``scriptorium`` as a user with this data folder and an otherwise empty home would."""

    def __init__(self, home: Path, user: Path, **settings: str) -> None:
        self.home = home
        self.user = user
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "SCRIPTORIUM_", "OPENAI_"))}
        self.environment = {**kept, "HOME": str(user), "SCRIPTORIUM_HOME": str(home), **settings}

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPTORIUM, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.user,
            timeout=SECONDS,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command in the background; the test is to read what it says, which is little."""
        return self._started([SCRIPTORIUM, *arguments], subprocess.PIPE)

    def serve(self, *arguments: str, log: Path) -> subprocess.Popen[str]:
        """``prefect`` in the background for as long as it is wanted; what it says goes into the file."""
        # A pipe that nobody reads is full after 64 KB, and whoever writes to it then stands still.
        with log.open("ab") as output:
            return self._started([PREFECT, *arguments], output)

    def _started(self, command: list[str], output: int | IO[bytes]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            text=True,
            env=self.environment,
            cwd=self.user,
            start_new_session=True,  # a process group of its own, to be ended as a whole
            # A test run in the background has SIGINT ignored, and would hand that on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no threads of ours
        )


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """The folder of the converted embedding model, 90 MB, which all test processes share and none changes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "models"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def warm_home(tmp_path_factory, models) -> Path:
    """A data folder after a first command: both databases are migrated."""
    folder = tmp_path_factory.mktemp("warm")
    (folder / "data").mkdir()
    (folder / "data" / "models").symlink_to(models)
    run = CommandLine(folder / "data", folder)
    written = run("write", "A bell rings under a lake.", "--chapters", "1", "--words", "100")
    assert written.returncode == 0, written.stderr
    deleted = run("delete", "latest", "--yes")
    assert deleted.returncode == 0, deleted.stderr
    return folder / "data"


@pytest.fixture
def cli(warm_home, tmp_path) -> CommandLine:
    """The command with a data folder of the test's own, in an empty working folder."""
    return copied(warm_home, tmp_path)


def copied(home: Path, folder: Path) -> CommandLine:
    """The command with a copy of a data folder, in an empty working folder."""
    user = folder / "user"
    user.mkdir()
    shutil.copytree(home, folder / "data", symlinks=True)
    return CommandLine(folder / "data", user)


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
