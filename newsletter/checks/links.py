"""Links that lead nowhere, or only from the author's own desk. Nothing is fetched."""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from newsletter import address
from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules
from newsletter.checks.wrapping import tracked, unwrapped

_LOCAL_NAMES = (".localhost", ".local", ".localdomain")
_INSIDE = (".internal", ".intranet", ".intra", ".lan", ".corp", ".home.arpa")  # nobody sells these
_PERSONAL = ("onedrive.live.com", "1drv.ms", "1drv.com", "onedrive.com")
_DISK = re.compile(r"file:|//|\\|[a-z]:[\\/]", re.IGNORECASE)

Fault = tuple[Rule, str]


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield each link that a reader elsewhere could not follow, or should not."""
    seen = set()
    for element, url in mail.links:
        where = mail.where(element, url)
        if (url, where) in seen or url.startswith("#"):
            continue
        seen.add((url, where))
        for rule, reason in _faults(url, rules):
            yield rule.found(where, f"the link `{_short(url)}` {reason}")


def _short(url: str) -> str:
    return url if len(url) <= 200 else f"{url[:199]}…"


def _faults(url: str, rules: Rules) -> Iterator[Fault]:
    """Yield the worst fault of *url*; of one that works, all that is doubtful."""
    if broken := _broken(url):
        yield broken
        return
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):
        yield from _doubtful(url, parts, rules)


def _broken(url: str) -> Fault | None:
    if _DISK.match(url):
        return Rule.LINK_FILE, (
            "is a file on your own disk or network; put it on the intranet and link to it there"
        )
    try:
        parts = urlsplit(url)
        host, _ = unquote(parts.hostname or ""), parts.port
    except ValueError:
        return Rule.LINK_BROKEN, "cannot be read; copy it again from the browser"
    if parts.scheme == "mailto":
        return _broken_mailto(parts.path)
    if parts.scheme == "tel":
        is_number = re.fullmatch(r"\+?[\d().\s/-]{3,}", unquote(parts.path))
        return None if is_number else (Rule.LINK_BROKEN, "is no number; write `tel:+32 9 123 45`")
    if parts.scheme not in ("http", "https"):
        return Rule.LINK_BROKEN, "leads nowhere from a mail; write an address with `https://`"
    if not host or re.search(r"[\s_,;]|%20|\.\.|:$", unquote(parts.netloc)):
        return Rule.LINK_BROKEN, "names no website; copy it again from the browser"
    if parts.username is not None:
        return Rule.LINK_PASSWORD, (
            "has a name or password before the `@`, which everybody would get; take it out"
        )
    if _is_local(host):
        return Rule.LINK_LOCAL, (
            "works only on your own computer or network; give the address that staff use"
        )
    return None


def _broken_mailto(recipients: str) -> Fault | None:
    for recipient in unquote(recipients).split(","):
        try:
            address.parse(recipient)
        except address.AddressError as fault:
            return Rule.LINK_BROKEN, f"leads to no mailbox: {fault}"
    return None


def _is_local(host: str) -> bool:
    if found := _number(host):
        return found.is_loopback or found.is_link_local or found.is_unspecified
    return host == "localhost" or host.endswith(_LOCAL_NAMES)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _doubtful(url: str, parts: SplitResult, rules: Rules) -> Iterator[Fault]:
    host = unquote(parts.hostname or "").lower().rstrip(".")
    if found := unwrapped(url):
        by, original = found
        yield (
            Rule.LINK_WRAPPED,
            f"was wrapped by {by}; paste the original address"
            + (f" `{_short(original)}`" if original else ""),
        )
        return
    if host.endswith(("-my.sharepoint.com", *_PERSONAL)) or (
        host.endswith(".sharepoint.com") and parts.path.startswith("/personal/")
    ):
        yield (
            Rule.LINK_PERSONAL,
            "is in somebody's personal storage, and closed to most of your readers; put the file "
            "in a shared place",
        )
    if reason := _inside_only(host, rules.intranet):
        yield (
            Rule.LINK_INTRANET,
            f"{reason}; say so beside the link, or give an address that opens everywhere",
        )
    if lookalike := _lookalike(host):
        yield Rule.LINK_LOOKALIKE, f"{lookalike}; is that the website you mean?"
    if clean := tracked(url):
        yield (
            Rule.LINK_TRACKING,
            f"follows the reader by what stands after `?`; write `{_short(clean)}`",
        )
    if parts.scheme == "http":
        yield Rule.HTTP_LINK, "is not secure; write it with `https://` if that works"


def _inside_only(host: str, intranet: tuple[str, ...]) -> str:
    if (found := _number(host)) and found.is_private:
        return "is a number inside the network, and staff at home cannot open it"
    if not found and "." not in host:
        return "has a short name that works only inside the network"
    if host.endswith(_INSIDE):
        return f"ends in `.{host.rpartition('.')[2]}`, and works only inside the network"
    if any(host == each or host.endswith(f".{each}") for each in intranet):
        return "is on the intranet, and works only inside the network"
    return ""


def _lookalike(host: str) -> str:
    """Return what is odd about the letters of *host*, if anything is."""
    try:
        read = host.encode("idna").decode("idna")  # letters beside ASCII may be written in code
    except UnicodeError:
        return f"names `{host}`, which cannot be read as a website"
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in read if letter.isalpha()}
    if strange := sorted(scripts - {"LATIN"}):
        return f"has {strange[0].capitalize()} letters in the name of the website, `{read}`"
    return ""
