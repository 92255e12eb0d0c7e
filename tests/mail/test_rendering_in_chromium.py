"""What a browser makes of one mail, in the cases where much can go wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter import theme
from newsletter.announcement import Edition
from newsletter.blocks import Heading, Link, List, Paragraph, Question, Table, Text
from tests.engines.chromium import Chromium, without_style
from tests.mail.mails import THEMES, built, mail
from tests.mail.seeing import SEEN, rgb


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as running:
        yield running


@pytest.mark.parametrize("look", THEMES)
@pytest.mark.parametrize("styled", [True, False])
def test_a_long_word_or_address_or_table_does_not_widen_the_mail(
    chromium: Chromium, look: str, *, styled: bool
) -> None:
    long = Text("Meervoudigepersoonlijkheidsstoornisbehandelingscentrum" * 2)
    cells = tuple((Text("Verantwoordelijkheid"),) for _ in range(6))
    edition = Edition(
        path=Path("x.md"),
        language="nl",
        title=long.content,
        subject="x",
        preheader="",
        kicker=long.content,
        greeting=(long,),
        body=(
            Heading(2, (long,)),
            Paragraph((Link((Text("https://example.org/" + "a" * 90),), "https://example.org"),)),
            List(((Paragraph((long,)),),)),
            Question((long,), (Paragraph((long,)),)),
            Table(cells, (cells,), ("left",) * 6),
        ),
    )
    page = built("long", (edition,), look).page
    chromium.show(page if styled else without_style(page))
    assert chromium.overflow(320) == 0


@pytest.mark.parametrize("look", THEMES)
def test_without_style_the_sheet_is_still_640_wide_and_centred(
    chromium: Chromium, look: str
) -> None:
    script = """[...document.querySelectorAll('h1, h2, p')].map(e => e.getBoundingClientRect())
        .filter(r => r.width).map(r => r.left)"""
    chromium.show(without_style(mail(f"sink.nl.{look}").page), width=1000)
    lefts = chromium.evaluate(script)
    assert len(lefts) > 10
    assert min(lefts) == (1000 - 640) / 2 + 40


def test_the_dark_is_designed_for_every_element_that_has_words(chromium: Chromium) -> None:
    chromium.show(mail("sink.nl.default").page)
    light = chromium.evaluate(SEEN)
    chromium.turn(scheme="dark")
    dark = chromium.evaluate(SEEN)
    accent = tuple(bytes.fromhex(theme.load("default", [theme.shipped()]).dark["accent"][1:]))
    white_on_both = {"Waterdienst", "We verhuizen naar het nieuwe stadskantoor"}
    for (words, in_light, _), (_, in_dark, behind) in zip(light, dark, strict=True):
        assert sum(rgb(behind)) < 300 or rgb(behind) == accent, words
        assert in_light != in_dark or words in white_on_both, words
