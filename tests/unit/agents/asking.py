"""Requests of the builders' book, one for each of our agents."""

from __future__ import annotations

from agents.builtin import ChapterWriter, CharacterDesigner, Chronicler, Editor, PlotArchitect, WorldBuilder
from agents.context import compile_context
from agents.requests import AssembleCast, BuildWorld, ChronicleChapter, EditChapter, OutlinePlot, WriteChapter
from story.finding import Finding
from story.premise import Premise
from tests.builders import a_cast, a_novel, a_premise, a_world

AGENTS = (WorldBuilder(), CharacterDesigner(), PlotArchitect(), ChapterWriter(), Editor(), Chronicler())


def request_for(capability: str, premise: Premise | None = None):
    """What the agent of a capability is asked about the second chapter of three, or before any."""
    premise = premise or a_premise()
    if capability == "build-world":
        return BuildWorld(premise=premise)
    if capability == "assemble-cast":
        return AssembleCast(premise=premise, world=a_world())
    if capability == "outline-plot":
        return OutlinePlot(premise=premise, world=a_world(), cast=a_cast())
    novel = a_novel(chapters=3, written=1, premise=premise)
    context = compile_context(novel, novel.next_plan).context
    if capability == "write-chapter":
        return WriteChapter(premise=premise, world=a_world(), context=context)
    kind = {"edit-chapter": EditChapter, "chronicle": ChronicleChapter}[capability]
    return kind(premise=premise, context=context, text="The draft of the day.")


def a_revision() -> WriteChapter:
    """A request to mend a draft."""
    findings = (Finding(rule="r", message="Mend the bell."),)
    fields = dict(request_for("write-chapter"))
    return WriteChapter(**fields | {"draft": "The first draft.", "findings": findings})
