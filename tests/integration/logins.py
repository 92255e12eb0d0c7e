"""Logging in to scripted servers; whatever goes wrong must be told without a secret."""

import asyncio
import base64
import ssl
import traceback
from typing import Any

import pytest
import trustme

from newsletter.config import Relay
from newsletter.errors import NewsletterError, RelayLost, SetupError
from newsletter.reply import Phase
from newsletter.smtp import login
from newsletter.smtp.connection import Connection
from newsletter.smtp.oauth import Tokens
from tests.conftest import Scripted
from tests.integration.campaigns import run
from tests.integration.lines import at_once, parcel
from tests.servers.scripted import ScriptedServer

PASSWORD = "Kr3ft-en-§-Zout"


def certified(authority: trustme.CA, name: str = "127.0.0.1", **more: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name, **more).configure_cert(context)
    return context


def relay(server: ScriptedServer, scheme: str = "smtp", **more: Any) -> Relay:
    return Relay(url=f"{scheme}://127.0.0.1:{server.port}", **more)


def log_in(relay: Relay, password: str = PASSWORD, tokens: Tokens | None = None) -> Connection:
    """Log in, hand one message over and leave."""

    async def once() -> Connection:
        line = await login.connect(relay, password, tokens)
        phase, reply = await line.hand_over(parcel(), at_once)
        assert (phase, reply.code) == (Phase.DOT, 250)
        await line.quit()
        return line

    return run(once())


def refusal(relay: Relay, password: str = PASSWORD) -> str:
    return fault_of(SetupError, relay, password)


def loss(relay: Relay, password: str = PASSWORD) -> str:
    return fault_of(RelayLost, relay, password)


def fault_of(kind: type[NewsletterError], relay: Relay, password: str) -> str:
    """The text of the fault, which must be fit to read and must not hold the password."""
    with pytest.raises(kind) as caught:
        run(login.connect(relay, password))
    text = str(caught.value)
    assert text.startswith(f"{relay.url}: ")
    assert text.isascii()
    assert text.isprintable()
    for noise in ("Errno", "_ssl.c", "[SSL", "Error", "Exception", "Multiple"):
        assert noise not in text
    assert not text.endswith((":", ": "))
    if password:
        assert_secret(caught.value, relay.user, password)
    return text


def assert_secret(error: BaseException, user: str, password: str) -> None:
    """Neither the error nor anything that hangs on it holds the password in any spelling."""
    forms = (
        password,
        f"\0{user}\0{password}",
        f"user={user}\x01auth=Bearer {password}\x01\x01",
    )
    spellings = {password, *(base64.b64encode(form.encode()).decode() for form in forms)}
    found, queue = [], [error]
    while queue:
        each = queue.pop()
        found += [str(each), repr(each), repr(each.args), repr(vars(each))]
        queue += [cause for cause in (each.__cause__, each.__context__) if cause]
    found += traceback.format_exception(error)
    assert not [text for text in found for spelling in spellings if spelling in text]


def serving(scheme: str, tls: ssl.SSLContext, **more: Any) -> ScriptedServer:
    """A server with STARTTLS, or one that speaks TLS from the first byte."""
    return ScriptedServer(tls=tls, **more) if scheme == "smtp+starttls" else Smtps(tls, **more)


class Smtps(ScriptedServer):
    """TLS before the greeting."""

    def __init__(self, context: ssl.SSLContext, **more: Any) -> None:
        super().__init__(**more)
        self.context = context

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await writer.start_tls(self.context)
        except OSError:
            writer.close()
        else:
            await super()._session(reader, writer)


def offering(scripted: Scripted, words: str, **more: Any) -> ScriptedServer:
    return scripted(
        {"ehlo": f"250-scripted.example.org\r\n250 {words}\r\n".encode(), **more},
        password=PASSWORD,
    )
