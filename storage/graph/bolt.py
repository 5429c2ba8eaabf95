"""How Neo4j is reached: its address, and what its driver raises in our own words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from storage.ports import StoreUnavailable
from story.errors import InvalidInput, ScriptoriumError

if TYPE_CHECKING:
    from neo4j import AsyncDriver

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

POOL_SIZE = 10
CONNECT_SECONDS = 5.0
POOL_SECONDS = 15.0
RETRY_SECONDS = 2.0
"""How long a transaction is tried again that another one crossed; whoever calls us has a patience of his own."""


class Address:
    """A server, an account and a database, out of ``neo4j://user:password@host:7687/database``.

    Without a user, none is named; without a database, it is the server's default.
    """

    def __init__(self, url: str) -> None:
        parts = _split(url)
        host = parts.netloc.rpartition("@")[2]
        self.server = urlunsplit((parts.scheme, host, "", parts.query, ""))
        self.auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self.database = unquote(parts.path.strip("/")) or None


def _split(url: str) -> SplitResult:
    # What cannot be read is neither shown nor chained: it may hold a password.
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise InvalidInput("SCRIPTORIUM_NEO4J_URL cannot be used; write neo4j://user:password@host:7687.")
    return parts


def opened(address: Address) -> AsyncDriver:
    """A driver with a pool of connections; it connects when it is first used."""
    from neo4j import AsyncGraphDatabase, NotificationMinimumSeverity

    # It logs what it tries again where a person reads what a command prints; in the end it raises.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    return AsyncGraphDatabase.driver(
        address.server,
        auth=address.auth,
        max_connection_pool_size=POOL_SIZE,
        connection_timeout=CONNECT_SECONDS,
        connection_acquisition_timeout=POOL_SECONDS,
        max_transaction_retry_time=RETRY_SECONDS,
        # A server that holds no novel yet warns of every label and property that it does not know.
        notifications_min_severity=NotificationMinimumSeverity.OFF,
        telemetry_disabled=True,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the driver raises into what the port promises."""
    try:
        yield
    except Exception as error:
        known = _translation(error)
        if known is None:
            raise
        raise known from error


def _translation(error: Exception) -> ScriptoriumError | None:
    from neo4j import exceptions as known

    line = _first_line(error)
    code = str(error.code) if isinstance(error, known.Neo4jError) else ""
    refusals = known.AuthError, known.Forbidden, known.ConfigurationError
    if isinstance(error, refusals) or code.startswith("Neo.ClientError.Database."):
        return InvalidInput(f"Neo4j refuses the connection ({line}); check SCRIPTORIUM_NEO4J_URL.")
    if isinstance(error, known.CypherSyntaxError):
        return InvalidInput(f"Neo4j cannot read a statement ({line}); it has to be 5.26 or newer.")
    if isinstance(error, known.DriverError | known.TransientError | known.DatabaseError | OSError):
        return StoreUnavailable(f"Neo4j does not answer ({line}). Check that its server runs.")
    return None


def _first_line(error: Exception) -> str:
    said = str(getattr(error, "message", None) or error).strip() or type(error).__name__
    return said.splitlines()[0]
