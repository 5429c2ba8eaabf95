"""Prompts as template files: one Jinja file an agent, with a ``system`` and a ``human`` block.

Everything that is not ours (premise, bible, earlier chapters) enters as a data block, JSON between tags, in which
no tag can be closed; the structure of a prompt therefore never depends on its content.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, meta

from agents.requests import Prose
from story.base import Value, digest


@dataclass(frozen=True)
class Prompt:
    """What a model is sent at first: who it is, and what it is asked."""

    system: str
    human: str


class Prompts:
    """The templates in the folder ``prompts`` of a package."""

    def __init__(self, package: str) -> None:
        self._package = package

    def render(self, template: str, capability: str, request: Value, answer_type: type[Value]) -> Prompt:
        """The prompt for a request: its fields are the template's variables."""
        page = self._environment().get_template(template)
        fields = {name: getattr(request, name) for name in type(request).model_fields}
        context = page.new_context({"capability": capability, "answer": _wanted(answer_type), **fields})
        system, human = ("".join(page.blocks[part](context)).strip() for part in ("system", "human"))
        return Prompt(system, human)

    def hash(self, template: str) -> str:
        """The digest of a template and of all that it includes."""
        return digest(self._sources(template))

    def _sources(self, template: str) -> list[str]:
        environment = self._environment()
        assert environment.loader is not None
        source, _, _ = environment.loader.get_source(environment, template)
        used = meta.find_referenced_templates(environment.parse(source))
        return [source, *(text for name in used if name for text in self._sources(name))]

    def _environment(self) -> Environment:
        return _environment(self._package)


@cache
def _environment(package: str) -> Environment:
    environment = Environment(
        loader=PackageLoader(package, "prompts"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  # the output is text for a model, never HTML; data is fenced by data_block
    )
    environment.globals["data"] = data_block
    return environment


def data_block(tag: str, value: object) -> str:
    """A value as JSON between tags; ``<`` and ``>`` inside are escaped, so that no text can end the block."""
    text = json.dumps(_plain(value), ensure_ascii=False, indent=1)
    return f"<{tag}>\n{text.replace('<', chr(92) + 'u003c').replace('>', chr(92) + 'u003e')}\n</{tag}>"


def _plain(value: object) -> object:
    if isinstance(value, Value):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _wanted(answer_type: type[Value]) -> str:
    if answer_type is Prose:
        return (
            "Answer with the text of the chapter alone: no heading, no remark, paragraphs parted by an empty line, "
            "scenes parted by a line with `* * *`."
        )
    schema = json.dumps(answer_type.model_json_schema(), ensure_ascii=False)
    return f"Answer with one JSON object and nothing else. It must satisfy this JSON schema:\n{schema}"
