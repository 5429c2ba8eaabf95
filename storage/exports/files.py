"""Safe file names, and files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from story.base import slug
from story.errors import InvalidInput

_LONGEST = 80
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


class FileNotWritable(InvalidInput):
    """The book cannot be written there; give another folder."""


def file_stem(title: str) -> str:
    """A file name, without ending, that every system takes and that lies in no other folder."""
    stem = slug(title)[:_LONGEST].strip("-")
    return f"{stem}-book" if stem in _RESERVED else stem


def write_whole(path: Path, content: bytes) -> Path:
    """Writes the file so that a reader, or a crash, finds the old one or the new one; raises ``FileNotWritable``."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_synced(part, content)
            part.replace(path)
            _sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileNotWritable(
            f"{path} cannot be written ({reason}); put that right, or give another folder with --out. "
            "`scriptorium export` makes the file then."
        ) from error
    return path


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows opens no folders, and journals the renaming itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
