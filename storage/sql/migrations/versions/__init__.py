"""The migrations, the oldest first; each is listed in `storage.sql.migrate.REVISIONS`."""
