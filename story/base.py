"""What every value of the vocabulary shares: frozen models, canonical JSON, digests and stable names."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    def __copy__(self) -> Self:
        """A copy of the fields alone: what a cached property worked out of them must not outlive a change."""
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


def canonical_json(value: Any) -> str:
    """The one JSON text of a JSON-able value: sorted keys, no spaces, no escapes beyond JSON's own."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of a JSON-able value."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def slug(name: str) -> str:
    """A stable identifier made of a name: lower case ASCII letters and digits joined by hyphens.

    A name without any such letter gets a short digest, so that different names keep different identifiers.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or digest(name)[:8]


def word_count(text: str) -> int:
    """Words as a reader counts them: runs of characters that hold a letter or a digit."""
    return sum(any(map(str.isalnum, word)) for word in text.split())
