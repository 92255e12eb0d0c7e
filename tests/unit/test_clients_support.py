import tomllib
from pathlib import Path

import pytest

from newsletter import theme
from newsletter.clients import support
from newsletter.clients.support import FOURTEEN, Level, Problem, unsupported
from newsletter.clients.uses import walk
from newsletter.errors import SetupError
from newsletter.rendering import Organisation, render
from tests.editions import kitchen_sink

ROOT = Path(__file__).parents[2]
EVERYTHING = ROOT / "tests" / "data" / "every-feature.html"

#: Features that the HTML of a mail does not show.
UNSEEN = {
    "amp": "another part of the message",
    "bimi": "a record in DNS",
    "html-comments": "nobody sees them; those for Word are read as what Word sees",
    "image-hdr": "a picture in a format that is looked at by itself",
}
CELL = "<table><tr><td>{}</td></tr></table>"


def problems(body: str, *clients: str, head: str = "") -> dict[str, Problem]:
    html = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    return {each.feature: each for each in unsupported(html, clients)}


def test_every_feature_of_the_data_is_found_where_it_is_used() -> None:
    features = frozenset(support.support().features)

    found = {use.feature for use in walk(EVERYTHING.read_text(), features).uses}

    assert len(features) > 300
    assert features - found == set(UNSEEN)


def test_the_data_is_of_the_pinned_version_and_says_its_date_and_licence() -> None:
    source = support.support().source

    assert source.version in (ROOT / "package.json").read_text()
    assert str(source) == "caniemail 2.0.2 of 2026-05-13, MIT licence"


def test_the_fourteen_are_known_and_each_is_said_to_lack_something() -> None:
    known = support.support()

    assert len(FOURTEEN) == 14
    for name in FOURTEEN:
        assert any(each.level(name) == "n" for each in known.features.values()), name


@pytest.mark.parametrize("name", ["default", "krant"])
def test_our_own_themes_need_nothing_that_is_not_supported(name: str, tmp_path: Path) -> None:
    look = theme.load(name, [theme.shipped()])
    organisation = Organisation(name="District09", contact="communicatie@example.org")

    rendered = render(kitchen_sink(tmp_path), look, organisation)

    assert list(unsupported(rendered.html)) == []


@pytest.mark.parametrize(
    ("body", "feature", "some"),
    [
        ('<div style="display:flex">', "css-display-flex", "Outlook for Windows (classic)"),
        ('<div style="display:grid">', "css-display-grid", "Outlook for Windows (classic)"),
        ('<p style="position:absolute">', "css-position", "Gmail in a browser"),
        ('<p style="color:var(--own)">', "css-variables", "Gmail for iPhone"),
        ('<p style="width:calc(100% - 9px)">', "css-unit-calc", "Outlook for Android"),
        ('<p style="background-image:url(a.png)">', "css-background-image", "Outlook for Windows"),
        ('<img src="https://example.org/a.svg">', "image-svg", "Gmail in a browser"),
        ('<video src="a.mp4"></video>', "html-video", "Gmail in a browser"),
        ("<svg></svg>", "html-svg", "Gmail in a browser"),
    ],
)
def test_what_a_client_does_not_support_is_named_with_the_client(
    body: str, feature: str, some: str
) -> None:
    every = [each for each in unsupported(f"<body>{body}") if each.feature == feature]

    assert any(client.startswith(some) for each in every for client in each.clients)


def test_a_style_sheet_is_looked_into() -> None:
    head = "<style>@import 'a.css'; @font-face{font-family:X} .a{position:fixed}</style>"

    assert {"css-at-import", "css-at-font-face", "css-position"} <= set(problems("", head=head))


def test_a_rule_is_no_matter_to_a_client_that_does_not_apply_it() -> None:
    head = "<style>@media (prefers-color-scheme:dark){p{filter:invert(1)}}</style>"
    inline = '<p style="margin:0">x</p>'

    assert "css-filter" not in problems(inline, "gmail-web", "thunderbird", head=head)
    assert problems(inline, "outlook-com", head=head)["css-filter"].level is Level.NONE


def test_a_sheet_is_an_addition_only_where_styles_stand_in_the_elements_too() -> None:
    sheet = "<style>p{color:red}</style>"

    assert "html-style" in problems("<p>x</p>", "gmail-mobile-web", head=sheet)
    inline = '<p style="margin:0">x</p>'
    assert "html-style" not in problems(inline, "gmail-mobile-web", head=sheet)


def test_an_earlier_declaration_of_the_property_is_a_fallback() -> None:
    assert problems('<p style="color:#111111;color:var(--ink)">x</p>') == {}


@pytest.mark.parametrize(
    ("fine", "wrong", "feature"),
    [
        (CELL.replace("<td", '<td style="padding:9px"'), '<p style="padding:9px">', "css-padding"),
        ('<p style="margin:9px 0">', '<p style="margin:-9px 0">', "css-margin"),
        ('<p style="border:0">', '<td style="border:9px solid #ff0000">', "css-border"),
        ('<table style="max-width:9px">', '<div style="max-width:9px">', "css-max-width"),
        ('<img width="9" style="width:100%">', '<div style="width:9px">', "css-width"),
        ('<p style="font-size:9px">', '<p style="font-size:1.2rem">', "css-font-size"),
        ('<p style="color:rgb(1,2,3)">', '<p style="color:rgb(1 2 3)">', "css-rgb"),
        ('<img width="90">', '<img width="90%">', "html-width"),
        ("<ol><li>a</li></ol>", "<ol reversed><li>a</li></ol>", "html-lists"),
        ('<p style="font-weight:700">', '<p style="font-weight:300">', "css-font-weight"),
        ('<img style="display:block">', '<div style="display:inline-block">', "css-display"),
        ('<p style="color:red !important">', '<p style="color:red!important">', "css-important"),
    ],
)
def test_a_note_in_prose_is_about_some_uses_and_not_about_others(
    fine: str, wrong: str, feature: str
) -> None:
    about = "<!--[if mso]><style>p{mso-line-height-rule:exactly}PixelsPerInch</style><![endif]-->"
    # Inline, Word wants none of them; with or without the space is a matter for the others.
    clients = [name for name in FOURTEEN if "important" not in feature or "windows" not in name]

    assert feature not in problems(about + fine, *clients)
    row = f"<table><tr>{wrong}</tr></table>" if wrong.startswith("<td") else wrong
    found = problems(about + row, *clients)
    assert found[feature].level is Level.PARTIAL
    assert found[feature].note


def test_a_table_for_word_alone_holds_what_word_would_not_size() -> None:
    wide = '<div style="max-width:600px;margin:0 auto">x</div>'
    ghost = '<!--[if mso]><table style="width:600px"><tr><td><![endif]-->'
    end = "<!--[if mso]></td></tr></table><![endif]-->"

    assert set(problems(wide)) == {"css-max-width", "css-margin"}
    assert problems(ghost + wide + end) == {}
    assert set(problems(ghost + end + wide)) == {"css-max-width", "css-margin"}


def test_what_word_alone_sees_or_does_not_see_is_no_matter_to_the_others() -> None:
    flex = '<div style="display:flex">x</div>'

    for_word = problems(f"<!--[if mso]>{flex}<![endif]-->")
    assert for_word["css-display-flex"].clients == ("Outlook for Windows (classic)",)
    for_others = problems(f"<!--[if !mso]><!-->{flex}<!--<![endif]-->", "outlook-windows")
    assert for_others == {}


def test_a_problem_says_which_element_and_how_often() -> None:
    html = '<html><body><p>a</p>\n<p style="filter:none">b</p>\n<p style="filter:none">c</p></body>'

    (found,) = [each for each in unsupported(html) if each.feature == "css-filter"]

    assert (found.element, found.line, found.times) == (3, 2, 2)
    assert found.written == "filter:none"


def test_a_client_that_is_not_known_is_a_fault_with_a_suggestion() -> None:
    with pytest.raises(SetupError, match="did you mean `gmail-web`"):
        support.named(["gmail-webb"])


def test_a_client_beyond_the_fourteen_can_be_asked_for() -> None:
    assert problems('<p style="filter:none">x</p>', "orange-web")["css-filter"].clients


def test_missing_data_is_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(support, "_DATA", tmp_path / "support.json")
    support.support.cache_clear()
    try:
        with pytest.raises(support.DataMissing, match="install newsletter again"):
            list(unsupported("<p>x</p>"))
    finally:
        support.support.cache_clear()


def test_what_may_be_missing_is_a_feature_that_exists_with_a_reason() -> None:
    entries = support.progressive()

    assert {each.feature for each in entries} <= set(support.support().features)
    assert all(each.reason.endswith(".") and len(each.reason) > 15 for each in entries)


def test_the_page_on_clients_tells_the_fourteen_and_what_may_be_missing() -> None:
    page = " ".join((ROOT / "docs" / "clients.md").read_text().split())
    allowed = tomllib.loads((ROOT / "newsletter/clients/progressive.toml").read_text())

    assert [title for title in FOURTEEN.values() if title not in page] == []
    assert [name for name in FOURTEEN if f"`{name}`" not in page] == []
    for each in allowed["enhancement"]:
        assert each["reason"] in page
        assert [slug for slug in each["features"] if slug not in page] == []
    assert str(support.support().source) in page
