"""Pictures for who does not see them, and for who waits for them."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from newsletter.checks import Finding, pictures
from newsletter.enclosure import Enclosure
from newsletter.images import Embedded
from tests.editions import paint
from tests.mails import HEAD, RULES, findings, foreign, mail, named, written

MANY = "woord " * 40


def only(found: list[Finding]) -> Finding:
    (one,) = found
    return one


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("![](plan.png)", 9),
        ("> ![](plan.png)", 9),
        ("- ![](plan.png)", 9),
        ("::: callout\n![](plan.png)\n:::", 10),
        ("::: question Wat?\n> - ![](plan.png)\n:::", 10),
    ],
)
def test_a_picture_without_words_is_a_warning_on_its_line(
    tmp_path: Path, body: str, line: int
) -> None:
    paint(tmp_path / "plan.png", 100, 50)
    found = only(findings(tmp_path, f"{MANY}\n\n{body}"))
    assert (found.rule, found.line) == ("alt-empty", line)
    assert "write `![what it shows](file)`" in found.message


def test_a_picture_on_top_without_words_is_a_warning_on_its_line(tmp_path: Path) -> None:
    paint(tmp_path / "plan.png", 100, 50)
    found = only(findings(tmp_path, MANY, f"{HEAD}\nimage: plan.png"))
    assert (found.rule, found.line) == ("alt-empty", 5)
    assert findings(tmp_path, MANY, f"{HEAD}\nimage: plan.png\nimage_alt: Plan") == []


def test_a_caption_without_a_picture_is_a_warning_on_its_line(tmp_path: Path) -> None:
    found = only(findings(tmp_path, "Dag.", f"{HEAD}\nimage_caption: Foto"))
    assert (found.rule, found.line) == ("caption-alone", 5)


@pytest.mark.parametrize(
    ("alt", "rule"),
    [
        ("plan.png", "alt-file-name"),
        ("IMG_1234", "alt-file-name"),
        ("DSC 0042", "alt-file-name"),
        ("Screenshot 2026-02-09", "alt-file-name"),
        ("De foto van 12 mei", ""),
        ("Plan van het gebouw", ""),
        ("x" * 150, ""),
        ("x" * 151, "alt-long"),
    ],
)
def test_the_words_of_a_picture_say_what_it_shows(tmp_path: Path, alt: str, rule: str) -> None:
    paint(tmp_path / "plan.png", 100, 50)
    found = named(findings(tmp_path, f"{MANY}\n\n![{alt}](plan.png)"))
    assert found == [(rule, 9)] * bool(rule)


def test_a_mail_of_hardly_any_words_beside_a_picture_is_a_warning(tmp_path: Path) -> None:
    paint(tmp_path / "plan.png", 100, 50)
    assert named(findings(tmp_path, "Dag.\n\n![Plan](plan.png)")) == [("image-only", 0)]
    assert findings(tmp_path, "Dag.") == []
    assert findings(tmp_path, f"{MANY}\n\n![Plan](plan.png)") == []


# -- what no theme of ours writes


def rules(folder: Path, image: str, *embedded: Embedded, **changes: Any) -> list[str]:
    finished = foreign(folder, f"<p>{MANY}</p>{image}", images=embedded, **changes)
    return [each.rule for each in pictures.check(finished, RULES)]


def picture(data: bytes, name: str = "a@newsletter") -> Embedded:
    return Embedded(
        cid=name, filename="a.png", content_type="image/png", data=data, width=100, height=50
    )


def drawn(width: int, height: int = 50, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("P", (width, height), 3).save(file, "GIF" if options else "PNG", **options)
    return file.getvalue()


SHOWN = '<img src="cid:a@newsletter" width="100" height="50" alt="Plan">'


def test_a_picture_as_it_should_be_is_left_alone(tmp_path: Path) -> None:
    assert rules(tmp_path, SHOWN, picture(drawn(200))) == []


def test_a_picture_without_alt_is_an_error_and_a_decorative_one_is_not(tmp_path: Path) -> None:
    given = picture(drawn(200))
    assert rules(tmp_path, SHOWN.replace(' alt="Plan"', ""), given) == ["alt-missing"]
    silent = SHOWN.replace('alt="Plan"', 'alt="" role="presentation"')
    assert rules(tmp_path, silent, given) == []


@pytest.mark.parametrize("wrong", ['width="100"', 'height="50"'])
def test_a_picture_that_does_not_say_its_size_is_an_error(tmp_path: Path, wrong: str) -> None:
    given = picture(drawn(200))
    assert rules(tmp_path, SHOWN.replace(wrong, ""), given) == ["image-size"]
    percent = SHOWN.replace(wrong, wrong[:-1] + '%"')
    assert rules(tmp_path, percent, given) == ["image-size"]


@pytest.mark.parametrize(("room", "expected"), [(99, ["image-wide"]), (100, [])])
def test_a_picture_wider_than_its_room_is_an_error(
    tmp_path: Path, room: int, expected: list[str]
) -> None:
    inside = f'<div style="max-width:640px"><div style="max-width:{room}px">{SHOWN}</div></div>'
    assert rules(tmp_path, inside, picture(drawn(200))) == expected


def test_a_picture_that_is_not_in_the_mail_or_is_none_is_an_error(tmp_path: Path) -> None:
    assert rules(tmp_path, SHOWN) == ["image-missing"]
    assert rules(tmp_path, SHOWN, picture(b"not a picture")) == ["image-missing"]


def test_a_file_much_sharper_than_shown_is_a_warning(tmp_path: Path) -> None:
    assert rules(tmp_path, SHOWN, picture(drawn(250))) == []
    assert rules(tmp_path, SHOWN, picture(drawn(251))) == ["image-sharper"]


def test_a_heavy_picture_is_a_warning_and_so_are_many(tmp_path: Path) -> None:
    data = drawn(200)
    heavy = data + b"\0" * (300_001 - len(data))
    assert rules(tmp_path, SHOWN, picture(heavy[:-1])) == []
    assert rules(tmp_path, SHOWN, picture(heavy)) == ["image-heavy"]
    several = [picture(heavy[:-1], f"{n}@newsletter") for n in range(6)]
    assert rules(tmp_path, "", *several) == ["images-heavy"]


def test_a_picture_that_moves_is_a_warning(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (200, 50), colour) for colour in ("red", "green", "blue")]
    moving = drawn(200, save_all=True, append_images=frames)
    assert rules(tmp_path, SHOWN, picture(moving)) == ["image-animated"]


def test_a_published_picture_is_weighed_too(tmp_path: Path) -> None:
    shown = SHOWN.replace("cid:a@newsletter", "https://example.org/news/a.png")
    data = drawn(251)
    published = (Enclosure(filename="a.png", content_type="image/png", data=data),)
    assert rules(tmp_path, shown, published=published) == ["image-sharper"]
    assert rules(tmp_path, shown) == []


def test_the_pictures_are_those_of_the_finished_mail(tmp_path: Path) -> None:
    paint(tmp_path / "plan.png", 100, 50)
    finished = mail(written(tmp_path, f"{MANY}\n\n![Plan](plan.png)"))
    (embedded,) = finished.rendering.images
    assert finished.images == {f"cid:{embedded.cid}": embedded.data}
