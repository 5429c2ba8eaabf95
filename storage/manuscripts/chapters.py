"""From blocks to chapters: what stands between the headings, with titles and parts; front and back matter kept out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from storage.manuscripts.blocks import SCENE_BREAK, Block, prose, words
from storage.manuscripts.contents import Mark
from storage.manuscripts.headings import QUOTES, byline, is_end, is_front, is_title, same, tidy_title
from storage.manuscripts.sequence import CHAPTER_WORDS, Outline, outline
from storage.manuscripts.values import ManuscriptChapter

FEW_WORDS = 20
"""Words of the shortest piece that is told as a chapter of its own where no number says so."""

_OPENING = "Opening"
_EPIGRAPH_WORDS = 150
_TITLE_WORDS = 25
_NAMES = 4
_BACK_SHARE = 0.25
_MOST = 0.5
_NEARLY_ALL = 0.8
_SHORT_TITLE = 12


@dataclass(frozen=True, slots=True)
class Divided:
    """The chapters of a text, and what is in none."""

    chapters: tuple[ManuscriptChapter, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A heading and the blocks beneath it."""

    mark: Mark
    body: tuple[Block, ...]
    is_chapter: bool


def divided(blocks: Sequence[Block], title: str) -> Divided:
    """Divides blocks into chapters; a text without headings is one chapter of the book's title."""
    found = outline(blocks, title)
    if not found.chapters:
        return _undivided(found.blocks, title)
    front, pieces = _cut(found)
    opening, left_out = _front(front, found.chapters[0], title)
    pieces, back = _without_back(pieces)
    chapters = [*opening, *_numbered(_titled(pieces))]
    kept = tuple(one for one in chapters if one.text)
    empty = [f"A heading without text: {one.title}." for one in chapters if not one.text]
    return Divided(kept, (*left_out, *empty, *back))


def _undivided(blocks: Sequence[Block], title: str) -> Divided:
    rest = [one for one in blocks if not same(one.text, title) and not is_end(one.text)]
    chapter = ManuscriptChapter(title=title or "Chapter 1", text=prose(rest))
    return Divided((chapter,), ("No headings of chapters were found: the text is one chapter.",))


def _cut(found: Outline) -> tuple[tuple[Block, ...], list[_Piece]]:
    """The blocks before the first piece, and the pieces in order."""
    blocks = [
        replace(one, lines=(SCENE_BREAK,), level=0) if at in found.sections else one
        for at, one in enumerate(found.blocks)
    ]
    taken = {one.at for one in found.chapters}
    marks = sorted((*found.chapters, *found.others), key=lambda one: one.at)
    marks = _from_first(marks, taken, found.blocks)
    ends = [*(one.at for one in marks[1:]), len(blocks)]
    pieces = [
        _Piece(one, tuple(blocks[one.at + 1 : end]), one.at in taken) for one, end in zip(marks, ends, strict=True)
    ]
    return tuple(blocks[: marks[0].at]), pieces


def _from_first(marks: list[Mark], taken: set[int], blocks: Sequence[Block]) -> list[Mark]:
    """The marks from the first chapter on, with the prologue or the heading of the part that lead to it."""
    first = next(at for at, one in enumerate(marks) if one.at in taken)
    begin = first
    for at in range(first - 1, -1, -1):
        size = words(blocks[marks[at].at + 1 : marks[at + 1].at])
        if (marks[at].heading.kind == "division" and size < _EPIGRAPH_WORDS) or (
            marks[at].heading.kind == "named" and marks[at].heading.word and size >= FEW_WORDS
        ):
            begin = at
        else:
            break
    return marks[begin:]


def _front(front: Sequence[Block], first: Mark, title: str) -> tuple[list[ManuscriptChapter], tuple[str, ...]]:
    """The story that begins without a heading, as a chapter, and what is said of the rest."""
    at = next((at for at in range(len(front) - 1, -1, -1) if _is_head(front[at])), -1)
    text = front[at + 1 :]
    size = words(text)
    number = first.heading.number
    is_first_missing = number == 2 and size >= FEW_WORDS
    is_story = (
        size >= CHAPTER_WORDS and (at < 0 or same(front[at].text, title) or byline(front[at].text)) and number <= 1
    )
    if not (is_first_missing or is_story):
        return [], _said("Front matter", front, title)
    name = "Chapter 1" if is_first_missing else _OPENING
    return [ManuscriptChapter(title=name, text=prose(text))], _said("Front matter", front[: at + 1], title)


def _is_head(one: Block) -> bool:
    return not one.is_break and (bool(one.level) or is_front(one.text) or (one.words <= 12 and is_title(one.text)))


def _said(name: str, blocks: Sequence[Block], title: str = "") -> tuple[str, ...]:
    """A line about what is left out, with the first headings in it or else its first words."""
    told = [one for one in blocks if not one.is_break and not same(one.text, title)]
    heads = [tidy_title(one.text) for one in told if _is_head(one) and not byline(one.text)]
    names = heads[:_NAMES] or [f"{one.text[:60].rsplit(' ', 1)[0]} …" for one in told[:1]]
    return (f"{name}, {words(told)} words: {'; '.join(names)}.",) if told else ()


def _without_back(pieces: list[_Piece]) -> tuple[list[_Piece], tuple[str, ...]]:
    """The pieces without lines such as ``THE END``, and the last one without what follows the story."""
    last = pieces[-1]
    at = _begin_of_back(last, sum(words(one.body) for one in pieces))
    back = [one for one in last.body[at:] if not is_end(one.text)]
    cut = [*pieces[:-1], replace(last, body=last.body[:at])]
    cut = [replace(one, body=tuple(part for part in one.body if not is_end(part.text))) for one in cut]
    return cut, _said("Back matter", back)


def _begin_of_back(last: _Piece, total: int) -> int:
    for at, one in enumerate(last.body):
        is_heading = is_front(one.text) and (one.level or one.text.isupper() or one.gap > 1)
        if (is_heading or is_end(one.text)) and words(last.body[at:]) < _BACK_SHARE * total and at:
            return at
    return len(last.body)


def _titled(pieces: Sequence[_Piece]) -> list[_Piece]:
    """The pieces with the titles that stand beneath their headings, where most headings of the kind have one."""
    groups: dict[str, list[bool]] = {}
    for one in pieces:
        if not one.mark.heading.title:
            groups.setdefault(one.mark.heading.word, []).append(_title_at(one) is not None)
    shares = {word: sum(found) / len(found) for word, found in groups.items()}
    return [_with_title(one, shares.get(one.mark.heading.word, 0.0)) for one in pieces]


def _with_title(one: _Piece, share: float) -> _Piece:
    """The piece with its title, when that share of its kind have one; where nearly all do, it need not look like it."""
    if one.mark.heading.title:
        return _without_repeated(one)
    at = _title_at(one)
    if at is None and share >= _NEARLY_ALL and _is_brief(one):
        at = next((at for at, part in enumerate(one.body[:2]) if not part.is_break), None)
    if at is None or not (share >= _MOST or one.body[at].level):
        return one
    said = replace(one.mark.heading, title=one.body[at].text)
    return replace(one, mark=replace(one.mark, heading=said), body=one.body[at + 1 :])


def _without_repeated(one: _Piece) -> _Piece:
    """The piece without the title on the page when the table of contents has told it already."""
    at = next((at for at, part in enumerate(one.body[:2]) if not part.is_break), None)
    is_repeated = at is not None and same(one.body[at].text, one.mark.heading.title)
    return replace(one, body=one.body[at + 1 :]) if at is not None and is_repeated else one


def _is_brief(one: _Piece) -> bool:
    first = next((part for part in one.body[:2] if not part.is_break), None)
    return first is not None and first.words <= _SHORT_TITLE and not first.text.startswith(QUOTES) and len(one.body) > 2


def _title_at(one: _Piece) -> int | None:
    """Where the title beneath a heading stands."""
    at = next((at for at, part in enumerate(one.body[:3]) if not part.is_break), None)
    if at is None:
        return None
    text = one.body[at].text
    is_followed = one.mark.heading.kind == "division" or len(one.body) > at + 1
    if one.body[at].level and is_followed and one.body[at].words <= _TITLE_WORDS * 2:
        return at
    is_short = len(one.body[at].lines) <= 3 and one.body[at].words <= _TITLE_WORDS
    return at if is_short and is_followed and is_title(text) and not text.startswith(QUOTES) else None


def _numbered(pieces: Sequence[_Piece]) -> list[ManuscriptChapter]:
    """The chapters, each with the parts it stands in."""
    parts: dict[str, str] = {}
    chapters: list[ManuscriptChapter] = []
    held: tuple[Block, ...] = ()
    for one in pieces:
        said = one.mark.heading
        if said.kind != "division" or one.is_chapter:
            book = (
                ""
                if said.kind == "named" and said.word and said.word not in {"interlude", "intermezzo"}
                else _book(parts)
            )
            chapters.append(_chapter(one, book, len(chapters) + 1, held))
            held = ()
            continue
        parts = _entered(parts, said.word, _name(said.label, said.title))
        if words(one.body) >= _EPIGRAPH_WORDS:
            chapters.append(
                ManuscriptChapter(title=_name(said.label, said.title), text=prose(one.body), book=_book(parts))
            )
        else:
            held = one.body
    return chapters


def _chapter(one: _Piece, book: str, position: int, before: tuple[Block, ...]) -> ManuscriptChapter:
    said = one.mark.heading
    title = tidy_title(said.title) or _printable(one, position)
    return ManuscriptChapter(title=title, text=prose((*before, *one.body)), book=book)


def _printable(one: _Piece, position: int) -> str:
    said = one.mark.heading
    if said.kind == "named":
        return said.label.capitalize() or f"Chapter {position}"
    word = "Chapter" if said.kind == "bare" else said.word.capitalize()
    return f"{word} {said.number or position}"


def _entered(parts: dict[str, str], word: str, name: str) -> dict[str, str]:
    """The parts one is in after the heading of a part: those within the one that ends are left, too."""
    kept: dict[str, str] = {}
    for key, value in parts.items():
        if key == word:
            break
        kept[key] = value
    return {**kept, word: name}


def _book(parts: dict[str, str]) -> str:
    return ", ".join(parts.values())


def _name(label: str, title: str) -> str:
    return ": ".join(filter(None, (label.rstrip(" .:—-"), tidy_title(title))))
