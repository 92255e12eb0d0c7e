"""One picture made fit for a mail: upright, as large as it is shown, in sRGB, re-encoded."""

import hashlib
import io
import warnings
from pathlib import Path

from PIL import Image, ImageChops, ImageCms

from newsletter import enclosure
from newsletter.images import Embedded, Unusable

MOST_PIXELS = 40_000_000
TALLEST = 1600  #: pixels as shown; Word breaks a page inside anything taller than about 1,700
BUDGET = 200_000  #: bytes that a picture may weigh, where anything can be done about it

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_FEW_COLOURS = 4096  # a logo, a diagram, a screen; a photograph has more, or is small
# What is tried until a photograph fits its budget: pixels of the file per pixel shown (two, for
# screens of double density), and the quality of the JPEG.
_STEPS = ((2.0, 82), (2.0, 70), (2.0, 58), (1.5, 58), (1.0, 58))

warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # we refuse sooner


def embedded(path: Path, data: bytes, shown_width: int, base_url: str) -> Embedded:
    """Return the picture *data* of the file *path*, to be shown at most *shown_width* wide."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _too_many_pixels(path)
            return _embedded(path, opened, shown_width, base_url)
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


def _embedded(path: Path, opened: Image.Image, shown_width: int, base_url: str) -> Embedded:
    turn = _TURNS.get(opened.getexif().get(_ORIENTATION, 1))
    lying = turn in _SIDEWAYS
    width, height = _shown(opened.size[::-1] if lying else opened.size, shown_width)
    animated = opened.format != "MPO" and bool(getattr(opened, "is_animated", False))
    picture = _picture(opened, (height, width) if lying else (width, height))
    if turn is not None:
        picture = picture.transpose(turn)
    data, suffix, content_type = _encoded(picture, width, height)
    cid = f"{hashlib.sha256(data).hexdigest()[:32]}@newsletter"
    filename = enclosure.plain_name(path.stem + suffix)
    public = f"{base_url.rstrip('/')}/{enclosure.public_name(filename, data)}"
    return Embedded(
        cid=cid,
        filename=filename,
        content_type=content_type,
        data=data,
        width=width,
        height=height,
        src=public if base_url else f"cid:{cid}",
        animated=animated,
    )


# -- as its camera was held, and as large as it is shown


_ORIENTATION = 0x0112  # Exif 2.32, 4.6.4
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = {_TURNS[orientation] for orientation in (5, 6, 7, 8)}


def _shown(size: tuple[int, int], shown_width: int) -> tuple[int, int]:
    width, height = size
    scale = min(1.0, shown_width / width, TALLEST / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _picture(opened: Image.Image, shown: tuple[int, int]) -> Image.Image:
    """Return the first picture of the file in sRGB, with alpha if any of it shows through."""
    largest = _scaled(shown, _STEPS[0][0], opened.size)
    opened.draft(None, largest)  # a JPEG is decoded at half its size, a quarter, an eighth
    picture = _resized(_plain(opened), largest)
    picture = _in_srgb(picture, opened.info.get("icc_profile"))
    opaque = picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255)
    return picture.convert("RGB") if opaque else picture


def _scaled(shown: tuple[int, int], density: float, most: tuple[int, int]) -> tuple[int, int]:
    width, height = (max(1, round(side * density)) for side in shown)
    return min(most[0], width), min(most[1], height)


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


# -- its colours


def _plain(opened: Image.Image) -> Image.Image:
    """Return the pixels as L, RGB, RGBA or CMYK, eight bits each."""
    if opened.mode.startswith("I"):  # 65,536 greys, which `convert` would turn to white
        return opened.convert("I").point(lambda grey: grey / 256).convert("L")
    if opened.has_transparency_data:
        return opened.convert("RGBA")
    if opened.mode == "CMYK":  # Pillow takes it for Adobe's, which stores its inks inverted
        return opened.copy() if "adobe" in opened.info else ImageChops.invert(opened)
    return opened.convert("L" if opened.mode in ("1", "L") else "RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return *picture* with the colours that its profile means; without profile, as they are."""
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    opaque = picture.convert("RGB") if alpha else picture
    try:
        shown = _converted(opaque, profile) if profile else opaque.convert("RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):  # a profile that is broken, or another's
        shown = opaque.convert("RGB")
    if alpha:
        shown.putalpha(alpha)
    return shown


def _converted(picture: Image.Image, profile: bytes) -> Image.Image:
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if picture.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(own):
        return picture
    shown = ImageCms.profileToProfile(picture, own, _SRGB, outputMode="RGB")
    assert shown is not None  # only where it is converted in place
    return shown


_SRGB = ImageCms.createProfile("sRGB")


# -- its bytes


def _encoded(picture: Image.Image, width: int, height: int) -> tuple[bytes, str, str]:
    clean = Image.frombytes(picture.mode, picture.size, picture.tobytes())  # pixels, nothing else
    if clean.mode == "RGBA":
        for shown in (clean, clean.quantize(_PALETTE, Image.Quantize.FASTOCTREE)):
            if len(png := _png(shown)) <= BUDGET:
                return png, ".png", "image/png"
        clean = _on_white(clean)
    jpeg = _jpeg(clean, (width, height))
    if clean.getcolors(_FEW_COLOURS) is not None:
        png = _png(clean)
        if len(png) <= min(BUDGET, _SHARPER * len(jpeg)):
            return png, ".png", "image/png"
    return jpeg, ".jpg", "image/jpeg"


_PALETTE = 256
_SHARPER = 2  # times the bytes that a PNG may take, for it keeps lines and letters sharp


def _on_white(picture: Image.Image) -> Image.Image:
    sheet = Image.new("RGBA", picture.size, "#ffffff")
    return Image.alpha_composite(sheet, picture).convert("RGB")


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")  # `optimize` takes five times as long, and saves three in a hundred
    return file.getvalue()


def _jpeg(picture: Image.Image, shown: tuple[int, int]) -> bytes:
    """Return *picture* as the first JPEG that fits the budget, or as the smallest."""
    for density, quality in _STEPS:
        smaller = _resized(picture, _scaled(shown, density, picture.size))
        file = io.BytesIO()
        smaller.save(file, "JPEG", quality=quality, progressive=True, optimize=True)
        if file.tell() <= BUDGET:
            break
    return file.getvalue()
