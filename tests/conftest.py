"""What holds for every test: settled randomness, nobody's keys, a data folder of its own, and no way out.

Only this machine can be reached: any other connection raises ``Outbound``, which nothing in the platform catches.
"""

from __future__ import annotations

import ipaddress
import os
import random
import shutil
import socket
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

_FOREIGN = ("OPENAI_", "ANTHROPIC_", "OLLAMA_", "GOOGLE_", "AZURE_", "LANGCHAIN_", "LANGSMITH_", "SCRIPTORIUM_")
_KEPT = ("SCRIPTORIUM_REQUIRE_SERVERS", "SCRIPTORIUM_TEST_")
_PREFECT = ("PREFECT_API_URL", "PREFECT_API_KEY")
_CLIENT_CACHES = (
    ("langchain_openai.chat_models._client_utils", "_cached_async_httpx_client"),
    ("langchain_anthropic._client_utils", "_get_default_async_httpx_client"),
)
_LOCAL_NAMES = {"localhost", "", socket.gethostname()}

for _name in [*os.environ]:
    if (_name.startswith(_FOREIGN) and not _name.startswith(_KEPT)) or _name in _PREFECT:
        del os.environ[_name]

# Set before any suite's own conftest is read: a server that a session starts belongs into this folder, too.
_HOME = Path(tempfile.mkdtemp(prefix="scriptorium-tests-"))
os.environ["SCRIPTORIUM_HOME"] = str(_HOME)

settings.register_profile("tests", derandomize=True, deadline=None, database=None, max_examples=60)
settings.load_profile("tests")


class Outbound(BaseException):
    """A test tried to reach another machine."""


def refuse_outbound(address: object) -> None:
    """Raises ``Outbound`` unless the address of a socket is on this machine."""
    host = address[0] if isinstance(address, tuple) else None
    if isinstance(host, bytes):
        host = host.decode()
    if isinstance(host, str) and not _is_local(host):
        raise Outbound(f"A test tried to reach {host!r}; only this machine may be reached from tests.")


def _is_local(host: str) -> bool:
    if host in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _guarded(method, place):
    def guarded(self, *args):
        if self.family != socket.AF_UNIX:
            refuse_outbound(args[place])
        return method(self, *args)

    return guarded


def _guarded_lookup(lookup):
    def guarded(host, *args, **kwargs):
        if host is not None:
            refuse_outbound((host,))
        return lookup(host, *args, **kwargs)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def nobody_outside():
    """Connections, datagrams and look-ups that leave this machine raise."""
    with pytest.MonkeyPatch.context() as patch:
        for name, place in (("connect", 0), ("connect_ex", 0), ("sendto", -1)):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name), place))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


@pytest.fixture(autouse=True)
def settled_randomness():
    """Every test starts from the same seed."""
    random.seed(20_251_124)


@pytest.fixture(autouse=True)
def connections_of_its_own():
    """LangChain keeps HTTP clients in caches of the process; one made in another test's event loop is of no use."""
    yield
    for name, cache in _CLIENT_CACHES:
        if name in sys.modules:
            getattr(sys.modules[name], cache).cache_clear()


def pytest_unconfigure():
    """Removes the data folder."""
    shutil.rmtree(_HOME, ignore_errors=True)
