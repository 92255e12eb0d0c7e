"""One rendering for one reader, as the bytes and the envelope that go to the relay.

The MIME message is built once per language, as a `Skeleton`: fixed bytes with holes where the
reader goes. A reader's copy is then a join of bytes. Body parts are quoted-printable throughout,
with every hole on lines of its own between soft line breaks (RFC 2045 section 6.7), so no line
passes 76 octets, none begins with a dot or "From ", and nothing needs dot-stuffing.
"""

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from newsletter.address import Address
from newsletter.audience import Recipient
from newsletter.blocks import MARKER, Field, Slot
from newsletter.message import parts as bodies
from newsletter.message import quoted
from newsletter.message.headers import HeaderError, Mailbox, link, mailbox, safe, unstructured
from newsletter.message.parts import Parts
from newsletter.rendering import Rendering
from newsletter.skeleton import Hole, Place, Skeleton

__all__ = [
    "HEADER_NAMES",
    "Envelope",
    "HeaderError",
    "Letterhead",
    "Mailbox",
    "compose",
    "fill",
    "fingerprint",
    "skeleton",
]

LONGEST_LINE = 998  #: octets without CRLF: RFC 5322 section 2.1.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Letterhead:
    """What is the same in every copy of a campaign."""

    sender: Mailbox
    reply_to: Mailbox | None
    list_id: str  #: "newsletter.example.org", RFC 2919
    date: datetime  #: fixed when the campaign is planned, so that a second try is the same mail
    unsubscribe: str = ""  #: where to leave the list, https: or mailto:; empty: nowhere


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
        for files in (rendering.attachments, rendering.published):
            digest.update(b"files\0")
            for file in files:
                digest.update(f"{file.filename}|{file.content_type}".encode() + b"\0")
                digest.update(hashlib.sha256(file.data).digest())
    return digest.hexdigest()


def skeleton(rendering: Rendering, letterhead: Letterhead) -> Skeleton:
    """Build the message of *rendering* once; `compose` fills it in for each reader.

    Raises `HeaderError` when a value would leave its header.
    """
    boundary = hashlib.sha256(rendering.html.encode() + rendering.text.encode()).hexdigest()[:24]
    parts = Parts()
    _write_headers(parts, rendering, letterhead)
    bodies.write(parts, rendering, boundary)
    built = parts.finished()
    _proofread(built)
    return built


def compose(skeleton: Skeleton, recipient: Recipient, message_id: str) -> bytes:
    """Return the copy for *recipient*: CRLF line ends, no line over 998 octets, 7-bit."""
    pieces = [skeleton.chunks[0]]
    for hole, chunk in zip(skeleton.holes, skeleton.chunks[1:], strict=True):
        pieces += (_filling(hole, recipient, message_id), chunk)
    return b"".join(pieces)


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
    b"Content-Language",
    b"MIME-Version",
    b"Content-Type",
)
_UNSUBSCRIBE_AT = HEADER_NAMES.index(b"List-Id") + 1
_HEADERS = (
    HEADER_NAMES,
    (*HEADER_NAMES[:_UNSUBSCRIBE_AT], b"List-Unsubscribe", *HEADER_NAMES[_UNSUBSCRIBE_AT:]),
)


def _write_headers(parts: Parts, rendering: Rendering, letterhead: Letterhead) -> None:
    """RFC 5322; List-Unsubscribe RFC 2369; Auto-Submitted RFC 3834; Content-Language RFC 3282.

    X-Auto-Response-Suppress is MS-OXCMAIL 2.1.3.2.20; `NDR` and `All` are left out of it, for we
    want to hear of dead addresses.
    """
    parts.line(_named_header("From", letterhead.sender))
    parts.line(_named_header("Reply-To", letterhead.reply_to or letterhead.sender))
    parts.chunks[-1] += b"To: "
    parts.hole(Hole(Place.TO))
    parts.line()
    parts.line(f"Subject: {unstructured(rendering.subject, 'Subject')}")
    parts.line(f"Date: {format_datetime(letterhead.date)}")
    parts.chunks[-1] += b"Message-ID: "
    parts.hole(Hole(Place.MESSAGE_ID))
    parts.line()
    parts.line(f"List-Id: <{safe(letterhead.list_id)}>")
    if letterhead.unsubscribe:
        parts.line(f"List-Unsubscribe: {link(letterhead.unsubscribe)}")
    parts.line("Auto-Submitted: auto-generated")
    parts.line("Precedence: bulk")
    parts.line("X-Auto-Response-Suppress: OOF, AutoReply, DR, RN, NRN")
    parts.line(f"Content-Language: {safe(', '.join(rendering.languages))}")
    parts.line("MIME-Version: 1.0")


def _named_header(name: str, who: Mailbox) -> str:
    return f"{name}: {mailbox(who.name, who.address)}"


# -- one reader


def _filling(hole: Hole, recipient: Recipient, message_id: str) -> bytes:
    match hole:
        case Hole(place=Place.TO):
            return _within(mailbox(recipient.display_name, recipient.address), recipient)
        case Hole(place=Place.MESSAGE_ID):
            return _within(message_id, recipient)
        case Hole(place=Place.HTML, slot=Slot() as slot):
            return quoted.lines(html.escape(_personal(slot, recipient)), soft_end=True)
        case Hole(slot=Slot() as slot):
            return quoted.lines(_personal(slot, recipient), soft_end=True)
    raise AssertionError(f"a hole without its slot: {hole}")


def _within(value: str, recipient: Recipient) -> bytes:
    """Return *value* for a header that it does not leave: a line break is a fold or an attack."""
    unfolded = value.replace("\r\n ", "")
    if "\r" in unfolded or "\n" in unfolded:
        raise HeaderError(f"the headers of the copy for {recipient.address} are not those meant")
    return value.encode("ascii")


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
    if _header_names(data) not in _HEADERS:
        raise HeaderError("the headers of the message are not those meant")
    if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        raise HeaderError("a bare CR or LF in the message")
    if max(map(len, data.split(b"\r\n"))) > LONGEST_LINE or not data.isascii():
        raise HeaderError(f"a line over {LONGEST_LINE} octets, or one that is not 7-bit")
    if b"\r\n." in data or not data.endswith(b"\r\n"):  # `smtp` stuffs no dots: see above
        raise HeaderError("a line that begins with a dot, or a last line without its end")


_FIELD = re.compile(rb"([!-9;-~]+): ?")


def _header_names(data: bytes) -> tuple[bytes, ...]:
    """Return the names of the header fields of *data*, b"" for a line that is none."""
    head = data[: data.index(b"\r\n\r\n")]
    fields = [line for line in head.split(b"\n") if not line.startswith((b" ", b"\t"))]
    return tuple(found[1] if (found := _FIELD.match(line)) else b"" for line in fields)
