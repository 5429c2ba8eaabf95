"""Zip archives whose bytes depend on their content alone."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def add(archive: ZipFile, name: str, content: bytes, compression: int) -> None:
    """Adds a file without the hour and the system it is written on."""
    entry = ZipInfo(name)  # dated 1980, the first year a zip file knows
    entry.compress_type = compression
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def timeless(content: bytes) -> bytes:
    """The same archive, freed of the hour it was written."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as given, ZipFile(target, "w") as archive:
        for name in given.namelist():
            add(archive, name, given.read(name), ZIP_DEFLATED)
    return target.getvalue()
