"""Small story values for tests: a harbour town, three people with a lamp and a ledger, and a book of N chapters.

Every builder takes what a test cares about and fills in the rest. The book is whole: its people have secrets, its
promises are opened and paid, its days go forward, and its chapters' changes are quoted from their texts.
"""

from __future__ import annotations

from story.cast import Cast, Character, Relation
from story.changes import Change, Learns, Moves, OpensPromise, PaysPromise, Tells
from story.chapter import Chapter, Chronicle, SceneRecord
from story.events import (
    CastAssembled,
    ChapterAccepted,
    Event,
    NovelRequested,
    PlotOutlined,
    WorldBuilt,
)
from story.novel import Novel
from story.outline import Act, Beat, ChapterPlan, Outline, Promise, ScenePlan, Thread, Truth
from story.premise import GivenCharacter, GivenWorld, Premise
from story.world import Item, Place, World

WORDS = 100
"""Words asked of a chapter: the fewest that a premise may ask."""

MARA, TOMAS, IDA = "mara", "tomas", "ida"
HARBOUR, TOWER, CHAPEL = "harbour", "tower", "chapel"
LAMP, LEDGER = "lamp", "ledger"


def a_premise(chapters: int = 3, **fields: object) -> Premise:
    """The keeper's daughter looks for the truth about a wreck; the seed is settled."""
    given: dict[str, object] = {
        "premise": "Mara keeps the lamp of a harbour town and looks for the truth about a wreck.",
        "genre": "mystery",
        "chapters": chapters,
        "words": WORDS,
        "characters": (GivenCharacter(name="Mara Venn", secret="She put the lamp out that night."),),
        "world": GivenWorld(setting="A harbour town", facts=("The lamp burns whale oil.",)),
    }
    return Premise.model_validate(given | fields).seeded()


def a_world() -> World:
    """Three places and two items; the author's fact stands first."""
    return World(
        genre="mystery",
        setting="A harbour town",
        facts=("The lamp burns whale oil.", "No ship sails on a Friday."),
        customs=("Who finds a wreck must ring the bell.",),
        places=(
            Place(id=HARBOUR, name="The Harbour", near=(TOWER, CHAPEL)),
            Place(id=TOWER, name="The Tower", near=(HARBOUR,)),
            Place(id=CHAPEL, name="The Chapel", near=(HARBOUR,)),
        ),
        items=(Item(id=LAMP, name="the lamp"), Item(id=LEDGER, name="the ledger")),
    )


def a_cast() -> Cast:
    """Three people; Mara and Tomas have a secret, Mara holds the lamp, Tomas the ledger."""
    return Cast(
        characters=(
            Character(
                id=MARA,
                name="Mara Venn",
                aliases=("the keeper",),
                want="the truth about the wreck",
                fear="the dark",
                secret="She put the lamp out that night.",
                voice="short sentences",
                home=TOWER,
                holds=(LAMP,),
                relations=(Relation(other=TOMAS, kind="distrusts"),),
            ),
            Character(
                id=TOMAS,
                name="Tomas Reed",
                want="to keep his name",
                secret="He sold the cargo of the wreck.",
                home=HARBOUR,
                holds=(LEDGER,),
            ),
            Character(id=IDA, name="Ida Quill", want="a quiet parish", home=CHAPEL),
        )
    )


def a_scene(*effects: Change, place: str = TOWER, day: int = 1, pov: str = MARA, others: tuple[str, ...] = (TOMAS,)):
    """A planned scene with these intended effects, by default Mara's at the tower with Tomas."""
    beats = (Beat(summary="They talk about the wreck.", effects=effects),)
    return ScenePlan(place=place, day=day, pov=pov, characters=(pov, *others), goal="to learn more", beats=beats)


def a_plan(*scenes: ScenePlan, key: str = "c1", title: str = "A Light") -> ChapterPlan:
    """A planned chapter; without scenes it has one in which nothing changes."""
    return ChapterPlan(id=key, title=title, scenes=scenes or (a_scene(),))


def an_outline(chapters: int = 3) -> Outline:
    """An outline of so many chapters with their ids, in two acts when there are enough.

    Chapter n opens ``promise-n``, due in the next but two and paid in the next (the last pays its own too); its
    scene has day n. Truth ``wreck`` is known to Ida, who tells it to Mara in the last chapter.
    """
    plans = tuple(_plan(n, chapters) for n in range(1, chapters + 1))
    half = (chapters + 1) // 2
    acts = [Act(title="Ebb", chapters=plans[:half])]
    if plans[half:]:
        acts.append(Act(title="Flood", chapters=plans[half:]))
    return Outline(
        title="The Dark Lamp",
        logline="A keeper learns who wrecked a ship.",
        acts=tuple(acts),
        threads=(Thread(id="wreck-thread", name="The wreck"),),
        promises=tuple(
            Promise(id=f"promise-{n}", text=f"What did the {n}. bell mean?", due_chapter=min(n + 3, chapters))
            for n in range(1, chapters + 1)
        ),
        truths=(Truth(id="wreck", text="The ship was sunk for its cargo.", known_by=(IDA,)),),
    )


def _plan(number: int, of: int) -> ChapterPlan:
    effects: list[Change] = [OpensPromise(promise=f"promise-{number}")]
    if number > 1:
        effects.append(PaysPromise(promise=f"promise-{number - 1}"))
    if number == of:
        effects += [PaysPromise(promise=f"promise-{number}"), Tells(character=IDA, listener=MARA, fact="wreck")]
    others = (TOMAS, IDA) if number == of else (TOMAS,)
    scene = a_scene(*effects, day=number, others=others)
    return ChapterPlan(id=f"chapter-{number}", title=f"Bell {number}", purpose=f"Bell {number} rings.", scenes=(scene,))


def a_text(*quotes: str, words: int = WORDS, mark: str = "") -> str:
    """A text of exactly so many words, if the quotes leave room, which holds every quote in a paragraph of its own."""
    used = sum(len(quote.split()) for quote in (*quotes, mark))
    filler = " ".join(["tide"] * max(words - used, 1))
    return "\n\n".join((*([mark] if mark else []), *quotes, filler))


def quote_of(change: Change) -> str:
    """The sentence that shows a change in the texts of these builders."""
    values = change.model_dump(exclude={"scene", "quote"}).values()
    return "It was so: " + " ".join(map(str, values)) + "."


def shown(*changes: Change) -> tuple[Change, ...]:
    """The same changes, each with the sentence that shows it."""
    return tuple(change.model_copy(update={"quote": quote_of(change)}) for change in changes)


def a_chronicle(
    *changes: Change, day: int = 1, place: str = TOWER, summary: str = "They talked about the wreck."
) -> Chronicle:
    """A chronicle of quoted changes, with a record of each scene that they name, all on one day at one place."""
    scenes = tuple(
        SceneRecord(number=n, place=place, day=day, pov=MARA, characters=(MARA, TOMAS))
        for n in sorted({1, *(change.scene for change in changes)})
    )
    return Chronicle(summary=summary, scenes=scenes, changes=shown(*changes))


def a_chapter(*changes: Change, key: str = "c1", title: str = "A Light", day: int = 1, mark: str = "") -> Chapter:
    """An accepted chapter with these changes; without any, Mara goes to the harbour and learns Tomas' secret."""
    given = changes or (Moves(character=MARA, place=HARBOUR), Learns(character=MARA, fact="secret-of-tomas"))
    chronicle = a_chronicle(*given, day=day)
    quotes = tuple(change.quote for change in chronicle.changes)
    return Chapter(id=key, title=title, text=a_text(*quotes, mark=mark), chronicle=chronicle)


def chapter_as_planned(plan: ChapterPlan, number: int) -> Chapter:
    """The chapter that does exactly what its plan wants; text and summary name it by ``mark-number``."""
    chapter = a_chapter(
        *plan.effects, key=plan.id, title=plan.title, day=plan.scenes[0].day, mark=f"mark-{number} begins."
    )
    chronicle = chapter.chronicle.model_copy(update={"summary": f"The sum of mark-{number}: a bell rang."})
    return chapter.model_copy(update={"chronicle": chronicle})


def events_of(chapters: int = 3, written: int = 0, premise: Premise | None = None) -> list[Event]:
    """The log of a book of so many chapters of which the first ones are written."""
    outline = an_outline(chapters)
    accepted = [chapter_as_planned(plan, n) for n, plan in enumerate(outline.chapters[:written], start=1)]
    return [
        NovelRequested(owner="ada", premise=premise or a_premise(chapters), max_calls=100),
        WorldBuilt(world=a_world(), steps=("s1",)),
        CastAssembled(cast=a_cast(), steps=("s2",)),
        PlotOutlined(outline=outline, steps=("s3",)),
        *(ChapterAccepted(chapter=chapter) for chapter in accepted),
    ]


def a_novel(chapters: int = 3, written: int = 0, premise: Premise | None = None) -> Novel:
    """The novel that ``events_of`` amounts to."""
    return Novel.of(events_of(chapters, written, premise))
