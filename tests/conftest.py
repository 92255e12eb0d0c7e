"""Real servers for tests; each lasts for one test, for all of them start within milliseconds."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from tests.servers.postfix import Postfix
from tests.servers.scripted import Hook, ScriptedServer


class Scripted(Protocol):
    """`scripted({"rcpt": b"550 ..."}, password="...")` starts a server and returns it."""

    def __call__(self, script: dict[str, Hook] | None = None, **options: Any) -> ScriptedServer: ...


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    with Postfix() as running:
        yield running


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with ExitStack() as servers:

        def start(script: dict[str, Hook] | None = None, **options: Any) -> ScriptedServer:
            return servers.enter_context(ScriptedServer(script, **options))

        yield start
