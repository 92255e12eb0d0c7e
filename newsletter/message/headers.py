"""Values of header fields: quoted or encoded where needed, refused where they would escape."""

import re
from dataclasses import dataclass
from email import quoprimime
from email.header import Header
from urllib.parse import quote

from newsletter.address import Address
from newsletter.enclosure import plain_name

LONGEST_LINE = 76  #: octets of one with an encoded word in it: RFC 2047 section 2
LONGEST_WORD = 66  #: an encoded word behind "Reply-To: " on one line; RFC 2047 section 2
LONGEST_NAME = 200  #: characters of a name that fit on one line; a longer one is encoded


class HeaderError(ValueError):
    """A value that would break out of its header, or a header block that is not what we meant."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address, as in From."""

    name: str
    address: Address

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else str(self.address)


_FOLD = "\r\n "
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|=\\?")


def safe(value: str) -> str:
    """Refuse control characters and encoded words (CVE-2024-6923 and its kin)."""
    if found := _UNSAFE.search(value):
        raise HeaderError(f"{found[0]!r} cannot stand in a mail header: {value[:80]!r}")
    return value


def unstructured(value: str, name: str) -> str:
    """Return plain words for the field *name*, folded."""
    charset = "us-ascii" if value.isascii() else "utf-8"
    return Header(safe(value), charset, LONGEST_LINE, name).encode(linesep="\r\n")


def mailbox(name: str, address: Address) -> str:
    """Return a mailbox for From, To or Reply-To."""
    if not safe(name):
        return f"<{address}>"
    if name.isascii() and len(name) <= LONGEST_NAME:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"{" " if len(name) < 40 else _FOLD}<{address}>'
    encoded = quoprimime.header_encode(name.encode(), "utf-8")
    if len(encoded) > LONGEST_WORD:
        encoded = Header(name, "utf-8", LONGEST_LINE, "Reply-To").encode(linesep="\r\n")
    return f"{encoded}{_FOLD}<{address}>"


def link(url: str) -> str:
    """Return *url* as the List- fields want it: RFC 2369 section 2."""
    if not re.fullmatch(r"(https:|mailto:)[!-;=?-~]+", url):
        raise HeaderError(f"`{url}` is no https: or mailto: address for List-Unsubscribe")
    return f"<{url}>"


def disposition(kind: str, filename: str) -> str:
    """Return how a part is shown and its name: RFC 2183, RFC 2231.

    A program that does not know RFC 2231 takes the plain name in Content-Type; the same parameter
    twice, once plain and once not, is for HTTP only.
    """
    if safe(filename).isascii():
        return f'{kind}; filename="{plain_name(filename)}"'
    return f"{kind}; filename*=utf-8''{quote(filename, safe='')}"
