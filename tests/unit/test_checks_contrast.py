"""Colours as a program computes them, and whether words can be read in them."""

import dataclasses
from pathlib import Path

import pytest
from lxml import html as lxml_html

from newsletter.checks import cascade, contrast
from newsletter.checks.cascade import Look
from tests.mails import RULES, foreign

DARK = "@media (prefers-color-scheme:dark){{{0}}}"


def found(folder: Path, body: str, dark: str = "") -> list[tuple[str, str]]:
    style = f"<style>{DARK.format(dark)}</style>" if dark else ""
    return [
        (each.rule, each.message) for each in contrast.check(foreign(folder, body, style), RULES)
    ]


def looks(body: str, dark: str = "") -> dict[str, Look]:
    """Return how the elements with an id look."""
    tree = lxml_html.document_fromstring(f"<html><body>{body}</body></html>")
    sheet = cascade.dark(dark) if dark else cascade.light
    return {
        element.get("id", ""): look
        for element, look in cascade.looks(tree, sheet)
        if element.get("id")
    }


# -- the cascade


def test_colour_and_ground_come_from_the_nearest_that_has_one() -> None:
    seen = looks(
        '<div style="background-color:#0b3a66;color:#ffffff;font-size:14px"><p id="a">x'
        '<b id="b" style="color:red">y</b></p></div><p id="c">z</p>'
        '<table><tr><td bgcolor="#eee"><a id="d" href="/">w</a></td></tr></table>'
    )
    assert seen["a"] == Look("#ffffff", "#0b3a66", 14.0)
    assert seen["b"] == Look("#ff0000", "#0b3a66", 14.0, is_bold=True)
    assert seen["c"] == Look()
    assert seen["d"] == Look("#0000ee", "#eeeeee")


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("color:#abc", "#aabbcc"),
        ("color:rgb(1,2,3)", "#010203"),
        ("color:RED", "#ff0000"),
        ("color:transparent", "#000000"),
        ("color:rgba(1,2,3,0.5)", "#000000"),
        ("color:inherit", "#000000"),
        ("color", "#000000"),
    ],
)
def test_colours_are_read_in_the_ways_they_are_written(style: str, expected: str) -> None:
    assert looks(f'<p id="a" style="{style}">x</p>')["a"].colour == expected


def test_a_heading_is_bold_unless_it_says_otherwise() -> None:
    assert looks('<h2 id="a">x</h2>')["a"].is_bold
    assert not looks('<h2 id="a" style="font-weight:normal">x</h2>')["a"].is_bold
    assert looks('<div style="font-weight:700"><p id="a">x</p></div>')["a"].is_bold


@pytest.mark.parametrize(
    ("rule", "colour"),
    [
        ("p{color:#ffffff !important;}", "#ffffff"),
        ("p{color:#ffffff!important}", "#ffffff"),
        ("p{color:#ffffff}", "#111111"),
        (".b{color:#ffffff !important;}", "#ffffff"),
        ("p.b{color:#ffffff !important;}", "#ffffff"),
        ("p.c{color:#ffffff !important;}", "#111111"),
        (".a .b{color:#ffffff !important;}", "#ffffff"),
        ("div > .b{color:#ffffff !important;}", "#ffffff"),
        (".c .b{color:#ffffff !important;}", "#111111"),
        ("h1,p{color:#ffffff !important;}", "#ffffff"),
        ("p:hover{color:#ffffff !important;}", "#111111"),
        ("[data-ogsc] p{color:#ffffff !important;}", "#111111"),
        (".b{color:#eeeeee !important;}p{color:#ffffff !important;}", "#eeeeee"),
        ("p{color:#eeeeee !important;}p{color:#ffffff !important;}", "#ffffff"),
        ("/* p{color:#ffffff !important;} */", "#111111"),
    ],
)
def test_a_dark_rule_is_applied_as_a_browser_does(rule: str, colour: str) -> None:
    body = '<div class="a"><p class="b" id="x" style="color:#111111">x</p></div>'
    assert looks(body, DARK.format(rule))["x"].colour == colour


def test_only_rules_for_a_dark_screen_are_applied() -> None:
    sheet = (
        "p{color:#222222 !important;}@media (max-width:480px){p{color:#333333 !important;}}"
        "@media screen and (prefers-color-scheme: dark){p{color:#444444 !important;}}"
        "p{color:#555555 !important;}"
    )
    assert looks('<p id="x" style="color:#111111">x</p>', sheet)["x"].colour == "#444444"


# -- contrast


@pytest.mark.parametrize(
    ("style", "fails"),
    [
        ("color:#767676", False),
        ("color:#777777", True),
        ("color:#777777;font-size:23px", True),
        ("color:#777777;font-size:24px", False),
        ("color:#777777;font-size:18px;font-weight:bold", True),
        ("color:#777777;font-size:19px;font-weight:bold", False),
        ("color:#777777;display:none", False),
    ],
)
def test_words_need_a_contrast_that_goes_with_their_size(
    tmp_path: Path, style: str, fails: bool
) -> None:
    rules = [rule for rule, _ in found(tmp_path, f'<p style="{style}">Dag</p>')]
    assert ("contrast" in rules) is fails


def test_what_cannot_be_read_is_told_once_with_a_colour_that_can(tmp_path: Path) -> None:
    grey = '<p style="color:#777777">Dag allemaal</p>'
    ((rule, message),) = found(tmp_path, grey * 2)
    assert rule == "contrast"
    assert message.startswith("`Dag allemaal` is hard to read: #777777 on #ffffff has a contrast")
    assert "#767676 for example" in message


def test_the_words_of_a_picture_are_read_where_pictures_are_off(tmp_path: Path) -> None:
    image = '<img src="a.png" alt="{0}" style="color:#777777">'
    assert [rule for rule, _ in found(tmp_path, image.format("Plan"))] == ["contrast"]
    assert found(tmp_path, image.format("")) == []


def test_an_element_without_words_of_its_own_is_not_read(tmp_path: Path) -> None:
    assert (
        found(tmp_path, '<p style="color:#777777"><b style="color:#000000">a</b>&nbsp;</p>') == []
    )
    assert found(tmp_path, '<p style="color:#777777"><b style="color:#000000">a</b> b</p>') != []


def test_what_cannot_be_read_on_a_dark_screen_is_an_error(tmp_path: Path) -> None:
    body = '<div style="background-color:#ffffff" class="g"><p style="color:#111111">Dag</p></div>'
    ground = "body,.g{background-color:#111111 !important;}h1{color:#ffffff !important;}"
    ((rule, message),) = found(tmp_path, body, ground)
    assert rule == "contrast-dark"
    assert "on a dark screen: #111111 on #111111 has a contrast of 1.0" in message
    assert found(tmp_path, body, f"{ground}p{{color:#ffffff !important;}}") == []


def test_what_cannot_be_read_once_turned_round_is_a_warning(tmp_path: Path) -> None:
    # Enough as it is; a negative of it has less.
    pairs = [
        f'<p style="color:#{value:02x}{value:02x}{value:02x};background-color:#000000">Dag</p>'
        for value in (0x75, 0x80)
    ]
    rules = [[rule for rule, _ in found(tmp_path, pair)] for pair in pairs]
    assert rules[0] == ["contrast-inverted"]


def test_what_is_hard_to_read_is_found_where_it_is_written(tmp_path: Path) -> None:
    finished = foreign(tmp_path, '<p style="color:#777777">Dag</p>')
    places = tuple(
        f"{tmp_path / 'kantine.md'}:9" if element.tag == "p" else ""
        for element in finished.elements
    )
    rendered = dataclasses.replace(finished.rendering, places=places)
    (found,) = contrast.check(dataclasses.replace(finished, rendering=rendered), RULES)
    assert found.line == 9
