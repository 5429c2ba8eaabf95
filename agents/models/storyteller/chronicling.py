"""The chronicle: the chapter is told again, and what its sentences show is what happened."""

from __future__ import annotations

import re

from agents.models.storyteller.premise import plain
from agents.models.storyteller.scenes import REVISIONS, Telling, tell
from agents.models.storyteller.stage import Stage
from agents.requests import ChronicleChapter
from story.base import word_count
from story.changes import Change, actors, quoted
from story.chapter import Chronicle, SceneRecord

TELLINGS = (0, *range(100, 100 + REVISIONS), 1, 2, 3)
"""The tellings a text is compared with, the likeliest first."""

_SIGNS = {
    "moves": r"c[ao]me|w[ea]nt|arriv|reach|enter|walk|return|left|ran|drove|rode",
    "takes": r"t[ao][ok]|grab|pick|pocket|seiz|lift|steal|stole|has|had",
    "gives": r"g[ai]ve|hand|pass|held out|offer",
    "loses": r"los[et]|gone|miss|drop|stolen",
    "learns": r"learn|knew|know|found|find|saw|see|understood|realis|realiz|discover|read|heard",
    "tells": r"t[eo]ll|said|say|confess|admit|answer|explain|reveal|“|\"",
    "dies": r"d[iy]ed|dead|dies|death|killed|last breath",
    "injured": r"hurt|wound|cut|broke|blood|injur|bruis|burn|struck",
    "heals": r"heal|mend|recover|well again|knit",
    "meets": r"met|meet|introduc|first time|shook",
    "relates": r"friend|enem|love|hate|trust|marr|forgiv|betray",
}


def chronicle(request: ChronicleChapter) -> Chronicle:
    """What a chapter did to canon, as far as its text says it."""
    contract = request.context.contract
    return Chronicle(
        summary=summary(request),
        scenes=tuple(
            SceneRecord(number=n, place=scene.place, day=scene.day, pov=scene.pov,
                        characters=tuple(dict.fromkeys((scene.pov, *scene.characters))))
            for n, scene in enumerate(contract.scenes, start=1)
        ),
        changes=shown(Stage(request.premise, request.context), request.text),
    )  # fmt: skip


def shown(stage: Stage, text: str) -> tuple[Change, ...]:
    """The planned changes that the text shows, each with its sentence."""
    telling = likeliest(stage, text)
    proven = []
    for number, effect in enumerate(planned(stage)):
        quote = telling.proofs.get(number, "")
        if not quoted(quote, text):
            quote = _sentence(effect, stage, text)
        if quote:
            proven.append(effect.model_copy(update={"quote": quote}))
    return tuple(proven)


def planned(stage: Stage) -> tuple[Change, ...]:
    """Every intended change of the chapter, in order, with its scene."""
    return tuple(
        effect.model_copy(update={"scene": number})
        for number, scene in enumerate(stage.context.contract.scenes, start=1)
        for beat in scene.beats
        for effect in beat.effects
    )


def likeliest(stage: Stage, text: str) -> Telling:
    """The telling that shares most with a text; the first that is the text itself ends the search."""
    best: tuple[float, Telling] | None = None
    paragraphs = set(text.split("\n\n"))
    for number in TELLINGS:
        telling = tell(stage.premise, stage.context, number)
        shared = len(paragraphs & set(telling.text.split("\n\n"))) / max(1, len(paragraphs))
        if best is None or shared > best[0]:
            best = (shared, telling)
        if shared > 0.4 or (number == 0 and shared == 0 and _foreign(telling, paragraphs)):
            break
    assert best is not None
    return best[1]


def _foreign(telling: Telling, paragraphs: set[str]) -> bool:
    """Whether a text cannot be another telling of the storyteller's: it has not one of its first words."""
    return not any(line.startswith("“") for line in paragraphs) and len(telling.text) < 400


def _sentence(effect: Change, stage: Stage, text: str) -> str:
    signs = _SIGNS.get(effect.kind)
    if signs is None:
        return _asked(effect, stage, text)
    speaker = next((one.id for one in stage.people.values() if one.speaker), "")
    names = [(*stage.names(key), "I", "me", "my") if key == speaker else stage.names(key) for key in actors(effect)
             if key in stage.sheets]  # fmt: skip
    for line in _sentences(text):
        if re.search(signs, line) and all(_names(line, one) for one in names[:1]) and _object(effect, stage, line):
            return line
    return ""


def _object(effect: Change, stage: Stage, line: str) -> bool:
    item = stage.items.get(getattr(effect, "item", ""), "")
    fact = stage.facts.get(getattr(effect, "fact", ""), "")
    if item:
        return item.split()[-1].lower() in line.lower()
    if fact:
        wanted = set(re.findall(r"\w{5,}", fact.lower()))
        return len(wanted & set(re.findall(r"\w{5,}", line.lower()))) * 2 >= max(1, len(wanted))
    return True


def _asked(effect: Change, stage: Stage, text: str) -> str:
    promise = next((one for one in stage.context.promises if one.id == getattr(effect, "promise", "")), None)
    if promise is None:
        return ""
    wanted = set(re.findall(r"\w{4,}", promise.text.lower())) - {"reader", "learn"}
    scored = [(len(wanted & set(re.findall(r"\w{4,}", line.lower()))), line) for line in _sentences(text)]
    best = max(scored, default=(0, ""), key=lambda one: one[0])
    return best[1] if best[0] * 2 >= max(2, len(wanted)) else ""


def _names(line: str, names: tuple[str, ...]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", line) for name in names)


def _sentences(text: str) -> list[str]:
    flat = [line for line in text.split("\n") if line.strip() and line.strip() != "* * *"]
    return [one.strip() for line in flat for one in re.split(r"(?<=[.?!][”\"])\s+|(?<=[.?!])\s+", line) if one.strip()]


# --- the summary ---------------------------------------------------------------------------------------------------


def summary(request: ChronicleChapter) -> str:
    """What happened and what it leaves open, in 60 to 120 words where the plan has as much to say."""
    stage = Stage(request.premise, request.context)
    lines = [line for n, _ in enumerate(request.context.contract.scenes) for line in _scene_lines(stage, n)]
    kept: list[str] = []
    for line in lines:
        if word_count(" ".join((*kept, line))) <= 118:
            kept.append(line)
    if word_count(" ".join(kept)) < 60:
        kept += [f"It is said in {plain(request.context.contract.act)}: {plain(request.context.contract.purpose)}"][:1]
    return " ".join(" ".join(kept).split()[:120])


def _scene_lines(stage: Stage, number: int) -> list[str]:
    scene = stage.context.contract.scenes[number]
    name = stage.sheets[scene.pov].name if number == 0 and scene.pov in stage.sheets else stage.people[scene.pov].name
    opening = f"At {stage.place(scene)}, {name} sets out to {plain(scene.goal).removeprefix('to ').rstrip('.')}."
    happened = [
        _capital(beat.summary.partition(": ")[2] or beat.summary)
        for beat in scene.beats
        if beat.summary.partition(":")[0]
        not in ("Arrive", "Sight", "Settle", "Premise", "Talk", "Search", "Alone", "Ask", "Turn", "Name", "Roll")
    ]
    obstacle = f"{plain(scene.obstacle).rstrip('.')}." if number == 0 and scene.obstacle else ""
    outcome = [plain(scene.outcome)] if scene.outcome and not scene.outcome.startswith("Yes, but") else []
    return [line for line in (opening, obstacle, *happened, *outcome) if line]


def _capital(text: str) -> str:
    text = plain(text)
    return text[:1].upper() + text[1:]
