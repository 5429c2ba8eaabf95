"""The review: what can be proven against a draft from its own words and the context alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from agents.models.storyteller.chronicling import planned, shown
from agents.models.storyteller.premise import plain
from agents.models.storyteller.stage import Stage
from agents.models.storyteller.wording import bare, sentences
from agents.requests import EditChapter, Review
from story.finding import Finding

LONG = 8
"""A sentence of so many words does not stand twice by chance."""

ALIKE = 0.6
"""So much of a fact's words a sentence has that speaks of the same."""

_DOES = (
    r"(?:said|says|asked|asks|answered|went|goes|came|comes|took|takes|gave|gives|walked|ran|laughed|nodded|smiled|"
    r"stood|sat|looked|turned)"
)
_HANDS = {"past": r"(?:gave|handed|passed|dropped|held out|took out|pulled out|produced)",
          "present": r"(?:gives|hands|passes|drops|holds out|takes out|pulls out|produces)"}  # fmt: skip
_COLOURS = "black|brown|grey|gray|white|red|fair|blond|blonde|auburn|silver|blue|green|hazel|amber"
_FEATURES = "hair|eyes|eye|beard|braid|moustache"
_NUMBERS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "hundred",
    "once",
    "twice",
]


def review(request: EditChapter) -> Review:
    """What is wrong with a draft; nothing with a sound one."""
    stage = Stage(request.premise, request.context)
    return Review(findings=tuple(finding for rule in RULES for finding in rule(request, stage)))


def _missing(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    """Effects of the contract that no sentence shows."""
    proven = Counter((one.kind, one.scene) for one in shown(stage, request.text))
    wanted = Counter((one.kind, one.scene) for one in planned(stage))
    for (kind, scene), count in sorted((wanted - proven).items()):
        yield Finding(
            rule="effect-missing", message=f"scene {scene}: {count} planned change of the kind {kind!r} is not shown"
        )


def _repeated(request: EditChapter, stage: Stage) -> Iterator[Finding]:  # the shape of a rule
    lines = [line.strip() for line in sentences(request.text)]
    for line, count in sorted(Counter(lines).items()):
        if count > 1 and len(line.split()) >= LONG:
            yield Finding(rule="said-twice", message=f"the sentence stands {count} times", quote=line)


def _dead(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    """The dead do something."""
    text = _narrated(request.text)
    for state in request.context.states:
        if not state.alive and state.character in stage.people:
            yield from _doing(text, stage.people[state.character].name, _DOES, "dead-act", "is dead and acts")


def _hands(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    """Somebody parts with what somebody else holds."""
    text = _narrated(request.text)
    taken = {getattr(one, "item", "") for one in planned(stage)}
    held = {item: state.character for state in request.context.states for item in state.holds if item not in taken}
    for item, holder in held.items():
        noun = re.escape(stage.things.get(item, item).split()[-1])
        for key, person in stage.people.items():
            if key != holder and not person.kin:
                deed = rf"{_HANDS[request.premise.tense]} (?:\w+ ){{0,3}}(?:the |her |his )(?:\w+ )?{noun}"
                yield from _doing(
                    text, person.name, deed, "not-holder", f"does not hold {stage.things.get(item, item)}"
                )


def _narrated(text: str) -> str:
    """A text without what is spoken in it: hearsay, lies and memories in a mouth prove nothing."""
    return re.sub(r"“[^”]*”", "“”", text)


def _doing(text: str, name: str, does: str, rule: str, says: str) -> Iterator[Finding]:
    found = re.search(rf"\b{re.escape(name)} {does}\b", text)
    if found:
        yield Finding(rule=rule, message=f"{name} {says}", quote=found[0])


def _looks(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    """Hair or eyes of another colour than on the character's sheet."""
    for key, sheet in stage.sheets.items():
        known = dict(_features(sheet.appearance))
        name = re.escape(stage.people[key].name)
        for found in re.finditer(rf"\b{name}[’']s (?:\w+ )?({_COLOURS}) ({_FEATURES})\b", _narrated(request.text)):
            if found[2] in known and known[found[2]] != found[1]:
                yield Finding(
                    rule="look-changed", message=f"{sheet.name} has {known[found[2]]} {found[2]}", quote=found[0]
                )


def _features(look: str) -> list[tuple[str, str]]:
    return [(found[2], found[1]) for found in re.finditer(rf"\b({_COLOURS})(?: \w+)? ({_FEATURES})\b", plain(look))]


def _numbers(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    """A sentence that says what a known fact says, with another number."""
    for fact in request.context.facts:
        words = set(bare(fact.text))
        if not words & set(_NUMBERS) and not re.search(r"\d", fact.text):
            continue
        content = {word for word in words if len(word) > 3} - set(_NUMBERS)
        for line in sentences(request.text):
            said = set(bare(line))
            near = len(content & said) >= max(2, ALIKE * len(content))
            if near and _counted(line) and _counted(line).isdisjoint(_counted(fact.text)):
                yield Finding(rule="number-changed", message=f"it is known that: {fact.text}", quote=line)


def _counted(text: str) -> set[str]:
    return {word for word in bare(text) if word in _NUMBERS} | set(re.findall(r"\d+", text))


def _person(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    """The narration says "I" in a book of the third person."""
    if request.premise.pov == "first":
        return
    for line in sentences(re.sub(r"“[^”]*”", "“”", request.text)):
        if re.search(r"(?:^|, and |; )I (?!the First)[a-z]+", line) and "“" not in line and ": " not in line:
            yield Finding(rule="person-changed", message="the narrator is nobody in this book", quote=line.strip())
            return


def _misspelt(request: EditChapter, stage: Stage) -> Iterator[Finding]:
    known = {word for one in request.context.roster for word in re.findall(r"\w+", one.name)}
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


Rule = Callable[[EditChapter, Stage], Iterator[Finding]]

RULES: tuple[Rule, ...] = (_missing, _repeated, _dead, _hands, _looks, _numbers, _person, _misspelt)
