"""The one place where a model's text becomes an answer."""

from __future__ import annotations

import json
import re
from typing import TypeVar

from langchain_core.utils.json import parse_json_markdown
from pydantic import ValidationError

from agents.requests import Prose
from story.base import Value

A = TypeVar("A", bound=Value)

_HEADING = re.compile(r"\A\s*(#{1,6} .*|\*\*.{1,120}\*\*|chapter \w+.{0,100})\n\s*\n", re.IGNORECASE)
_THINKING = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


def parse(answer_type: type[A], text: str) -> A:
    """The answer in a text: prose as it stands, everything else as JSON, alone or in a code block.

    Raises:
        ValueError: with what is wrong, in words that a model can act on.
    """
    text = _THINKING.sub("", text)
    try:
        if answer_type is Prose:
            return answer_type.model_validate({"text": _HEADING.sub("", text, count=1).strip()})
        return answer_type.model_validate(parse_json_markdown(text, parser=_loads))
    except ValidationError as error:
        raise ValueError(_explained(error)) from error


def _loads(text: str) -> object:
    # LangChain's own parser completes JSON that was cut off; a truncated answer must not pass for a whole one.
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error


def _explained(error: ValidationError) -> str:
    lines = [f"{'.'.join(map(str, one['loc'])) or 'answer'}: {one['msg']}" for one in error.errors()[:12]]
    return "; ".join(lines)
