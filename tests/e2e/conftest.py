"""The real command in processes of its own, with data folders that Prefect was started in before."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

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

    def start(self, *arguments: str, program: str = SCRIPTORIUM) -> subprocess.Popen[str]:
        """The command in the background, in a process group of its own."""
        return subprocess.Popen(
            [program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
            cwd=self.user,
            start_new_session=True,
            # A test run in the background has SIGINT ignored, and would hand that on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no threads of ours
        )


@pytest.fixture(scope="session")
def warm_home(tmp_path_factory) -> Path:
    """A data folder after a first command: both databases are migrated."""
    folder = tmp_path_factory.mktemp("warm")
    run = CommandLine(folder / "data", folder)
    written = run("write", "A bell rings under a lake.", "--chapters", "1", "--words", "100")
    assert written.returncode == 0, written.stderr
    deleted = run("delete", "latest", "--yes")
    assert deleted.returncode == 0, deleted.stderr
    return folder / "data"


@pytest.fixture
def cli(warm_home, tmp_path) -> CommandLine:
    """The command with a data folder of the test's own, in an empty working folder."""
    user = tmp_path / "user"
    user.mkdir()
    shutil.copytree(warm_home, tmp_path / "data", ignore=shutil.ignore_patterns("models"))
    # The embedding model is 90 MB; it is read and never changed.
    (tmp_path / "data" / "models").symlink_to(warm_home / "models")
    return CommandLine(tmp_path / "data", user)
