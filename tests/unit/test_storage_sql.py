"""Addresses, errors and migrations of the store in SQL, without a server."""

from __future__ import annotations

import socket
from datetime import datetime

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage.ports import StoreUnavailable
from storage.sql import Database, SqlStorage, check_head, migrate
from storage.sql.dialects import normalised
from storage.sql.tables import Prose, UtcDateTime
from story.errors import InvalidInput


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h:5/d", "postgresql+asyncpg://u:p@h:5/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("sqlite:///a/b.db", "sqlite+aiosqlite:///a/b.db"),
        ("sqlite:////a/b.db", "sqlite+aiosqlite:////a/b.db"),
        ("sqlite+aiosqlite:///b.db", "sqlite+aiosqlite:///b.db"),
    ],
)
def test_addresses(given, used):
    """Every usual form of an address gets the driver that is used."""
    assert normalised(given).render_as_string(hide_password=False) == used


@pytest.mark.parametrize(
    "given",
    ["", "novels.db", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "postgres://u:secret@h:port/d"],
)
def test_unusable_addresses(given):
    """An address that cannot be used is refused with how to write one, and without its password."""
    with pytest.raises(InvalidInput, match="sqlite:///path") as caught:
        normalised(given)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("ask", [lambda url: SqlStorage(Database(url)).novels("ada"), check_head])
async def test_no_server(ask):
    """A server that is not there is unavailable, in one line without the password."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql://u:secret@127.0.0.1:{closed.getsockname()[1]}/d"
    with pytest.raises(StoreUnavailable, match="does not answer") as caught:
        await ask(url)
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


async def test_no_folder(tmp_path):
    """A SQLite file in a folder that is not there is unavailable."""
    with pytest.raises(StoreUnavailable, match="unable to open"):
        await SqlStorage(Database(f"sqlite:///{tmp_path}/missing/novels.db")).novels("ada")


def test_constructing_opens_nothing(tmp_path):
    """A store that is never asked anything makes no file."""
    SqlStorage(Database(f"sqlite:///{tmp_path}/novels.db"))
    assert list(tmp_path.iterdir()) == []


def test_every_migration_is_listed():
    """The list that saves the import of Alembic names its migrations in their order."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(scripts)) == migrate.REVISIONS


def test_a_time_without_a_zone_is_refused():
    """Only moments are stored, not times of day somewhere."""
    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001 - that is the point


def test_columns_that_may_be_empty_stay_empty():
    """No value is no value, in times and texts."""
    assert UtcDateTime().process_bind_param(None, None) is None
    assert UtcDateTime().process_result_value(None, None) is None
    assert Prose().process_bind_param(None, None) is None
