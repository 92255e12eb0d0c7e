"""Several languages in one mail."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as lxml_html
from lxml.html import HtmlElement

from newsletter import announcement, theme
from newsletter.announcement import Edition
from newsletter.rendering import STACKED, Organisation, Rendering, render, stack
from newsletter.rendering.page import LONGEST_SUBJECT

ROOT = Path(__file__).parent.parent.parent
THEME = theme.load("default", [theme.shipped()])
ORGANISATION = Organisation(name="Stad", contact="communicatie@example.org")
LANGUAGES = ("nl", "fr", "en")
EDITIONS = announcement.load(ROOT / "announcements" / "nieuwe-ceo", LANGUAGES).editions


def words(element: HtmlElement) -> str:
    return "".join(element.itertext())


@pytest.fixture(scope="module")
def stacked() -> Rendering:
    return stack(EDITIONS, THEME, ORGANISATION)


def test_a_stacked_mail_says_that_it_holds_several_languages(stacked: Rendering) -> None:
    assert (stacked.language, stacked.languages) == (STACKED, LANGUAGES)
    one = render(EDITIONS[1], THEME, ORGANISATION)
    assert (one.language, one.languages) == ("fr", ("fr",))


def test_every_edition_is_there_whole_in_an_element_of_its_language(stacked: Rendering) -> None:
    document = lxml_html.document_fromstring(stacked.html)
    assert document.get("lang") == "nl"
    parts = [each for each in document.iter("div") if each.get("lang") and not each.get("role")]
    assert [(part.get("lang"), part.get("dir")) for part in parts] == [
        (language, "ltr") for language in LANGUAGES
    ]
    for edition, part in zip(EDITIONS, parts, strict=True):
        assert [words(each) for each in part.iter("h1")] == [edition.title]
        assert [each.get("alt") for each in part.iter("img")] == [edition.image.alt]  # type: ignore[union-attr]
    dates = ("1 september 2023", "1 septembre 2023", "1 September 2023")
    footers = ("omdat je bij Stad werkt", "vous travaillez chez Stad", "you work at Stad")
    for footer, date, part in zip(footers, dates, parts, strict=True):
        assert footer in words(part)
        assert f" · {date}" in words(part)


def test_a_row_on_top_leads_to_each_language_in_its_own_name(stacked: Rendering) -> None:
    document = lxml_html.document_fromstring(stacked.html)
    jumps = [link for link in document.iter("a") if link.get("href", "").startswith("#")]
    assert [(name.get("lang"), words(name)) for link in jumps for name in link] == [
        ("nl", "Nederlands (hieronder)"),
        ("fr", "Français (plus bas)"),
        ("en", "English (below)"),
    ]
    for link in jumps:
        (target,) = (
            each for each in document.iter("a") if f"#{each.get('name')}" == link.get("href")
        )
        assert target.get("id") == target.get("name")
        inside = {ancestor.get("lang") for ancestor in target.iterancestors("div")}
        assert link[0].get("lang") in inside


def test_a_picture_that_editions_share_is_embedded_once(stacked: Rendering) -> None:
    assert len(stacked.images) == 1
    assert stacked.html.count(f"cid:{stacked.images[0].cid}") == len(EDITIONS)


def test_the_text_has_every_language_below_a_line_with_its_name(stacked: Rendering) -> None:
    first, *_ = stacked.text.split("\n")
    assert first == "Nederlands (hieronder) · Français (plus bas) · English (below)"
    places = [stacked.text.index(edition.title) for edition in EDITIONS]
    assert places == sorted(places)
    rule = "=" * 72
    assert re.findall(rf"\n{rule}\n(.*)\n{rule}\n", stacked.text) == ["Français", "English"]


def test_a_mail_in_one_language_has_nothing_of_this() -> None:
    one = render(EDITIONS[0], THEME, ORGANISATION)
    assert 'href="#' not in one.html
    assert "hieronder" not in one.html + one.text


def with_subjects(*subjects: str) -> tuple[Edition, ...]:
    return tuple(
        replace(edition, subject=subject, body=(), image=None)
        for edition, subject in zip(EDITIONS, subjects, strict=False)
    )


@pytest.mark.parametrize(
    ("subjects", "joined"),
    [
        (("Nieuws", "Nouvelles"), "Nieuws | Nouvelles"),
        (("District09", "District09", "District09"), "District09"),
        (("Nieuws", "News", "News"), "Nieuws | News"),
        (
            ("Een onderwerp van zestig tekens dat te lang is voor twee talen", "Court"),
            "Een onderwerp van zestig tekens dat te lang is voor twee talen | Court",
        ),
        (
            (
                "Een onderwerp van zestig tekens dat te lang is voor twee talen",
                "Un sujet de soixante signes, trop long pour deux langues ensemble",
            ),
            "Een onderwerp van zestig tekens dat te lang is… | "
            "Un sujet de soixante signes, trop long pour…",
        ),
        (("x" * 90, "y" * 90), f"{'x' * 47}… | {'y' * 47}…"),
    ],
)
def test_subjects_stand_beside_each_other_cut_where_they_are_too_long(
    subjects: tuple[str, ...], joined: str
) -> None:
    assert stack(with_subjects(*subjects), THEME, ORGANISATION).subject == joined
    assert len(joined) <= LONGEST_SUBJECT
