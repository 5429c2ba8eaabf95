"""English morphology: verb forms, articles, capitals, lists."""

from __future__ import annotations

import re
from functools import cache

_IRREGULAR = {
    ("be", "past1"): "was", ("be", "past3"): "was", ("be", "pastp"): "were",
    ("be", "pres1"): "am", ("be", "pres3"): "is", ("be", "presp"): "are",
    ("have", "pres3"): "has", ("do", "pres3"): "does", ("go", "pres3"): "goes",
    ("will", "past"): "would", ("can", "past"): "could", ("will", "pres3"): "will", ("can", "pres3"): "can",
    ("lie", "past"): "lay", ("lie", "part"): "lain", ("hang", "past"): "hung", ("hang", "part"): "hung",
    ("be", "part"): "been", ("have", "past"): "had", ("have", "part"): "had", ("do", "past"): "did",
    ("go", "past"): "went", ("ring", "past"): "rang", ("sink", "past"): "sank", ("spit", "past"): "spat",
    ("wake", "past"): "woke", ("knit", "past"): "knitted", ("knit", "part"): "knitted", ("light", "past"): "lit",
    ("lean", "past"): "leaned", ("lean", "part"): "leaned", ("learn", "past"): "learned", ("learn", "part"): "learned",
    ("hide", "part"): "hidden", ("weave", "past"): "wove", ("shed", "past"): "shed", ("get", "part"): "got",
    ("burn", "past"): "burned", ("wear", "past"): "wore", ("wind", "past"): "wound", ("begin", "past"): "began",
    ("bear", "part"): "borne", ("bide", "past"): "bided", ("bide", "part"): "bided", ("fit", "past"): "fitted",
    ("light", "part"): "lit", ("spit", "part"): "spat", ("wake", "part"): "woken", ("quit", "part"): "quit",
    ("give", "part"): "given", ("know", "part"): "known", ("slide", "past"): "slid", ("creep", "past"): "crept",
}  # fmt: skip
_TAGS = {"past": "VBD", "part": "VBN", "pres3": "VBZ", "ing": "VBG"}


@cache
def form(lemma: str, shape: str) -> str:
    """A verb form: shapes are past, part, ing, pres and past or pres with a person (1, 3, p)."""
    for key in (shape, shape[:-1] if shape[-1] in "13p" else shape):
        if (lemma, key) in _IRREGULAR:
            return _IRREGULAR[lemma, key]
    tag = _TAGS.get(shape) or _TAGS.get(shape[:-1])
    return _inflected(lemma, tag) if tag else lemma


def _inflected(lemma: str, tag: str) -> str:
    from lemminflect import getInflection  # noqa: PLC0415  # its tables take a while to load and most imports never need them

    found: tuple[str, ...] = getInflection(lemma, tag=tag)
    return found[0] if found else lemma + {"VBD": "ed", "VBN": "ed", "VBZ": "s", "VBG": "ing"}[tag]


@cache
def plural(noun: str) -> str:
    """A noun phrase with its last word in the plural."""
    from lemminflect import getInflection  # noqa: PLC0415  # its tables take a while to load and most imports never need them

    *before, last = noun.split(" ")
    found: tuple[str, ...] = getInflection(last, tag="NNS")
    return " ".join((*before, found[0] if found else f"{last}s"))


def finite(lemma: str, person: str, present: bool) -> str:
    """The finite form in the tense of the telling."""
    return form(lemma, ("pres" if present else "past") + person)


def perfect(lemma: str, person: str, present: bool) -> str:
    """The form for what was done before: had seen, has seen, have seen."""
    return f"{finite('have', person, present)} {form(lemma, 'part')}"


def article(word: str) -> str:
    """``a`` or ``an``, by how the next word begins."""
    return "an" if re.match(r"(?i)(?!eu|uni|use|usu|one\b|once\b|ut)(?:[aeiou]|hour|heir|honest|hono)", word) else "a"


def with_articles(text: str) -> str:
    """The text with every indefinite article made to fit."""
    return re.sub(r"\b([Aa])n? (?=([\w’'-]+))", lambda m: _cased(article(m[2]), m[1]) + " ", text)


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like.isupper() else word


def capital(text: str) -> str:
    """The text with its first letter, and every letter that begins a sentence, upper case."""
    text = re.sub(r"^([“\"(]*)([a-z])", lambda m: m[1] + m[2].upper(), text)
    return re.sub(r"(?<=[.?!] )([“\"]?)([a-z])", lambda m: m[1] + m[2].upper(), text)


def sentence(text: str) -> str:
    """A clause as a sentence: tidy spaces, articles, a capital and an end."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s+([,.;:?!])", r"\1", text)
    text = capital(with_articles(text))
    return text if re.search(r"[.?!—][”\"]?$", text) else text.rstrip(",;:") + "."


def listed(parts: tuple[str, ...]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def the(phrase: str) -> str:
    """A noun phrase with the definite article unless it has a determiner."""
    return phrase if re.match(r"(?i)(the|a|an|his|her|their|my) ", phrase) else f"the {phrase}"
