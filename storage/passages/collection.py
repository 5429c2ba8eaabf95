"""The one collection that holds the vectors of all novels in Milvus. Every call here blocks: make it in a thread."""

from __future__ import annotations

import json
import logging
import logging.config
from collections.abc import Collection as Some
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from storage.passages.exact import DIGITS
from storage.passages.ports import Embedder, Matrix, OtherEmbedding, PassageKey, Scored, VectorRow
from storage.ports import StoreUnavailable
from story.errors import InvalidInput, ScriptoriumError

if TYPE_CHECKING:
    from pymilvus import MilvusClient

NAME = "passages"
BATCH = 1_000
MOST_HITS = 16_384
"""How many hits Milvus gives for one search."""

CONNECT_SECONDS, READ_SECONDS, BULK_SECONDS = 5.0, 10.0, 60.0
_MODEL = "scriptorium.model"
_KEY = ("chapter", "version", "n")


def connect(uri: str, token: str = "") -> MilvusClient:
    """A client of the server at an address, or of the Milvus Lite file at a path."""
    with _settings_left_alone():
        from pymilvus import MilvusClient

    # They log what they raise, and each call that Milvus Lite does not know, where a person reads what a command says.
    for logger in ("pymilvus", "milvus_lite", "grpc"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    with translated(uri, token):
        # Else a new connection would wait as long as the last one, which failed, was told to.
        options = {"grpc.use_local_subchannel_pool": 1}
        return MilvusClient(uri, token=token, timeout=CONNECT_SECONDS, grpc_options=options)


@contextmanager
def _settings_left_alone() -> Iterator[None]:
    """Lets pymilvus be imported without what it does to its process then.

    It sets up logging anew, which flushes the handlers of everybody else under the lock of ``logging``: Prefect's wait
    there for a thread that waits for that lock. And it reads a ``.env`` that is not ours into the environment.
    """
    import dotenv

    set_up, load = logging.config.dictConfig, dotenv.load_dotenv

    def others_only(config: Any) -> None:
        if "pymilvus" not in config.get("loggers", {}):
            set_up(config)

    logging.config.dictConfig, dotenv.load_dotenv = others_only, lambda *_, **__: False
    try:
        yield
    finally:
        logging.config.dictConfig, dotenv.load_dotenv = set_up, load


@contextmanager
def translated(uri: str, token: str = "") -> Iterator[None]:
    """Turns what the client raises into what the port promises; a token is never in it."""
    from grpc import RpcError
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, RpcError) as error:
        # Not chained: the traceback of the client shows how it was called.
        raise _translation(error, uri, token) from None


def _translation(error: Exception, uri: str, token: str) -> ScriptoriumError:
    said = str(getattr(error, "message", "") or error).splitlines()[0][:300]
    reason = said.replace(token, "…") if token else said
    if "exceeds max length" in reason.lower():
        return InvalidInput(f"Milvus cannot hold a value ({reason}); ids of novels and chapters have to be shorter.")
    if "://" not in uri:
        return unusable(uri, reason)
    where = uri.rpartition("@")[2]
    if any(sign in reason.lower() for sign in ("auth", "permission", "privilege")):
        return InvalidInput(f"Milvus at {where} refuses us ({reason}); check SCRIPTORIUM_MILVUS_URL and its token.")
    return StoreUnavailable(f"Milvus at {where} does not answer ({reason}). Check that it runs, and try again.")


def unusable(path: str, reason: str) -> StoreUnavailable:
    """What is raised of a file that Milvus Lite, or the system under it, will not work with."""
    return StoreUnavailable(
        f"{path} cannot be used ({reason}). Check that it can be written and its disk has room; if it is damaged, "
        "remove it, and `scriptorium rebuild` makes it anew."
    )


class Collection:
    """The collection as one client sees it; of vectors of this model and dimension, or refused."""

    def __init__(self, client: MilvusClient, embedder: Embedder, *, is_file: bool) -> None:
        self._client = client
        self._embedder = embedder  # asked for its model where that matters alone: the first use may convert it
        self._is_file = is_file
        self._is_lite = is_file or client.get_server_version().startswith("milvus_lite")
        self._is_loaded = False

    def replace(self, novel_id: str, chapters: Some[str], rows: Sequence[VectorRow]) -> None:
        """Puts these rows in place of all that stand for these chapters.

        They are removed first: upsert of Milvus 2.3 puts rows into partitions where no filter by novel finds them.
        """
        if not self._is_there():
            self._create()
        self.refuse_other()
        self._delete(novel_id, chapters)
        for start in range(0, len(rows), BATCH):
            some = [_stored(novel_id, row) for row in rows[start : start + BATCH]]
            self._client.insert(NAME, some, timeout=BULK_SECONDS)
        self._flush()

    def remove(self, novel_id: str, chapters: Some[str] | None) -> None:
        """Removes all that stands for these chapters, or for the novel."""
        if self._is_there():
            self._delete(novel_id, chapters)
            self._flush()

    def nearest(self, novel_id: str, vector: Matrix, chapters: Sequence[str], limit: int) -> list[Scored]:
        """The nearest passages, ties by key."""
        self.refuse_other()
        if not chapters or limit < 1 or not self._is_there():
            return []
        asked = limit
        while True:
            # Which of several equal ones comes first is up to the server: it is asked for more until all are there.
            asked = min(asked + BATCH // 10, MOST_HITS)
            found = sorted(self._hits(novel_id, vector, chapters, asked), key=lambda one: (-one.score, one.key))
            if len(found) < asked or asked == MOST_HITS or found[-1].score < found[limit - 1].score:
                return found[:limit]

    def rows(self, novel_id: str) -> list[VectorRow]:
        """Everything there is of a novel, sorted by key."""
        if not self._is_there():
            return []
        found = (
            VectorRow(_key(row), row["window"], row["text_hash"], np.array(row["vector"], dtype=np.float32))
            for filter_ in self._pages(novel_id)
            for row in self._query(filter_, [*_KEY, "window", "text_hash", "vector"])
        )
        return sorted(found, key=lambda row: row.key)

    def _pages(self, novel_id: str) -> Iterator[str]:
        """Filters that give a novel's rows in pieces that a server sends; Milvus Lite sends any number at once."""
        if self._is_lite:
            yield _of(novel_id)
            return
        keys = [row["key"] for row in self._query(_of(novel_id), ["key"])]
        for start in range(0, len(keys), BATCH):
            yield f"{_of(novel_id)} and key in {_literal(keys[start : start + BATCH])}"

    def refuse_other(self) -> None:
        """Raises ``OtherEmbedding`` when there are vectors of another model or dimension."""
        if not self._is_there():
            return
        described = self._client.describe_collection(NAME, timeout=READ_SECONDS)
        model = described["properties"].get(_MODEL)
        dimension = next(field["params"]["dim"] for field in described["fields"] if field["name"] == "vector")
        mine = self._embedder
        if (model, int(dimension)) != (mine.model, mine.dimension):
            raise OtherEmbedding(
                f"The vectors of passages were made with {model} ({dimension} numbers each), and {mine.model} "
                f"({mine.dimension}) is set; `scriptorium rebuild` makes them anew."
            )

    def drop(self) -> None:
        """Removes the collection."""
        # Not loaded first: what cannot be loaded any more is to go as well.
        if self._client.has_collection(NAME, timeout=READ_SECONDS):
            self._client.drop_collection(NAME, timeout=BULK_SECONDS)
        self._is_loaded = False

    def _is_there(self) -> bool:
        is_there: bool = self._client.has_collection(NAME, timeout=READ_SECONDS)
        if is_there and not self._is_loaded:
            self._client.load_collection(NAME, timeout=BULK_SECONDS)
            self._is_loaded = True
        return is_there

    def _create(self) -> None:
        from pymilvus import DataType, MilvusClient

        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=2048)
        # Milvus Lite searches every partition whatever the filter says, and makes many small files of them.
        schema.add_field("novel_id", DataType.VARCHAR, max_length=512, is_partition_key=not self._is_file)
        schema.add_field("chapter", DataType.VARCHAR, max_length=512)
        schema.add_field("version", DataType.INT64)
        schema.add_field("n", DataType.INT64)
        schema.add_field("window", DataType.INT64)
        schema.add_field("text_hash", DataType.VARCHAR, max_length=64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._embedder.dimension)
        index = MilvusClient.prepare_index_params()
        index.add_index("vector", index_type="FLAT", metric_type="COSINE")
        self._client.create_collection(
            NAME,
            schema=schema,
            # Milvus Lite writes an index in the background, and not at once: killed there, it never loads again.
            index_params=None if self._is_lite else index,
            consistency_level="Strong",
            properties={_MODEL: self._embedder.model},
            timeout=BULK_SECONDS,
        )

    def _delete(self, novel_id: str, chapters: Some[str] | None) -> None:
        self._client.delete(NAME, filter=_of(novel_id, chapters), timeout=BULK_SECONDS)

    def _flush(self) -> None:
        # Milvus Lite goes through what it has not written out yet row by row: 20,000 of them take it a second.
        if self._is_lite:
            self._client.flush(NAME, timeout=BULK_SECONDS)

    def _query(self, expression: str, fields: list[str]) -> Sequence[dict[str, Any]]:
        found: Sequence[dict[str, Any]] = self._client.query(
            NAME, filter=expression, output_fields=fields, timeout=BULK_SECONDS
        )
        return found

    def _hits(self, novel_id: str, vector: Matrix, chapters: Sequence[str], limit: int) -> Iterator[Scored]:
        (hits,) = self._client.search(
            NAME,
            [vector.reshape(-1).tolist()],
            filter=_of(novel_id, chapters),
            search_params={"metric_type": "COSINE"},
            limit=limit,
            output_fields=[*_KEY, "window"],
            timeout=READ_SECONDS,
        )
        for hit in hits:
            yield Scored(_key(hit["entity"]), hit["entity"]["window"], round(hit["distance"], DIGITS))


def _stored(novel_id: str, row: VectorRow) -> dict[str, object]:
    return {
        "key": json.dumps([novel_id, *row.key], ensure_ascii=False),
        "novel_id": novel_id,
        **row.key._asdict(),
        "window": row.window,
        "text_hash": row.text_hash,
        "vector": row.vector,
    }


def _key(row: dict[str, Any]) -> PassageKey:
    return PassageKey(*(row[name] for name in _KEY))


def _of(novel_id: str, chapters: Some[str] | None = None) -> str:
    """The filter for a novel's rows."""
    novel = f"novel_id == {_literal(novel_id)}"
    return novel if chapters is None else f"{novel} and chapter in {_literal([*chapters])}"


def _literal(value: str | list[str]) -> str:
    """A value in a filter, whatever is in it: a string of JSON is one of Milvus, too."""
    return json.dumps(value, ensure_ascii=False)
