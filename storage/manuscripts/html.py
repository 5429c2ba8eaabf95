"""HTML: safe parsing, and the paragraphs and headings that it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html.entities import html5
from typing import TYPE_CHECKING

from storage.manuscripts.blocks import BOLD, SCENE_BREAK, Block, Matter, Source, block, cleaned
from storage.manuscripts.text import decoded
from storage.manuscripts.values import UnusableManuscript, refuse_tags

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

_DECLARED = re.compile(
    rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']|<meta[^>]*charset\s*=\s*["']?([\w.-]+)""", re.IGNORECASE
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_AROUND_TITLE = re.compile(r"^The Project Gutenberg e-?Book of |, by .*$|\s?\|\s?Project Gutenberg$", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
_HEAD = 4096
_ENTITY = re.compile(r"&(\w+;)")
_XML_ENTITIES = {"lt;", "gt;", "amp;", "quot;", "apos;"}
_BLOCKS = frozenset((
    "p", "div", "section", "article", "header", "footer", "main", "blockquote", "li", "ul", "ol", "dl", "dt", "dd",
    "pre", "table", "tr", "td", "th", "body", "hgroup", "figure", "figcaption", "center", "address", "h1", "h2",
    "h3", "h4", "h5", "h6",
))  # fmt: skip
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_SILENT = frozenset((
    "script", "style", "head", "title", "svg", "math", "nav", "img", "object", "audio", "video", "iframe",
    "template", "noscript", "form",
))  # fmt: skip
_STRONG = frozenset(("b", "strong"))
_SILENT_CLASSES = re.compile(
    r"\b(?:pagenum|pageno|page-?number|x-ebookmaker-pageno|pg-boilerplate|pgheader|pgfooter|noteref)\b", re.IGNORECASE
)
_SILENT_TYPES = frozenset((
    "pagebreak", "noteref", "footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "toc",
    "landmarks", "page-list", "doc-toc", "doc-noteref", "doc-pagebreak", "doc-footnote",
))  # fmt: skip
_FRONT = frozenset((
    "cover", "titlepage", "halftitlepage", "copyright-page", "dedication", "epigraph", "frontmatter", "loi", "lot",
    "lov", "acknowledgments", "foreword", "preface", "introduction", "imprint", "imprimatur", "colophon",
    "contributors", "other-credits", "errata", "seriespage", "doc-preface", "doc-foreword", "doc-introduction",
    "doc-dedication", "doc-acknowledgments", "doc-credits", "doc-colophon", "doc-cover",
))  # fmt: skip
_BACK = frozenset(
    [
        "backmatter",
        "index",
        "glossary",
        "bibliography",
        "appendix",
        "afterword",
        "doc-appendix",
        "doc-index",
        "doc-afterword",
    ]
)
_STORY = frozenset(
    ["bodymatter", "chapter", "part", "volume", "division", "prologue", "epilogue", "preamble", "conclusion"]
)
_TYPE = "{http://www.idpf.org/2007/ops}type"


def html(data: bytes) -> Source:
    """Reads a page of HTML that holds a whole book."""
    root = page(data)
    names = [cleaned(node.text or "") for node in root.iter("title")]
    told = {node.get("name", "").casefold(): node.get("content", "") for node in root.iter("meta")}
    title = cleaned(told.get("dc.title") or told.get("dcterms.title") or "".join(names[:1]))
    return Source(
        tuple(blocks(root)),
        title=_AROUND_TITLE.sub("", title).strip(),
        author=cleaned(told.get("author") or told.get("dc.creator") or ""),
        language=root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
    )


def xml(data: bytes, name: str) -> _Element:
    """An XML file of a book, its tags without namespaces.

    Raises:
        UnusableManuscript: it is no XML, or declares entities, by which a small file grows large or reads others.
    """
    from lxml import etree

    try:
        return _bare(etree.fromstring(_prepared(data), _parser()))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnusableManuscript(
            f"it is damaged: {name} cannot be read ({' '.join(str(error).split())}). Get a whole copy."
        ) from error


def page(data: bytes) -> _Element:
    """A page, as XML where it is well formed, else as browsers read it."""
    from lxml import etree

    text = _prepared(data)
    try:
        return _bare(etree.fromstring(text, _parser()))
    except (etree.XMLSyntaxError, ValueError):
        parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
        try:
            root = etree.fromstring(text, parser)
        except etree.XMLSyntaxError:
            root = None
        if any("depth" in error.message.casefold() for error in parser.error_log):
            raise UnusableManuscript("its markup is nested deeper than can be read. Save it as text.") from None
        return etree.Element("html") if root is None else _bare(root)


def _parser() -> XMLParser:
    """A parser that fetches nothing, puts in nothing and keeps its bounds on depth and size."""
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _prepared(data: bytes) -> bytes:
    """The file in UTF-8 without its document type: named letters are put in, any other entity is refused."""
    refuse_tags(data.count(b"<"))
    text = _decoded(data)
    if "<!ENTITY" in text:
        raise UnusableManuscript("it declares XML entities, as no book does. It is not read.")
    head, rest = text[:_HEAD], text[_HEAD:]
    text = _DOCTYPE.sub("", _DECLARATION.sub("", head), count=1) + rest
    return _ENTITY.sub(_letter, text).encode("utf-8", "replace")


def _decoded(data: bytes) -> str:
    declared = _DECLARED.search(data[:1024])
    if declared is not None and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode((declared[1] or declared[2]).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            return decoded(data)
    return decoded(data)


def _letter(match: re.Match[str]) -> str:
    return match[0] if match[1] in _XML_ENTITIES else html5.get(match[1], match[0])


def _bare(root: _Element) -> _Element:
    for node in root.iter():
        if isinstance(node.tag, str) and "}" in node.tag:
            node.tag = node.tag.rpartition("}")[2]
    return root


_NOWHERE = "\0"
"""The id of elements that have none; the empty id is the top of a page."""


class _Reader:
    """Walks a page and closes a block wherever one begins or ends."""

    def __init__(self, anchors: Mapping[str, str]) -> None:
        self.found: list[Block] = []
        self._anchors = anchors
        self._lines: list[str] = [""]
        self._strong = 0
        self._plain = self._bold = False
        self._label = ""
        self._levels: list[int] = []
        self._matters: list[Matter] = []

    def enter(self, node: _Element) -> None:
        """At the beginning of an element."""
        if (label := self._anchors.get(node.get("id") or node.get("name") or _NOWHERE)) is not None:
            if any(self._lines) and not self._levels:
                self.close()
            self._label = label
        if node.tag in _BLOCKS:
            self.close()
            self._matters.append(_matter(node) or (self._matters[-1] if self._matters else ""))
            if node.tag in _LEVELS:
                self._levels.append(_LEVELS[node.tag])
        elif node.tag == "br":
            self._lines.append("")
        elif node.tag == "hr":
            self.close()
            self.found.append(Block((SCENE_BREAK,)))
        elif node.tag in _STRONG:
            self._strong += 1
        self.say(node.text, is_kept=node.tag == "pre")

    def leave(self, node: _Element) -> None:
        """At the end of an element."""
        if node.tag in _BLOCKS:
            self.close()
            self._matters.pop()
            if node.tag in _LEVELS:
                self._levels.pop()
        elif node.tag in _STRONG:
            self._strong -= 1

    def say(self, text: str | None, *, is_kept: bool = False) -> None:
        """Text within a block; in ``pre`` its lines are kept."""
        if not text:
            return
        if is_kept:
            self._lines += text.split("\n")
        else:
            self._lines[-1] += text
        if text.strip():
            self._bold |= self._strong > 0
            self._plain |= self._strong == 0

    def close(self) -> None:
        """Ends a block, if one has begun."""
        level = self._levels[-1] if self._levels else BOLD if self._bold and not self._plain else 0
        made = block(self._lines, level)
        self._lines, self._bold, self._plain = [""], False, False
        if made is not None:
            matter = self._matters[-1] if self._matters else ""
            self.found.append(replace(made, matter=matter, label=self._label))
            self._label = ""


def blocks(root: _Element, anchors: Mapping[str, str] | None = None) -> list[Block]:
    """The blocks of a page; ``anchors`` are the places that a table of contents names, by their ids."""
    from lxml import etree

    reader = _Reader(anchors or {})
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, node in walk:
        if not isinstance(node.tag, str):
            continue
        is_silent = _is_silent(node)
        if event == "start" and is_silent:
            walk.skip_subtree()
        elif event == "start":
            reader.enter(node)
        elif not is_silent:
            reader.leave(node)
        if event == "end":
            reader.say(node.tail)
    reader.close()
    return reader.found


def _types(node: _Element) -> set[str]:
    return set(f"{node.get(_TYPE, '')} {node.get('role', '')}".split())


def _is_silent(node: _Element) -> bool:
    return (
        node.tag in _SILENT
        or bool(_types(node) & _SILENT_TYPES)
        or _SILENT_CLASSES.search(node.get("class") or "") is not None
        or (node.get("id") or "") in {"pg-header", "pg-footer"}
    )


def _matter(node: _Element) -> Matter:
    found = _types(node)
    if found & _STORY:
        return ""
    return "front" if found & _FRONT else "back" if found & _BACK else ""
