"""The one place where a model's text becomes an answer."""

from __future__ import annotations

import json
import re
from typing import TypeVar

from pydantic import ValidationError

from agents.requests import Prose
from story.base import Value

A = TypeVar("A", bound=Value)

MOST_PROBLEMS = 12
"""So many problems of an answer are told at once."""

# A sentence that begins with the word is no heading: what follows the number is parted from it or ends without a stop.
_CHAPTER = r"chapter [\w-]+(?:\.|\s*[:.–—-]\s.{0,100}|\s.{0,100}[^\s.!?…\"”’',;])?"
_HEADING = re.compile(rf"\A\s*(#{{1,6}} .*|\*\*.{{1,120}}\*\*|{_CHAPTER})[ \t]*\n\s*\n", re.IGNORECASE)
_BRACKET = re.compile(r"[\[{]")
_THINKING = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


def parse(answer_type: type[A], text: str) -> A:
    """The answer in a text: prose as it stands, everything else as JSON, alone or among words and code blocks.

    Raises:
        ValueError: with what is wrong, in words that a model can act on.
    """
    text = _THINKING.sub("", text)
    try:
        if answer_type is Prose:
            return answer_type.model_validate({"text": _HEADING.sub("", text, count=1).strip()})
        return answer_type.model_validate(_loads(text))
    except ValidationError as error:
        raise ValueError(_explained(error)) from error
    except RecursionError as error:
        raise ValueError("not JSON that can be read: it is nested too deeply") from error


def _loads(text: str) -> object:
    """The JSON value in a text: the whole of it, or what begins at the first bracket.

    No later bracket is tried, for a part of an answer that was cut off must not pass for a whole one.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        bracket = _BRACKET.search(text)
        if bracket is None:
            raise ValueError(f"not JSON: {error}") from error
        return _loads_from(text, bracket.start())


def _loads_from(text: str, start: int) -> object:
    try:
        value, _ = json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    return value


def _explained(error: ValidationError) -> str:
    lines = [f"{'.'.join(map(str, one['loc'])) or 'answer'}: {one['msg']}" for one in error.errors()[:MOST_PROBLEMS]]
    return "; ".join(lines)
