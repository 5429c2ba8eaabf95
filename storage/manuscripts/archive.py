"""The archive that an EPUB or a DOCX is, read within bounds that are counted while reading."""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from storage.manuscripts.values import UnusableManuscript

MAX_MEMBER = 64_000_000
"""Bytes of the largest file within an archive that is read."""

MAX_UNPACKED = 200_000_000
"""Bytes that all files of an archive may have."""

MAX_FILES = 20_000
"""Files that an archive may hold."""

MAX_RATIO = 200
"""How many times larger than packed a file may be; text reaches ten or twenty."""

_CHUNK = 65_536
_SMALL = 1_000_000
_BROKEN = (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError)
_DRIVE = re.compile(r"[A-Za-z]:")


class Archive:
    """A ZIP archive in memory; nothing of it is ever written to a disk."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = ZipFile(BytesIO(data))
        except _BROKEN as error:
            raise damaged(error) from error
        self.names = frozenset(self._zip.namelist())
        self._left = MAX_UNPACKED
        _refuse_names(self._zip.namelist())

    def read(self, name: str) -> bytes:
        """A file of the archive.

        Raises:
            UnusableManuscript: it is not there, damaged, behind a password, or larger than any book.
        """
        try:
            info = self._zip.getinfo(name)
            with self._zip.open(info) as file:
                return self._counted(iter(lambda: file.read(_CHUNK), b""), info.compress_size)
        except KeyError as error:
            raise UnusableManuscript(f"it is damaged: {name} is missing in it. Get a whole copy.") from error
        except RuntimeError as error:  # how zipfile says that a password is needed
            raise UnusableManuscript("it is protected by a password. Save it without one and import that.") from error
        except _BROKEN as error:
            raise damaged(error) from error

    def _counted(self, chunks: Iterator[bytes], packed: int) -> bytes:
        kept = bytearray()
        for chunk in chunks:
            kept += chunk
            self._left -= len(chunk)
            is_bomb = len(kept) > _SMALL and len(kept) > MAX_RATIO * max(1, packed)
            if self._left < 0 or len(kept) > MAX_MEMBER or is_bomb:
                raise UnusableManuscript("it unpacks to far more than a book is. It is not read.")
        return bytes(kept)


def damaged(error: Exception) -> UnusableManuscript:
    """The error of a file that is not whole."""
    return UnusableManuscript(f"it is damaged ({' '.join(str(error).split())}). Get a whole copy.")


def within(folder: str, href: str) -> str:
    """The name of a file that another one in a folder refers to; empty when it lies outside of the archive."""
    name = posixpath.normpath(posixpath.join(folder, href))
    return "" if name.startswith(("/", "../")) or name in {"..", "."} else name


def _refuse_names(names: list[str]) -> None:
    if len(names) > MAX_FILES:
        raise UnusableManuscript(f"it holds {len(names)} files, more than any book. It is not read.")
    for name in names:
        is_outside = name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in re.split(r"[/\\]", name)
        if is_outside:
            raise UnusableManuscript("it holds a file whose name leads out of it, as no book does. It is not read.")
