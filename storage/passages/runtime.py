"""What computes the vectors of an embedding model: the OpenVINO runtime, or PyTorch where it has to."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies

import numpy as np
from numpy.typing import NDArray

from storage.passages.ports import Matrix
from storage.passages.saved import NETWORK, TOKENIZER, Saved

HUB = "https://huggingface.co"
REACH_SECONDS = 5.0
"""How long the hub of models has to answer before it counts as away."""

BATCH_PIECES = 1024
"""The most pieces in a batch. More is no faster on a CPU, and takes memory that is not given back."""

STEP = 8
"""Texts are padded to multiples of this: every new shape costs the runtime time and memory."""

# A batch a core is faster than all cores on one batch; a few at a time bound the memory on large machines.
_OPTIONS = {
    "PERFORMANCE_HINT": "THROUGHPUT",
    "PERFORMANCE_HINT_NUM_REQUESTS": "8",
    "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0",
}
_EXACT = {"INFERENCE_PRECISION_HINT": "f32"}


class Runtime(Protocol):
    """Computes vectors of texts that it can read whole."""

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """How many pieces each text has."""
        ...

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """A vector of length 1 for each text."""
        ...


class Network:
    """A converted model in the OpenVINO runtime.

    Where a CPU multiplies in bf16, which is three times as fast, the runtime does so unless it is to be ``exact``: the
    nearest ten passages are then the same in 99 of 100 cases (measured on such a CPU).
    """

    def __init__(self, saved: Saved, place: Path, *, exact: bool = False) -> None:
        from tokenizers import Tokenizer

        self._saved = saved
        self._tokenizer = Tokenizer.from_file(str(place / TOKENIZER))
        openvino = load_openvino()
        compiled = openvino.Core().compile_model(place / NETWORK, "CPU", _OPTIONS | (_EXACT if exact else {}))
        self._queue = openvino.AsyncInferQueue(compiled)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """How many pieces each text has, with those that the model adds."""
        return [len(coded.ids) for coded in self._tokenizer.encode_batch([*texts])]

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """A vector for each text, computed in batches of texts of about the same length."""
        coded = self._tokenizer.encode_batch([*texts])
        vectors = np.empty((len(texts), self._saved.dimension), dtype=np.float32)

        def keep(request: Any, batch: list[int]) -> None:
            vectors[batch] = request.get_output_tensor(0).data

        self._queue.set_callback(keep)
        for batch in batches([len(one.ids) for one in coded]):
            self._queue.start_async(self._features([coded[n] for n in batch]), batch)
        self._queue.wait_all()
        return vectors

    def _features(self, coded: Sequence[Any]) -> list[NDArray[np.int64]]:
        """What the model wants of a batch, in order, padded to the same length."""
        length = _padded(max(len(one.ids) for one in coded))
        features = {name: np.zeros((len(coded), length), dtype=np.int64) for name in self._saved.inputs}
        for row, one in enumerate(coded):
            known = {"input_ids": one.ids, "attention_mask": one.attention_mask, "token_type_ids": one.type_ids}
            for name, values in features.items():
                values[row, : len(one.ids)] = known[name]
        return [*features.values()]


class Plain:
    """A model in sentence-transformers itself."""

    def __init__(self, source: str) -> None:
        self._model = load_sentence_transformers(source)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """How many pieces each text has, with those that the model adds."""
        return [len(self._model.tokenizer(text)["input_ids"]) for text in texts]

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """A vector for each text."""
        vectors: Matrix = self._model.encode([*texts], normalize_embeddings=True, show_progress_bar=False)
        return vectors


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of texts, the longest first, so many at a time as have ``BATCH_PIECES`` when they are padded."""
    order = sorted(range(len(lengths)), key=lambda n: (-lengths[n], n))
    while order:
        count = max(1, BATCH_PIECES // _padded(lengths[order[0]]))
        yield order[:count]
        order = order[count:]


def _padded(length: int) -> int:
    return -(-length // STEP) * STEP


def _is_reached(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme in getproxies():
        return True  # what a proxy reaches is not known before it is asked
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 443), REACH_SECONDS):
            return True
    except OSError:
        return False


def load_openvino() -> Any:
    """The OpenVINO runtime, silent: as it comes, importing it reports to its makers over the network."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # None is how an import is refused
    import openvino  # type: ignore[import-untyped]

    return openvino


def load_sentence_transformers(source: str) -> Any:
    """A model of sentence-transformers on the CPU; nothing is told to the hub but what is asked of it."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if not Path(source).is_dir() and not _is_reached(os.environ.get("HF_ENDPOINT") or HUB):
        # What was fetched before is then read at once; else every file would be asked for until its patience ends.
        os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(source, device="cpu")
