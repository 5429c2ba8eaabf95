"""Voices: how a person's manner shows in what is said."""

from __future__ import annotations

import re

from agents.models.storyteller.lexicon import lines, table
from agents.models.storyteller.wording import Dealer
from story.cast import Character

OPENED, CLOSED, PET = 0.2, 0.05, 0.08
"""How often a line begins with an opener of its voice, ends with a closer, or has the speaker's pet phrase."""

_LONG = {
    "don’t": "do not", "can’t": "cannot", "won’t": "will not", "isn’t": "is not", "didn’t": "did not",
    "couldn’t": "could not", "wouldn’t": "would not", "shouldn’t": "should not", "aren’t": "are not",
    "weren’t": "were not", "wasn’t": "was not", "hasn’t": "has not", "hadn’t": "had not", "doesn’t": "does not",
    "haven’t": "have not", "needn’t": "need not", "mustn’t": "must not", "I’m": "I am", "I’d": "I would",
    "I’ll": "I will", "I’ve": "I have", "you’re": "you are", "you’ll": "you will", "you’ve": "you have",
    "it’s": "it is", "that’s": "that is", "there’s": "there is", "we’re": "we are", "we’ll": "we will",
    "we’ve": "we have", "they’re": "they are", "they’ve": "they have", "they’ll": "they will", "who’s": "who is",
    "what’s": "what is", "let’s": "let us", "he’s": "he is", "she’s": "she is", "he’ll": "he will",
}  # fmt: skip
_PERFECT = re.compile(
    r"\b([Ii]t|[Tt]hat|[Tt]here|[Ww]hat|[Ww]ho|[Hh]e|[Ss]he)’s "
    r"(been|had|got|gone|come|\w+ed|done|seen|kept|made|become)\b"
)
_HAD = re.compile(
    r"\b(\w+)’d (been|had|got|better|gone|come|\w+ed|done|seen|kept|made|become|known|told|said|taken|given|heard|left|"
    r"sworn|found|lost|thought|meant)\b"
)


def manner(one: Character) -> str:
    """The kind of voice that the character sheet speaks of; by the id where it says nothing."""
    told = one.voice.lower()
    kinds: dict[str, list[str]] = table("plot")["manners"]
    return next((kind for kind, signs in kinds.items() if any(sign in told for sign in signs)), _by_id(one))


def _by_id(one: Character) -> str:
    return ("warm", "wry", "nervous", "formal", "plain")[sum(map(ord, one.id)) % 5]


def voiced(text: str, kind: str, one: Character, dealer: Dealer, proper: frozenset[str]) -> str:
    """What is said, as that person says it."""
    if kind == "formal":
        text = _whole(text)
    draw = dealer.chance()
    if draw < OPENED and len(text.split()) > 3:
        opener = _drawn(dealer, kind, "openers")
        text = f"{opener} {text if opener[-1] in '.?!' else _low(text, proper)}"
    elif draw < OPENED + CLOSED:
        text = f"{text} {_drawn(dealer, kind, 'closers')}"
    elif draw < OPENED + CLOSED + PET and text.endswith(".") and ". " not in text and "," not in text:
        pets = lines("voice.pet")
        text = f"{text[:-1]}, {pets[sum(map(ord, one.id)) % len(pets)]}."
    return text


def _drawn(dealer: Dealer, kind: str, part: str) -> str:
    """An opener or a closer of a voice, each with its mark."""
    said: list[str] = table("talk_c")["voice"][part][kind]
    card = dealer.hand(f"voice.{kind}.{part}", len(said))[0]
    dealer.play(f"voice.{kind}.{part}", card)
    line = said[card][:1].upper() + said[card][1:]
    return line if line[-1] in ".,:;?!" else line + ("," if part == "openers" else ".")


def _low(text: str, proper: frozenset[str]) -> str:
    """What is said, ready to stand after an opener."""
    first = re.split(r"[\s’',.?!]", text, maxsplit=1)[0]
    return text if first == "I" or first in proper else text[:1].lower() + text[1:]


def _whole(text: str) -> str:
    """A line without contractions."""
    text = _PERFECT.sub(lambda m: f"{m[1]} has {m[2]}", text)
    text = _HAD.sub(lambda m: f"{m[1]} had {m[2]}", text)
    return re.sub(r"[A-Za-z]+’[a-z]+", _expanded, text)


def _expanded(found: re.Match[str]) -> str:
    word = found[0]
    known = _LONG.get(word) or _LONG.get(word[:1].lower() + word[1:])
    if known is None:
        return word
    return known[:1].upper() + known[1:] if word[:1].isupper() else known
