"""Pictures made fit for a mail: small, clean of metadata, and inside the message itself."""

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from newsletter.errors import suggest

LARGEST_FILE = 20_000_000  #: bytes
MOST_PIXELS = 40_000_000
TALLEST = 1600  #: pixels as shown; Word breaks a page inside anything taller than about 1,700

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_SHARPNESS = 2  # pixels of the file per pixel shown, for screens of double density
_FEW_COLOURS = 256


class Unusable(ValueError):
    """Why a picture cannot go into a mail and what to do about it, in words for its author."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedded:
    """A picture as a part of the message, which its HTML names by *cid*."""

    cid: str
    filename: str
    content_type: str
    data: bytes
    width: int  #: as shown, in pixels
    height: int


def locate(folder: Path, source: str) -> Path:
    """Return the file that *source* names inside *folder*, which it may not leave."""
    if "://" in source or "\\" in source or Path(source).is_absolute():
        raise Unusable(f"image `{source}` must be the name of a file beside the announcement")
    try:
        return _inside(folder, source)
    except Unusable:
        raise
    except (OSError, RuntimeError, ValueError) as error:  # too long, a loop of links, a NUL
        raise Unusable(
            f"image {source[:60]!r} cannot be read; give the file a short and simple name"
        ) from error


def _inside(folder: Path, source: str) -> Path:
    path = folder / source
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Unusable(f"image `{source}` is outside the announcement's folder; copy it into it")
    if not path.is_file():
        names = [other.name for other in folder.iterdir()] if folder.is_dir() else []
        mend = suggest(path.name, names) or "; put it there or correct the name"
        raise Unusable(f"image `{source}` does not exist beside the announcement{mend}")
    return path


def embed(path: Path, *, shown_width: int) -> Embedded:
    """Return the picture at *path* made ready to be shown at most *shown_width* pixels wide.

    It is never enlarged: a small picture is shown small.
    """
    original = _upright(path)
    width, height = _shown(original.size, shown_width)
    data, suffix, content_type = _encoded(original, width, height)
    return Embedded(
        cid=f"{hashlib.sha256(data).hexdigest()[:32]}@newsletter",
        filename=(re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-") or "image") + suffix,
        content_type=content_type,
        data=data,
        width=width,
        height=height,
    )


def _upright(path: Path) -> Image.Image:
    """Return the first picture in the file, turned as its camera was held."""
    if path.stat().st_size > LARGEST_FILE:
        raise Unusable(f"image `{path.name}` is larger than 20 MB; save it smaller")
    try:
        with Image.open(io.BytesIO(path.read_bytes()), formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _too_many_pixels(path)
            turned = ImageOps.exif_transpose(opened)
            if turned.mode.startswith("I"):  # 65,536 greys, which convert would turn to white
                turned = turned.convert("I").point(lambda grey: grey / 256).convert("L")
            return turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    except Unusable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(path) from error
    except Exception as error:  # a hostile file makes a decoder raise whatever it likes
        raise Unusable(
            f"image `{path.name}` cannot be read as PNG, JPEG, GIF or WebP; save it again as one"
        ) from error


def _too_many_pixels(path: Path) -> Unusable:
    return Unusable(f"image `{path.name}` has more than 40 million pixels; save it smaller")


def _shown(size: tuple[int, int], shown_width: int) -> tuple[int, int]:
    width, height = size
    scale = min(1.0, shown_width / width, TALLEST / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _encoded(original: Image.Image, width: int, height: int) -> tuple[bytes, str, str]:
    few_colours = original.getcolors(_FEW_COLOURS) is not None
    size = (min(original.width, width * _SHARPNESS), min(original.height, height * _SHARPNESS))
    resized = original.resize(size, Image.Resampling.LANCZOS) if size != original.size else original
    clean = Image.frombytes(resized.mode, resized.size, resized.tobytes())  # pixels, nothing else
    file = io.BytesIO()
    if few_colours or clean.mode == "RGBA":
        clean.save(file, "PNG", optimize=True)
        return file.getvalue(), ".png", "image/png"
    clean.save(file, "JPEG", quality=82, progressive=True, optimize=True)
    return file.getvalue(), ".jpg", "image/jpeg"
