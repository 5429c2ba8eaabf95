"""The plan of a book as a picture: acts above, threads and promises beneath them, then who knows what when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.exports.files import write_whole
from storage.exports.graphs import UnknownEnding, reasoned
from storage.exports.graphs.drawing import WIDTH, one_line
from storage.exports.graphs.fonts import face_for, fitted, serif, shortened, wrapped
from storage.exports.graphs.geometry import Box
from storage.exports.graphs.palette import FAINT, FILLS, HAIR, INK, PAPER
from storage.exports.graphs.sheet import MARGIN, Key, Sheet
from story.plan import BEFORE, Course, Plan, Strand, Turn, TurnKind

PLAN_ENDINGS = (".png", ".svg")
"""The endings of the files that a plan is drawn into."""

MOST_STRANDS, MOST_PEOPLE, MOST_FACTS = 40, 40, 150
"""What a picture holds; with more, nobody looks at it."""

_LABELS = 330
"""How wide the names on the left are."""
_NARROWEST = 28.0
_TITLED, _WORDED = 80.0, 170.0
"""Columns so wide have the chapters' titles above, and words beside their marks."""
_RADIUS, _PITCH, _LINE = 11.0, 26.0, 20.0
_MOST_BEFORE = 4
"""How many marks stand side by side in what is so at the start."""
_LONGEST = 300
_LACKING = "in letters that this picture lacks"
_BANDS = ("#d5deea", "#e9edf3")
_STAGE = "#eef1f5"
_TITLE, _BODY, _SMALL, _TINY = 40.0, 19.0, 17.0, 14.0

_SIGNS: Mapping[TurnKind, Key] = {
    "knows": Key("knows from the start", "circle", FAINT, hollow=True),
    "learns": Key("finds it out", "circle", FILLS[0]),
    "is told": Key("is told", "circle", FILLS[2]),
    "holds": Key("has it from the start", "diamond", FAINT, hollow=True),
    "gets": Key("gets it", "diamond", FILLS[3]),
    "gives up": Key("has it no longer", "diamond", FILLS[3], hollow=True),
    "is hurt": Key("is hurt", "triangle", FILLS[1]),
    "heals": Key("is well again", "triangle", FILLS[1], hollow=True),
    "dies": Key("dies", "cross", INK),
}


def write_plan(plan: Plan, path: Path, note: str = "") -> None:
    """Draws the plan into a file of the format that the path's ending names; ``note`` is a line about it.

    Raises:
        UnknownEnding: the ending is none of ``PLAN_ENDINGS``.
        FileNotWritable: the file cannot be written there.
    """
    ending = path.suffix.lower()
    if ending not in PLAN_ENDINGS:
        raise UnknownEnding(f"A plan is drawn into a file ending in {' or '.join(PLAN_ENDINGS)}, not in {ending!r}.")
    content = png(plan, note) if ending == ".png" else svg(plan, note)
    with reasoned(path):
        write_whole(path, content)


def png(plan: Plan, note: str = "") -> bytes:
    """The plan as a PNG; the same plan gives the same bytes."""
    return _drawn(plan, note).png()


def svg(plan: Plan, note: str = "") -> bytes:
    """The plan as an SVG; the same plan gives the same bytes."""
    return _drawn(plan, note).svg()


@dataclass(frozen=True)
class _Columns:
    """Where the chapters stand: ``before`` is how wide the column is of what is so at the start, if there is one."""

    width: int
    before: float
    each: float

    @classmethod
    def of(cls, plan: Plan) -> _Columns:
        """As wide as a sheet of the usual width lets them be, or wider where that would be too narrow."""
        most = max((sum(turn.chapter == BEFORE for turn in one.turns) for one in plan.people), default=0)
        before = max(64.0, min(most, _MOST_BEFORE) * _PITCH + 26) if most else 0.0
        taken, count = 2 * MARGIN + _LABELS + before, len(plan.chapters)
        each = max(_NARROWEST, (WIDTH - taken) / count)
        return cls(width=round(taken + each * count), before=before, each=each)

    def left(self, chapter: int) -> float:
        """Where a chapter's column begins."""
        return MARGIN + _LABELS + (self.before + (chapter - 1) * self.each if chapter != BEFORE else 0.0)

    def middle(self, chapter: int) -> float:
        """The middle of a chapter's column."""
        return self.left(chapter) + self.wide(chapter) / 2

    def wide(self, chapter: int) -> float:
        """How wide the column is."""
        return self.before if chapter == BEFORE else self.each

    def worded(self, chapter: int) -> bool:
        """Whether its marks have words beside them, one mark to a line."""
        return chapter != BEFORE and self.each >= _WORDED

    def in_a_row(self, chapter: int) -> int:
        """How many marks stand side by side."""
        return 1 if self.worded(chapter) else max(1, int((self.wide(chapter) - 2) // _PITCH))


def _drawn(plan: Plan, note: str) -> Sheet:
    columns = _Columns.of(plan)
    sheet = Sheet(columns.width, WIDTH)
    shown, remarks = _narrowed(plan)
    signs = _signs(shown)
    y = top = _head(sheet, shown, (one_line(note), *remarks))
    y = _acts(sheet, columns, shown, y)
    y = _chapters(sheet, columns, shown, y)
    y = _strands(sheet, columns, shown.strands, y)
    y = _people(sheet, columns, shown, signs, y)
    _rules(sheet, columns, shown, top, y)
    y = _glossary(sheet, shown, signs, y + 28)
    for legend in (list(_of_strands(shown.strands)), list(_of_people(shown.people))):
        y = sheet.keys(legend, y + 34) if legend else y
    sheet.cut(y + 40)
    return sheet


def _narrowed(plan: Plan) -> tuple[Plan, list[str]]:
    """The plan with no more than a picture holds, and what is said of the rest."""
    turned = sorted(plan.people, key=lambda one: (-len(one.turns), -len(one.on_stage)))[:MOST_PEOPLE]
    facts = dict(list(plan.facts.items())[:MOST_FACTS])
    shown = plan.model_copy(
        update={
            "strands": plan.strands[:MOST_STRANDS],
            "people": tuple(_without(one, plan.facts.keys() - facts.keys()) for one in plan.people if one in turned),
            "facts": facts,
        }
    )
    pairs = (
        (len(shown.strands), len(plan.strands), "threads and promises"),
        (len(shown.people), len(plan.people), "people"),
        (len(shown.facts), len(plan.facts), "facts"),
    )
    return shown, [f"{some} of {all_of} {what} are shown." for some, all_of, what in pairs if some < all_of]


def _without(course: Course, facts: Iterable[str]) -> Course:
    left_out = set(facts)
    kept = (one for one in course.turns if one.kind not in {"knows", "learns", "is told"} or one.what not in left_out)
    return course.model_copy(update={"turns": tuple(kept)})


def _signs(plan: Plan) -> dict[tuple[str, str], str]:
    """What stands in the marks: numbers for facts and letters for things, by the mark's shape and its matter."""
    facts = {("circle", key): str(number) for number, key in enumerate(plan.facts, start=1)}
    return facts | {("diamond", key): _letters(number) for number, key in enumerate(plan.items)}


def _letters(number: int) -> str:
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _readable(text: str, instead: str) -> str:
    """The text on one line, as far as our fonts have its letters; when they have none, the words instead."""
    line = shortened(one_line(text), _LONGEST)
    if not line or face_for(line) is None:
        line = "".join(letter for letter in line if serif("Regular").covers(letter)).strip()
    return line if any(map(str.isalnum, line)) else instead


def _lines(text: str, room: float, size: float, most: int) -> list[str]:
    return wrapped(text, room, size, face_for(text) or serif("Regular"), most)


def _stacked(
    sheet: Sheet, lines: Sequence[str], x: float, y: float, size: float, colour: str = INK, align: str = "left"
) -> None:
    """Writes the lines one beneath the other, the first at this height."""
    for number, line in enumerate(lines):
        face = face_for(line) or serif("Regular")
        sheet.text(line, x, y + number * _LINE, size, face, colour, align, halo=False)


def _head(sheet: Sheet, plan: Plan, remarks: Sequence[str]) -> float:
    room, cut = sheet.width - 2 * MARGIN, serif("Semibold")
    sheet.written(fitted(_readable(plan.title, "The plan"), room, _TITLE, cut), MARGIN, 46, _TITLE)
    said = "  ·  ".join(filter(None, remarks))
    sheet.written(fitted(_readable(said, ""), room, 21, serif("Regular")), MARGIN, 88, 21, FAINT)
    return 116.0


def _acts(sheet: Sheet, columns: _Columns, plan: Plan, y: float) -> float:
    for number, act in enumerate(plan.acts, start=1):
        box = Box(columns.left(act.first), y, columns.left(act.last + 1), y + 36)
        sheet.area(box, _BANDS[number % 2])
        text = _readable(act.title, f"Act {number}")
        face = face_for(text, "Semibold") or serif("Semibold")
        text = fitted(text, box.right - box.left - 12, _BODY, face)
        sheet.text(text, box.centre[0], y + 18, _BODY, face, align="center", halo=False)
    return y + 36


def _chapters(sheet: Sheet, columns: _Columns, plan: Plan, y: float) -> float:
    if columns.before:
        sheet.text("before", columns.middle(BEFORE), y + 18, _SMALL, serif("It"), FAINT, "center", halo=False)
    for number in range(1, len(plan.chapters) + 1):
        sheet.text(str(number), columns.middle(number), y + 18, _SMALL, serif("Semibold"), FAINT, "center", halo=False)
    titles = plan.chapters if columns.each >= _TITLED else ()
    lines = [_lines(_readable(title, ""), columns.each - 8, _TINY, 3) for title in titles]
    for number, title in enumerate(lines, start=1):
        _stacked(sheet, title, columns.middle(number), y + 42, _TINY, FAINT, "center")
    return y + 40 + _LINE * max(map(len, lines), default=0)


def _heading(sheet: Sheet, text: str, y: float) -> float:
    sheet.text(text, MARGIN, y + 22, _BODY, serif("Semibold"), FAINT, halo=False)
    return y + 44


def _strands(sheet: Sheet, columns: _Columns, strands: Sequence[Strand], y: float) -> float:
    if not strands:
        return y
    kinds = dict.fromkeys(f"{one.kind}s" for one in strands)
    y = _heading(sheet, " and ".join(kinds).capitalize(), y)
    for number, strand in enumerate(strands):
        text = _readable(strand.name, f"{strand.kind} {number + 1}")
        lines = _lines(text, _LABELS - 16, _SMALL, 2)
        height = 12 + _LINE * len(lines)
        _stacked(sheet, lines, MARGIN, y + 6 + _LINE / 2, _SMALL)
        _strand(sheet, columns, strand, y + height / 2, FILLS[number % 6])
        y += height
    return y + 10


def _strand(sheet: Sheet, columns: _Columns, strand: Strand, y: float, colour: str) -> None:
    """Its line from its first chapter to its last, and faintly on to where it is due and not paid."""
    if strand.touched:
        ends = columns.middle(strand.touched[0]), columns.middle(strand.touched[-1])
        sheet.line(ends, (y, y), 4, colour, 0.75)
    if strand.due and not strand.paid:
        if strand.touched:
            sheet.line((columns.middle(strand.touched[-1]), columns.middle(strand.due)), (y, y), 2, colour, 0.4)
        sheet.mark("square", columns.middle(strand.due), y, 8, colour, hollow=True)
    for chapter in strand.touched:
        sheet.mark("circle", columns.middle(chapter), y, 6, colour)
    if strand.opened:
        sheet.mark("circle", columns.middle(strand.opened), y, 8, colour, hollow=True)
    if strand.paid:
        sheet.mark("square", columns.middle(strand.paid), y, 9, colour)


def _people(sheet: Sheet, columns: _Columns, plan: Plan, signs: Mapping[tuple[str, str], str], y: float) -> float:
    if not plan.people:
        return y
    y = _heading(sheet, "Who knows what when", y)
    for number, course in enumerate(plan.people, start=1):
        cells = {chapter: [one for one in course.turns if one.chapter == chapter] for chapter in _numbers(course)}
        rows = max((-(-len(turns) // columns.in_a_row(chapter)) for chapter, turns in cells.items()), default=1)
        height = 12 + _PITCH * max(rows, 1)
        for chapter in course.on_stage:
            sheet.area(Box(columns.left(chapter), y, columns.left(chapter + 1), y + height), _STAGE)
        name = _readable(course.name, f"person {number}")
        _stacked(sheet, _lines(name, _LABELS - 16, _BODY, 1), MARGIN, y + 6 + _PITCH / 2, _BODY)
        for chapter, turns in cells.items():
            _cell(sheet, columns, chapter, [_sign(turn, plan, signs) for turn in turns], y + 6 + _PITCH / 2)
        sheet.line((MARGIN, sheet.width - MARGIN), (y, y), 1, HAIR)
        y += height
    sheet.line((MARGIN, sheet.width - MARGIN), (y, y), 1, HAIR)
    return y


def _numbers(course: Course) -> list[int]:
    return sorted({turn.chapter for turn in course.turns})


def _sign(turn: Turn, plan: Plan, signs: Mapping[tuple[str, str], str]) -> tuple[Key, str]:
    """The mark of a turn with the words beside it, and what stands in it."""
    key = _SIGNS[turn.kind]
    words = plan.facts.get(turn.what) or plan.items.get(turn.what) or turn.what or key.words
    return key._replace(words=_readable(words, "")), signs.get((key.shape, turn.what), "")


def _cell(sheet: Sheet, columns: _Columns, chapter: int, marks: Sequence[tuple[Key, str]], y: float) -> None:
    """The marks of a chapter for a person, in rows from the top."""
    in_a_row = columns.in_a_row(chapter)
    for number, (key, text) in enumerate(marks):
        row, place = divmod(number, in_a_row)
        height = y + row * _PITCH
        if columns.worded(chapter):
            _mark(sheet, key, text, columns.left(chapter) + 18, height)
            words = _lines(key.words, columns.each - 46, _TINY + 1, 1)
            _stacked(sheet, words, columns.left(chapter) + 34, height, _TINY + 1)
        else:
            wide = min(in_a_row, len(marks) - row * in_a_row)
            _mark(sheet, key, text, columns.middle(chapter) + (place - (wide - 1) / 2) * _PITCH, height)


def _mark(sheet: Sheet, key: Key, text: str, x: float, y: float) -> None:
    radius = _RADIUS * (0.85 if key.shape == "triangle" else 1)  # its corners reach farther than a circle does
    sheet.mark(key.shape, x, y, radius, key.colour, hollow=key.hollow)
    if text:
        ink = INK if key.hollow or key.colour == FILLS[3] else PAPER
        sheet.text(text, x, y, _TINY if len(text) < 3 else 11.0, serif("Semibold"), ink, "center", halo=False)


def _rules(sheet: Sheet, columns: _Columns, plan: Plan, top: float, bottom: float) -> None:
    """Upright lines between chapters, and stronger ones between acts."""
    ends = {act.last for act in plan.acts} | {0}
    for number in range(len(plan.chapters) + 1):
        x = columns.left(number + 1)
        sheet.line((x, x), (top if number in ends else top + 36, bottom), 1, FAINT if number in ends else HAIR, 0.7)


def _glossary(sheet: Sheet, plan: Plan, signs: Mapping[tuple[str, str], str], y: float) -> float:
    """What the numbers and letters stand for, in two columns of about the same height."""
    facts = [(Key(text, "circle", FAINT), signs["circle", key]) for key, text in plan.facts.items()]
    things = [(Key(text, "diamond", FILLS[3]), signs["diamond", key]) for key, text in plan.items.items()]
    room = (sheet.width - 2 * MARGIN) / 2
    entries = [(*one, _lines(_readable(one[0].words, _LACKING), room - 52, _SMALL, 2)) for one in (*facts, *things)]
    half = sum(_tall(lines) for _, _, lines in entries) / 2
    x, at, lowest = float(MARGIN), y, y
    for key, text, lines in entries:
        if at - y >= half and x == MARGIN:
            x, at = MARGIN + room, y
        _mark(sheet, key, text, x + _RADIUS, at)
        _stacked(sheet, lines, x + 32, at, _SMALL)
        at += _tall(lines)
        lowest = max(lowest, at)
    return lowest


def _tall(lines: Sequence[str]) -> float:
    return 8 + _LINE * len(lines)


def _of_strands(strands: Sequence[Strand]) -> Iterator[Key]:
    if strands:
        yield Key("Threads and promises:")
    if any(one.touched for one in strands):
        yield Key("in this chapter", "circle", FAINT)
    if any(one.opened for one in strands):
        yield Key("promised", "circle", FAINT, hollow=True)
    if any(one.paid for one in strands):
        yield Key("paid", "square", FAINT)
    if any(one.due and not one.paid for one in strands):
        yield Key("due, and not paid", "square", FAINT, hollow=True)


def _of_people(people: Sequence[Course]) -> Iterator[Key]:
    if people:
        yield Key("People:")
        yield Key("on stage", "square", _BANDS[0])
    kinds = {turn.kind for one in people for turn in one.turns}
    yield from (key for kind, key in _SIGNS.items() if kind in kinds)
