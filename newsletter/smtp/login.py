"""Connect to the relay, secure the line and log in, with aiosmtplib; then take the line over.

aiosmtplib cannot tell a connection lost before the final dot from one lost after it, so once it
has logged in, plain streams continue on its transport (see `connection`).
"""

import asyncio
import base64
import functools
import re
import socket
import ssl
from pathlib import Path

import aiosmtplib

from newsletter.config import Relay, Security
from newsletter.errors import RelayLost, SetupError
from newsletter.reply import LONGEST_TEXT
from newsletter.smtp.connection import Connection
from newsletter.smtp.wire import Wire

CONNECT_TIMEOUT = 30.0  #: seconds, for the connection and for each reply up to the login


async def connect(relay: Relay, password: str) -> Connection:
    """Return a connection that is secured as *relay* asks, and logged in.

    Raises `SetupError` for what trying again will not mend (no TLS, a bad certificate, a wrong
    password) and `RelayLost` for what it may (nobody answers, 4xx).
    """
    smtp = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        local_hostname="localhost" if relay.is_loopback else await asyncio.to_thread(_own_name),
        timeout=CONNECT_TIMEOUT,
        use_tls=relay.security is Security.TLS,
        start_tls=False,
        tls_context=None if relay.security is Security.PLAIN else _tls(relay.ca_file),
    )
    try:
        await smtp.connect()
        await _greet(smtp)
        if relay.security is Security.STARTTLS:
            await _start_tls(smtp, relay)
        if relay.user:
            await _log_in(smtp, relay, password)
        return _take_over(smtp)
    except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
        smtp.close()
        fault = _explained(error, relay, password)
    except BaseException:
        smtp.close()
        raise
    raise fault  # here, where it drags no cause along: a relay may repeat a password it refuses


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
    await smtp.starttls()
    await smtp.ehlo()  # RFC 3207 section 4.2: what was announced before TLS counts no more


async def _log_in(smtp: aiosmtplib.SMTP, relay: Relay, password: str) -> None:
    """Try one mechanism once: every further try is a strike towards a locked account."""
    if _UNPAIRED.search(relay.user + password):
        raise SetupError(
            f"{relay.url}: user or password is not UTF-8; type it again in "
            "NEWSLETTER_RELAY_PASSWORD or `relay.password_file`"
        )
    offered = smtp.supported_auth_methods
    if "plain" in offered:
        await smtp.auth_plain(relay.user, password)
    elif "login" in offered:
        await smtp.auth_login(relay.user, password)
    else:
        raise SetupError(
            f"{relay.url}: the relay offers no login by password (it offers: "
            f"{', '.join(offered) or 'none'}); remove `relay.user` if it needs none"
        )


_UNPAIRED = re.compile("[\ud800-\udfff]")  # what Python makes of bytes that are no UTF-8


def _explained(error: Exception, relay: Relay, password: str) -> SetupError | RelayLost:
    said = ""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        said = f"{error.code} {_printable(error.message, relay.user, password)}".strip()
    match error:
        case aiosmtplib.SMTPResponseException(code=code) if not 200 <= code <= 599:
            return RelayLost(f"{relay.url}: what answers there is no mail server")
        case aiosmtplib.SMTPAuthenticationError(code=code) if code >= 500:
            return SetupError(
                f"{relay.url}: the relay refuses user `{relay.user}` with this password "
                f"({said}); check NEWSLETTER_RELAY_PASSWORD or `relay.password_file`"
            )
        case aiosmtplib.SMTPResponseException(code=code) if code >= 500:
            return SetupError(f"{relay.url}: the relay turns us away: {said}")
        case aiosmtplib.SMTPResponseException():
            return RelayLost(f"{relay.url}: the relay is not ready: {said}")
        case _ if certificate := _certificate_error(error):
            return SetupError(
                f"{relay.url}: the relay's certificate is not to be trusted: {certificate}; "
                "if your own authority signed it, name that authority in `relay.ca_file`"
            )
        case _ if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
            return SetupError(
                f"{relay.url}: no TLS on this port ({_reason(error)}); `smtps://` is for port "
                "465, `smtp+starttls://` for 587 and 25"
            )
    return RelayLost(f"{relay.url}: no answer from the relay: {_reason(error)}")


def _printable(said: str, user: str, password: str) -> str:
    """Return the relay's own words, fit for a screen; some repeat the command they refuse."""
    plain = base64.b64encode(f"\0{user}\0{password}".encode(errors="replace")).decode()
    login = base64.b64encode(password.encode(errors="replace")).decode()
    for secret in (plain, login, password):
        said = said.replace(secret, "***") if secret else said
    return _UNPRINTABLE.sub(" ", said).strip()[:LONGEST_TEXT]


_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


def _reason(error: Exception) -> str:
    match error.__cause__ or error:
        case ConnectionRefusedError():
            return "nothing listens on that port"
        case socket.gaierror() | UnicodeError():
            return "no host of that name is known"
        case TimeoutError():
            return f"nothing came within {CONNECT_TIMEOUT:.0f} seconds"
        case ConnectionError():
            return "it closed the connection"
        case cause:
            return _NOISE.sub("", str(cause)).strip()


_NOISE = re.compile(r"\[(?:Errno -?\d+|[A-Z0-9]+:[^\]]*)\]\s*|\s*\(_ssl\.c:\d+\)")


def _certificate_error(error: BaseException) -> str:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen.verify_message
        seen = seen.__cause__ or seen.__context__
    return ""


@functools.cache
def _own_name() -> str:
    """Return what we call ourselves in EHLO; looked up once, for DNS can be slow."""
    name = socket.getfqdn()
    return name if re.fullmatch(r"[A-Za-z0-9.-]+", name) else "localhost"


@functools.cache
def _tls(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SetupError(
                f"{ca_file}: no certificates can be read from it: {_reason(error)}"
            ) from None
    return context


def _take_over(smtp: aiosmtplib.SMTP) -> Connection:
    """Continue on the transport that *smtp* opened; it must not be used any more."""
    transport = smtp.transport
    assert isinstance(transport, asyncio.Transport)
    return Connection(Wire(transport), frozenset(smtp.esmtp_extensions))
