"""Voices: how a person's manner changes what is said, and facts in the mouth of those whom they name."""

from __future__ import annotations

import re

from agents.models.storyteller.lexicon import table
from story.cast import Character

_LONG = {
    "don't": "do not", "can't": "cannot", "won't": "will not", "isn't": "is not", "didn't": "did not",
    "couldn't": "could not", "wouldn't": "would not", "I'm": "I am", "I'd": "I would", "I'll": "I will",
    "I've": "I have", "you're": "you are", "You're": "You are", "you'll": "you will", "You'll": "You will",
    "you've": "you have", "You've": "You have", "it's": "it is", "It's": "It is", "that's": "that is",
    "That's": "That is", "there's": "there is", "There's": "There is", "we're": "we are", "We're": "We are",
    "they're": "they are", "They're": "They are", "Don't": "Do not", "doesn't": "does not", "haven't": "have not",
    "needn't": "need not", "wasn't": "was not", "we'll": "we shall", "It'll": "It will", "Let's": "Let us",
}  # fmt: skip
_OBJECT = [
    "to",
    "from",
    "with",
    "for",
    "by",
    "of",
    "at",
    "on",
    "behind",
    "before",
    "told",
    "tells",
    "tell",
    "paid",
    "saw",
    "made",
    "gave",
    "let",
    "kept",
    "asked",
    "sent",
    "named",
    "between",
    "against",
    "upon",
    "over",
    "past",
    "about",
    "owes",
    "warned",
    "begged",
    "sees",
    "find",
    "seen",
    "face",
    "left",
    "after",
    "like",
    "near",
]


def manner(one: Character) -> str:
    """The kind of voice that the character sheet speaks of; blunt when it says nothing."""
    told = one.voice.lower()
    kinds: dict[str, list[str]] = table("speech")["voice"]
    return next((kind for kind, signs in kinds.items() if any(sign in told for sign in signs)), _plain(one))


def _plain(one: Character) -> str:
    return ("warm", "wry", "nervous", "formal", "plain")[sum(map(ord, one.id)) % 5]


def voiced(text: str, kind: str) -> str:
    """What is said, as that kind of voice says it."""
    if kind != "formal":
        return text
    text = re.sub(r"\b([Ii])t's (been|got|gone|come)\b", r"\1t has \2", text)
    return re.sub(r"[A-Za-z]+'[a-z]+", lambda found: _LONG.get(found[0], found[0]), text)


def addressed(text: str, speaker: tuple[str, ...], listener: tuple[str, ...]) -> str:
    """A sentence of the third person in a mouth: the speaker becomes I, the listener you."""
    for names, subject, thing, own in ((speaker, "I", "me", "my"), (listener, "you", "you", "your")):
        for name in names:
            text = _turned(text, name, subject, thing, own)
    return text


def _turned(text: str, name: str, subject: str, thing: str, own: str) -> str:
    text = re.sub(rf"\b{re.escape(name)}[’']s\b", own, text)
    before = "|".join(_OBJECT)
    text = re.sub(
        rf"\b({before}) {re.escape(name)}\b(?! (?:was|had|did|could|would|meant|went|told|said)\b)",
        rf"\1 {thing}",
        text,
    )
    start = re.search(rf"\b{re.escape(name)}\b", text)
    text = re.sub(rf"\b{re.escape(name)} (\w+)", lambda found: f"{subject} {_agreeing(found[1], subject)}", text)
    text = re.sub(rf"\b{re.escape(name)}\b", subject, text)
    return text[:1].upper() + text[1:] if start and start.start() == 0 else text


def _agreeing(verb: str, subject: str) -> str:
    forms = {"is": {"I": "am", "you": "are"}, "was": {"you": "were"}, "has": {"I": "have", "you": "have"},
             "does": {"I": "do", "you": "do"}}  # fmt: skip
    if verb in forms:
        return forms[verb].get(subject, verb)
    plain = {
        "owes": "owe",
        "meets": "meet",
        "keeps": "keep",
        "brings": "bring",
        "carries": "carry",
        "means": "mean",
        "knows": "know",
        "wants": "want",
        "still": "still",
        "answers": "answer",
        "goes": "go",
        "hides": "hide",
    }
    return plain.get(verb, verb)
