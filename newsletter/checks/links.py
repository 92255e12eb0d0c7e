"""Links that lead nowhere, or only from the author's own desk. Nothing is fetched."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from newsletter import address, blocks
from newsletter.announcement import Edition
from newsletter.checks.finding import Finding, error, warning
from newsletter.rendering import Rendering

_LOCAL_NAMES = (".localhost", ".local", ".localdomain")


def check(edition: Edition, _rendering: Rendering) -> Iterator[Finding]:
    """Yield each link that a reader elsewhere could not follow."""
    for url, line in dict.fromkeys(_links(edition)):
        if reason := _broken(url):
            yield error(edition, line, f"the link `{url}` {reason}")
        elif reason := _doubtful(url):
            yield warning(edition, line, f"the link `{url}` {reason}")


def _links(edition: Edition) -> Iterator[tuple[str, int]]:
    for part, line in blocks.walk(edition.body):
        if isinstance(part, blocks.Link | blocks.Button):
            yield part.url, line


def _broken(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "cannot be read; copy it again from the browser"
    if parts.scheme == "mailto":
        return _broken_mailto(parts.path)
    if parts.scheme == "tel":
        return "" if re.fullmatch(r"\+?[\d().\s/-]{3,}", unquote(parts.path)) else "is no number"
    if not host or re.search(r"[\s_]|%20", parts.netloc):
        return "names no website; copy it again from the browser"
    if _is_local(host):
        return "works only on your own computer or network; give the address that staff use"
    return ""


def _broken_mailto(recipients: str) -> str:
    for recipient in unquote(recipients).split(","):
        try:
            address.parse(recipient)
        except address.AddressError as fault:
            return f"leads to no mailbox: {fault}"
    return ""


def _is_local(host: str) -> bool:
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(_LOCAL_NAMES)
    return found.is_loopback or found.is_link_local or found.is_unspecified


def _doubtful(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.endswith("safelinks.protection.outlook.com"):
        return "was wrapped by your mail program; paste the original address"
    if host.endswith("-my.sharepoint.com"):
        return "is in somebody's personal storage; can everybody open it?"
    if parts.scheme in ("http", "https") and "." not in host:
        return "has a short name that works only inside the network; staff at home cannot open it"
    if parts.scheme == "http":
        return "is not secure; does it work with `https://`?"
    return ""
