"""The mail server that takes the mail over: where it is, how it is spoken to, what it bears."""

import ipaddress
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from newsletter import profiles
from newsletter.profiles import PROFILES, Limit


class Security(StrEnum):
    """How the connection to the relay is protected."""

    INBOX = "inbox"  #: the built-in mail server; no relay
    PLAIN = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


_PORTS = {Security.PLAIN: 25, Security.STARTTLS: 587, Security.TLS: 465}
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")


class Secret:
    """Text that nothing shows: neither a traceback nor a log."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _url(url: str) -> str:
    if "@" in url:  # first, so that no message quotes it
        raise ValueError("user and password do not go into the url; use `user` and a file")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(
            f"`{url}` cannot be read ({error}); write `smtps://mail.example.org:465`"
        ) from None
    if parts.scheme not in list(Security):
        raise ValueError(f"`{url}` begins with none of inbox:, smtp://, smtp+starttls://, smtps://")
    # urlsplit would drop line breaks in what stands between `//` and `/`.
    netloc = url.partition("://")[2].partition("/")[0]
    if parts.scheme != Security.INBOX and not _HOST.fullmatch(netloc):
        raise ValueError(f"`{url}` names no host; write `{parts.scheme}://mail.example.org`")
    return url


def _rate(rate: str) -> str:
    if rate:
        profiles.limits(rate)
    return rate


def _https(url: str) -> str:
    if url and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]+)?/[!-~]*", url):
        raise ValueError("no address with https://; write that of the token endpoint")
    return url


File = Annotated[Path | None, Meta(description="the path of a file, between quotes")]
Command = Annotated[
    tuple[str, ...], Meta(description='a list such as `["/usr/local/bin/relay-token"]`')
]
Connections = Annotated[int, Meta(ge=0, le=100, description="a whole number from 0 to 100")]


class Relay(Struct, frozen=True, kw_only=True):
    """The mail server that takes the mail over."""

    url: Annotated[str, _url] = "inbox:"
    user: str = ""
    password: Secret = Secret("")
    password_file: File = None
    oauth_command: Command = ()  #: prints an access token, in place of a password
    oauth_token_url: Annotated[str, _https] = ""  #: or where one is had for the client's secret
    oauth_client_id: str = ""
    oauth_client_secret: Secret = Secret("")
    oauth_client_secret_file: File = None
    oauth_scope: str = ""
    ca_file: File = None  #: certificates to trust beside the system's own
    allow_plain: bool = False
    profile: Literal["postfix", "exim", "exchange", "microsoft365", "hve", "google"] = "postfix"
    connections: Connections = 0  #: 0: what the profile says
    rate: Annotated[str, _rate] = ""  #: "30/minute, 10000/day"; empty: what the profile says

    @property
    def security(self) -> Security:
        return Security(urlsplit(self.url).scheme)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or _PORTS.get(self.security, 0)

    @property
    def uses_oauth(self) -> bool:
        return bool(self.oauth_command or self.oauth_token_url)

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def most_connections(self) -> int:
        return self.connections or PROFILES[self.profile].connections

    @property
    def messages(self) -> int:
        """Return after how many messages a connection is to be replaced; 0: never."""
        return PROFILES[self.profile].messages

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Return how much it takes in how long; the built-in mail server takes everything."""
        if self.rate:
            return profiles.limits(self.rate)
        return () if self.security is Security.INBOX else PROFILES[self.profile].limits
