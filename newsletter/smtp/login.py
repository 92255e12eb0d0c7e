"""Connect to the relay, secure the line and log in, with aiosmtplib; then take the line over.

aiosmtplib cannot tell a connection lost before the final dot from one lost after it, so once it
has logged in, our own transactions continue on its transport (see `connection`).
"""

import asyncio
import functools
import re
import socket
import ssl
from typing import cast

import aiosmtplib

from newsletter.config import Relay, Security
from newsletter.errors import SetupError
from newsletter.smtp.connection import Connection
from newsletter.smtp.explaining import explained, spellings
from newsletter.smtp.oauth import Tokens
from newsletter.smtp.reaching import reach
from newsletter.smtp.trust import tls
from newsletter.smtp.wire import Wire

GREETING_TIMEOUT = 300.0  #: seconds, with the TLS of smtps; some make strangers wait
LOGIN_TIMEOUT = 60.0  #: seconds for each of EHLO, STARTTLS and AUTH


async def connect(relay: Relay, password: str, tokens: Tokens | None = None) -> Connection:
    """Return a connection that is secured as *relay* asks, and logged in.

    Raises `SetupError` for what trying again will not mend (no TLS, a bad certificate, a wrong
    password) and `RelayLost` for what it may (nobody answers, 4xx).
    """
    secret = await tokens.token() if tokens else password
    try:
        smtp = await _reached(relay)
    except (OSError, UnicodeError) as error:
        raise explained(error, relay, ()) from None
    try:
        await smtp.connect(timeout=GREETING_TIMEOUT)
        await _greet(smtp)
        if relay.security is Security.STARTTLS:
            await _start_tls(smtp, relay)
        if relay.user:
            await _log_in(smtp, relay, secret)
        return _take_over(smtp)
    except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
        _hang_up(smtp)
        if tokens and isinstance(error, aiosmtplib.SMTPAuthenticationError):
            tokens.forget()
        fault = explained(error, relay, spellings(relay.user, secret))
    except BaseException:
        _hang_up(smtp)
        raise
    raise fault  # here, where it drags no cause along: a relay may repeat a password it refuses


async def _reached(relay: Relay) -> aiosmtplib.SMTP:
    own_name = "localhost" if relay.is_loopback else await asyncio.to_thread(_own_name)
    trusted = None if relay.security is Security.PLAIN else tls(relay.ca_file)
    return aiosmtplib.SMTP(
        hostname=relay.host,
        sock=await reach(relay.host, relay.port),
        local_hostname=own_name,
        timeout=LOGIN_TIMEOUT,
        use_tls=relay.security is Security.TLS,
        start_tls=False,
        tls_context=trusted,
    )


def _hang_up(smtp: aiosmtplib.SMTP) -> None:
    """End it now: a goodbye in TLS would wait for an answer."""
    if smtp.transport:
        _transport(smtp).abort()
    smtp.close()


async def _greet(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in (500, 502, 504):  # RFC 5321 section 3.2: an old server
            raise
        await smtp.helo()


async def _start_tls(smtp: aiosmtplib.SMTP, relay: Relay) -> None:
    if not smtp.supports_extension("starttls"):
        raise SetupError(
            f"{relay.url}: the relay offers no STARTTLS, so nothing was sent; ask its keeper for "
            "a port with TLS, or check that nothing between you strips it"
        )
    ear = _Ear(smtp)
    await smtp.starttls()
    if not _ONE_REPLY.fullmatch(ear.heard):  # CVE-2011-0411
        raise SetupError(
            f"{relay.url}: words were slipped in behind the relay's go-ahead for TLS, so nothing "
            "was sent; ask the relay's keeper what stands between you and it"
        )
    await smtp.ehlo()  # RFC 3207 section 4.2: what was announced before TLS counts no more


class _Ear(asyncio.Protocol):
    """Hears what aiosmtplib hears, until TLS takes the line over."""

    def __init__(self, smtp: aiosmtplib.SMTP) -> None:
        assert smtp.protocol
        self.heard = b""
        self._protocol = smtp.protocol
        _transport(smtp).set_protocol(self)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        self._protocol.data_received(data)

    def eof_received(self) -> bool:
        return self._protocol.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self._protocol.connection_lost(error)


_ONE_REPLY = re.compile(rb"(\d{3}-[^\n]*\n)*\d{3}( [^\n]*)?\r?\n")


async def _log_in(smtp: aiosmtplib.SMTP, relay: Relay, secret: str) -> None:
    """Try one mechanism once: every further try is a strike towards a locked account."""
    if _UNPAIRED.search(relay.user + secret):
        raise SetupError(
            f"{relay.url}: user or password is not UTF-8; type it again in "
            "NEWSLETTER_RELAY_PASSWORD or `relay.password_file`"
        )
    offered = smtp.server_auth_methods
    if relay.uses_oauth:
        ways = {"xoauth2": smtp.auth_xoauth2}
    else:
        ways = {"plain": smtp.auth_plain, "login": smtp.auth_login}
    for name, log_in in ways.items():
        if name in offered:
            await log_in(relay.user, secret)
            return
    raise SetupError(
        f"{relay.url}: the relay offers no login by {'token' if relay.uses_oauth else 'password'} "
        f"(it offers: {', '.join(offered) or 'none'}); remove `relay.user` if it needs none"
    )


_UNPAIRED = re.compile("[\ud800-\udfff]")  # what Python makes of bytes that are no UTF-8


@functools.cache
def _own_name() -> str:
    """Return what we call ourselves in EHLO; looked up once, for DNS can be slow."""
    name = socket.getfqdn()
    return name if re.fullmatch(r"[A-Za-z0-9.-]+", name) else "localhost"


def _take_over(smtp: aiosmtplib.SMTP) -> Connection:
    """Continue on the transport that *smtp* opened; it must not be used any more."""
    certificate = smtp.get_transport_info("peercert") or {}
    expires = certificate.get("notAfter")
    return Connection(
        Wire(_transport(smtp)),
        smtp.esmtp_extensions,
        ssl.cert_time_to_seconds(expires) if expires else None,
    )


def _transport(smtp: aiosmtplib.SMTP) -> asyncio.Transport:
    return cast(asyncio.Transport, smtp.transport)  # uvloop's is one in all but name
