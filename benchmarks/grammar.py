"""LanguageTool over a book: errors of grammar, of agreement, doubled words and wrong articles; names are no typos."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

JARS = Path(__file__).parents[1] / ".servers" / "languagetool" / "lib"
COUNTED = ("GRAMMAR", "REPETITIONS")
RULES = ("EN_A_VS_AN", "ENGLISH_WORD_REPEAT_RULE", "DOUBLE_PUNCTUATION", "UPPERCASE_SENTENCE_START")
"""Rules outside of the counted categories that speak of the same kinds of errors."""

PIECE = 15_000
"""Characters that are checked at once."""


class Checker:
    """The grammar checker as a server, where ``make languagetool`` has fetched it; otherwise it counts nothing."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        if JARS.is_dir() and (java := shutil.which("java")):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self._port = free.getsockname()[1]
            command = [
                java,
                "-Xmx1g",
                "-cp",
                f"{JARS}/*",
                "org.languagetool.server.HTTPServer",
                "--port",
                str(self._port),
            ]
            self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.terminate()
            self._server.wait()

    def errors(self, text: str) -> int | None:
        """How many errors of grammar a text has; nothing where there is no checker."""
        return None if self._server is None else len(self.matches(text))

    def matches(self, text: str) -> list[dict[str, Any]]:
        """The errors themselves, as the server gives them."""
        found = [match for piece in _pieces(text) for match in self._asked(piece)]
        return [one for one in found if one["rule"]["category"]["id"] in COUNTED or one["rule"]["id"] in RULES]

    def _asked(self, text: str) -> list[dict[str, Any]]:
        body = urllib.parse.urlencode({"language": "en-GB", "text": text}).encode()
        for attempt in range(60):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/v2/check", body) as answer:
                    matches: list[dict[str, Any]] = json.load(answer)["matches"]
                    return matches
            except urllib.error.URLError:
                if attempt == 59:
                    raise
                time.sleep(0.5)
        return []


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for paragraph in text.split("\n\n"):
        if len(pieces[-1]) + len(paragraph) > PIECE:
            pieces.append("")
        pieces[-1] += paragraph + "\n\n"
    return pieces
