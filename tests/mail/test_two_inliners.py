"""premailer against css-inline: Chromium paints every element the same, whoever inlined it."""

import re
from collections.abc import Iterator

import css_inline
import pytest

from newsletter.inlining import inline
from tests.engines.chromium import Chromium
from tests.mail.mails import THEMES, source


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as running:
        yield running


@pytest.mark.parametrize("look", THEMES)
@pytest.mark.parametrize("what", ["sink.nl", "blocks.fr", "interview.mul"])
def test_every_element_is_painted_the_same_by_both(
    chromium: Chromium, what: str, look: str
) -> None:
    html = source(f"{what}.{look}")
    ours, theirs = inline(html), _inlined_by_the_other(html)
    properties = _properties(html)
    assert len(properties) > 20
    for scheme, width in (("light", 700), ("dark", 320)):
        painted = []
        for page in (ours, theirs):
            chromium.show(page, width=width, scheme="dark" if scheme == "dark" else "light")
            painted.append(chromium.computed(properties))
        assert _differences(painted[0], painted[1], properties) == []


Painted = list[tuple[str, list[str]]]


def _differences(ours: Painted, theirs: Painted, properties: list[str]) -> list[str]:
    assert len(ours) == len(theirs) > 20
    return [
        f"{tag} {number}, {name}: {one!r} against {other!r}"
        for number, ((tag, here), (_, there)) in enumerate(zip(ours, theirs, strict=True))
        for name, one, other in zip(properties, here, there, strict=True)
        if one != other
    ]


def _inlined_by_the_other(html: str) -> str:
    kept = html.replace('data-premailer="ignore"', 'data-css-inline="keep"')
    return css_inline.CSSInliner(load_remote_stylesheets=False).inline(kept)


def _properties(html: str) -> list[str]:
    """Return every property that the style sheets of *html* set."""
    sheets = "".join(re.findall(r"<style[^>]*>(.*?)</style", html, re.DOTALL))
    return sorted(set(re.findall(r"[;{]\s*([a-z-]+):", sheets)))
