"""One rendering for one reader, as the bytes and the envelope that go to the relay.

The MIME message is built once per language, as a `Skeleton`: fixed bytes with holes where the
reader goes. A reader's copy is then a join of bytes. Body parts are quoted-printable throughout,
with every hole on lines of its own between soft line breaks (RFC 2045 section 6.7), so no line
passes 76 octets, none begins with a dot or "From ", and nothing needs dot-stuffing.
"""

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from newsletter.address import Address
from newsletter.audience import Recipient
from newsletter.blocks import MARKER, Field, Slot
from newsletter.images import Embedded
from newsletter.rendering import Rendering
from newsletter.skeleton import Hole, Place, Skeleton

LONGEST_LINE = 998  #: octets without CRLF: RFC 5322 section 2.1.1
WIDEST_QUOTED = 76  #: octets of a quoted-printable line, its soft break included
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Letterhead:
    """What is the same in every copy of a campaign."""

    sender: Mailbox
    reply_to: Mailbox | None
    list_id: str  #: "newsletter.example.org", RFC 2919
    date: datetime  #: fixed when the campaign is planned, so that a second try is the same mail


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom the relay reports to, and whom it delivers to."""

    sender: str
    recipient: str


def fingerprint(renderings: Iterable[Rendering]) -> str:
    """Return a hash of all that readers will see, whatever the date and the Message-IDs."""
    digest = hashlib.sha256()
    for rendering in renderings:
        for part in (rendering.language, rendering.subject, rendering.text, rendering.html):
            digest.update(part.encode() + b"\0")
        for slot in rendering.slots:
            digest.update(f"{slot.field}|{slot.fallback}".encode() + b"\0")
        for image in rendering.images:
            digest.update(hashlib.sha256(image.data).digest())
    return digest.hexdigest()


def skeleton(rendering: Rendering, letterhead: Letterhead) -> Skeleton:
    """Build the message of *rendering* once; `compose` fills it in for each reader.

    Raises `HeaderError` when a value would leave its header.
    """
    boundary = hashlib.sha256(rendering.html.encode() + rendering.text.encode()).hexdigest()[:24]
    parts = _Parts()
    _write_headers(parts, rendering, letterhead, boundary)
    _write_bodies(parts, rendering, boundary)
    built = parts.finished()
    _proofread(built)
    return built


def compose(skeleton: Skeleton, recipient: Recipient, message_id: str) -> bytes:
    """Return the copy for *recipient*: CRLF line ends, no line over 998 octets, 7-bit."""
    pieces = [skeleton.chunks[0]]
    for hole, chunk in zip(skeleton.holes, skeleton.chunks[1:], strict=True):
        pieces += (_filling(hole, recipient, message_id), chunk)
    data = b"".join(pieces)
    if _header_names(data) != HEADER_NAMES:
        raise HeaderError(f"the headers of the copy for {recipient.address} are not those meant")
    return data


HEADER_NAMES = (
    b"From",
    b"Reply-To",
    b"To",
    b"Subject",
    b"Date",
    b"Message-ID",
    b"List-Id",
    b"Auto-Submitted",
    b"Precedence",
    b"X-Auto-Response-Suppress",
    b"MIME-Version",
    b"Content-Type",
)


class _Parts:
    """Chunks and holes in the order of the message."""

    def __init__(self) -> None:
        self.chunks = [b""]
        self.holes: list[Hole] = []

    def line(self, line: str = "") -> None:
        self.chunks[-1] += line.encode("ascii") + b"\r\n"

    def hole(self, hole: Hole) -> None:
        self.holes.append(hole)
        self.chunks.append(b"")

    def quoted(self, place: Place, content: str, slots: Sequence[Slot]) -> None:
        """Write a body part; every marker in *content* becomes a hole."""
        pieces = MARKER.split(content)
        for n, piece in enumerate(pieces):
            if n % 2:
                self.hole(Hole(place, slots[int(piece)]))
            else:
                self.chunks[-1] += _quoted(piece, soft_end=n < len(pieces) - 1)
        self.line()

    def finished(self) -> Skeleton:
        return Skeleton(tuple(self.chunks), tuple(self.holes))


def _write_headers(
    parts: _Parts, rendering: Rendering, letterhead: Letterhead, boundary: str
) -> None:
    """RFC 5322; Auto-Submitted RFC 3834; X-Auto-Response-Suppress MS-OXCMAIL 2.1.3.2.20.

    `NDR` and `All` are left out of the last one: we want to hear of dead addresses.
    """
    parts.line(_named_header("From", letterhead.sender))
    parts.line(_named_header("Reply-To", letterhead.reply_to or letterhead.sender))
    parts.chunks[-1] += b"To: "
    parts.hole(Hole(Place.TO))
    parts.line()
    parts.line(f"Subject: {_unstructured(rendering.subject, 'Subject')}")
    parts.line(f"Date: {format_datetime(letterhead.date)}")
    parts.chunks[-1] += b"Message-ID: "
    parts.hole(Hole(Place.MESSAGE_ID))
    parts.line()
    parts.line(f"List-Id: <{_safe(letterhead.list_id)}>")
    parts.line("Auto-Submitted: auto-generated")
    parts.line("Precedence: bulk")
    parts.line("X-Auto-Response-Suppress: OOF, AutoReply, DR, RN, NRN")
    parts.line("MIME-Version: 1.0")
    parts.line(f'Content-Type: multipart/alternative; boundary="=_a_{boundary}"')
    parts.line()


def _write_bodies(parts: _Parts, rendering: Rendering, boundary: str) -> None:
    parts.line(f"--=_a_{boundary}")
    parts.line('Content-Type: text/plain; charset="utf-8"')
    parts.line("Content-Transfer-Encoding: quoted-printable")
    parts.line()
    parts.quoted(Place.TEXT, rendering.text, rendering.slots)
    parts.line(f"--=_a_{boundary}")
    if rendering.images:
        parts.line(f'Content-Type: multipart/related; boundary="=_r_{boundary}"; type="text/html"')
        parts.line()
        parts.line(f"--=_r_{boundary}")
    parts.line('Content-Type: text/html; charset="utf-8"')
    parts.line("Content-Transfer-Encoding: quoted-printable")
    parts.line()
    parts.quoted(Place.HTML, rendering.html, rendering.slots)
    for image in rendering.images:
        parts.line(f"--=_r_{boundary}")
        _write_image(parts, image)
    if rendering.images:
        parts.line(f"--=_r_{boundary}--")
    parts.line(f"--=_a_{boundary}--")


def _write_image(parts: _Parts, image: Embedded) -> None:
    name = re.sub(r"[^A-Za-z0-9._-]", "-", image.filename)
    parts.line(f'Content-Type: {image.content_type}; name="{name}"')
    parts.line("Content-Transfer-Encoding: base64")
    parts.line(f"Content-ID: <{image.cid}>")
    parts.line(f'Content-Disposition: inline; filename="{name}"')
    parts.line()
    encoded = base64.encodebytes(image.data).decode().replace("\n", "\r\n")
    parts.chunks[-1] += encoded.encode()


# -- header values


_FOLD = "\r\n "
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|=\\?")


def _safe(value: str) -> str:
    """Refuse control characters and encoded words (CVE-2024-6923 and its kin)."""
    if found := _UNSAFE.search(value):
        raise HeaderError(f"{found[0]!r} cannot stand in a mail header: {value[:80]!r}")
    return value


def _unstructured(value: str, name: str) -> str:
    charset = "us-ascii" if value.isascii() else "utf-8"
    return Header(_safe(value), charset, header_name=name).encode(linesep="\r\n")


def _named_header(name: str, mailbox: Mailbox) -> str:
    return f"{name}: {_mailbox(mailbox.name, mailbox.address)}"


def _mailbox(name: str, address: Address) -> str:
    if not _safe(name):
        return f"<{address}>"
    if name.isascii() and len(name) <= LONGEST_NAME:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"{" " if len(name) < 40 else _FOLD}<{address}>'
    return (
        Header(name, "utf-8", header_name="Reply-To").encode(linesep="\r\n") + f"{_FOLD}<{address}>"
    )


# -- body parts


_ESCAPED = [
    bytes([n]) if 32 <= n <= 126 and n != 61 else b"=%02X" % n for n in range(256)
]  # RFC 2045 section 6.7, rule 1 and 2


def _quoted(content: str, *, soft_end: bool) -> bytes:
    """Return *content* as quoted-printable lines; with *soft_end* its last line goes on."""
    *lines, last = content.split("\n")
    out = b"".join(_quoted_line(line.encode()) + b"\r\n" for line in lines)
    if last:
        out += _quoted_line(last.encode()) + (b"=\r\n" if soft_end else b"")
    return out


def _quoted_line(line: bytes) -> bytes:
    """Return one line, broken softly so that each piece and its `=` fit in `WIDEST_QUOTED`."""
    pieces, width = [], 0
    for n, octet in enumerate(line):
        token = _ESCAPED[octet]
        if width + len(token) > WIDEST_QUOTED - 3:  # an escape may replace the first or last octet
            pieces.append(b"=\r\n")
            width = 0
        if (width == 0 and (octet == 46 or line.startswith(b"From ", n))) or (
            octet == 32 and n == len(line) - 1
        ):  # a dot or "From " first, a space last: relays have been seen to change them
            token = b"=%02X" % octet
        pieces.append(token)
        width += len(token)
    return b"".join(pieces)


# -- one reader


def _filling(hole: Hole, recipient: Recipient, message_id: str) -> bytes:
    match hole:
        case Hole(place=Place.TO):
            return _mailbox(recipient.display_name, recipient.address).encode("ascii")
        case Hole(place=Place.MESSAGE_ID):
            return message_id.encode("ascii")
        case Hole(place=Place.HTML, slot=Slot() as slot):
            return _quoted(html.escape(_personal(slot, recipient)), soft_end=True)
        case Hole(slot=Slot() as slot):
            return _quoted(_personal(slot, recipient), soft_end=True)
    raise AssertionError(f"a hole without its slot: {hole}")


def _personal(slot: Slot, recipient: Recipient) -> str:
    own = recipient.address if slot.field is Field.EMAIL else getattr(recipient, slot.field)
    return str(own) or slot.fallback


def fill(content: str, slots: Sequence[Slot], recipient: Recipient, *, escape: bool) -> str:
    """Return *content* of a rendering as *recipient* reads it, for previews and files."""

    def own(found: re.Match[str]) -> str:
        value = _personal(slots[int(found[1])], recipient)
        return html.escape(value) if escape else value

    return MARKER.sub(own, content)


# -- proofreading


_SAMPLE = Recipient(
    address=Address("sample", "example.org"), display_name="Zoë \U0001f600 " * 20, lists=()
)


def _proofread(built: Skeleton) -> None:
    """Read a finished copy back: only the headers we meant, and lines a relay will take."""
    data = compose(built, _SAMPLE, "<sample@example.org>")
    if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        raise HeaderError("a bare CR or LF in the message")
    if max(map(len, data.split(b"\r\n"))) > LONGEST_LINE or not data.isascii():
        raise HeaderError(f"a line over {LONGEST_LINE} octets, or one that is not 7-bit")


_FIELD = re.compile(rb"([!-9;-~]+): ?")


def _header_names(data: bytes) -> tuple[bytes, ...]:
    """Return the names of the header fields of *data*, b"" for a line that is none."""
    head = data[: data.index(b"\r\n\r\n")]
    fields = [line for line in head.split(b"\n") if not line.startswith((b" ", b"\t"))]
    return tuple(found[1] if (found := _FIELD.match(line)) else b"" for line in fields)
