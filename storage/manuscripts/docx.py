"""DOCX, read with python-docx: headings by their styles, else by how they look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

from storage.manuscripts.archive import Archive, damaged
from storage.manuscripts.blocks import BOLD, Block, Source, block, cleaned
from storage.manuscripts.values import MAX_DOCUMENT_TAGS, UnusableManuscript, refuse_tags

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|заголовок)\s*(\d)", re.IGNORECASE)
_TITLES = frozenset(("Title", "Titel", "Titre", "Título", "Titolo"))
_SKIPPED = re.compile(r"(?:toc|contents|inhalt|table des mati|footnote|endnote|header|footer|caption)", re.IGNORECASE)


def docx(data: bytes) -> Source:
    """Reads a DOCX."""
    _refuse_large(Archive(data))
    document = _opened(data)
    _refuse_entities(document)
    body = document.element.body
    found = tuple(_blocks(document, body))
    if not found and any(node.tag.endswith(("}blip", "}imagedata")) for node in body.iter()):
        raise UnusableManuscript("it holds no text. If it is pictures of a scan, have its text read first.")
    said = document.core_properties
    title = cleaned(said.title or "") or next((one.text for one in found if one.label == "title"), "")
    return Source(
        tuple(replace(one, label="") for one in found),
        title=title,
        author="" if said.author in {"python-docx", "Unknown"} else cleaned(said.author or ""),
        language=cleaned(said.language or ""),
    )


def _refuse_large(archive: Archive) -> None:
    """Reads all files once, within bounds, so that python-docx may read them again without harm."""
    for name in sorted(archive.names):
        data = archive.read(name)
        refuse_tags(data.count(b"<") if name.endswith(".xml") else 0, MAX_DOCUMENT_TAGS)


def _refuse_entities(document: Any) -> None:
    # Of what was parsed, as only a parser knows in which encoding a declaration may hide; python-docx puts none in.
    parsed = (part.element for part in document.part.package.iter_parts() if hasattr(part, "element"))
    if any(root.getroottree().docinfo.internalDTD is not None for root in parsed):
        raise UnusableManuscript("it declares XML entities, as no document does. It is not read.")


def _opened(data: bytes) -> Any:
    from docx import Document

    try:
        return Document(BytesIO(data))
    except Exception as error:  # of python-docx, lxml and zipfile: many kinds, all of which mean the same
        raise damaged(error) from error


def _blocks(document: Any, body: Any) -> Iterator[Block]:
    styles = {style.style_id: style for style in document.styles}

    @cache
    def level_of(style_id: str | None) -> int | None:
        return _level(styles.get(style_id)) if style_id else 0

    for paragraph in body.iter(f"{_W}p"):
        style_id = paragraph.style
        level = level_of(style_id)
        if level is None:
            continue
        lines = list(_lines(paragraph))
        level = level or _outline_level(paragraph) or (BOLD if _is_bold(paragraph) else 0)
        made = block(lines, level)
        if made is not None:
            is_title = style_id is not None and styles.get(style_id) is not None and styles[style_id].name in _TITLES
            yield replace(made, label="title") if is_title else made


def _level(style: Any) -> int | None:
    """The level of a style or of what it is based on, 0 for text; None for lists of contents and the like."""
    for one in _with_bases(style):
        name = one.name or ""
        if _SKIPPED.match(name):
            return None
        if (match := _HEADING.match(name)) is not None:
            return min(int(match[1]), 6)
        if name in _TITLES:
            return 1
    return 0


def _with_bases(style: Any) -> Iterator[Any]:
    """A style, what it is based on, and so on; once each, as a file may base styles on each other."""
    seen: set[str] = set()
    while style is not None and style.style_id not in seen:
        seen.add(style.style_id)
        yield style
        style = style.base_style


def _outline_level(paragraph: Any) -> int:
    """The level that a paragraph has by its own mark, of which there are nine, from 0 on; 0 for text."""
    outline = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
    said = "" if outline is None else outline.get(f"{_W}val", "")
    return min(int(said) + 1, 6) if re.fullmatch("[0-8]", said) else 0


def _lines(paragraph: Any) -> Iterator[str]:
    """The lines of a paragraph as they stand after all tracked changes."""
    line = ""
    for node in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen"):
        if node.tag == f"{_W}t":
            line += node.text or ""
        elif node.tag == f"{_W}noBreakHyphen":
            line += "-"
        elif node.tag == f"{_W}tab":
            line += " "
        else:
            yield line
            line = ""
    yield line


def _is_bold(paragraph: Any) -> bool:
    """Whether all its text is bold by its own marks."""
    runs = [run for run in paragraph.iter(f"{_W}r") if any((node.text or "").strip() for node in run.iter(f"{_W}t"))]
    marks = [run.find(f"{_W}rPr/{_W}b") for run in runs]
    return bool(runs) and all(mark is not None and mark.get(f"{_W}val") not in {"0", "false"} for mark in marks)
