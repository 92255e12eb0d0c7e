"""What a browser makes of the mail: nothing overflows, and every word can be read."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, sync_playwright

from newsletter import theme
from newsletter.announcement import Edition
from newsletter.blocks import MARKER, Heading, Link, List, Paragraph, Question, Table, Text
from newsletter.rendering import Organisation, Rendering, render
from tests.editions import kitchen_sink
from tests.servers.programs import require

ORGANISATION = Organisation(name="District09", contact="communicatie@example.org")
READABLE = 4.5  #: WCAG 2.2, 1.4.3

# Every text that is seen, its colour, and the colour that is painted behind it.
SEEN = """() => {
  const solid = colour => colour && !/, 0\\)$/.test(colour) && colour !== 'transparent';
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (solid(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = [];
  for (let node; node = walker.nextNode();) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.getClientRects().length) continue;
    seen.push([node.data.trim(), getComputedStyle(element).color, behind(element)]);
  }
  for (const image of document.images)
    seen.push([image.alt, getComputedStyle(image).color, behind(image)]);
  return seen;
}"""

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> str:
    return document(kitchen_sink(tmp_path_factory.mktemp("verhuis")))


def document(edition: Edition) -> str:
    rendered = render(edition, theme.load("default", [theme.shipped()]), ORGANISATION)
    return MARKER.sub("Alexandrine", with_pictures(rendered))


def with_pictures(rendered: Rendering) -> str:
    html = rendered.html
    for image in rendered.images:
        data = base64.b64encode(image.data).decode()
        html = html.replace(f"cid:{image.cid}", f"data:{image.content_type};base64,{data}")
    return html


def without_style(html: str) -> str:
    """Return *html* as webmail at its worst leaves it: no style sheet, no class, no comment."""
    bare = re.sub(r"<style.*?</style>|<!--.*?-->|<title.*?</title>", "", html, flags=re.DOTALL)
    return re.sub(r' class="[^"]*"', "", bare)


def look(browser: Browser, html: str, script: str, *, width: int, scheme: Scheme) -> Any:
    page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
    try:
        page.set_content(html)
        return page.evaluate(script)
    finally:
        page.close()


@pytest.mark.parametrize("width", [320, 375, 600, 800])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("styled", [True, False])
def test_nothing_is_wider_than_the_screen(
    browser: Browser, sink: str, *, width: int, scheme: Scheme, styled: bool
) -> None:
    html = sink if styled else without_style(sink)
    script = "document.documentElement.scrollWidth"
    assert look(browser, html, script, width=width, scheme=scheme) <= width


@pytest.mark.parametrize("styled", [True, False])
def test_a_long_word_or_address_or_table_does_not_widen_the_mail(
    browser: Browser, styled: bool
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
    html = document(edition) if styled else without_style(document(edition))
    script = "document.documentElement.scrollWidth"
    assert look(browser, html, script, width=320, scheme="light") <= 320


def test_without_style_the_sheet_is_still_640_wide_and_centred(browser: Browser, sink: str) -> None:
    script = """[...document.querySelectorAll('h1, h2, p')].map(e => e.getBoundingClientRect())
        .filter(r => r.width).map(r => r.left)"""
    lefts = look(browser, without_style(sink), script, width=1000, scheme="light")
    assert len(lefts) > 10
    assert min(lefts) == (1000 - 640) / 2 + 40


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_what_is_behind_it(
    browser: Browser, sink: str, *, scheme: Scheme, inverted: bool
) -> None:
    seen = look(browser, sink, SEEN, width=700, scheme=scheme)
    assert len(seen) > 40
    faint = []
    for words, colour, behind in seen:
        front, back = rgb(colour), rgb(behind)
        if inverted:  # as mail programs do that darken a mail without asking it
            front, back = invert(front), invert(back)
        if contrast(front, back) < READABLE:
            faint.append((words, colour, behind, round(contrast(front, back), 2)))
    assert faint == []


def test_the_dark_is_designed_for_every_element_that_has_words(browser: Browser, sink: str) -> None:
    light = look(browser, sink, SEEN, width=700, scheme="light")
    dark = look(browser, sink, SEEN, width=700, scheme="dark")
    same_by_design = {"District09", "We verhuizen naar het nieuwe stadskantoor"}
    for (words, in_light, _), (_, in_dark, behind) in zip(light, dark, strict=True):
        assert sum(rgb(behind)) < 300 or words == "Reserveer je rondleiding", words
        assert in_light != in_dark or words in same_by_design, words


Colour = tuple[int, int, int]


def rgb(computed: str) -> Colour:
    red, green, blue = map(int, re.findall(r"\d+", computed)[:3])
    return red, green, blue


def invert(colour: Colour) -> Colour:
    red, green, blue = colour
    return 255 - red, 255 - green, 255 - blue


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
