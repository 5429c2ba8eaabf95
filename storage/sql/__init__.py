"""The store in SQL: SQLite for one machine, PostgreSQL for many, the same tables in both."""

from storage.sql.database import Database
from storage.sql.migrate import check_head, upgrade
from storage.sql.store import SqlStorage

__all__ = ["Database", "SqlStorage", "check_head", "upgrade"]
