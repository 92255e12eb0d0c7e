"""The parts of a message, as chunks of bytes with holes for its reader."""

import base64
from collections.abc import Sequence

from newsletter.blocks import MARKER, Slot
from newsletter.enclosure import Enclosure, plain_name
from newsletter.images import Embedded
from newsletter.message import quoted
from newsletter.message.headers import disposition, safe
from newsletter.rendering import Rendering
from newsletter.skeleton import Hole, Place, Skeleton


class Parts:
    """Chunks and holes in the order of the message."""

    def __init__(self) -> None:
        self.chunks = [b""]
        self.holes: list[Hole] = []

    def line(self, line: str = "") -> None:
        """Write a line of a header, or of a boundary."""
        self.chunks[-1] += line.encode("ascii") + b"\r\n"

    def hole(self, hole: Hole) -> None:
        """Leave a place for the reader."""
        self.holes.append(hole)
        self.chunks.append(b"")

    def text(self, place: Place, content: str, slots: Sequence[Slot]) -> None:
        """Write a body part; every marker in *content* becomes a hole."""
        pieces = MARKER.split(content)
        for n, piece in enumerate(pieces):
            if n % 2:
                self.hole(Hole(place, slots[int(piece)]))
            else:
                self.chunks[-1] += quoted.lines(piece, soft_end=n < len(pieces) - 1)
        self.line()

    def base64(self, data: bytes) -> None:
        """Write a file."""
        self.chunks[-1] += base64.encodebytes(data).replace(b"\n", b"\r\n")

    def finished(self) -> Skeleton:
        """Return what was written."""
        return Skeleton(tuple(self.chunks), tuple(self.holes))


def write(parts: Parts, rendering: Rendering, boundary: str) -> None:
    """Write the header that says how the message is made up, and all its parts.

    What is attached stands beside the text and the HTML, pictures beside the HTML alone.
    """
    if rendering.attachments:
        parts.line(f'Content-Type: multipart/mixed; boundary="=_m_{boundary}"')
        parts.line()
        parts.line(f"--=_m_{boundary}")
    _write_text_and_html(parts, rendering, boundary)
    for enclosure in rendering.attachments:
        parts.line(f"--=_m_{boundary}")
        _write_attachment(parts, enclosure)
    if rendering.attachments:
        parts.line(f"--=_m_{boundary}--")


def _write_text_and_html(parts: Parts, rendering: Rendering, boundary: str) -> None:
    parts.line(f'Content-Type: multipart/alternative; boundary="=_a_{boundary}"')
    parts.line()
    parts.line(f"--=_a_{boundary}")
    parts.line('Content-Type: text/plain; charset="utf-8"')
    parts.line("Content-Transfer-Encoding: quoted-printable")
    parts.line()
    parts.text(Place.TEXT, rendering.text, rendering.slots)
    parts.line(f"--=_a_{boundary}")
    if rendering.images:
        parts.line(f'Content-Type: multipart/related; boundary="=_r_{boundary}"; type="text/html"')
        parts.line()
        parts.line(f"--=_r_{boundary}")
    parts.line('Content-Type: text/html; charset="utf-8"')
    parts.line("Content-Transfer-Encoding: quoted-printable")
    parts.line()
    parts.text(Place.HTML, rendering.html, rendering.slots)
    for image in rendering.images:
        parts.line(f"--=_r_{boundary}")
        _write_image(parts, image)
    if rendering.images:
        parts.line(f"--=_r_{boundary}--")
    parts.line(f"--=_a_{boundary}--")


def _write_image(parts: Parts, image: Embedded) -> None:
    name = plain_name(image.filename)
    parts.line(f'Content-Type: {image.content_type}; name="{name}"')
    parts.line("Content-Transfer-Encoding: base64")
    parts.line(f"Content-ID: <{image.cid}>")
    parts.line(f"Content-Disposition: {disposition('inline', name)}")
    parts.line()
    parts.base64(image.data)


def _write_attachment(parts: Parts, enclosure: Enclosure) -> None:
    name = plain_name(enclosure.filename)
    parts.line(f'Content-Type: {safe(enclosure.content_type)}; name="{name}"')
    parts.line("Content-Transfer-Encoding: base64")
    parts.line(f"Content-Disposition: {disposition('attachment', enclosure.filename)}")
    parts.line()
    parts.base64(enclosure.data)
