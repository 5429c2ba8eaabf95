"""What Alembic runs: the migrations, on a connection whose transaction the caller commits."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from storage.sql.tables import metadata


def run(connection: Connection) -> None:
    """Runs the migrations that were asked for."""
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
