"""What went wrong before the first message: whose problem it is, in words, without a secret."""

import base64
import re
import socket
import ssl
from collections.abc import Iterable

import aiosmtplib

from newsletter.config import Relay
from newsletter.errors import RelayLost, SetupError
from newsletter.reply import LONGEST_TEXT

_CHECK_PASSWORD = "check NEWSLETTER_RELAY_PASSWORD or `relay.password_file`"  # noqa: S105
_CHECK_TOKEN = "the token is for another user or for another service; check `relay.oauth_...`"  # noqa: S105


def explained(error: Exception, relay: Relay, secrets: Iterable[str]) -> SetupError | RelayLost:
    """Return what *error* means for the user; trying again mends `RelayLost` only."""
    said = ""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        said = f"{error.code} {printable(error.message, secrets)}".strip()
    match error:
        case aiosmtplib.SMTPAuthenticationError(code=code) if code >= 500 or code == 334:
            with_what = "token" if relay.uses_oauth else "password"
            return SetupError(
                f"{relay.url}: the relay refuses user `{relay.user}` with this {with_what} "
                f"({said}); {_CHECK_TOKEN if relay.uses_oauth else _CHECK_PASSWORD}"
            )
        case aiosmtplib.SMTPResponseException(code=code) if not 200 <= code <= 599:
            return RelayLost(f"{relay.url}: what answers there is no mail server")
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
                f"{relay.url}: no TLS on this port ({reason(error)}); `smtps://` is for port "
                "465, `smtp+starttls://` for 587 and 25"
            )
    return RelayLost(f"{relay.url}: no answer from the relay: {reason(error)}")


def printable(said: str, secrets: Iterable[str]) -> str:
    """Return another's own words, fit for a screen; some repeat the command they refuse."""
    for secret in secrets:
        said = said.replace(secret, "***") if secret else said
    return _UNPRINTABLE.sub(" ", said).strip()[:LONGEST_TEXT]


def spellings(user: str, secret: str) -> tuple[str, ...]:
    """Return *secret* in every form in which it travels, the longest first."""
    forms = (
        f"user={user}\x01auth=Bearer {secret}\x01\x01",
        f"\0{user}\0{secret}",
        secret,
    )
    coded = (base64.b64encode(form.encode(errors="replace")).decode() for form in forms)
    return (*coded, secret) if secret else ()


_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


def reason(error: Exception) -> str:
    """Return why nothing came, in words without numbers of the system."""
    match error.__cause__ or error:
        case ConnectionRefusedError():
            return "nothing listens on that port"
        case socket.gaierror() | UnicodeError():
            return "no host of that name is known"
        case TimeoutError():
            return "nothing came in time"
        case ConnectionError():
            return "it closed the connection"
        case OSError(errno=None) as cause if str(cause).startswith("Multiple"):
            return "none of its addresses answers"
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
