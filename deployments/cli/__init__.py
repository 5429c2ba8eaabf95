"""The command line ``scriptorium``.

Exit codes: 0 done, 1 the run failed, 2 the input cannot be used, 3 the novel is paused, 130 interrupted by Ctrl-C,
143 told to end by SIGTERM.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line and leaves the process with its exit code."""
    from deployments.cli.app import run

    sys.exit(run(sys.argv[1:]))
