"""The settings of the stores: what counts as one, and how an address is read."""

from __future__ import annotations

import pytest

from storage.settings import StorageSettings
from story.errors import InvalidInput


@pytest.fixture
def milvus(monkeypatch):
    """What becomes of an address of a Milvus server."""

    def read(url):
        monkeypatch.setenv("SCRIPTORIUM_MILVUS_URL", url)
        return StorageSettings().milvus_address

    return read


def test_an_empty_setting_is_none(monkeypatch):
    """A line that was emptied in ``.env`` counts as one that was removed."""
    for name in ("DATABASE_URL", "NEO4J_URL", "MILVUS_URL", "REDIS_URL", "EMBEDDING_MODEL", "OWNER"):
        monkeypatch.setenv(f"SCRIPTORIUM_{name}", "")
    given = StorageSettings()
    assert (given.database_url, given.neo4j_url, given.milvus_url, given.redis_url) == (None,) * 4
    assert given.embedding_model and given.owner


def test_an_account_is_taken_out_of_the_address(milvus):
    """What is sent as a token is in no address that a message shows."""
    assert milvus("https://root:p%40ss@host:19530") == ("https://host:19530", "root:p@ss")
    assert milvus("http://[::1]:19530") == ("http://[::1]:19530", "")


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://h:port", "http://h:99999", "http://", "word", "data/passages.db", "file:///p.db"]
)
def test_what_is_no_address_of_a_server_is_refused(milvus, url):
    """The line names the setting and shows how it is written."""
    with pytest.raises(InvalidInput, match=r"SCRIPTORIUM_MILVUS_URL.*write http://user:password@host:19530"):
        milvus(url)
