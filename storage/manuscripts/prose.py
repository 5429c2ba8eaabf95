"""Whether a text is one that people read: a novel, not source code, tables or a list of words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from storage.manuscripts.blocks import Block
from storage.manuscripts.values import UnusableManuscript

FEWEST_LETTERS = 100
"""Letters of the shortest text that is imported."""

_SAMPLES = 400
"""Blocks that are looked at, spread over the text."""

_ODD_SHARE = 0.035
"""Signs that prose hardly has: novels stay below 0.02 of all signs, source code above 0.05."""

_WORDS_PER_SENTENCE = 300
_LETTERS_SHARE = 0.4
_NO_PROSE = "it holds hardly any prose: it reads like code, a table or a list, not like a novel."
_ODD = re.compile(r"[=<>{}\[\]|\\/@#$%^&*+~`_\d]|[;:]$|(?<=\w)[(,.:](?=\w)|\(\)|\"\"\"", re.MULTILINE)
_RECORDS = re.compile(r"[\[{]\s*[\"{\[]")
_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"[^\W_][.!?…]+(?=[\s)”’\"'»]|$)|[。！？।]")
_LETTER = re.compile(r"[^\W\d_]")


def refuse_signs(text: str) -> None:
    """Raises ``UnusableManuscript`` for a text of signs rather than letters, which is slow to parse as markup."""
    if len(_LETTER.findall(text)) < _LETTERS_SHARE * len("".join(text.split())):
        raise UnusableManuscript(_NO_PROSE)


def refuse_other_than_prose(blocks: Sequence[Block]) -> None:
    """Raises ``UnusableManuscript`` when there is hardly any text, or when it does not read like sentences."""
    step = max(1, len(blocks) // _SAMPLES)
    sample = [one for one in blocks[::step] if not one.level and not one.matter]
    text = "\n".join(line for one in sample for line in one.lines)
    letters = len(_LETTER.findall(text))
    if letters < FEWEST_LETTERS:
        raise UnusableManuscript(
            f"it holds hardly any text ({letters} letters). If it is a scan, have its text read first."
        )
    signs = len(_SPACE.sub("", text))
    sentences = len(_SENTENCE.findall(text))
    is_odd = len(_ODD.findall(text)) > _ODD_SHARE * signs or _RECORDS.match(text) is not None
    if is_odd or sentences * _WORDS_PER_SENTENCE < len(text.split()):
        raise UnusableManuscript(_NO_PROSE)
