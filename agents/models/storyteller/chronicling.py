"""The chronicle: the chapter is told again, and what its sentences show is what happened."""

from __future__ import annotations

import re

from agents.models.storyteller.casting import pronoun
from agents.models.storyteller.lexicon import pools_of, table
from agents.models.storyteller.meaning import stated
from agents.models.storyteller.page import Telling
from agents.models.storyteller.patterns import Grammar, parsed, roles
from agents.models.storyteller.premise import luck, plain
from agents.models.storyteller.scenes import REVISIONS, tell
from agents.models.storyteller.stage import Stage
from agents.models.storyteller.wording import sentences
from agents.requests import ChronicleChapter
from story.base import word_count
from story.changes import Change, actors, quoted
from story.chapter import Chronicle, SceneRecord
from story.outline import Beat, ScenePlan

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
    if not planned(stage):
        return ()
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
    item = stage.things.get(getattr(effect, "item", ""), "")
    known = stage.facts.get(getattr(effect, "fact", ""))
    fact = known.text if known else ""
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

SUMMED, MOST = 60, 118
"""A summary has between so many words where the plan has as much to say."""

CHANGED = 60
"""So many words of what an author changed are taken into the summary."""


def summary(request: ChronicleChapter) -> str:
    """What happened, what it leaves open, and what stands in the text that nobody planned."""
    stage = Stage(request.premise, request.context)
    scenes = request.context.contract.scenes
    if not scenes:
        return _told(request.text)
    changed = _changed(stage, request.text)
    lines = [line for scene in scenes for line in _scene_lines(stage, scene)]
    name = stage.people[scenes[0].pov].name if scenes[0].pov in stage.people else ""
    if not any(name in line for line in lines):
        lines.insert(0, f"{name} sets out to {plain(scenes[0].goal).rstrip('.')}.")
    kept: list[str] = []
    for line in lines:
        if word_count(" ".join((*kept, line))) <= MOST - word_count(changed):
            kept.append(line)
    if word_count(" ".join(kept)) < SUMMED and not changed:
        kept.append(f"It is said in {plain(request.context.contract.act)}: {plain(request.context.contract.purpose)}")
    text = " ".join(" ".join(kept).split()[: MOST - word_count(changed)])
    return f"{text} Changed: {changed}" if changed else text


def _told(text: str) -> str:
    """What a text that nobody planned begins its paragraphs with, as far as a summary reaches."""
    first = [sentences(paragraph)[0] for paragraph in text.split("\n\n") if paragraph.strip()]
    return " ".join(" ".join(first).split()[:MOST])


def _changed(stage: Stage, text: str) -> str:
    """The sentences of a text that the likeliest telling does not have: what an author wrote into it."""
    telling = likeliest(stage, text)
    known = set(sentences(telling.text))
    paragraphs = [one for one in text.split("\n\n") if one not in telling.text]
    own = [line for one in paragraphs for line in sentences(one) if line not in known and len(line.split()) > 2]
    strange = len(paragraphs) > len(text.split("\n\n")) // 2
    return "" if strange else " ".join(" ".join(own).split()[:CHANGED])


def _scene_lines(stage: Stage, scene: ScenePlan) -> list[str]:
    lines = [_event(stage, scene, beat) for beat in scene.beats]
    outcome = plain(scene.outcome).rstrip(".")
    return [*filter(None, lines), *([f"{outcome[:1].upper()}{outcome[1:]}."] if outcome else [])]


def _event(stage: Stage, scene: ScenePlan, beat: Beat) -> str:
    """A beat as a sentence that later chapters understand again."""
    label, _, text = beat.summary.partition(": ")
    patterns = table("plot")["events"].get(label.lower(), [])
    others = [key for key in scene.characters if key != scene.pov]
    rival = stage.named("Rival")
    people = {"P": scene.pov, "O": others[0] if others else "", "R": rival.id if rival else ""}
    sheets = {slot: stage.sheets[key] for slot, key in people.items() if key in stage.sheets}
    names = {slot: stage.people[one.id].name for slot, one in sheets.items()}
    bound = names | {"L": stage.place(scene), "X": stage.purpose("Wanted")}
    fit = [one for one in patterns if roles(one) <= {key for key, value in bound.items() if value}]
    if not fit:
        return (
            ""
            if label in ("Arrive", "Begin", "Decide", "Name", "Roll")
            else plain(text or beat.summary).rstrip(".") + "."
        )
    pattern = luck(stage.premise, stage.context.contract.number, beat.summary).choice(fit)
    atoms = Grammar(pools_of(stage.genre)).spelled(parsed(pattern), 0)
    said = stated(atoms, bound, {slot: pronoun(one) for slot, one in sheets.items()})
    facts = " ".join(
        stage.facts[key].text for effect in beat.effects if (key := getattr(effect, "fact", "")) in stage.facts
    )
    return f"{said[:1].upper()}{said[1:]}. {facts}".strip()
