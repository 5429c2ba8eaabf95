"""What a request says: the task and the data blocks in the messages of any agent."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import ValidationError

from agents.models.storyteller.errors import UnreadableTask, UnsupportedLanguage
from agents.requests import (
    AssembleCast,
    BuildWorld,
    ChronicleChapter,
    EditChapter,
    OutlinePlot,
    Request,
    WriteChapter,
)

REQUESTS: dict[str, type[Request]] = {
    "build-world": BuildWorld,
    "assemble-cast": AssembleCast,
    "outline-plot": OutlinePlot,
    "write-chapter": WriteChapter,
    "edit-chapter": EditChapter,
    "chronicle": ChronicleChapter,
}
_TASK = re.compile(r"^Task: (\S+)\s*$", re.MULTILINE)
_BLOCK = re.compile(r"^<([a-z_]+)>\n(.*?)\n</\1>$", re.MULTILINE | re.DOTALL)


def read(messages: Sequence[BaseMessage]) -> Request:
    """The request in the first message that names a task; what follows it can only ask for the same again.

    Raises:
        UnreadableTask: no message names a known task, or its data does not fit.
        UnsupportedLanguage: the premise asks for another language than English.
    """
    texts = [str(message.text) for message in messages if isinstance(message, HumanMessage)]
    asked = next((text for text in texts if _TASK.search(text)), "")
    found = _TASK.search(asked)
    kind = REQUESTS.get(found[1]) if found else None
    if kind is None:
        raise UnreadableTask(f"The offline storyteller does not know the task {found[1] if found else '(none)'!r}.")
    return _spoken(_validated(kind, asked))


def _validated(kind: type[Request], text: str) -> Request:
    try:
        blocks = {tag: json.loads(body) for tag, body in _BLOCK.findall(text) if tag in kind.model_fields}
        return kind.model_validate(blocks)
    except json.JSONDecodeError as error:
        raise UnreadableTask(f"The offline storyteller cannot read its task: {error}.") from error
    except ValidationError as error:
        raise UnreadableTask(f"The offline storyteller cannot read its task: {error.errors()[0]['msg']}.") from error


def _spoken(request: Request) -> Request:
    language = request.premise.language
    if language.split("-")[0] not in ("en", "eng"):
        raise UnsupportedLanguage(
            f"The offline storyteller writes English, not {language!r}; name a model, for example --model openai:gpt-5."
        )
    return request.model_copy(update={"premise": request.premise.seeded()})
