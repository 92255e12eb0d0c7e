import io
import re
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from newsletter import images
from newsletter.enclosure import public_name
from newsletter.images import Unusable
from tests.editions import paint


def reopened(embedded: images.Embedded) -> Image.Image:
    return Image.open(io.BytesIO(embedded.data))


def photo(folder: Path, width: int = 2000, height: int = 1000, name: str = "foto.jpg") -> Path:
    paint(folder / name, width, height)
    return folder / name


def test_a_photo_becomes_a_progressive_jpeg_of_twice_the_shown_width(tmp_path: Path) -> None:
    embedded = images.embed(photo(tmp_path), shown_width=640)
    assert (embedded.width, embedded.height) == (640, 320)
    assert (embedded.content_type, embedded.filename) == ("image/jpeg", "foto.jpg")
    assert reopened(embedded).size == (1280, 640)
    assert reopened(embedded).info["progressive"]


def test_a_picture_between_once_and_twice_the_width_keeps_its_pixels(tmp_path: Path) -> None:
    embedded = images.embed(photo(tmp_path, 900, 450), shown_width=640)
    assert embedded.width == 640
    assert reopened(embedded).size == (900, 450)


def test_a_small_picture_is_shown_small_and_never_enlarged(tmp_path: Path) -> None:
    embedded = images.embed(photo(tmp_path, 300, 200), shown_width=640)
    assert (embedded.width, embedded.height) == (300, 200)
    assert reopened(embedded).size == (300, 200)


def test_a_very_tall_picture_is_shown_narrower_because_word_breaks_pages(tmp_path: Path) -> None:
    embedded = images.embed(photo(tmp_path, 400, 4000), shown_width=640)
    assert (embedded.width, embedded.height) == (160, 1600)


def test_a_picture_of_few_colours_becomes_a_png(tmp_path: Path) -> None:
    Image.new("RGB", (1000, 500), "#0a5ca8").save(tmp_path / "logo.webp", lossless=True)
    embedded = images.embed(tmp_path / "logo.webp", shown_width=200)
    assert (embedded.content_type, embedded.filename) == ("image/png", "logo.png")
    assert reopened(embedded).size == (400, 200)


def test_transparency_survives(tmp_path: Path) -> None:
    picture = Image.effect_noise((100, 100), 90).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize((100, 100)))
    picture.save(tmp_path / "glas.png")
    embedded = images.embed(tmp_path / "glas.png", shown_width=100)
    assert embedded.content_type == "image/png"
    assert reopened(embedded).getpixel((0, 0))[3] < 9  # type: ignore[index]  # RGBA


def test_a_transparent_gif_and_a_palette_png_are_read(tmp_path: Path) -> None:
    Image.new("P", (10, 10)).save(tmp_path / "a.gif", transparency=0)
    Image.new("P", (10, 10)).save(tmp_path / "b.png")
    assert reopened(images.embed(tmp_path / "a.gif", shown_width=10)).mode == "RGBA"
    assert images.embed(tmp_path / "b.png", shown_width=10).content_type == "image/png"


def test_a_scan_in_65536_greys_keeps_its_greys(tmp_path: Path) -> None:
    deep = Image.linear_gradient("L").convert("I").point(lambda grey: grey * 257)
    deep.convert("I;16").save(tmp_path / "scan.png")
    shown = reopened(images.embed(tmp_path / "scan.png", shown_width=256))
    assert shown.convert("L").getextrema() == (0, 255)
    assert abs(shown.convert("L").getpixel((9, 100)) - 100) < 3  # type: ignore[operator]  # grey


def test_of_a_moving_picture_the_first_one_is_shown(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (9, 9), "#ff0000"), Image.new("RGB", (9, 9), "#00ff00")
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert reopened(images.embed(tmp_path / "a.gif", shown_width=9)).getpixel((4, 4)) == (255, 0, 0)


def test_a_photo_taken_sideways_is_turned_upright_and_loses_its_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held with its right side up
    exif[0x010F] = "Secret Camera"
    with Image.open(photo(tmp_path, 1000, 500)) as opened:
        opened.save(tmp_path / "t.jpg", exif=exif, comment=b"Secret words", icc_profile=b"Secret")
    embedded = images.embed(tmp_path / "t.jpg", shown_width=250)
    assert (embedded.width, embedded.height) == (250, 500)
    assert b"Secret" not in embedded.data
    assert not reopened(embedded).getexif()


def test_the_same_picture_gives_the_same_bytes_and_the_same_cid(tmp_path: Path) -> None:
    one, two = photo(tmp_path), photo(tmp_path, name="kopie.jpg")
    a, b = images.embed(one, shown_width=300), images.embed(two, shown_width=300)
    assert (a.data, a.cid) == (b.data, b.cid)
    assert re.fullmatch("[0-9a-f]{32}@newsletter", a.cid)
    assert images.embed(one, shown_width=299).cid != a.cid


def test_a_file_name_is_made_safe_for_a_header(tmp_path: Path) -> None:
    path = photo(tmp_path, name='fé"o\r\nBcc: x.jpg')
    assert images.embed(path, shown_width=640).filename == "fe-o-Bcc-x.jpg"
    assert images.embed(photo(tmp_path, name="報.jpg"), shown_width=640).filename == "file.jpg"


def test_a_published_picture_is_named_by_its_content_and_an_embedded_one_by_its_cid(
    tmp_path: Path,
) -> None:
    path = photo(tmp_path)
    inside = images.embed(path, shown_width=640)
    outside = images.embed(path, shown_width=640, base_url="https://example.org/beeld/")
    assert inside.src == f"cid:{inside.cid}"
    assert outside.src == f"https://example.org/beeld/{inside.cid.split('@')[0]}-foto.jpg"
    assert outside.src.endswith(public_name(outside.filename, outside.data))
    assert outside.data == inside.data


@pytest.mark.parametrize("suffix", ["ico", "tga", "ppm"])
def test_a_format_no_mail_shows_is_refused_whatever_its_name(suffix: str, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / f"a.{suffix}")
    (tmp_path / f"a.{suffix}").rename(tmp_path / "a.png")
    with pytest.raises(Unusable, match=r"`a\.png` cannot be read as PNG, JPEG, GIF or WebP"):
        images.embed(tmp_path / "a.png", shown_width=9)


@pytest.mark.parametrize("suffix", ["tiff", "bmp", "pdf", "avif"])
def test_a_format_that_people_know_is_refused_by_its_name(suffix: str, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / f"a.{suffix}")
    (tmp_path / f"a.{suffix}").rename(tmp_path / "a.png")
    with pytest.raises(Unusable, match=f"`a.png` is an? {suffix.upper()}.*; save it as PNG, or as"):
        images.embed(tmp_path / "a.png", shown_width=9)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"


@pytest.mark.fault(61, "a drawing, which may hold scripts, named as a photo", "refused")
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (SVG, "an SVG drawing"),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a -->\n<!DOCTYPE svg>\n" + SVG,
            "an SVG drawing",
        ),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC photo, as iPhones make them"),
        (b"8BPS\0\1", "a Photoshop file"),
    ],
)
def test_what_people_try_most_is_refused_with_what_to_do(
    data: bytes, kind: str, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(Unusable, match=f"`a.jpg` is {kind}, which .*; save it as PNG"):
        images.embed(tmp_path / "a.jpg", shown_width=9)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    whole = photo(tmp_path).read_bytes()
    for name, data in (
        ("half.jpg", whole[: len(whole) // 2]),
        ("kop.jpg", whole[:200]),
        ("tekst.png", b"Dag allemaal"),
        ("comment.png", b"<!--" * 1000),
        ("x.png", b"x"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Unusable, match=f"`{name}` cannot be read as PNG, JPEG, GIF or WebP"):
            images.embed(tmp_path / name, shown_width=9)


@pytest.mark.fault(61, "a picture that is a web page as well", "only the picture travels")
def test_what_else_a_picture_may_be_does_not_travel(tmp_path: Path) -> None:
    page = b"<html><script>alert(1)</script></html>"
    for name, shown_width in (("foto.jpg", 2000), ("logo.png", 40)):
        Image.new("RGB", (40, 40), "#0a5ca8").save(tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole + page)

        assert b"script" not in images.embed(tmp_path / name, shown_width=shown_width).data


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "leeg.png").touch()
    with pytest.raises(Unusable, match=r"image `leeg\.png` is empty; copy it again"):
        images.embed(tmp_path / "leeg.png", shown_width=9)


def bomb(path: Path, width: int, height: int) -> Path:
    """Write a PNG of a few bytes that says it is *width* by *height*."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.fault(61, "50,000 by 50,000 pixels in a small file", "refused before it is unpacked")
@pytest.mark.parametrize("side", [6_400, 10_000, 50_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(
    side: int, tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match=r"`b\.png` has more than 40 million pixels; save"):
        images.embed(bomb(tmp_path / "b.png", side, side), shown_width=640)


@pytest.mark.parametrize(("width", "height"), [(0, 9), (9, 0)])
def test_a_picture_without_a_pixel_is_refused(width: int, height: int, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be read"):
        images.embed(bomb(tmp_path / "b.png", width, height), shown_width=640)


@pytest.mark.parametrize(
    ("size", "shown"), [((1, 30_000), (1, 1600)), ((30_000, 1), (640, 1)), ((1, 1), (1, 1))]
)
def test_a_picture_thin_as_a_thread_is_shown(
    size: tuple[int, int], shown: tuple[int, int], tmp_path: Path
) -> None:
    Image.new("RGB", size).save(tmp_path / "lijn.png")
    embedded = images.embed(tmp_path / "lijn.png", shown_width=640)
    assert (embedded.width, embedded.height) == shown
    assert reopened(embedded).size == (min(size[0], 2 * shown[0]), min(size[1], 2 * shown[1]))


@pytest.mark.fault(61, "a very large file", "refused unread")
def test_a_file_of_more_than_20_mb_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "groot.png").open("wb") as file:
        file.truncate(images.LARGEST_FILE + 1)
    with pytest.raises(Unusable, match=r"`groot\.png` is larger than 20 MB"):
        images.embed(tmp_path / "groot.png", shown_width=640)


def test_a_picture_may_lie_in_a_folder_under_the_announcement(tmp_path: Path) -> None:
    (tmp_path / "beeld").mkdir()
    path = photo(tmp_path / "beeld", 20, 20)
    assert images.locate(tmp_path, "beeld/foto.jpg") == path


@pytest.mark.parametrize("source", ["../geheim.png", "beeld/../../geheim.png", "weg.png"])
def test_no_picture_comes_from_outside_the_folder(source: str, tmp_path: Path) -> None:
    photo(tmp_path, 20, 20, "geheim.png")
    inside = tmp_path / "nieuws"
    inside.mkdir()
    (inside / "weg.png").symlink_to(tmp_path / "geheim.png")
    with pytest.raises(Unusable, match="outside the announcement's folder"):
        images.locate(inside, source)


@pytest.mark.parametrize(
    "source", ["/etc/passwd", "https://example.org/a.png", "file:///a.png", "..\\a.png"]
)
def test_a_picture_is_a_file_beside_the_announcement(source: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="must be the name of a file beside"):
        images.locate(tmp_path, source)


def test_an_absent_picture_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    photo(tmp_path, 20, 20)
    with pytest.raises(Unusable, match=r"`fotoo.jpg` does not exist .*; did you mean `foto.jpg`"):
        images.locate(tmp_path, "fotoo.jpg")
    with pytest.raises(Unusable, match=r"`zzz\.gif` does not exist beside the announcement; put"):
        images.locate(tmp_path, "zzz.gif")


@pytest.mark.parametrize("source", ["a" * 300 + ".png", "a\0.png", "map/" * 2000 + "a.png"])
def test_a_name_that_no_file_can_have_is_refused_in_words(source: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"^image '.{3,80}' cannot be read; give the file a short"):
        images.locate(tmp_path, source)


def test_a_picture_behind_a_loop_of_links_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "beeld").symlink_to("beeld")  # a loop: no file system can follow it
    with pytest.raises(Unusable, match=r"beeld/a\.png. cannot be read"):
        images.locate(tmp_path, "beeld/a.png")
