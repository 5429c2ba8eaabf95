"""Story memory: contexts, projections and their rows, vectors, the cache; ``events`` partitioned in PostgreSQL."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
PARTITIONS = 8
IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    _partition_events()
    op.create_table(
        "contexts",
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("chapter_id", sa.String(), nullable=False),
        sa.Column("telling", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("compiled", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["novel_id"], ["novels.id"], name="fk_contexts_novel_id_novels", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("novel_id", "chapter_id", "telling", "basis", name="pk_contexts"),
    )
    op.create_table(
        "projections",
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("novel_id", "name", name="pk_projections"),
    )
    op.create_table(
        "graph_nodes",
        *_row_key("graph_nodes"),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
    )
    op.create_table(
        "graph_edges",
        *_row_key("graph_edges"),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("scene", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
    )
    op.create_index("ix_graph_edges_novel_id_source", "graph_edges", ["novel_id", "source"])
    op.create_index("ix_graph_edges_novel_id_target", "graph_edges", ["novel_id", "target"])
    op.create_table(
        "passages",
        *_row_key("passages"),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        postgresql_partition_by="HASH (novel_id)",
    )
    _make_partitions("passages")
    op.create_index("ix_passages_text_hash", "passages", ["text_hash"])
    op.create_table(
        "passage_parts",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("chapter_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("windows", sa.Integer(), nullable=False),
        sa.Column("terms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passage_parts"),
    )
    op.create_index("ix_passage_parts_novel_id_chapter_id", "passage_parts", ["novel_id", "chapter_id"])
    _make_passage_words()
    op.create_table(
        "vectors",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "model", "text_hash", name="pk_vectors"),
    )
    _make_cache()


def _row_key(table: str) -> tuple[sa.Column[object] | sa.PrimaryKeyConstraint, ...]:
    return (
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("chapter_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("novel_id", "chapter_id", "version", "n", name=f"pk_{table}"),
    )


def _make_passage_words() -> None:
    """The full-text index, a row a window. Terms are marked with their novel: one's are found without the others'."""
    if _is_postgresql():
        op.create_table(
            "passage_words",
            sa.Column("novel_id", sa.String(), nullable=False),
            sa.Column("part", sa.BigInteger(), nullable=False),
            sa.Column("n", sa.Integer(), nullable=False),
            sa.Column("length", sa.Integer(), nullable=False),
            sa.Column("terms", postgresql.TSVECTOR(), nullable=False),
            sa.PrimaryKeyConstraint("novel_id", "part", "n", name="pk_passage_words"),
            postgresql_partition_by="HASH (novel_id)",
        )
        _make_partitions("passage_words")
        op.create_index("ix_passage_words_terms", "passage_words", ["terms"], postgresql_using="gin")
        return
    # What else a search asks for is in the number of a row and in the terms: see `storage.passages.index`.
    op.execute(
        "CREATE VIRTUAL TABLE passage_words USING fts5("
        "terms, tokenize = \"ascii tokenchars '.'\", columnsize = 0, detail = 'none')"
    )


def _make_cache() -> None:
    op.create_table(
        "cache_entries",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_cache_entries"),
    )
    op.create_index("ix_cache_entries_expires_at", "cache_entries", ["expires_at"])
    op.create_table(
        "cache_counters",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_cache_counters"),
    )
    op.create_index("ix_cache_counters_expires_at", "cache_counters", ["expires_at"])
    op.create_table(
        "cache_locks",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_cache_locks"),
    )
    op.create_table(
        "cache_messages",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cache_messages"),
    )
    op.create_index("ix_cache_messages_at", "cache_messages", ["at"])


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _is_partitioned(table: str) -> bool:
    seen = sa.text("SELECT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = CAST(:name AS regclass))")
    return bool(op.get_bind().scalar(seen.bindparams(name=table)))


def _make_partitions(table: str) -> None:
    if not _is_postgresql():
        return
    for n in range(PARTITIONS):
        op.execute(
            f"CREATE TABLE {table}_{n} PARTITION OF {table} FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {n})"
        )


def _partition_events() -> None:
    """In PostgreSQL, a table cannot become a partitioned one: its rows move into a new one of its name."""
    # After a downgrade it is one already.
    if not _is_postgresql() or _is_partitioned("events"):
        return
    op.execute("ALTER TABLE events RENAME TO events_before")
    op.execute("ALTER TABLE events_before RENAME CONSTRAINT pk_events TO pk_events_before")
    op.create_table(
        "events",
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("novel_id", "version", name="pk_events"),
        postgresql_partition_by="HASH (novel_id)",
    )
    _make_partitions("events")
    op.execute("INSERT INTO events SELECT novel_id, version, at, kind, payload, hash FROM events_before")
    op.drop_table("events_before")


def downgrade() -> None:
    """Drops the tables; in PostgreSQL ``events`` stays partitioned, which nothing else depends on."""
    for table in (
        "cache_messages", "cache_locks", "cache_counters", "cache_entries", "vectors", "passage_words",
        "passage_parts", "passages", "graph_edges", "graph_nodes", "projections", "contexts",
    ):
        op.drop_table(table)
