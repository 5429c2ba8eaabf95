"""The log, its read models, steps, calls and leases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "calls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("chapter", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("outcome", sa.String()),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seconds", sa.Float()),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_novel_id", "calls", ["novel_id"])
    op.create_index("ix_calls_owner_fingerprint", "calls", ["owner", "fingerprint"])
    op.create_table(
        "events",
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("novel_id", "version", name="pk_events"),
    )
    op.create_table(
        "leases",
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("heartbeat", MOMENT, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("novel_id", name="pk_leases"),
    )
    op.create_table(
        "novels",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("given_title", sa.Text(), nullable=False),
        sa.Column("premise", sa.Text(), nullable=False),
        sa.Column("variant", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chapters", sa.Integer(), nullable=False),
        sa.Column("chapters_accepted", sa.Integer(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("max_calls", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_novels"),
    )
    op.create_index("ix_novels_owner_created_at", "novels", ["owner", "created_at"])
    op.create_table(
        "steps",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("chapter", sa.Integer(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True)),
        sa.Column("outcome", sa.String()),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.PrimaryKeyConstraint("owner", "fingerprint", name="pk_steps"),
    )
    op.create_table(
        "chapters",
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["novel_id"], ["novels.id"], name="fk_chapters_novel_id_novels", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("novel_id", "id", name="pk_chapters"),
    )
    op.create_index("ix_chapters_novel_id_position", "chapters", ["novel_id", "position"])
    op.create_table(
        "exports",
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["novel_id"], ["novels.id"], name="fk_exports_novel_id_novels", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("novel_id", "path", name="pk_exports"),
    )
    op.create_table(
        "novel_steps",
        sa.Column("novel_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["novel_id"], ["novels.id"], name="fk_novel_steps_novel_id_novels", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("novel_id", "owner", "fingerprint", name="pk_novel_steps"),
    )
    op.create_index("ix_novel_steps_owner_fingerprint", "novel_steps", ["owner", "fingerprint"])


def downgrade() -> None:
    """Drops the tables, those that refer to others first."""
    for table in ("novel_steps", "exports", "chapters", "steps", "novels", "leases", "events", "calls"):
        op.drop_table(table)
