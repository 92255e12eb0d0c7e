"""The way to the relay, as the settings give it: where, how secured, who we are there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from msgspec import structs

from newsletter import config, inbox
from newsletter.config import Relay, Security
from newsletter.smtp import login
from newsletter.smtp.connection import Connection
from newsletter.smtp.oauth import Tokens
from newsletter.workspace import Workspace


@asynccontextmanager
async def line(
    workspace: Workspace, relay: Relay
) -> AsyncIterator[Callable[[], Awaitable[Connection]]]:
    """Yield what opens a connection: to the relay, or to the built-in mail server."""
    if relay.security is Security.INBOX:
        async with inbox.serving(workspace.inbox) as port:
            here = Relay(url=f"smtp://127.0.0.1:{port}")
            yield lambda: login.connect(here, "")
    else:
        password = config.password(relay, workspace.root)
        if relay.ca_file:
            relay = structs.replace(relay, ca_file=workspace.root / relay.ca_file)
        tokens = None
        if relay.uses_oauth:
            tokens = Tokens(relay, config.client_secret(relay, workspace.root))
        yield lambda: login.connect(relay, password, tokens)
