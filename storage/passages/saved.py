"""Embedding models as they are kept on disk, ready for the OpenVINO runtime: what is there, and whether it is whole.

A model has a folder, named after it: the network, its tokenizer and ``embedder.json``, which describes them. The
folder appears at once and whole, or not at all.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pydantic import ValidationError

from story.base import Value

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
NETWORK = "openvino_model.xml"
TOKENIZER = "tokenizer.json"
DESCRIPTION = "embedder.json"


class Saved(Value):
    """A model that was made ready.

    ``files`` are the hashes of what it is read from. There are none for a model that OpenVINO does not run as
    sentence-transformers does; ``limit`` is how many pieces it reads, and ``inputs`` what it wants of a text, in order.
    """

    model: str
    dimension: int
    limit: int
    inputs: tuple[str, ...] = ()
    files: dict[str, str] = {}


def full_name(name: str) -> str:
    """The name of a model as the hub has it: those of sentence-transformers are often written without their owner."""
    return name if "/" in name else f"sentence-transformers/{name}"


def folder_of(name: str, folder: Path) -> Path:
    """Where a model is kept."""
    return folder / re.sub(r"[^\w.-]+", "--", full_name(name))


def described(place: Path) -> Saved | None:
    """The model kept in a folder, as far as its description says; nothing where there is none that can be read."""
    try:
        return Saved.model_validate_json((place / DESCRIPTION).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None


def is_whole(place: Path, saved: Saved) -> bool:
    """Whether every file of a model is what it was when it was written."""
    return all((place / name).is_file() and file_hash(place / name) == known for name, known in saved.files.items())


def file_hash(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
