"""The words of a text as the index holds them: the same terms in every database, which only index what this gives."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from threading import Lock

import snowballstemmer

LONGEST = 40
"""Characters of a term that count; both databases have bounds, and no word is told apart after so many."""

MOST = 8
"""How often a term counts in one window; the ninth time would add little to its score."""

_GRAMMAR = """
a about above after again against all also although am among an and any are as at be because been before being below
between both but by can cannot could did do does doing down during each else ever every few for from further had has
have having he her here hers herself him himself his how however i if in into is it its itself just let may me might
more most much must my myself no nor not now of off oh on once only or other ought our ours ourselves out over own same
shall she should so some such than that the their theirs them themselves then there these they this those though through
thus to too under until up upon us very was we were what when where whether which while who whom whose why will with
would yet you your yours yourself yourselves thee thou thy thine ye hath doth
"""

STOP_WORDS = frozenset(_GRAMMAR.split())
"""Words of grammar, which say nothing of what a text is about."""

_ENDINGS = frozenset({"s", "d", "m", "ll", "re", "ve", "em"})
"""What follows the apostrophe of a possessive or a contraction; before a “t” there is nothing but grammar."""

_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "’": "'"})
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_stemmer = snowballstemmer.stemmer("english")
_turn = Lock()


def terms(text: str) -> list[str]:
    """The terms of a text, in order: folded, without words of grammar, reduced to their stems."""
    found = (_whole(match.group()) for match in _WORD.finditer(folded(text)))
    return [_stem(word[:LONGEST]) for word in found if word and word not in STOP_WORDS]


def frequencies(*texts: str) -> dict[str, int]:
    """How often each term is in texts that are taken together, as far as that is counted."""
    counts = Counter(term for text in texts for term in terms(text))
    return {term: min(count, MOST) for term, count in counts.items()}


def nameless(question: str) -> str:
    """A question without the names in it, which are what begins with a capital; itself where it asks of nothing else.

    In a language that writes nouns with capitals, they go as well.
    """
    first, *rest = question.split() or [""]
    left = " ".join((first, *(word for word in rest if not _is_name(word))))
    return left if terms(left) else question


def _is_name(word: str) -> bool:
    bare = word.lstrip("\"'“‘([")
    return bare[:1].isupper() and bare.rstrip("?.,;:!'’”") != "I"


def folded(text: str) -> str:
    """A text in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return plain if plain.isascii() else "".join(sign for sign in plain if unicodedata.category(sign) != "Mn")


def _whole(word: str) -> str:
    """A word without what was contracted into it; a name that is written with an apostrophe is one word."""
    head, mark, ending = word.rpartition("'")
    if mark and ending == "t":
        return ""
    return (head if mark and ending in _ENDINGS else word).replace("'", "")


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    # The stemmer keeps the word that it works on in itself.
    with _turn:
        return str(_stemmer.stemWord(word))
