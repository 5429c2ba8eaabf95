"""The tables. The log and the steps are the truth; ``novels``, ``chapters`` and ``novel_steps`` are read from the log.

``graph_*``, ``passages`` and ``projections`` are written from the log by projections, behind it and in their own time;
``vectors`` keeps what is dear to make again. ``cache_*`` may be emptied at any time. ``passage_words``, the full-text
index over ``passages``, is described in its migration alone, since it is another kind of table in each database.

``novel_id`` leads the primary key wherever rows belong to a novel, so that it can partition them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, timezone-aware on both sides; SQLite, which knows no zones, holds it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as the driver takes it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The moment as the driver gives it, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Prose(TypeDecorator[str]):
    """Text to be read. PostgreSQL cannot hold the character NUL in it, so it stands there as U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """The text as it can be held."""
        return None if value is None else value.replace("\0", "\N{REPLACEMENT CHARACTER}")


Identity = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column of type INTEGER."""

metadata = MetaData(naming_convention=NAMING)


def _novel(**options: Any) -> Column[str]:
    return Column("novel_id", String, ForeignKey("novels.id", ondelete="CASCADE"), **options)


events = Table(
    "events",
    metadata,
    Column("novel_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("hash", String, nullable=False),
)

novels = Table(
    "novels",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("title", Prose, nullable=False),
    Column("given_title", Prose, nullable=False),
    Column("premise", Prose, nullable=False),
    Column("variant", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", Prose, nullable=False),
    Column("chapters", Integer, nullable=False),
    Column("chapters_accepted", Integer, nullable=False),
    Column("words", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("max_calls", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "owner", "created_at"),
)

chapters = Table(
    "chapters",
    metadata,
    _novel(primary_key=True),
    Column("id", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("title", Prose, nullable=False),
    Column("words", Integer, nullable=False),
    Column("summary", Prose, nullable=False),
    Column("text", Prose, nullable=False),
    # Not unique: a move shifts many positions at once, and SQLite checks uniqueness row by row.
    Index(None, "novel_id", "position"),
)

steps = Table(
    "steps",
    metadata,
    Column("owner", String, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("agent", String, nullable=False),
    Column("model", String, nullable=False),
    Column("chapter", Integer, nullable=False),
    Column("request", JSON, nullable=False),
    # JSON holds every character that a model may answer; text in PostgreSQL refuses NUL.
    Column("answer", JSON(none_as_null=True)),
    Column("outcome", String),
    Column("tokens_in", BigInteger, nullable=False),
    Column("tokens_out", BigInteger, nullable=False),
    Column("claimed_by", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
)

novel_steps = Table(
    "novel_steps",
    metadata,
    _novel(primary_key=True),
    Column("owner", String, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Index(None, "owner", "fingerprint"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("owner", String, nullable=False),
    Column("novel_id", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("agent", String, nullable=False),
    Column("model", String, nullable=False),
    Column("chapter", Integer, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("outcome", String),
    Column("tokens_in", BigInteger, nullable=False),
    Column("tokens_out", BigInteger, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seconds", Float),
    Index(None, "novel_id"),
    Index(None, "owner", "fingerprint"),
)

leases = Table(
    "leases",
    metadata,
    Column("novel_id", String, primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Float, nullable=False),
    Column("heartbeat", UtcDateTime, nullable=False),
    Column("held", Boolean, nullable=False),
)

exports = Table(
    "exports",
    metadata,
    _novel(primary_key=True),
    Column("path", String, primary_key=True),
    Column("format", String, nullable=False),
)

contexts = Table(
    "contexts",
    metadata,
    _novel(primary_key=True),
    Column("chapter_id", String, primary_key=True),
    Column("telling", Integer, primary_key=True),
    # What the context was compiled from: another world, cast, outline or text before it asks for another context.
    Column("basis", String, primary_key=True),
    Column("compiled", JSON, nullable=False),
)

projections = Table(
    "projections",
    metadata,
    # No foreign key: what stands in other stores outlives the novel until it is removed there, too.
    Column("novel_id", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("error", Prose, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)


def _row_key() -> tuple[Column[Any], ...]:
    """The key of a row that a projection wrote: the same row of the same chapter at the same version has the same."""
    return (
        Column("novel_id", String, primary_key=True),
        Column("chapter_id", String, primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("n", Integer, primary_key=True),
    )


graph_nodes = Table(
    "graph_nodes",
    metadata,
    *_row_key(),
    Column("id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("name", Prose, nullable=False),
    Column("aliases", JSON, nullable=False),
)

graph_edges = Table(
    "graph_edges",
    metadata,
    *_row_key(),
    Column("source", String, nullable=False),
    Column("target", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("weight", Float, nullable=False),
    Column("scene", Integer, nullable=False),
    Column("label", Prose, nullable=False),
    Column("quote", Prose, nullable=False),
    Index(None, "novel_id", "source"),
    Index(None, "novel_id", "target"),
)

passages = Table(
    "passages",
    metadata,
    *_row_key(),
    Column("window", Integer, nullable=False),
    Column("text", Prose, nullable=False),
    Column("text_hash", String, nullable=False),
    Index(None, "text_hash"),
)

passage_parts = Table(
    "passage_parts",
    metadata,
    # Numbers what the full-text index holds of a chapter, which knows a window by this and its number in the chapter.
    Column("id", Identity, primary_key=True),
    Column("novel_id", String, nullable=False),
    Column("chapter_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    # Counted here, so that a search reads no passage that it does not show.
    Column("windows", Integer, nullable=False),
    Column("terms", BigInteger, nullable=False),
    Index(None, "novel_id", "chapter_id"),
)

vectors = Table(
    "vectors",
    metadata,
    Column("owner", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("text_hash", String, primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

cache_entries = Table(
    "cache_entries",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
    Column("expires_at", UtcDateTime),
    Index(None, "expires_at"),
)

cache_counters = Table(
    "cache_counters",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("expires_at", UtcDateTime),
    Index(None, "expires_at"),
)

cache_locks = Table(
    "cache_locks",
    metadata,
    Column("key", String, primary_key=True),
    Column("token", String, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

cache_messages = Table(
    "cache_messages",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("channel", String, nullable=False),
    Column("payload", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "at"),
)
