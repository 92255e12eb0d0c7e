"""Every mail of the matrix in Chromium: it fits, axe-core finds nothing, every word can be read."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from lxml import html as lxml_html

from tests.engines import validators
from tests.engines.chromium import Chromium, without_style
from tests.mail.mails import INTERVIEWS, MATRIX, WHOLE, mail
from tests.mail.seeing import faint

WIDTHS = (280, 320, 600)
LARGEST_INTERVIEW = 45_000  #: bytes of the message as it leaves, a sixth of what Gmail clips at


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as running:
        yield running


@pytest.mark.parametrize("name", MATRIX)
@pytest.mark.parametrize("styled", [True, False])
def test_no_mail_is_wider_than_the_screen(chromium: Chromium, name: str, *, styled: bool) -> None:
    page = mail(name).page
    chromium.show(page if styled else without_style(page))
    assert {width: chromium.overflow(width) for width in WIDTHS} == dict.fromkeys(WIDTHS, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", MATRIX)
def test_axe_finds_nothing(chromium: Chromium, name: str, scheme: Literal["light", "dark"]) -> None:
    chromium.show(mail(name).page)
    for width in (700, 320) if name in WHOLE else (700,):
        assert chromium.violations(scheme, width) == []


@pytest.mark.parametrize("name", MATRIX)
def test_every_word_can_be_read_in_light_in_dark_and_inverted(
    chromium: Chromium, name: str
) -> None:
    chromium.show(mail(name).page)
    assert faint(chromium, "light") == []
    assert faint(chromium, "light", inverted=True) == []
    assert faint(chromium, "dark") == []


@pytest.mark.parametrize("name", MATRIX)
def test_a_screen_reader_is_told_language_direction_and_role(name: str) -> None:
    document: Any = lxml_html.document_fromstring(mail(name).page)
    (wrapper,) = document.xpath('//body/div[@role="article"]')
    for element in (document, wrapper):
        assert re.fullmatch("[a-z]{2,3}(-[A-Z]{2})?", element.get("lang"))
        assert element.get("dir") in ("ltr", "rtl")
    assert wrapper.get("aria-roledescription") == "email"
    assert wrapper.get("aria-label") == document.findtext(".//title")
    for table in document.iter("table"):
        is_data = bool(table.xpath("./*[self::tr or self::thead or self::tbody]//th"))
        assert is_data or table.get("role") == "presentation", lxml_html.tostring(table)[:200]
    for cell in document.iter("th"):
        assert cell.get("scope") in ("col", "row")
    for image in document.iter("img"):
        assert image.get("alt") is not None
        assert image.get("width", "").isdigit()
        assert image.get("height", "").isdigit()
    levels = [int(heading.tag[1]) for heading in document.xpath("//h1|//h2|//h3|//h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_html_validate_finds_nothing_but_what_a_mail_must_do(tmp_path: Path) -> None:
    pages = []
    for name in MATRIX:
        pages.append(tmp_path / f"{name}.html")
        pages[-1].write_text(mail(name).page)
    assert validators.html_validate(pages) == []


@pytest.mark.parametrize("name", INTERVIEWS)
def test_an_interview_is_a_small_mail(name: str) -> None:
    assert len(mail(name).eml) <= LARGEST_INTERVIEW


def test_no_mail_asks_anything_of_the_network(chromium: Chromium) -> None:
    chromium.requests.clear()
    for name in WHOLE:
        chromium.show(mail(name).page)
    assert chromium.requests == []
    chromium.show('<img src="https://example.org/pixel.png">')
    assert chromium.requests == ["https://example.org/pixel.png"]
