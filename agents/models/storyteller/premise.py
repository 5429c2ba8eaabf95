"""Reading a premise: the people, places, things, the wish and the term in its own words."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from agents.models.storyteller.lexicon import first_names, heads, table
from agents.models.storyteller.lexicon import words as lexicon_words
from story.premise import Premise

FIRST = 8
"""Within so many words "a man" or "a girl" is whom the story is about; later it is anybody."""

READ = 12_000
"""Characters of a premise that are read; what comes later is repetition more often than news."""

_TOKEN = re.compile(r"[^\W\d_][\w’'-]*|[.,;:!?()—–]")
_SHE = {"she", "her", "hers", "herself"}
_HE = {"he", "his", "him", "himself"}
_NOBODY = {"somebody", "someone", "nobody", "everybody", "everyone", "something", "whoever"}
_LEFT = {"died", "killed", "buried"}
_GONE = {"missing", "dead", "lost", "vanished", "murdered", "late", "drowned", "estranged", "disappeared"}
_WISH = re.compile(
    r"\b(?:must|wants? to|wanted to|ha(?:s|ve|d) to|needs? to|tr(?:y|ies) to|sets? out to|hopes? to|vows? to|"
    r"decides? to|longs? to|determined to|struggles? to|has only to|swears? to)\s+([a-z][^.;:!?()—–\n]{3,110})"
)
_ASKED = re.compile(
    r"\b(?:is|are|was|were|gets?) (?:asked|hired|ordered|sent|told|forced|paid|called|invited|chosen|bound) to|"
    r"\b(?:agrees?|promises?|begins|has) to\b"
)
_DOES = re.compile(
    r"^\W*(?:An?|The) ((?:[a-z][a-z’'-]* ){0,3}?[a-z][a-z’'-]*)"
    r"(?:,? (?:in|from|on|at|of|with|who|whose|near|aboard) [^.;:!?]*?)?,? "
    r"(?:is|are|was|must|wants?|wanted|finds?|found|needs?|has|discovers?|receives?|inherits?|learns?|comes|returns|tries|"
    r"sets|hopes|vows|decides|longs|agrees|promises|refuses|begins|keeps|loses|steals|hides|travels|goes|makes|builds)\b"
)
"""A first sentence about somebody by trade, whatever the trade."""

_OBJECT = re.compile(
    r"\b(?:an?|the|his|her|their|my|its|one|that|this) ((?:[a-z][a-z’'-]* ){0,2}?[a-z][a-z-]*)"
    r"(?= (?:of|to|in|from|for|with|on|at|that|"
    r"which|who|whose|into|by|and|before|across|through|along|between|without|inside|beyond|until|aboard|under|over|back|home|after|about|near)\b|$)"
)
_CUT = re.compile(
    r"(?:,|\s)+(?:but|before|until|while|unless|if|or|when|as|because|though|whose|who|and (?:must|has|the))\b.*"
)
_KIN = "mother|father|sister|brother|daughter|son|wife|husband|aunt|uncle|grandmother|grandfather|teacher|mentor"
_LOST = (
    re.compile(
        rf"\b(?:find|finds|for|avenge|avenges|rescue|save)\s+(?:her|his|their|my)\s+"
        rf"(?:\w+\s+)?({_KIN})\b(?![’'])",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:her|his|their|my)\s+(?:late\s+|dead\s+|missing\s+)?({_KIN})\b.{{0,160}}?\b(?:he|she)\s+"
        r"(?:now\s+)?(?:lies|died|drowned|vanished|disappeared|was lost)\b",
        re.IGNORECASE | re.DOTALL,
    ),
)
_QUEST = re.compile(
    r"\b(learn|find out|discover|prove|decide)\s+((?:who|what|why|whether|how|where)\s[^.,;:!?()—–\n]{5,80})",
    re.IGNORECASE,
)
_VERB = re.compile(rf"\b(?:he|she|who|{_KIN})\s+(vanished|disappeared|drowned|died|was lost|was killed)\b")
_ANYBODY = {"man", "woman", "boy", "girl", "child", "people", "one"}
_TERM = re.compile(
    r"\b(?<!day )(?<!week )before\s+((?:the|his|her|their|a|an|it|they|all|every)\s[^.,;:!?()—–\n]{3,60})"
)


_LEFT_TIME = re.compile(
    r"\b(?:in|within|has|have|only) (?:only )?(an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve) "
    r"(hour|day|night|week|month)s?\b"
    r"(?! (?:ago|later|after|before|old))", re.IGNORECASE)  # fmt: skip
_BY = re.compile(
    r"\b(?:by|until) (spring|summer|autumn|winter|dawn|midnight|morning|nightfall|noon|Christmas|harvest|midsummer)\b"
)

WORDY, ECHOED = 5, 8
"""What the prose repeats has fewer spaces than the one, and there are at most the other of them."""


@dataclass(frozen=True)
class Found:
    """A person in a premise: a name or a role or both, and what the words around give away."""

    name: str = ""
    role: str = ""
    gender: str = ""
    kin: str = ""
    gone: bool = False
    opposes: bool = False
    stands_by: bool = False


@dataclass(frozen=True)
class Reading:
    """What a premise says that a book can be made of."""

    genre: str
    people: tuple[Found, ...]
    places: tuple[tuple[str, str], ...]
    things: tuple[tuple[str, str], ...]
    wish: str
    term: str


def luck(premise: Premise, *parts: object) -> Random:
    """The source of choice for one purpose: the same premise, seed, variant and purpose give the same choices."""
    return Random(":".join(map(str, (premise.seeded().seed, premise.variant, *parts))))  # noqa: S311  # stories


@lru_cache(maxsize=32)
def reading(premise: Premise) -> Reading:
    """What the premise says."""
    text = plain(_headless(premise.premise[:READ]))
    tokens = _TOKEN.findall(text)
    named = _names(tokens)
    people = _with_lost(_with_role(tuple(_people(tokens, named)), text), text)
    people = tuple(_sided(people, text))
    wish = _wish(text)
    return Reading(
        genre=_genre(premise.genre, text),
        people=people,
        places=_unique((*_named_places(tokens), *_phrases(tokens, "places"))),
        things=_unique((*_wished(wish), *_phrases(tokens, "things"))),
        wish=wish,
        term=_term(text),
    )


@lru_cache(maxsize=32)
def echoes(premise: Premise) -> tuple[str, ...]:
    """What the premise names that the prose has to name, too: its ships and bells, its things, its places."""
    read = reading(premise)
    tokens = _TOKEN.findall(plain(_headless(premise.premise[:READ])))
    called = [f"the {' '.join(parts)}" for index, parts in _names(tokens) if _is_vessel(tokens, index, parts)]
    places = [name if not name.islower() or name.startswith("the ") else f"the {name}" for name, _ in read.places]
    every = [*called, *(name for name, _ in read.things), *places]
    return tuple(dict.fromkeys(one for one in every if one.count(" ") < WORDY))[:ECHOED]


def _sided(people: tuple[Found, ...], text: str) -> Iterator[Found]:
    """The people with the side that is told of them: what they are, else who is named last before a hostile verb."""
    called = {
        word.lower(): n for n, one in enumerate(people) for word in (one.name.split()[-1:] + one.role.split()[-1:])
    }
    hostile = {
        called[who]
        for verb in re.finditer(rf"\b(?:{'|'.join(_listed('hostile'))})\b", text)
        if (who := _subject(text[: verb.start()], called))
    }
    for n, one in enumerate(people):
        kind = set(f"{one.name} {one.role} {one.kin}".lower().split())
        by = bool(kind & set(_listed("friends")))
        against = bool(kind & set(_listed("powers"))) or n in hostile
        yield replace(one, opposes=n > 0 and against and not by, stands_by=by)


def _subject(before: str, called: dict[str, int]) -> str:
    """Who is named last in the sentence so far."""
    sentence = re.split(r"[.!?;] ", before)[-1][-90:].lower()
    return max(called, key=sentence.rfind, default="") if any(who in sentence for who in called) else ""


def _listed(key: str) -> tuple[str, ...]:
    return lexicon_words("naming", "reading", key)


def _headless(text: str) -> str:
    """A text without its Markdown headings, unless it has nothing else."""
    body = re.sub(r"(?m)^\s{0,3}#{1,6}\s.*$", "", text)
    return body if len(re.findall(r"\w+", body)) > 3 else text


def _with_role(people: tuple[Found, ...], text: str) -> tuple[Found, ...]:
    """The people, led by the one the first sentence is about where it names only a trade."""
    found = _DOES.match(text)
    role = found[1].split(" and ")[0] if found else ""
    last = role.split()[-1] if role else ""
    stop = set(table("words")["stop"]["verbs"].split())
    if not role or heads().get(last, ("people",))[0] != "people" or set(role.split()) & (stop | _ANYBODY):
        return people
    known = next((one for one in people if one.role and (one.role == role or one.role.split()[-1] == last)), None)
    if known is None and last not in heads() and not last.endswith(_listed("trades")):
        return people
    first = known or Found("", role)
    return (first, *(one for one in people if one is not first))


def _wished(wish: str) -> list[tuple[str, str]]:
    """The thing that the wish is about, whatever the thing."""
    for found in _OBJECT.finditer(wish):
        words = found[1].split()
        if len(wish[: found.start()].split()) > 2:
            break
        kind = heads().get(words[-1], ("things",))[0]
        if kind == "things" and words[-1] not in _listed("vague") and not words[-1].endswith(("ing", "ly")):
            return [(f"the {found[1]}", "")]
        if kind == "places":
            break
    return []


def _is_vessel(tokens: list[str], index: int, parts: tuple[str, ...]) -> bool:
    """Whether a capital names a ship, a house or a bell: it stands after "the", or after such a word."""
    before = tokens[index - 1].lower() if index else ""
    known = any(heads().get(one.lower(), ("",))[0] in ("people", "places") for one in parts)
    sort = before in table("naming")["vessels"]["words"].split()
    return sort or (before == "the" and len(parts) == 1 and not known and parts[0] not in _listed("nations"))


def _with_lost(people: tuple[Found, ...], text: str) -> tuple[Found, ...]:
    """The people, with the relative who is sought or mourned marked as gone."""
    if any(one.gone for one in people):
        return people
    found = next((hit for one in _LOST if (hit := one.search(text))), None)
    if found is None:
        return people
    kin = found[1].lower()
    kind = heads().get(kin, ("", ""))[1]
    lost = Found("", kin, kind if kind in ("she", "he") else "", kin, gone=True)
    return (*(one for one in people if one.name or one.kin != kin), lost)


def lost_when(premise: Premise, gender: str) -> str:
    """The night of the loss in the premise's own verb, if it has one."""
    found = _VERB.search(plain(premise.premise[:READ]))
    return f"the night {gender} {found[1]}" if found else ""


def plain(text: str) -> str:
    """The words of a text without markup, templates, links or shouting."""
    text = re.sub(r"https?://\S+|<[^>]*>|\{\{.*?\}\}|\{%.*?%\}|[{}<>*_#`|\\\[\]~$^]", " ", html.unescape(text))
    letters = [letter for letter in text if letter.isalpha()]
    shouted = sum(map(str.isupper, letters)) > 0.6 * len(letters)
    return re.sub(r"\s+", " ", text.lower() if shouted else text).strip()


def _genre(given: str, text: str) -> str:
    wanted = set(re.findall(r"[a-z]+(?:-[a-z]+)?", given.lower()))
    told = re.findall(r"[a-z-]+", text.lower())
    genres = table("genres")
    for name, facts in genres.items():
        if wanted & {name, *name.split("-"), *facts["aka"].split()}:
            return str(name)
    scores = {name: sum(word in facts["signs"].split() for word in (*told, *wanted)) for name, facts in genres.items()}
    return max(scores, key=lambda name: (scores[name], name == "mystery"))


def _names(tokens: list[str]) -> list[tuple[int, tuple[str, ...]]]:
    starts = set(table("words")["stop"]["starts"].split())
    found: list[tuple[int, tuple[str, ...]]] = []
    index = 0
    while index < len(tokens):
        run = index
        while run < len(tokens) and _proper(tokens[run]) and not (run == index and tokens[run] in starts):
            run += 1
        if 0 < run - index <= 3 and not _opens(tokens, index, run, starts):
            found.append((index, tuple(_bare(one) for one in tokens[index:run])))
        index = max(run, index + 1)
    return found


def _proper(token: str) -> bool:
    return token[0].isupper() and not (token.isupper() and len(token) <= 4)


def _opens(tokens: list[str], index: int, run: int, _starts: set[str]) -> bool:
    # A single capital at the beginning of a sentence proves nothing unless the word is capital elsewhere too.
    first = index == 0 or tokens[index - 1] in ".!?"
    if not first or run - index > 1:
        return False
    word = tokens[index]
    again = sum(token == word for token in tokens) > 1
    follows = tokens[run].lower() if run < len(tokens) else ""
    known = _bare(word) in first_names()
    return word.lower() in heads() or not (
        again or known or follows in ("is", "was", "has", "must", "finds", ",", "wants")
    )


def _bare(token: str) -> str:
    return re.sub(r"[’']s?$", "", token)


def _people(tokens: list[str], named: list[tuple[int, tuple[str, ...]]]) -> list[Found]:
    found: dict[str, Found] = {}
    taken: set[int] = set()
    things = {parts for index, parts in named if _is_vessel(tokens, index, parts)}
    for index, parts in named:
        if parts in things or _begins_title(tokens, index, parts):
            continue
        if _is_place(tokens, index, parts) or not _acts(tokens, index, parts) or parts[0].lower() in _NOBODY:
            continue
        if index and tokens[index - 1].lower() == "the" and len(parts) == 1 and parts[0].lower() not in heads():
            continue
        role, at = _role_near(tokens, index, index + len(parts))
        taken |= set(at)
        titled = index > 1 and tokens[index - 1] == "of" and tokens[index - 2][0].isupper()
        name = " ".join((tokens[index - 2], "of", *parts) if titled else parts)
        shared = next((key for key in found if set(key.split()) & set(parts)), None)
        if shared is None:
            near = tokens[max(0, index - 3) : index]
            kinds = table("words")["kin"]["words"].split()
            kin = next((one for one in near if one in kinds), "")
            after = tokens[index + len(parts) : index + len(parts) + 4]
            after = after[: next((n for n, one in enumerate(after) if one in kinds), 4)]
            gone = _is_gone(near, after)
            found[name] = Found(name, role, _gender(tokens, index, role), kin, gone)
    roles = [one for index, one in _roles(tokens) if index not in taken]
    known = {one.role for one in found.values()}
    distinct: dict[str, Found] = {}
    for one in roles:
        if one.role not in known:
            distinct.setdefault(one.role.rsplit(maxsplit=1)[-1], one)
    every = [*found.values(), *distinct.values()][:12]
    # Whom a premise is about is whom most of its pronouns mean.
    lead = [replace(one, gender=one.gender or _most(tokens)) for one in every[:1]]
    return [*lead, *every[1:]]


def _most(tokens: list[str]) -> str:
    said = [token.lower() for token in tokens]
    she, he = (sum(said.count(one) for one in words) for words in (_SHE, _HE))
    return "" if she == he else "she" if she > he else "he"


def _is_gone(before: list[str], after: list[str]) -> bool:
    """Whether somebody named is dead or missing: what is said of them, not of a dead man's safe that they open."""
    if any(one.lower() in _GONE for one in before[-2:]):
        return True
    told = after[:1] and after[0].lower() in (*_GONE, *_LEFT, "is", "was", "has", "had", "went", "who")
    return bool(told) and any(one.lower() in _GONE | _LEFT for one in after[:3])


def _begins_title(tokens: list[str], index: int, parts: tuple[str, ...]) -> bool:
    """Whether a capital is the first word of a title such as Marquis of Vilar, which is read from its last."""
    after = tokens[index + 1 : index + 3]
    return (
        len(parts) == 1
        and after[:1] == ["of"]
        and after[1:][:1] != []
        and after[1][0].isupper()
        and heads().get(parts[0].lower(), ("",))[0] == "people"
    )


def _is_place(tokens: list[str], index: int, parts: tuple[str, ...]) -> bool:
    before = tokens[index - 1].lower() if index else ""
    kind = heads().get(parts[-1].lower(), ("", ""))[0]
    if kind == "people" or (before in ("from", "to", "with", "by") and _titled_person(parts)):
        return False
    return (
        kind == "places"
        or _owned_place(tokens, index, parts) != ""
        or before in ("in", "at", "near", "across", "outside", "around", "inside")
        or (before == "of" and index > 1 and heads().get(tokens[index - 2].lower(), ("", ""))[0] == "places")
    )


def _owned_place(tokens: list[str], index: int, parts: tuple[str, ...]) -> str:
    """The whole of Saint Odo's church."""
    at = index + len(parts)
    after = tokens[at].lower() if at < len(tokens) else ""
    owned = re.search(r"[’']s?$", tokens[at - 1]) and parts[0] in ("Saint", "St")
    return f"{' '.join(parts)}’s {after}" if owned and heads().get(after, ("",))[0] == "places" else ""


def _titled_person(parts: tuple[str, ...]) -> bool:
    return len(parts) > 1 and heads().get(parts[-1].lower(), ("", ""))[0] not in ("places", "things")


def _acts(tokens: list[str], _index: int, parts: tuple[str, ...]) -> bool:
    """Whether a single name somewhere behaves as people do: owns, does, is a master of somebody."""
    verbs = {
        "is",
        "was",
        "has",
        "must",
        "finds",
        "wants",
        "who",
        "returns",
        "comes",
        "goes",
        "discovers",
        "offers",
        "tells",
        "says",
        "knows",
        "keeps",
        "carries",
        "arrives",
    }
    if len(parts) > 1 or parts[0] in first_names():
        return True
    if heads().get(parts[0].lower(), ("", ""))[0] == "people":
        return True
    return any(
        _bare(token) == parts[0] and (token != _bare(token) or (n + 1 < len(tokens) and tokens[n + 1] in verbs)
        or (n and heads().get(tokens[n - 1].lower(), ("", ""))[0] == "people"))
        for n, token in enumerate(tokens)
    )  # fmt: skip


def _role_near(tokens: list[str], start: int, end: int) -> tuple[str, range]:
    for begin, stop in ((end, end + 7), (max(0, start - 2), start)):
        window = tokens[begin:stop]
        for offset, token in enumerate(window):
            if heads().get(token.lower(), ("", ""))[0] == "people" and not _compound(tokens, begin + offset):
                if begin == end and not re.match(r"[,(]|is|was", tokens[end]):
                    break
                words = _modified(tokens, begin + offset)
                return " ".join(words), range(begin, begin + offset + 1)
            if token in ".;:!?":  # noqa: S105
                break
    return "", range(0)


def _roles(tokens: list[str]) -> list[tuple[int, Found]]:
    kin_words = table("words")["kin"]["words"].split()
    found = []
    for index, token in enumerate(tokens):
        if (heads().get(token, ("", ""))[0] != "people" or _compound(tokens, index)) and token not in kin_words:
            continue
        words = _modified(tokens, index)
        owner = tokens[index - len(words)].lower() if index >= len(words) else ""
        kin = token if token in kin_words and owner in ("his", "her", "their", "my") else ""
        owned = bool(re.search(r"[’']s$", owner))
        kin = token if token in kin_words and owned else kin
        if token in _ANYBODY and index > FIRST:
            continue
        if not kin and owner not in ("a", "an", "the", "one", "two", ".", "") and index:
            continue
        around = tokens[index + 1 : index + 5]
        gone = any(word.lower() in _GONE | _LEFT for word in (*words, *around)) and bool(kin or words[0] in _GONE)
        words = [word for word in words if word not in ("own", *_GONE)]
        found.append((index, Found("", " ".join(words), _gender(tokens, index, token), kin, gone)))
    return found


def _compound(tokens: list[str], index: int) -> bool:
    following = tokens[index + 1].lower() if index + 1 < len(tokens) else ""
    return following in heads()


def _modified(tokens: list[str], index: int) -> list[str]:
    stop = set(table("words")["stop"]["verbs"].split()) | {"a", "an", "the"}
    first = index
    while first and index - first < 3 and tokens[first - 1].lower() not in stop and tokens[first - 1].isalpha():
        first -= 1
        if tokens[first][0].isupper() and tokens[index][0].islower():
            first += 1
            break
    return [token.lower() if token[0].isupper() and index == first else token for token in tokens[first : index + 1]]


def _gender(tokens: list[str], index: int, role: str) -> str:
    last = role.rsplit(maxsplit=1)[-1] if role else ""
    kind = heads().get(last, ("", ""))
    if kind[0] == "people" and kind[1] in ("she", "he"):
        return kind[1]
    from agents.models.storyteller.casting import by_name  # noqa: PLC0415  # casting reads premises

    if tokens[index][0].isupper() and (
        known := by_name(_bare(tokens[index])) or by_name(" ".join(tokens[index : index + 2]))
    ):
        return known
    for token in tokens[index : index + 30]:
        if token in (".", "!", "?"):
            break
        if token.lower() in _SHE:
            return "she"
        if token.lower() in _HE:
            return "he"
    return ""


def _named_places(tokens: list[str]) -> list[tuple[str, str]]:
    found = []
    for index, parts in _names(tokens):
        if _is_place(tokens, index, parts):
            if whole := _owned_place(tokens, index, parts):
                found.append((whole, heads()[whole.split()[-1]][1]))
                continue
            kind = heads().get(parts[-1].lower(), ("places", "street"))[1]
            article = "the " if index and tokens[index - 1].lower() == "the" else ""
            found.append((article + " ".join(parts), kind))
    return found


def _phrases(tokens: list[str], category: str) -> list[tuple[str, str]]:
    found = []
    for index, token in enumerate(tokens):
        kind = heads().get(token.lower(), ("", ""))
        if kind[0] != category or _compound(tokens, index) or (_proper(token) and index):
            continue
        words = _modified(tokens, index)
        owner = tokens[index - len(words)].lower() if index >= len(words) else ""
        if owner in (*_GONE, "stolen", "hidden", "broken") and index > len(words):
            words = [owner, *words]
            owner = tokens[index - len(words)].lower()
        if owner not in ("a", "an", "the", "his", "her", "their", "my", "this", "that") or len(words) > 3:
            continue
        if any(heads().get(word, ("", ""))[0] == "people" for word in words) or _before(tokens, index - len(words)):
            continue
        if category == "things":
            found.append((f"the {' '.join((*words, *_of(tokens, index)))}", _relative(tokens, index)))
        else:
            found.append((f"the {' '.join(words)}", kind[1]))
    return found


def _before(tokens: list[str], index: int) -> bool:
    """Whether the phrase is part of a term ("before the last ferry leaves") and so no place of its own."""
    return index > 0 and tokens[index - 1].lower() == "before"


def _of(tokens: list[str], index: int) -> list[str]:
    after = tokens[index + 1 : index + 5]
    if len(after) < 2 or after[0] != "of":
        return []
    stop = set(table("words")["stop"]["verbs"].split())
    taken = ["of"]
    for token in after[1:]:
        if (token in ("the", "a") and len(taken) == 1) or (
            token.isalpha() and token.lower() not in stop and len(taken) < 4
        ):
            taken.append(token)
        else:
            break
    return taken if taken[-1] not in ("of", "the", "a") else []


def _relative(tokens: list[str], index: int) -> str:
    start = index + 1 + len(_of(tokens, index))
    if start >= len(tokens) or tokens[start] not in ("that", "which"):
        return ""
    clause: list[str] = []
    for token in tokens[start:]:
        if token in ".;:!?()—–," or len(clause) > 18:  # noqa: S105
            break
        clause.append(token)
    return " ".join(clause) if 3 <= len(clause) <= 18 else ""


def _unique(pairs: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    kept: dict[str, tuple[str, str]] = {}
    for name, note in pairs:
        last = name.split(" of ")[0].split()[-1].lower()
        kept.setdefault(last, (name, note))
    return tuple(kept.values())[:6]


def _wish(text: str) -> str:
    if quest := _QUEST.search(text):
        return f"{quest[1].lower()} {quest[2].strip()}"
    found = _WISH.search(_ASKED.sub("must", text))
    wish = _CUT.sub("", found[1]).strip(" ,") if found else ""
    return wish if 2 <= len(wish.split()) <= 16 and wish.split()[0] not in ("do", "be", "have") else ""


def _term(text: str) -> str:
    """What time runs out, as it stands after "before": the premise's own clause, its count of days, or its hour."""
    found = _TERM.search(text)
    if found is None and (left := _LEFT_TIME.search(text)):
        many = left[1].lower() not in ("a", "an", "one")
        return f"the {left[1].lower()} {left[2]}s are over" if many else f"the {left[2]} is out"
    if found is None and (by := _BY.search(text)):
        return by[1]
    term = re.sub(r"\s+(?:and|but|or|so|while)\b.*", "", found[1]).strip() if found else ""
    return term if 2 <= len(term.split()) <= 10 else ""
