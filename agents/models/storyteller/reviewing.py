"""The review: what can be proven against a draft from the text and the context alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from agents.models.storyteller.chronicling import planned, shown
from agents.models.storyteller.stage import Stage
from agents.models.storyteller.wording import sentences
from agents.requests import EditChapter, Review
from story.finding import Finding

LONG = 8
"""A sentence of so many words does not stand twice by chance."""


def review(request: EditChapter) -> Review:
    """What is wrong with a draft; nothing with a sound one."""
    stage = Stage(request.premise, request.context)
    rules = (_missing(request, stage), _repeated(request.text), _dead(request, stage), _misspelt(request, stage))
    return Review(findings=tuple(finding for rule in rules for finding in rule))


def _missing(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    proven = Counter((one.kind, one.scene) for one in shown(stage, request.text))
    wanted = Counter((one.kind, one.scene) for one in planned(stage))
    for (kind, scene), count in sorted((wanted - proven).items()):
        yield Finding(
            rule="effect-missing", message=f"scene {scene}: {count} planned change of the kind {kind!r} is not shown"
        )


def _repeated(text: str) -> Iterator[Finding]:
    lines = [line.strip() for line in sentences(text)]
    for line, count in sorted(Counter(lines).items()):
        if count > 1 and len(line.split()) >= LONG:
            yield Finding(rule="said-twice", message=f"the sentence stands {count} times", quote=line)


def _dead(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    for state in request.context.states:
        if state.alive or state.character not in stage.sheets:
            continue
        name = stage.people[state.character].name
        found = re.search(
            rf"\b{re.escape(name)} (?:said|asked|answered|went|came|took|gave|says|asks|goes|comes)\b", request.text
        )
        if found:
            yield Finding(rule="dead-act", message=f"{name} is dead and acts", quote=found[0])


def _misspelt(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    known = stage.proper | {word for one in request.context.roster for word in re.findall(r"\w+", one.name)}
    said = Counter(re.findall(r"(?<=[a-z,] )[A-Z][a-z]{4,}", request.text))
    for word in sorted(said):
        near = next((name for name in sorted(known) if len(name) > 4 and _one_letter_off(word, name)), "")
        if word not in known and near:
            yield Finding(rule="name-misspelt", severity="note", message=f"{word!r} for {near!r}?", quote=word)


def _one_letter_off(word: str, name: str) -> bool:
    if word[0] != name[0] or word in (name + "s", name[:-1]):
        return False
    if len(word) == len(name):
        return sum(a != b for a, b in zip(word, name, strict=True)) == 1
    long, short = sorted((word, name), key=len, reverse=True)
    return len(long) - len(short) == 1 and any(long[:n] + long[n + 1 :] == short for n in range(len(long)))
