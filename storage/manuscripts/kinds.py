"""What a file is, told by its content; its ending only parts Markdown from plain text."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from typing import Literal
from zipfile import BadZipFile, ZipFile

from storage.manuscripts.values import UnusableManuscript

Kind = Literal["epub", "docx", "html", "markdown", "text"]

REMEDY = "Save it as EPUB, DOCX or text and import that."

_FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word file (.doc)"),
    (b"TPZ", "a Kindle book"),
    (b"\xeaDRMION", "a Kindle book with copy protection"),
    (b"CONT\x02\x00", "a Kindle book"),
    (b"AT&TFORM", "a DjVu file"),
    (b"ITOLITLS", "a Microsoft Reader book"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
    (b"ID3", "a sound file"),
)
_DOCUMENTS = {
    "application/vnd.oasis.opendocument.text": "an OpenDocument text (.odt)",
    "application/vnd.oasis.opendocument.spreadsheet": "a spreadsheet",
    "application/vnd.oasis.opendocument.presentation": "a presentation",
}
_HEAD = 4096
_HTML = re.compile(  # a comment ends at its first sign: to try its later ends, too, takes twice as long with each
    rb"\s*(?:<\?xml[^>]*\?>\s*)?(?><!--.*?-->\s*)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_ATX = re.compile(rb"^#{1,6}[ \t]+\S", re.MULTILINE)
_BOLD_LINE = re.compile(rb"^(?:\*\*|__)[^*_\n]{1,200}(?:\*\*|__)[ \t]*\r?$", re.MULTILINE)
_GUTENBERG = re.compile(rb"\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)
_BINARY_SHARE = 0.01
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def kind_of(data: bytes, suffix: str) -> Kind:
    """The kind of a file.

    Raises:
        UnusableManuscript: it is of a kind that is not read; the message names it.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_archive(data)
    _refuse_foreign(data)
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf")
    if _HTML.match(head):
        return "html"
    if head.lstrip().startswith(b"<?xml") or b"<FictionBook" in head:
        name = "an FB2 book" if b"<FictionBook" in head else "an XML file"
        raise UnusableManuscript(f"it is {name}. {REMEDY}")
    return "markdown" if _is_markdown(data, suffix) else "text"


def _kind_of_archive(data: bytes) -> Kind:
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            # Of a plain member only: the type of a document is never compressed, and never long.
            mimetype = (
                archive.open("mimetype").read(100).decode("ascii", "replace").strip() if "mimetype" in names else ""
            )
    except (BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError, EOFError, zlib.error) as error:
        raise UnusableManuscript(f"it is damaged: its archive cannot be opened ({error}). Get a whole copy.") from error
    if mimetype == "application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    if "word/document.xml" in names:
        return "docx"
    name = _DOCUMENTS.get(mimetype) or (
        "an Office file without text" if "[Content_Types].xml" in names else "a ZIP archive"
    )
    raise UnusableManuscript(f"it is {name}, neither EPUB nor DOCX. {REMEDY}")


def _refuse_foreign(data: bytes) -> None:
    if data[60:68] in {b"BOOKMOBI", b"TEXtREAd"}:
        raise UnusableManuscript(f"it is a Kindle book (MOBI). {REMEDY}")
    name = next((name for mark, name in _FOREIGN if data.startswith(mark)), "")
    if name == "an old Word file (.doc)" and "EncryptedPackage".encode("utf-16-le") in data:
        raise UnusableManuscript("it is protected by a password. Save it without one and import that.")
    if name:
        raise UnusableManuscript(f"it is {name}. {REMEDY}")
    if not data.startswith(_WIDE_MARKS) and _is_binary(data):
        raise UnusableManuscript(f"it is no text: it holds binary data. {REMEDY}")


def _is_binary(data: bytes) -> bool:
    """Whether there is much that no text holds, in the beginning, the middle or the end."""
    samples = (data[at : at + _HEAD] for at in (0, len(data) // 2, max(0, len(data) - _HEAD)))
    return any(_control_share(sample) > _BINARY_SHARE for sample in samples if not _is_wide(sample))


def _is_wide(sample: bytes) -> bool:
    """Whether every other byte is zero, as in Latin text in UTF-16."""
    zeros = (sample[::2].count(0), sample[1::2].count(0))
    return max(zeros) > 0.3 * len(sample) and min(zeros) < 0.02 * len(sample)


def _control_share(sample: bytes) -> float:
    controls = bytes({*range(32), 127} - {9, 10, 11, 12, 13, 26})
    return (len(sample) - len(sample.translate(None, controls))) / max(1, len(sample))


def _is_markdown(data: bytes, suffix: str) -> bool:
    if _GUTENBERG.search(data[:40_000]):
        return False
    if suffix.casefold() in {".md", ".markdown", ".mdown", ".mkd"}:
        return True
    return len(_ATX.findall(data)) > 1 or len(_BOLD_LINE.findall(data)) > 1
