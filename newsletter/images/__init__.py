"""Pictures made fit for a mail: small, clean of metadata, embedded in the message or published."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from newsletter import enclosure
from newsletter.enclosure import Unusable

__all__ = ["Embedded", "Unusable", "embed", "locate"]

LARGEST_FILE = 20_000_000  #: bytes

# Formats that mail programs do not show, by how a file of theirs begins.
_OTHERS = (
    (rb"(\xef\xbb\xbf)?\s*<(.*<)?svg\b", "an SVG drawing"),
    (rb"....ftyp(heic|heix|hevc|mif1|msf1)", "a HEIC photo, as iPhones make them"),
    (rb"....ftypavi[fs]", "an AVIF picture"),
    (rb"II\*\0|MM\0\*", "a TIFF picture"),
    (rb"BM....\0\0\0\0", "a BMP picture"),
    (rb"%PDF-", "a PDF"),
    (rb"8BPS", "a Photoshop file"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedded:
    """A picture as a part of the message, or as a file to publish."""

    cid: str  #: its Content-ID; the same picture always has the same
    filename: str
    content_type: str
    data: bytes
    width: int  #: as shown, in pixels
    height: int
    src: str = ""  #: how HTML names it: "cid:...", or its public address
    animated: bool = False  #: the file has more pictures than the one that is shown


def locate(folder: Path, source: str) -> Path:
    """Return the picture that *source* names inside *folder*, which it may not leave."""
    return enclosure.locate(folder, source, "image")


def embed(path: Path, *, shown_width: int, base_url: str = "") -> Embedded:
    """Return the picture at *path* made ready to be shown at most *shown_width* pixels wide.

    It is never enlarged: a small picture is shown small. With *base_url* its `src` is where it
    will be published, without it a part of the message.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise Unusable(f"image `{path.name}` cannot be read: {error.strerror}") from error
    return _made(path, (found.st_mtime_ns, found.st_size), shown_width, base_url)


@lru_cache(maxsize=32)  # every language of an announcement shows the same pictures
def _made(path: Path, _state: tuple[int, int], shown_width: int, base_url: str) -> Embedded:
    from newsletter.images import making  # late, for most mails have no picture

    return making.embedded(path, _bytes(path), shown_width, base_url)


def _bytes(path: Path) -> bytes:
    data = enclosure.read(path, LARGEST_FILE, "image", "save it smaller")
    for beginning, kind in _OTHERS:
        if re.match(beginning, data[:4096], re.DOTALL):
            raise Unusable(
                f"image `{path.name}` is {kind}, which mail programs do not show; save it as PNG, "
                "or as JPEG if it is a photo"
            )
    return data
