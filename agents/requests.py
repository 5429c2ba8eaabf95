"""What the agents are asked, by capability, and the answers that are not story vocabulary already.

A request is a frozen value that holds no novel id, run id, time, path or random id: the same story asked again is
the same request. It names what may be known at that point of the telling and nothing from after it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from story.base import Value
from story.cast import Cast, Character
from story.finding import Finding
from story.outline import Promise, ScenePlan
from story.premise import Premise
from story.world import Item, Place, World


def without_secrets(premise: Premise) -> Premise:
    """The premise without its characters' secrets: a chapter's context holds those that may be known in it."""
    characters = tuple(one.model_copy(update={"secret": ""}) for one in premise.characters)
    return premise.model_copy(update={"characters": characters})


OpenPremise = Annotated[Premise, AfterValidator(without_secrets)]
"""The premise as the agents of a chapter may know it."""


class BuildWorld(Value):
    """Capability ``build-world``, answered with a ``World``."""

    premise: Premise


class AssembleCast(Value):
    """Capability ``assemble-cast``, answered with a ``Cast``."""

    premise: Premise
    world: World


class OutlinePlot(Value):
    """Capability ``outline-plot``, answered with an ``Outline``."""

    premise: Premise
    world: World
    cast: Cast


class Contract(Value):
    """What a chapter has to do: its place in the book, its scenes with the intended effects, its length in words."""

    number: int
    of: int
    act: str
    title: str
    purpose: str
    words: int
    scenes: tuple[ScenePlan, ...]


class Fact(Value):
    """Something true, by id; ``told`` says that the reader knows it already."""

    id: str
    text: str
    told: bool = False


class PersonState(Value):
    """How a person stands just before the chapter. ``knows`` are fact ids among those the request gives."""

    character: str
    alive: bool = True
    place: str = ""
    holds: tuple[str, ...] = ()
    injuries: tuple[str, ...] = ()
    knows: tuple[str, ...] = ()


class Reference(Value):
    """An id and what it stands for."""

    id: str
    name: str


class Bond(Value):
    """How somebody stands to somebody or something, by id, since the chapter of that number (0: from the start)."""

    of: str
    to: str
    how: str
    since: int


class Excerpt(Value):
    """A passage of an earlier chapter, word for word."""

    chapter: int
    title: str
    text: str


class ChapterContext(Value):
    """What is known of the story just before a chapter.

    ``people`` are those on stage, without secrets that neither the point of view knows nor the chapter reveals;
    ``facts`` are those that the point of view knows or that the chapter gives away; ``promises`` are the open ones
    and those the chapter opens; ``so_far`` sums up earlier chapters, oldest first; ``bonds`` are how those on
    stage stand to others; ``excerpts`` are passages that bear on this chapter, the earliest first; ``ending`` is the
    end of the previous chapter, word for word.
    """

    contract: Contract
    people: tuple[Character, ...]
    states: tuple[PersonState, ...] = ()
    places: tuple[Place, ...] = ()
    items: tuple[Item, ...] = ()
    facts: tuple[Fact, ...] = ()
    promises: tuple[Promise, ...] = ()
    roster: tuple[Reference, ...] = ()
    so_far: tuple[str, ...] = ()
    bonds: tuple[Bond, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    ending: str = ""


class WriteChapter(Value):
    """Capability ``write-chapter``, answered with ``Prose``.

    With ``draft`` and ``findings`` it asks for a revision of that draft. ``telling`` numbers the attempts after a
    chapter was held, so that a held chapter is asked anew.
    """

    premise: OpenPremise
    world: World
    context: ChapterContext
    draft: str = ""
    findings: tuple[Finding, ...] = ()
    telling: int = 0


class EditChapter(Value):
    """Capability ``edit-chapter``, answered with a ``Review``."""

    premise: OpenPremise
    context: ChapterContext
    text: str


class ChronicleChapter(Value):
    """Capability ``chronicle``, answered with a ``Chronicle``."""

    premise: OpenPremise
    context: ChapterContext
    text: str


class Prose(Value):
    """The text of a chapter: paragraphs parted by empty lines, scenes by a line ``* * *``; no heading."""

    text: Annotated[str, Field(min_length=1)]


class Review(Value):
    """What the editor objects to, each with a quote; no finding means that the draft may stand."""

    findings: tuple[Finding, ...] = ()


Request = BuildWorld | AssembleCast | OutlinePlot | WriteChapter | EditChapter | ChronicleChapter
