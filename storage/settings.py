"""Settings of the stores: where a user's data is, and in which database."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.passages.saved import DEFAULT_MODEL
from story.errors import InvalidInput


def data_folder() -> Path:
    """The folder of all of a user's data: ``SCRIPTORIUM_HOME``, else the platform's user data folder."""
    named = os.environ.get("SCRIPTORIUM_HOME")
    return Path(named).expanduser().absolute() if named else _platform_folder()


@cache
def _platform_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("scriptorium", appauthor=False)


class StorageSettings(BaseSettings):
    """``SCRIPTORIUM_DATABASE_URL`` names the SQL database; without it, a SQLite file in the data folder.

    ``SCRIPTORIUM_OWNER`` is whose novels and steps a command or worker sees. Graph, vectors and cache are embedded
    unless ``SCRIPTORIUM_NEO4J_URL``, ``SCRIPTORIUM_MILVUS_URL`` or ``SCRIPTORIUM_REDIS_URL`` names a server.
    ``SCRIPTORIUM_EMBEDDING_MODEL`` is the name of a sentence-transformers model.
    """

    model_config = SettingsConfigDict(
        env_prefix="SCRIPTORIUM_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    database_url: SecretStr | None = None
    owner: str = "local"
    neo4j_url: SecretStr | None = None
    milvus_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    embedding_model: str = DEFAULT_MODEL

    def url(self, home: Path) -> str:
        """The database's address."""
        given = self.database_url.get_secret_value() if self.database_url else ""
        return given or f"sqlite:///{quote(str(home / 'scriptorium.db'))}"

    @property
    def milvus_address(self) -> tuple[str, str]:
        """The server's address without its account, and the account as Milvus takes it: ``user:password``, a token.

        Raises ``InvalidInput`` when it is no address of a server: Milvus' client would take some for files.
        """
        parts = _server(self.milvus_url.get_secret_value() if self.milvus_url else "")
        account, _, host = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=host)), unquote(account)


def _server(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or parts.path.endswith(".db"):
        # Not chained: what is said of the address may hold its password.
        raise InvalidInput("SCRIPTORIUM_MILVUS_URL cannot be used; write http://user:password@host:19530.") from None
    return parts
