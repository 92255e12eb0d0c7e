"""The colours, the weight and the moving pictures of what is embedded."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw

from newsletter import images
from newsletter.images import Embedded, making

RED, GREEN, BLUE, WHITE = "#ff0000", "#00ff00", "#0000ff", "#ffffff"


def reopened(embedded: Embedded) -> Image.Image:
    return Image.open(io.BytesIO(embedded.data))


def colour(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = picture.convert("RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)


def near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=True))


def profile(name: str) -> bytes:
    """Return a profile that lcms makes itself: no file of the machine is needed."""
    if name == "sRGB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def wide_gamut() -> bytes:
    """Return sRGB's profile with its red and green primaries exchanged."""
    data = bytearray(profile("sRGB"))
    tags = {}
    for n in range(struct.unpack(">I", data[128:132])[0]):
        at = 132 + 12 * n
        tags[bytes(data[at : at + 4])] = at
    one, two = tags[b"rXYZ"], tags[b"gXYZ"]
    data[one + 4 : one + 12], data[two + 4 : two + 12] = (
        data[two + 4 : two + 12],
        data[one + 4 : one + 12],
    )
    return bytes(data).replace("sRGB".encode("utf-16-be"), "Wide".encode("utf-16-be"))


# -- as the camera was held


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_all_eight_ways_to_hold_a_camera_are_turned_upright(
    orientation: int, kind: str, tmp_path: Path
) -> None:
    upright = Image.new("RGB", (640, 320), WHITE)
    ImageDraw.Draw(upright).rectangle((0, 0, 319, 159), RED)
    ImageDraw.Draw(upright).rectangle((320, 0, 639, 159), BLUE)
    held = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright.transpose(held) if held is not None else upright
    stored.save(tmp_path / "a.x", kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))

    embedded = images.embed(tmp_path / "a.x", shown_width=160)

    assert (embedded.width, embedded.height) == (160, 80)
    shown = reopened(embedded)
    assert shown.size == (320, 160)
    assert near(colour(shown, 40, 20), (255, 0, 0))
    assert near(colour(shown, 280, 20), (0, 0, 255))
    assert near(colour(shown, 160, 140), (255, 255, 255))
    assert not shown.getexif()


# -- colours


def test_a_cmyk_photo_keeps_its_colours(tmp_path: Path) -> None:
    Image.new("CMYK", (90, 90), (0, 255, 255, 0)).save(tmp_path / "druk.jpg", quality=95)
    assert near(colour(reopened(images.embed(tmp_path / "druk.jpg", shown_width=90)), 9, 9),
                (255, 0, 0))  # fmt: skip


def test_a_cmyk_photo_whose_inks_are_not_inverted_keeps_its_colours_too(tmp_path: Path) -> None:
    """Adobe's are, and say so in a segment of their own; without it they are as they are."""
    inks = Image.new("CMYK", (90, 90), (0, 255, 255, 0))
    file = io.BytesIO()
    ImageChops.invert(inks).save(file, "JPEG", quality=95)
    data = file.getvalue()
    at = data.index(b"\xff\xee\x00\x0eAdobe")
    (tmp_path / "druk.jpg").write_bytes(data[:at] + data[at + 16 :])
    shown = reopened(images.embed(tmp_path / "druk.jpg", shown_width=90))
    assert near(colour(shown, 9, 9), (255, 0, 0))


def test_wide_colours_are_brought_to_those_of_a_screen(tmp_path: Path) -> None:
    for kind, name in (("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")):
        Image.new("RGB", (90, 90), RED).save(tmp_path / name, kind, icc_profile=wide_gamut())
        embedded = images.embed(tmp_path / name, shown_width=90)
        assert near(colour(reopened(embedded), 9, 9), (0, 255, 0)), kind
        assert "icc_profile" not in reopened(embedded).info


def test_wide_colours_that_show_through_keep_both(tmp_path: Path) -> None:
    glass = Image.new("RGBA", (90, 90), (255, 0, 0, 100))
    glass.save(tmp_path / "a.png", icc_profile=wide_gamut())
    shown = reopened(images.embed(tmp_path / "a.png", shown_width=90))
    found = shown.getpixel((9, 9))
    assert isinstance(found, tuple)
    assert near(tuple(int(part) for part in found), (0, 255, 0, 100))


@pytest.mark.parametrize("icc", [b"Secret", b"", profile("sRGB"), profile("LAB"), b"\0" * 200])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_the_profile_of_a_screen_or_a_broken_one_changes_nothing(
    icc: bytes, mode: str, tmp_path: Path
) -> None:
    grey = Image.new("L", (90, 90), 90)
    if mode == "CMYK":
        none = Image.new("L", (90, 90))
        grey = Image.merge(mode, (none, none, none, ImageChops.invert(grey)))
    grey.convert(mode).save(tmp_path / "a.jpg", quality=95, icc_profile=icc)
    assert near(colour(reopened(images.embed(tmp_path / "a.jpg", shown_width=90)), 9, 9),
                (90, 90, 90))  # fmt: skip


def test_deep_colours_become_those_of_a_screen(tmp_path: Path) -> None:
    """A PNG of 16 bits a colour, which Pillow reads and does not write."""
    for kind, pixel, wanted in (
        (2, (0xFFFF, 0x8000, 0), (255, 128, 0)),
        (6, (0xFFFF, 0x8000, 0, 0x8000), (255, 128, 0, 128)),
        (0, (0x8000,), (128, 128, 128)),
        (4, (0x8000, 0x4000), (128, 128, 128, 64)),
    ):
        (tmp_path / "diep.png").write_bytes(png(kind, pixel))
        shown = reopened(images.embed(tmp_path / "diep.png", shown_width=9))
        found = shown.convert("RGBA" if len(wanted) == 4 else "RGB").getpixel((4, 4))
        assert isinstance(found, tuple)
        assert near(tuple(int(part) for part in found), wanted, by=2), kind


def png(kind: int, pixel: tuple[int, ...], more: bytes = b"") -> bytes:
    """Return nine by nine of *pixel*, 16 bits a colour."""
    row = b"\0" + struct.pack(f">{len(pixel)}H", *pixel) * 9
    return b"\x89PNG\r\n\x1a\n" + b"".join((
        chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 16, kind, 0, 0, 0)),
        more,
        chunk(b"IDAT", zlib.compress(row * 9)),
        chunk(b"IEND", b""),
    ))  # fmt: skip


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_deep_greys_of_which_one_is_clear_are_read(tmp_path: Path) -> None:
    clear = chunk(b"tRNS", struct.pack(">H", 0x1234))
    (tmp_path / "diep.png").write_bytes(png(0, (0x8000,), clear))
    assert colour(reopened(images.embed(tmp_path / "diep.png", shown_width=9)), 4, 4) == (128,) * 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_picture_of_any_kind_is_read(mode: str, tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), WHITE).convert(mode).save(tmp_path / "a.png")
    embedded = images.embed(tmp_path / "a.png", shown_width=20)
    assert colour(reopened(embedded), 9, 9) == (255, 255, 255)


def test_a_palette_with_glass_in_it_keeps_it(tmp_path: Path) -> None:
    picture = Image.new("P", (20, 20))
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putpixel((9, 9), 1)
    picture.save(tmp_path / "a.png", transparency=bytes([0, 128]))
    shown = reopened(images.embed(tmp_path / "a.png", shown_width=20)).convert("RGBA")
    assert shown.getpixel((9, 9)) == (0, 0, 255, 128)
    assert shown.getpixel((0, 0)) == (255, 0, 0, 0)


# -- the weight


def noise(width: int, height: int) -> Image.Image:
    """Return a picture that nothing makes small."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 200) for _ in range(3)])


def test_a_photo_fits_its_budget_by_quality_first(tmp_path: Path) -> None:
    noise(640, 480).save(tmp_path / "a.png")
    embedded = images.embed(tmp_path / "a.png", shown_width=320)
    assert 60_000 < len(embedded.data) <= making.BUDGET
    assert reopened(embedded).size == (640, 480)


def test_a_photo_that_stays_heavy_loses_pixels_but_never_those_that_are_shown(
    tmp_path: Path,
) -> None:
    noise(1200, 2400).save(tmp_path / "a.webp", quality=95)
    embedded = images.embed(tmp_path / "a.webp", shown_width=600)
    assert embedded.width == 600
    assert reopened(embedded).size == (600, 1200)


def test_a_photo_with_glass_fits_its_budget_with_fewer_colours_or_on_white(tmp_path: Path) -> None:
    for width, kind in ((400, "image/png"), (800, "image/jpeg")):
        glass = noise(width, width)
        glass.putalpha(Image.linear_gradient("L").resize((width, width)))
        glass.save(tmp_path / "a.png")
        embedded = images.embed(tmp_path / "a.png", shown_width=width // 2)
        assert (embedded.content_type, len(embedded.data) <= making.BUDGET) == (kind, True)
    assert near(colour(reopened(embedded), 300, 0), (255, 255, 255), by=40)


def test_alpha_that_hides_nothing_makes_no_png_of_a_photo(tmp_path: Path) -> None:
    noise(200, 200).convert("RGBA").save(tmp_path / "a.png")
    assert images.embed(tmp_path / "a.png", shown_width=100).content_type == "image/jpeg"


def test_a_grey_photo_is_a_jpeg_and_a_screen_full_of_words_a_png(tmp_path: Path) -> None:
    Image.effect_noise((800, 600), 60).save(tmp_path / "grijs.png")
    assert images.embed(tmp_path / "grijs.png", shown_width=400).content_type == "image/jpeg"
    screen = Image.new("RGB", (1600, 900), WHITE)
    for n in range(60):
        ImageDraw.Draw(screen).text((20, 15 * n), f"Regel {n} " * 20, "#1a1a1a")
    screen.save(tmp_path / "scherm.png")
    embedded = images.embed(tmp_path / "scherm.png", shown_width=600)
    assert embedded.content_type == "image/png"
    assert len(embedded.data) <= making.BUDGET


# -- what moves


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_of_what_moves_the_first_picture_is_shown_and_it_is_told(name: str, tmp_path: Path) -> None:
    first, second = Image.new("RGB", (9, 9), RED), Image.new("RGB", (9, 9), GREEN)
    first.save(tmp_path / name, save_all=True, append_images=[second])
    first.save(tmp_path / f"still-{name}")
    moving = images.embed(tmp_path / name, shown_width=9)
    assert moving.animated
    assert near(colour(reopened(moving), 4, 4), (255, 0, 0))
    assert not images.embed(tmp_path / f"still-{name}", shown_width=9).animated


def test_a_camera_that_keeps_two_pictures_in_a_file_shows_one_that_does_not_move(
    tmp_path: Path,
) -> None:
    first, second = Image.new("RGB", (90, 90), RED), Image.new("RGB", (90, 90), GREEN)
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second])
    embedded = images.embed(tmp_path / "a.jpg", shown_width=90)
    assert not embedded.animated
    assert near(colour(reopened(embedded), 9, 9), (255, 0, 0))
