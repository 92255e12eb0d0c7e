"""Each engine does find a fault: what it says nothing about is right, and not unseen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import spam, validators, webkit
from tests.engines.chromium import Chromium
from tests.engines.requests import Counter
from tests.engines.screen import Screen
from tests.engines.thunderbird import Thunderbird
from tests.mail.mails import READER, SENDER, mail

PAGE = '<!DOCTYPE html><html lang="nl"><head><title>x</title></head><body>{}</body></html>'.format


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as running:
        yield running


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ('<h1>x</h1><img src="data:," width="1" height="1">', "image-alt"),
        ('<h1>x</h1><p style="color:#777777;background:#888888">grijs</p>', "color-contrast"),
        ('<h1>x</h1><p>Lees <a href="https://example.org"></a></p>', "link-name"),
    ],
)
def test_axe_finds_a_fault(chromium: Chromium, fault: str, rule: str) -> None:
    chromium.show(PAGE(fault))
    assert [found.partition(":")[0] for found in chromium.violations("light")] == [rule]


def test_axe_finds_a_fault_of_the_dark_alone(chromium: Chromium) -> None:
    dark = "<style>@media (prefers-color-scheme:dark){p{background:#111111}}</style>"
    chromium.show(PAGE(f"<h1>x</h1>{dark}<p>zwart</p>"))
    assert chromium.violations("light") == []
    assert len(chromium.violations("dark")) == 1


def test_what_sticks_out_is_measured(chromium: Chromium) -> None:
    chromium.show(PAGE('<div style="width:330px">x</div>'))
    assert chromium.overflow(320) > 0
    assert chromium.overflow(600) == 0


def test_html_validate_finds_a_fault(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text(PAGE("<p>x<div>y</div>"))
    assert "no-implicit-close" in validators.html_validate([tmp_path / "x.html"])[0]


@pytest.mark.engines
def test_the_nu_validator_finds_a_fault(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text(PAGE("<p>x</div>"))
    assert validators.vnu([tmp_path / "x.html"]) != []


@pytest.mark.engines
def test_the_spam_filters_see_a_text_part_of_another_mail() -> None:
    head, text, rest = _parts(mail("interview.nl.default").eml)
    other = head + b"Iets heel anders dan de rest van deze mail, over iets anders.\r\n" + rest
    assert len(text) > 2000
    assert "MPART_ALT_DIFF" in spam.spamassassin([other])[0].rules
    with spam.Rspamd() as rspamd:
        verdict = rspamd.ask(other, SENDER, str(READER.address))
    assert "R_PARTS_DIFFER" in verdict.rules


@pytest.mark.engines
def test_webkit_measures_what_sticks_out(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text(PAGE('<div style="width:330px">x</div>'))
    with Screen(800, 800) as screen:
        script = "document.documentElement.scrollWidth"
        sight = webkit.look(screen, tmp_path / "x.html", script, width=320, scheme="light")
    assert sight.found > 320


@pytest.mark.engines
def test_thunderbird_would_be_seen_to_fetch_a_picture(tmp_path: Path) -> None:
    head = "From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    with Counter() as counter, Thunderbird(proxy=counter.port) as thunderbird:
        page = PAGE("<p>Dag</p><img src='http://example.org/pixel.png' alt='x'>")
        content = f"{head}Content-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n"
        (tmp_path / "x.eml").write_bytes(content.encode())
        thunderbird.allow_remote_pictures()
        thunderbird.open(tmp_path / "x.eml")
        assert thunderbird.evaluate("return pane.body.innerText").strip() == "Dag"
        assert any("pixel.png" in request for request in counter.requests)


def _parts(eml: bytes) -> tuple[bytes, bytes, bytes]:
    """Return what comes before the text of the text part, that text, and what comes after."""
    boundary = eml[eml.index(b'boundary="') + 10 :].partition(b'"')[0]
    start = eml.index(b"\r\n\r\n", eml.index(b"text/plain")) + 4
    end = eml.index(b"--" + boundary, start)
    return eml[:start], eml[start:end], eml[end:]
