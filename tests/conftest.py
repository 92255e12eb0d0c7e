"""Real servers for tests; each lasts for one test, for they start at once; PostgreSQL lasts."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import trustme

from tests.servers.postfix import Postfix
from tests.servers.scripted import Hook, ScriptedServer

if TYPE_CHECKING:
    from newsletter.ledger.stores import Place
    from tests.servers.postgresql import Postgresql


class Scripted(Protocol):
    """`scripted({"rcpt": b"550 ..."}, password="...")` starts a server and returns it."""

    def __call__(self, script: dict[str, Hook] | None = None, **options: Any) -> ScriptedServer: ...


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    with Postfix() as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> "Iterator[Postgresql]":
    from tests.servers.postgresql import Postgresql

    with Postgresql() as running:
        yield running


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with ExitStack() as servers:

        def start(script: dict[str, Hook] | None = None, **options: Any) -> ScriptedServer:
            return servers.enter_context(ScriptedServer(script, **options))

        yield start


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> "Place":
    """Where a ledger may be: in a file, or on a server."""
    if request.param == "sqlite":
        return tmp_path / "var" / "ledger.db"
    server: Postgresql = request.getfixturevalue("postgresql")
    return server.database(tmp_path / "var")


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An authority of our own, for certificates of servers in tests."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path
