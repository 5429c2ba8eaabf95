"""Markdown, as people and models write it: headings and paragraphs, all other markup taken off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from storage.manuscripts.blocks import BOLD, SCENE_BREAK, Block, Source, block, cleaned
from storage.manuscripts.headings import heading
from storage.manuscripts.prose import refuse_signs
from storage.manuscripts.text import decoded
from storage.manuscripts.values import refuse_words

if TYPE_CHECKING:
    from markdown_it.token import Token

_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_FIELD = re.compile(r"^(title|author|lang|language):(.*)$", re.MULTILINE | re.IGNORECASE)
_QUOTE = re.compile(r"^[\"']|[\"']$")
_UNDERLINED = re.compile(
    r"(?:\A|(?<=\n\n))(?P<text>[^\n]{0,100}[^\n.!?,;:…”\"'\s])[ \t]*\n(?P<line>={2,}|-{3,})[ \t]*(?=\n|\Z)"
)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)\w*[ \t]*$", re.MULTILINE)
_WORD = re.compile(r"\S+")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,500}\)")
_OFF = ["code", "list", "lheading", "fence", "reference", "link", "image"]


def markdown(data: bytes) -> Source:
    """Reads Markdown.

    Lists and indented text stay paragraphs: in a novel ``1.`` is a chapter, a dash is speech. A line of dashes beneath
    a paragraph is a scene break, beneath a short line without a period it makes a heading.
    """
    text = decoded(data)
    refuse_words(sum(1 for _ in _WORD.finditer(text)))  # before parsing, which takes far longer than counting
    refuse_signs(text)
    said: dict[str, str] = {}
    if (matter := _MATTER.match(text)) is not None:
        said = {name.casefold(): _QUOTE.sub("", cleaned(value)).strip() for name, value in _FIELD.findall(matter[1])}
        text = text[matter.end() :]
    found = tuple(_blocks(_FENCE.sub("", text)))
    return Source(
        found,
        title=said.get("title", "") or _title(found),
        author=said.get("author", ""),
        language=said.get("language") or said.get("lang", ""),
    )


def _title(found: tuple[Block, ...]) -> str:
    """The one heading of the highest level, unless it is a chapter's."""
    highest = min((one.level for one in found if one.level), default=BOLD)
    tops = [one for one in found if one.level == highest]
    is_title = (
        len(tops) == 1
        and highest < BOLD
        and heading(tops[0].lines) is None
        and any(one.level > highest for one in found)
    )
    return tops[0].text if is_title else ""


def _blocks(text: str) -> Iterator[Block]:
    from markdown_it import MarkdownIt

    text = _UNDERLINED.sub(lambda match: f"{'#' if match['line'][0] == '=' else '##'} {match['text']}", text)
    text = _LINK.sub(r"\1", _without_comments(text))
    level = 0
    for token in MarkdownIt("commonmark").disable(_OFF).parse(text):
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "hr":
            yield Block((SCENE_BREAK,))
        elif token.type == "html_block":
            yield from filter(None, (block((line,)) for line in _TAG.sub("", token.content).split("\n")))
        elif token.type == "inline":
            yield from _paragraph(token, level)


def _without_comments(text: str) -> str:
    """The text without HTML comments; one that is never closed is text."""
    first, *parts = text.split("<!--")
    rests = [part.partition("-->") for part in parts]
    return first + "".join(rest if sign else f"<!--{kept}" for kept, sign, rest in rests)


def _paragraph(token: Token, level: int) -> Iterator[Block]:
    """A paragraph; a first line that is bold throughout is a heading of its own."""
    lines = list(_lines(token))
    if level:
        yield from filter(None, [block((line for line, _ in lines), level)])
        return
    bold = next((at for at, (_, is_bold) in enumerate(lines) if not is_bold), len(lines))
    bold = min(bold, 2)
    yield from filter(None, (block((line for line, _ in lines[:bold]), BOLD), block(line for line, _ in lines[bold:])))


def _lines(token: Token) -> Iterator[tuple[str, bool]]:
    """The lines of a paragraph without markup, and whether each is bold throughout."""
    text, strong, is_bold, has_text = "", 0, True, False
    for child in token.children or ():
        match child.type:
            case "softbreak" | "hardbreak":
                yield text, is_bold and has_text
                text, is_bold, has_text = "", True, False
            case "strong_open":
                strong += 1
            case "strong_close":
                strong -= 1
            case "text" | "code_inline" | "text_special":
                text += child.content
                has_text |= bool(child.content.strip())
                is_bold &= strong > 0 or not child.content.strip()
    yield text, is_bold and has_text
