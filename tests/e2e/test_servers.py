"""The same commands on real servers: PostgreSQL, Neo4j, Milvus and Redis in place of the embedded stores."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import CommandLine
from tests.e2e.test_story_memory import PEOPLE, answer, manuscript
from tests.servers.milvus import milvus_server
from tests.servers.neo4j import neo4j_server
from tests.servers.postgres import empty_postgres_url, postgres_server
from tests.servers.redis import redis_url

__all__ = ["empty_postgres_url", "milvus_server", "neo4j_server", "postgres_server", "redis_url"]


@pytest.fixture
def served(tmp_path, models, empty_postgres_url, neo4j_server, milvus_server, redis_url) -> CommandLine:
    """The command with every store on a server of its own kind, and a data folder that holds none."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models)
    return CommandLine(
        tmp_path / "data",
        tmp_path,
        SCRIPTORIUM_DATABASE_URL=empty_postgres_url,
        SCRIPTORIUM_NEO4J_URL=neo4j_server.url,
        SCRIPTORIUM_MILVUS_URL=milvus_server.url,
        SCRIPTORIUM_REDIS_URL=redis_url,
    )


def test_a_book_on_four_servers(served, tmp_path):
    """Import, search, graph, a rebuild to the same contents, and a deletion that leaves nothing to be found."""
    (tmp_path / "weir.md").write_text(manuscript())
    made = answer(served("import", str(tmp_path / "weir.md"), "--json"))
    hits = answer(served("search", made["novel"], "What happened to the birds in the garden?", "--json"))["hits"]
    assert "peacocks" in hits[0]["text"]
    assert {one["name"] for one in answer(served("graph", made["novel"], "--json"))["nodes"]} == set(PEOPLE)
    (row,) = answer(served("rebuild", "--json"))["novels"]
    assert row["before"] == row["after"]
    assert not (served.home / "passages.db").exists()
    checks = {one["name"]: one["ok"] for one in json.loads(served("doctor", "--json").stdout)["checks"]}
    assert all(checks[name] for name in ("database", "graph", "passages", "cache"))
    assert served("delete", made["novel"], "--yes").returncode == 0
    assert answer(served("status", "--json")) == {"novels": []}


def test_a_novel_is_written_on_four_servers(served):
    """Its memory is up to date when it is finished."""
    premise = "Ada Wren, a ferrywoman, carries a sealed letter across a river that the magistrate has closed."
    made = answer(served("write", premise, "--chapters", "3", "--words", "200", "--json"))
    (novel,) = answer(served("status", made["novel"], "--json"))["novels"]
    assert {one["name"]: one["behind"] for one in novel["projections"]} == {"graph": 0, "passages": 0}
