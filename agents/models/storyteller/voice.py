"""Voices: how a person's manner changes what is said, and facts in the mouth of those whom they name."""

from __future__ import annotations

import re
from functools import cache

from agents.models.storyteller.grammar import form
from agents.models.storyteller.lexicon import table, words
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
_ADVERBS = r"(?:(?:never|still|always|once|also|only|then|often|already|alone|first|at last) )?"
_FINITE = re.compile(
    rf" {_ADVERBS}(?:is|was|has|had|did|does|could|would|meant|went|told|said|must|may|might|will|can|should|shall|"
    r"cannot|never|knew|came|took|gave|saw|kept|held|let|lay|stood|sat|ran|made|put|set|paid|found|lost|left|hid|bore|"
    r"swore|wrote|drew|rang|sold|bought|brought|heard|felt|thought|sent)\b"
)


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
    out, at = "", 0
    for found in re.finditer(rf"\b{re.escape(name)}\b(?![-’'])", text):
        before, after = out + text[at : found.start()], text[found.end() :]
        at = found.end()
        if _is_object(before, after):
            out = before + thing
        else:
            rest = _agreed(after, subject)
            text, at = text[: found.end()] + rest, found.end()
            out = before + subject
    text = out + text[at:]
    return text[:1].upper() + text[1:] if out[:1] in (subject[0], own[0], thing[0]) else text


def _listed(key: str) -> tuple[str, ...]:
    return words("naming", "grammar", key)


def _is_object(before: str, after: str) -> bool:
    """Whether a name between two stretches of a sentence is an object: by what governs it, else by what it does."""
    word = re.search(r"([\w’'-]+) $", before)
    if word is None:
        return False
    last = word[1].lower()
    if last in _listed("prepositions"):
        return True
    if last == "and" and re.search(rf"\b(?:{'|'.join(_listed('governs'))}) (?:the )?[\w’'-]+ and $", before):
        return not _FINITE.match(after)
    if last in _listed("governs"):
        return not _FINITE.match(after)
    return last not in _listed("begins") and not _FINITE.match(after) and not _does(after)


def _does(after: str) -> bool:
    found = re.match(rf" {_ADVERBS}([a-z]+)", after)
    return bool(found) and (found[1].endswith("ed") or _plain_form(found[1]) != found[1])  # type: ignore[index]


def _agreed(after: str, subject: str) -> str:
    """What follows a subject, with its verbs made to agree: the first one, and those joined to it by "and"."""
    after = re.sub(rf"^( {_ADVERBS})([a-z]+)", lambda m: m[1] + _agreeing(m[2], subject), after)
    clause = re.match(r"(?:(?!\b(?:who|which|that|he|she|it|they|what|where|when|if)\b)[^.;:?!“”])*", after)
    whole = clause[0] if clause else ""
    joined = re.sub(
        r"\b(and|but|or)( (?:then |never |still )?)([a-z]+s)\b(?! (?:of|and)\b)",
        lambda m: m[1] + m[2] + _agreeing(m[3], subject),
        whole,
    )
    return joined + after[len(whole) :]


_SPECIAL = {
    "is": {"I": "am", "you": "are"},
    "was": {"I": "was", "you": "were"},
    "has": {"I": "have", "you": "have"},
    "does": {"I": "do", "you": "do"},
}


def _agreeing(verb: str, subject: str) -> str:
    return _SPECIAL[verb][subject] if verb in _SPECIAL else _plain_form(verb)


@cache
def _plain_form(word: str) -> str:
    """The form of a verb without the -s of the third person; another word stays as it is."""
    from lemminflect import getLemma  # noqa: PLC0415  # its tables take a while to load

    if not re.fullmatch(r"[a-z]{2,}[^s]s", word):
        return word
    found: tuple[str, ...] = getLemma(word, upos="VERB", lemmatize_oov=False)
    return found[0] if found and form(found[0], "pres3") == word else word
