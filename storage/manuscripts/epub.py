"""EPUB 2 and 3: the pages in reading order, with what the table of contents calls them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from storage.manuscripts.archive import Archive, within
from storage.manuscripts.blocks import Block, Source, cleaned
from storage.manuscripts.headings import heading, same
from storage.manuscripts.html import blocks, page, xml
from storage.manuscripts.values import UnusableManuscript, refuse_tags

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTAINER = "META-INF/container.xml"
_RIGHTS = ("META-INF/rights.xml", "META-INF/license.lcpl", "META-INF/sinf.xml")
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_ALGORITHMS = frozenset(("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"))
_PAGES = frozenset(("application/xhtml+xml", "text/html", "application/x-dtbook+xml"))
_FRONT_REFERENCES = frozenset((
    "cover", "title-page", "toc", "index", "glossary", "acknowledgements", "bibliography", "colophon",
    "copyright-page", "dedication", "epigraph", "foreword", "loi", "lot", "notes", "preface",
))  # fmt: skip
_NEAR = 4
"""Blocks from the top of a page within which the heading stands that the table of contents means."""


def epub(data: bytes) -> Source:
    """Reads an EPUB.

    Raises:
        UnusableManuscript: it is protected, damaged, or holds pictures only.
    """
    archive = Archive(data)
    _refuse_protected(archive)
    opf = _package(archive)
    package = xml(archive.read(opf), opf)
    items = _Items(package, posixpath.dirname(opf))
    labels = _labels(archive, package, items)
    found: list[Block] = []
    tags = 0
    for name in items.spine:
        tags += archive.read(name).count(b"<")
        refuse_tags(tags)
        found += _page(archive, name, labels.get(name, {}), is_front=name in items.front)
    if not found:
        raise UnusableManuscript("its pages hold no text. If they are pictures of a scan, have its text read first.")
    return Source(
        tuple(found),
        title=_said(package, "title"),
        author=_authors(package),
        language=_said(package, "language"),
    )


def _refuse_protected(archive: Archive) -> None:
    """Raises ``UnusableManuscript`` when anything but fonts is encrypted."""
    is_protected = any(name in archive.names for name in _RIGHTS)
    if _ENCRYPTION in archive.names and not is_protected:
        encrypted = list(xml(archive.read(_ENCRYPTION), _ENCRYPTION).iter("EncryptedData"))
        methods = {next((node.get("Algorithm") for node in one.iter("EncryptionMethod")), "") for one in encrypted}
        is_protected = not methods <= _FONT_ALGORITHMS
    if is_protected:
        raise UnusableManuscript("it is copy protected (DRM). Get a copy without protection from its seller or author.")


def _package(archive: Archive) -> str:
    """The name of the file that says what the book consists of."""
    for node in xml(archive.read(_CONTAINER), _CONTAINER).iter("rootfile"):
        if name := within("", unquote(node.get("full-path") or "")):
            return name
    raise UnusableManuscript("it is damaged: it does not say where its book begins. Get a whole copy.")


class _Items:
    """The files that the package names: all by id, the pages in order, and those that it calls front matter."""

    def __init__(self, package: _Element, folder: str) -> None:
        nodes = {node.get("id", ""): node for node in package.iter("item")}
        self.names = {key: within(folder, unquote(node.get("href") or "")) for key, node in nodes.items()}
        self.nav = next((self.names[key] for key, node in nodes.items() if "nav" in _words(node, "properties")), "")
        refs = [node.get("idref", "") for node in package.iter("itemref") if node.get("linear") != "no"]
        pages = [key for key in refs if key in nodes and nodes[key].get("media-type") in _PAGES]
        named = dict.fromkeys(self.names[key] for key in pages)
        self.spine = [name for name in named if name and name != self.nav]
        guide = [node for node in package.iter("reference") if node.get("type") in _FRONT_REFERENCES]
        self.front = {
            within(folder, unquote(node.get("href") or "")) for node in guide if "#" not in node.get("href", "")
        }


def _labels(archive: Archive, package: _Element, items: _Items) -> dict[str, dict[str, str]]:
    """What the table of contents calls places, by file and id; the id is empty for the top of a file."""
    ncx = items.names.get(next((node.get("toc", "") for node in package.iter("spine")), ""), "")
    entries: list[tuple[str, str, str]] = []
    if items.nav in archive.names:
        entries = list(_nav(page(archive.read(items.nav)), posixpath.dirname(items.nav)))
    if not entries and ncx in archive.names:
        entries = list(_ncx(xml(archive.read(ncx), ncx), posixpath.dirname(ncx)))
    found: dict[str, dict[str, str]] = {}
    for name, anchor, label in entries:
        found.setdefault(name, {}).setdefault(anchor, label)
    return found


def _nav(root: _Element, folder: str) -> Iterator[tuple[str, str, str]]:
    navs = list(root.iter("nav"))
    toc = [nav for nav in navs if "toc" in (nav.get("{http://www.idpf.org/2007/ops}type") or "").split()] or navs[:1]
    for nav in toc:
        for node in nav.iter("a"):
            yield _place(folder, node.get("href") or "", "".join(map(str, node.itertext())))


def _ncx(root: _Element, folder: str) -> Iterator[tuple[str, str, str]]:
    for point in root.iter("navPoint"):
        label = next((text for node in point.iter("text") if (text := cleaned(node.text or ""))), "")
        content = next(iter(point.iter("content")), None)
        if content is not None:
            yield _place(folder, content.get("src") or "", label)


def _place(folder: str, href: str, label: str) -> tuple[str, str, str]:
    path, _, anchor = href.partition("#")
    return within(folder, unquote(path)), unquote(anchor), cleaned(label)


def _page(archive: Archive, name: str, labels: dict[str, str], *, is_front: bool) -> list[Block]:
    """The blocks of a page, at each named place a heading: the one that is there, or else the name itself."""
    found = blocks(page(archive.read(name)), labels)
    if found and (top := labels.get("")):
        found = _named_at_top(found, top)
    found = [part for one in found for part in _with_heading(one)]
    return [replace(one, matter="front") for one in found] if is_front else found


def _named_at_top(found: list[Block], label: str) -> list[Block]:
    near = found[:_NEAR]
    at = next((at for at, one in enumerate(near) if one.level or same(one.text, label) or heading(one.lines)), 0)
    return [replace(one, label=label) if index == at else one for index, one in enumerate(found)]


def _with_heading(one: Block) -> tuple[Block, ...]:
    """A named block that is no heading itself gets the name as its heading."""
    if not one.label or one.level or one.is_break:
        return (one,)
    if same(one.text, one.label) or heading(one.lines) is not None:
        return (replace(one, level=2),)
    return (Block((one.label,), level=2, matter=one.matter), replace(one, label=""))


def _words(node: _Element, name: str) -> list[str]:
    return (node.get(name) or "").split()


def _said(package: _Element, name: str) -> str:
    return next((text for node in package.iter(name) if (text := cleaned(node.text or ""))), "")


def _authors(package: _Element) -> str:
    roles = {
        (node.get("refines") or "").lstrip("#"): cleaned(node.text or "")
        for node in package.iter("meta")
        if node.get("property") == "role"
    }
    creators = [(cleaned(node.text or ""), _role(node, roles)) for node in package.iter("creator")]
    return ", ".join(name for name, role in creators if name and role in {"", "aut"})


def _role(node: _Element, roles: dict[str, str]) -> str:
    return node.get("{http://www.idpf.org/2007/opf}role") or roles.get(node.get("id") or "", "")
