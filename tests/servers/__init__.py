"""Real servers for tests: each is started when a test first asks for it, and ended with the session."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def require_server(name: str, hint: str) -> NoReturn:
    """Skips a test whose server is not installed, or fails it where servers are required."""
    message = f"{name} is not installed; get it with `{hint}`."
    if os.environ.get("SCRIPTORIUM_REQUIRE_SERVERS") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
