"""The whole pipeline in one process, without Prefect, storage or a gateway: premise in, novel out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage

from agents.builtin import ChapterWriter, CharacterDesigner, Chronicler, Editor, PlotArchitect, WorldBuilder
from agents.context import compile_context
from agents.contract import Agent
from agents.models.storyteller.chat import Storyteller
from agents.requests import AssembleCast, BuildWorld, ChronicleChapter, EditChapter, OutlinePlot, WriteChapter
from story.chapter import Chapter
from story.continuity import Draft, check
from story.events import CastAssembled, ChapterAccepted, NovelRequested, PlotOutlined, WorldBuilt
from story.finding import Finding
from story.novel import Novel
from story.premise import Premise


@dataclass
class Book:
    """A finished novel with everything that was objected to on the way."""

    novel: Novel
    findings: list[Finding] = field(default_factory=list)
    reviews: list[Finding] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The chapters, one after the other."""
        return "\n\n".join(chapter.text for chapter in self.novel.chapters)


def ask(agent: Agent[Any, Any], request: Any) -> Any:
    """The storyteller's answer as the agent reads it."""
    question = agent.question(request)
    messages = [SystemMessage(question.prompt.system), HumanMessage(question.prompt.human)]
    return question.parse(str(Storyteller().invoke(messages).content))


def write(premise: Premise, chapters: int | None = None) -> Book:
    """A book of a premise, or its first chapters."""
    premise = premise.seeded()
    world = ask(WorldBuilder(), BuildWorld(premise=premise))
    cast = ask(CharacterDesigner(), AssembleCast(premise=premise, world=world))
    outline = ask(PlotArchitect(), OutlinePlot(premise=premise, world=world, cast=cast)).identified()
    novel = Novel.of(
        (
            NovelRequested(owner="reader", premise=premise, max_calls=10_000),
            WorldBuilt(world=world),
            CastAssembled(cast=cast),
            PlotOutlined(outline=outline),
        )
    )
    book = Book(novel)
    while (plan := book.novel.next_plan) and (chapters is None or len(book.novel.chapters) < chapters):
        _write_next(book, plan, premise)
    return book


def _write_next(book: Book, plan: Any, premise: Premise) -> None:
    novel = book.novel
    assert novel.world and novel.outline
    context = compile_context(novel, plan).context
    text = ask(ChapterWriter(), WriteChapter(premise=premise, world=novel.world, context=context)).text
    book.reviews += ask(Editor(), EditChapter(premise=premise, context=context, text=text)).findings
    chronicle = ask(Chronicler(), ChronicleChapter(premise=premise, context=context, text=text))
    chronicle, dropped = chronicle.proven_by(text)
    assert not dropped, dropped
    draft = Draft(
        position=len(novel.chapters) + 1, plan=plan, asked_words=premise.words, text=text, chronicle=chronicle
    )
    book.findings += check(novel.canon, draft, novel.outline)
    chapter = Chapter(id=plan.id, title=plan.title, text=text, chronicle=chronicle)
    book.novel = novel.after(ChapterAccepted(chapter=chapter))
