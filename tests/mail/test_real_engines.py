"""The mail in programs that people and servers use: `make engines`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from tests.engines import validators, webkit
from tests.engines.chromium import Chromium, Scheme, without_style
from tests.engines.requests import Counter
from tests.engines.screen import Screen
from tests.engines.spam import Rspamd, spamassassin
from tests.engines.thunderbird import WIDTH, Thunderbird
from tests.mail.mails import MATRIX, MONSTERS, READER, SENDER, WHOLE, mail

pytestmark = pytest.mark.engines

#: Rules that fire where the text part says something else than the HTML.
PARTS_DIFFER = {"MPART_ALT_DIFF", "MPART_ALT_DIFF_COUNT", "R_PARTS_DIFFER"}


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter() as counting:
        yield counting


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as running:
        yield running


@pytest.fixture(scope="module")
def thunderbird(counter: Counter) -> Iterator[Thunderbird]:
    with Thunderbird(proxy=counter.port) as running:
        yield running


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with Screen(1000, 800) as running:
        yield running


@pytest.fixture(scope="module")
def rspamd() -> Iterator[Rspamd]:
    with Rspamd() as running:
        yield running


@pytest.mark.parametrize(("scheme", "width"), [("light", WIDTH), ("dark", 320)])
@pytest.mark.parametrize("name", WHOLE + MONSTERS)
def test_thunderbird_shows_every_word_and_picture_and_nothing_sticks_out(
    thunderbird: Thunderbird, tmp_path: Path, name: str, scheme: Scheme, width: int
) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(mail(name).eml)
    thunderbird.open(file, scheme=scheme, width=width)
    seen = thunderbird.evaluate(_IN_THUNDERBIRD)
    assert _parting(seen["words"], _words(mail(name).page)) == ""
    assert seen["broken"] == []
    assert seen["right"] <= width


# Below the mail stand attachments, and an invitation in Thunderbird's own table.
_IN_THUNDERBIRD = """
const mail = pane.querySelector("[role=article]");
return {
  words: mail.innerText,
  broken: [...mail.querySelectorAll("img")].filter(i => !i.naturalWidth).map(i => i.alt),
  right: Math.max(...[...mail.querySelectorAll("*")].map(e => e.getBoundingClientRect().right)),
};
"""


def test_thunderbird_asked_nothing_of_the_network_for_a_mail(
    thunderbird: Thunderbird, counter: Counter
) -> None:
    makers = re.compile(r"CONNECT \S+\.(thunderbird\.net|mozilla\.(com|org|net)):443 ")
    assert [request for request in counter.requests if not makers.match(request)] == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 600), ("dark", 280)])
@pytest.mark.parametrize("name", WHOLE)  # of a monster it takes no picture
def test_webkit_lays_it_out_within_its_width_and_obeys_the_scheme(
    screen: Screen, tmp_path: Path, name: str, scheme: Scheme, width: int
) -> None:
    file = tmp_path / "mail.html"
    file.write_text(mail(name).page)
    sight = webkit.look(screen, file, _IN_WEBKIT, width=width, scheme=scheme)
    assert sight.found["wide"] == sight.picture.width == width
    assert _parting(sight.found["words"], _words(mail(name).page)) == ""
    assert sight.found["broken"] == []
    ground = sum(map(int, re.findall(r"\d+", sight.found["ground"])))
    assert (ground < 300) == (scheme == "dark")


_IN_WEBKIT = """({
  wide: document.documentElement.scrollWidth,
  words: document.body.innerText,
  broken: [...document.images].filter(image => !image.naturalWidth).map(image => image.alt),
  ground: getComputedStyle(document.body).backgroundColor,
})"""


def test_spamassassin_has_nothing_against_any() -> None:
    names = MATRIX + MONSTERS
    verdicts = spamassassin([mail(name).eml for name in names])
    for name, verdict in zip(names, verdicts, strict=True):
        assert verdict.score <= 0, (name, verdict)
        assert not PARTS_DIFFER & verdict.rules.keys(), name


@pytest.mark.parametrize("name", MATRIX + MONSTERS)
def test_rspamd_has_next_to_nothing_against_it(rspamd: Rspamd, name: str) -> None:
    verdict = rspamd.ask(mail(name).eml, SENDER, str(READER.address))
    assert verdict.score <= 0.5, verdict
    assert not PARTS_DIFFER & verdict.rules.keys()


def test_the_nu_validator_finds_nothing_but_what_a_mail_must_do(tmp_path: Path) -> None:
    pages = []
    for name in MATRIX:
        pages.append(tmp_path / f"{name}.html")
        pages[-1].write_text(mail(name).page)
    assert validators.vnu(pages) == []


@pytest.mark.parametrize("name", MONSTERS)
def test_a_monster_fits_and_is_accessible(chromium: Chromium, name: str) -> None:
    chromium.show(mail(name).page)
    assert [chromium.overflow(width) for width in (280, 320, 600)] == [0, 0, 0]
    assert chromium.violations("light") == []
    assert chromium.violations("dark") == []
    chromium.show(without_style(mail(name).page))
    assert [chromium.overflow(width) for width in (280, 320, 600)] == [0, 0, 0]


def _words(page: str) -> str:
    """Return the words of *page* but those that are hidden, or in its head."""
    document: Any = lxml_html.document_fromstring(page)
    hidden = '//head | //*[contains(@style, "display:none")] | //comment()'
    for element in document.xpath(hidden):
        element.drop_tree()
    return str(document.text_content())


def _parting(one: str, other: str) -> str:
    """Return how the two go on from where they first differ, whatever the white space."""
    one, other = "".join(one.split()), "".join(other.split())
    pairs = enumerate(zip(one, other, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
    return "" if one == other else f"{one[same:][:60]!r} against {other[same:][:60]!r}"
