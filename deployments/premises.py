"""Premises from the command line: a text, a file, or standard input; and the options that go before a file's word."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
import tomllib
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from story.errors import InvalidInput
from story.premise import MAX_PREMISE, GivenCharacter, GivenWorld, Premise

MAX_BYTES = 1_000_000
"""Bytes a premise file may hold; more cannot be a premise and its cast."""

_ENDINGS = (".toml", ".md", ".txt")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NO_PATH = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL}
_PARTS: dict[str, type[BaseModel]] = {"characters": GivenCharacter, "world": GivenWorld}
_KINDS = {
    "missing": "is missing; add it",
    "model_type": "has to be a table, as in [world]",
    "string_type": "has to be a text in quotation marks",
    "string_too_short": "is empty; give one or leave it out",
    "tuple_type": "has to be a list",
}


class UnusablePremise(InvalidInput):
    """The premise cannot be used; give a text, or a .toml, .md or .txt file."""


def read_premise(argument: str) -> Premise:
    """The premise that an argument is, or that the file it names holds; ``-`` is standard input.

    An argument with a path separator or one of our endings is a file and never a text, so that a mistyped path is
    reported and not written about. Raises ``UnusablePremise``.
    """
    if argument == "-":
        return _checked({"premise": _decoded(sys.stdin.buffer.read(MAX_BYTES + 1), "Standard input")})
    if not _is_file(argument):
        _refuse_path(argument)
        return _checked({"premise": argument})
    source = _shown(argument)
    text = _decoded(_content(argument, source), source)
    is_table = argument.strip().lower().endswith(".toml")
    return _checked(_table(text, source) if is_table else {"premise": text}, source)


def _refuse_path(text: str) -> None:
    """Refuses a word that names something in the working folder: it was hardly meant as the whole premise."""
    if len(text.split()) == 1 and Path(text).exists():
        raise UnusablePremise(f"{text!r} is a file or folder here, and no premise; name a file as ./{text}.")


def with_options(
    premise: Premise,
    *,
    chapters: int | None = None,
    words: int | None = None,
    genre: str | None = None,
    language: str | None = None,
    seed: int | None = None,
) -> Premise:
    """The premise with the options that were given in place of its own; raises ``UnusablePremise``."""
    options = {"chapters": chapters, "words": words, "genre": genre, "language": language, "seed": seed}
    given = {name: value for name, value in options.items() if value is not None}
    return _checked({**premise.model_dump(mode="json"), **given}, prefix="--") if given else premise


def _is_file(argument: str) -> bool:
    return any(one in argument for one in {"/", os.sep}) or argument.strip().lower().endswith(_ENDINGS)


def _shown(argument: str) -> str:
    """A path as a message can show it: one line, not too long, whatever was typed."""
    line = " ".join(argument.encode("utf-8", "replace").decode().split())
    return line if len(line) <= 200 else f"{line[:199]}…"


def _content(argument: str, source: str) -> bytes:
    path = Path(argument)
    try:
        if path.is_dir():
            raise UnusablePremise(f"{source} is a folder; name the premise file in it.")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)  # one more than may be, whatever size is announced
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        raise _unreadable(error, source) from error


def _unreadable(error: OSError | ValueError, source: str) -> UnusablePremise:
    if isinstance(error, OSError) and error.errno not in _NO_PATH:
        return UnusablePremise(f"{source} cannot be read ({error.strerror}); give a file that you may read.")
    return UnusablePremise(
        f"There is no file {source}; check the path. A premise text with a slash or such an ending goes into a file, "
        "or to standard input with -."
    )


def _decoded(content: bytes, source: str) -> str:
    if len(content) > MAX_BYTES:
        raise UnusablePremise(
            f"{source} is larger than {MAX_BYTES:,} bytes; shorten the premise to {MAX_PREMISE:,} characters."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusablePremise(f"{source} is not text in UTF-8 (byte {error.start}); save it as UTF-8.") from error
    if "\0" in text:
        raise UnusablePremise(f"{source} is not a text file; give the premise as text in UTF-8.")
    return text.replace("\r\n", "\n")


def _table(text: str, source: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnusablePremise(f"{source} is not TOML: {error}; texts need quotation marks.") from error
    except RecursionError as error:
        raise UnusablePremise(f"{source} is nested too deeply; a premise needs one level of tables.") from error
    _refuse_unknown(table, _known_keys(Premise), source)
    if "premise" not in table:
        raise UnusablePremise(f'{source} has no premise; add a line such as premise = "A keeper finds a letter."')
    return table


def _known_keys(model: type[BaseModel]) -> list[str]:
    return [name for name in model.model_fields if name != "variant"]  # fresh tellings are counted, not asked for


def _refuse_unknown(given: Iterable[str], known: Collection[str], place: str) -> None:
    for name in given:
        if name not in known:
            raise _unknown(name, known, place)


def _unknown(name: str, known: Collection[str], place: str) -> UnusablePremise:
    near = get_close_matches(name.lower(), known, n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    return UnusablePremise(f"{place} has an unknown key {name!r}{meant}; it can have {', '.join(known)}.")


def _checked(values: Mapping[str, Any], source: str = "", prefix: str = "") -> Premise:
    """The premise made of these values, strictly: TOML has numbers and truths of its own, none is guessed."""
    try:
        premise = Premise.model_validate_json(json.dumps(_printable(values), default=str), strict=True)
    except ValidationError as error:
        raise _translated(error, f"{source}: " if source else "", prefix) from error
    _refuse_doubles(premise, source)
    return premise


def _printable(value: Any) -> Any:
    """The same with no text holding control characters, or the halves a shell makes of bytes it cannot read."""
    match value:
        case str():
            plain = value.encode("utf-8", "ignore").decode().replace("\r\n", "\n").replace("\r", "\n")
            return _CONTROL.sub("", plain)
        case list():
            return [_printable(one) for one in value]
        case dict():
            return {name: _printable(one) for name, one in value.items()}
        case _:
            return value


def _refuse_doubles(premise: Premise, source: str) -> None:
    seen: set[str] = set()
    for character in premise.characters:
        name = character.name.casefold()
        if name in seen:
            raise UnusablePremise(f"{source} names {character.name!r} twice; give each character a name of its own.")
        seen.add(name)


def _translated(error: ValidationError, place: str, prefix: str) -> UnusablePremise:
    """Pydantic's first complaint as one line that names the field, what it may hold and where it stands."""
    complaints = error.errors(include_url=False)
    # A misspelt name is reported as unknown, not as the missing right one.
    first = next((one for one in complaints if one["type"] == "extra_forbidden"), complaints[0])
    where = first["loc"]
    if first["type"] == "extra_forbidden":
        known = _known_keys(_PARTS[str(where[0])])
        return _unknown(str(where[-1]), known, f"{place}{_path(where[:-1])}")
    if where == ("premise",) and first["type"] == "string_too_short":
        return UnusablePremise(f"{place}The premise is empty; say what the novel is about.")
    return UnusablePremise(f"{place}{prefix}{_path(where)} {_complaint(first)}.")


def _path(where: tuple[int | str, ...]) -> str:
    """Where in the file, counted from 1 as people do: ``characters 2, name``."""
    steps = (f" {step + 1}" if isinstance(step, int) else f", {step}" for step in where)
    return "".join(steps).removeprefix(", ")


def _complaint(first: ErrorDetails) -> str:
    bounds = first.get("ctx", {})
    match first["type"]:
        case "int_type" | "greater_than_equal" | "less_than_equal" | "less_than":
            return f"is {first['input']!r}; it has to be a whole number from {_range(str(first['loc'][0]))}"
        case "string_too_long":
            return f"is longer than {bounds['max_length']:,} characters; shorten it"
        case "too_long":
            return f"has more than {bounds['max_length']} entries; leave some out"
        case "literal_error":
            return f"is {first['input']!r}; it has to be {bounds['expected']}"
        case "string_pattern_mismatch":
            return f"is {first['input']!r}; it has to be a tag such as en, de or pt-BR"
        case "tuple_type" if first["loc"] == ("characters",):
            return "has to be a list; begin each character with [[characters]]"
        case kind:
            return _KINDS.get(kind, f"cannot be used: {first['msg']}")


def _range(field: str) -> str:
    schema = Premise.model_json_schema()["properties"][field]
    limits = schema.get("anyOf", [schema])[0]
    return f"{limits['minimum']} to {limits.get('maximum', limits.get('exclusiveMaximum', 0) - 1)}"
