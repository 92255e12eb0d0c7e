import dataclasses
from pathlib import Path
from typing import Any

import pytest

from newsletter import announcement, checks, theme
from newsletter.announcement import Edition
from newsletter.checks.finding import Finding, Severity
from newsletter.images import Embedded
from newsletter.rendering import Organisation, Rendering, render
from tests.editions import kitchen_sink, paint

THEME = theme.load("default", [theme.shipped()])
ORGANISATION = Organisation(name="Stad", contact="communicatie@example.org")
HEAD = """\
title: De kantine is vrijdag dicht
preheader: Breng vrijdag je boterhammen mee, want de vloer wordt vernieuwd.
greeting: Dag {{ first_name | "collega" }},"""
EMPTY = Rendering(language="nl", subject="", html="", text="", images=(), slots=())
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def written(folder: Path, body: str, head: str = HEAD) -> Edition:
    path = folder / "kantine.md"
    path.write_text(f"---\n{head}\n---\n\n{body}\n", encoding="utf-8")
    (edition,) = announcement.load(path, ("nl",)).editions
    return edition


def findings(folder: Path, body: str, head: str = HEAD) -> tuple[Finding, ...]:
    edition = written(folder, body, head)
    return checks.run(edition, dataclasses.replace(EMPTY, subject=edition.subject))


def of_mail(folder: Path, body: str, head: str = HEAD) -> tuple[Finding, ...]:
    """Look at the whole mail, as it is rendered."""
    edition = written(folder, body, head)
    return checks.run(edition, render(edition, THEME, ORGANISATION))


def only(found: tuple[Finding, ...]) -> tuple[Severity, int, str]:
    (one,) = found
    file, _, line = one.place.rpartition(":")
    assert file.endswith("/kantine.md")
    return one.severity, int(line), one.message


def finding(folder: Path, body: str, head: str = HEAD) -> tuple[Severity, int, str]:
    return only(findings(folder, body, head))


def test_a_clean_announcement_has_no_findings(tmp_path: Path) -> None:
    paint(tmp_path / "plan.png", 100, 50)
    body = "Lees [alles](https://intranet.example.org) of bel [ons](tel:+3290000000)."
    assert of_mail(tmp_path, f"{body}\n\n![Plan](plan.png)") == ()


def test_an_announcement_with_a_block_of_every_kind_has_no_findings(tmp_path: Path) -> None:
    edition = kitchen_sink(tmp_path)
    assert checks.run(edition, render(edition, THEME, ORGANISATION)) == ()


def test_errors_come_before_warnings(tmp_path: Path) -> None:
    found = of_mail(tmp_path, "TODO\n\n[a](http://www.example.org) [b](https://localhost)")
    assert [each.severity for each in found] == [ERROR, WARNING, WARNING]


# -- placeholders


@pytest.mark.parametrize(
    "words",
    [
        "{{ voornaam",
        "[[NAAM]]",
        "[[naam van de dienst]]",
        "{% if x %}",
        "*|FNAME|*",
        "%%voornaam%%",
    ],
)
def test_a_placeholder_that_would_reach_readers_is_an_error_on_its_line(
    tmp_path: Path, words: str
) -> None:
    body = f"Beste,\n\nDag {words}, tot morgen.\nTot {words}!"
    severity, line, message = only(of_mail(tmp_path, body))
    assert (severity, line) == (ERROR, 9)
    assert f"`{words.strip('*')}" in message


def test_a_placeholder_over_two_lines_is_an_error_too(tmp_path: Path) -> None:
    (found,) = of_mail(tmp_path, "Dag {{ first_name |\n'collega' }}, tot morgen.")
    assert found.severity is ERROR
    assert "`{{ first_name | 'collega' }}` would reach readers" in found.message


def test_a_placeholder_that_the_text_part_wraps_is_found(tmp_path: Path) -> None:
    for before in range(49, 75, 5):
        severity, line, _ = only(
            of_mail(tmp_path, f"{'x' * before} [[naam van de dienst]] en meer")
        )
        assert (severity, line) == (ERROR, 7)


def test_a_placeholder_in_the_subject_is_an_error_on_its_line(tmp_path: Path) -> None:
    head = f"{HEAD}\nsubject: Dag [[naam]]"
    assert only(of_mail(tmp_path, "Dag.", head))[:2] == (ERROR, 5)


@pytest.mark.parametrize("words", ["TODO", "TBD", "FIXME", "XXX", "XXXX", "lorem ipsum",
                                   "Lorem ipsum", "«Voornaam»"])  # fmt: skip
def test_unfinished_words_are_a_warning_on_their_line(tmp_path: Path, words: str) -> None:
    assert only(of_mail(tmp_path, f"Beste,\n\n{words} nog schrijven.")) == (
        WARNING,
        9,
        f"`{words}`: is this text finished?",
    )


@pytest.mark.parametrize(
    "words",
    ["100%% zeker", "methodologie, todo", "maat XXL", "« bonjour »", "a[1][2]", "5 * 3 | 2"],
)
def test_ordinary_words_are_no_placeholders(tmp_path: Path, words: str) -> None:
    assert of_mail(tmp_path, f"Dit is {words} hier.") == ()


# -- subject and preheader


def test_a_long_subject_is_a_warning_where_it_is_written(tmp_path: Path) -> None:
    long = "woord " * 11 + "woord"
    head = f"preheader: {'x' * 60}\ntitle: {long}"
    severity, line, message = finding(tmp_path, "Dag.", head)
    assert (severity, line) == (WARNING, 3)
    assert "71 characters" in message
    assert finding(tmp_path, "Dag.", f"{HEAD}\nsubject: {long}")[1] == 5
    assert findings(tmp_path, "Dag.", f"{HEAD}\nsubject: {long[:70]}") == ()


def test_a_subject_in_capitals_is_a_warning(tmp_path: Path) -> None:
    assert finding(tmp_path, "Dag.", f"{HEAD}\nsubject: DE KANTINE IS DICHT")[:2] == (WARNING, 5)
    assert findings(tmp_path, "Dag.", f"{HEAD}\nsubject: BTW & RSZ") == ()


@pytest.mark.parametrize(("length", "count"), [(39, 1), (40, 0), (110, 0), (111, 1)])
def test_a_preheader_too_short_or_too_long_is_a_warning(
    tmp_path: Path, length: int, count: int
) -> None:
    head = f"title: Dicht\npreheader: {'x' * length}"
    found = findings(tmp_path, "Dag.", head)
    assert len(found) == count
    assert all(each.place.endswith("kantine.md:3") for each in found)
    assert all(f"{length} characters" in each.message for each in found)


# -- pictures


@pytest.mark.parametrize(
    "body",
    ["![](plan.png)", "::: lead\n![](plan.png)\n:::", "> ![](plan.png)", "- ![](plan.png)",
     "::: callout\n![](plan.png)\n:::", "::: question Wat?\n> - ![](plan.png)\n:::"],
)  # fmt: skip
def test_a_picture_without_words_is_a_warning_on_its_line(tmp_path: Path, body: str) -> None:
    paint(tmp_path / "plan.png", 100, 50)
    severity, line, message = finding(tmp_path, f"Dag.\n\n{body}")
    assert (severity, line) == (WARNING, 10 if body.startswith(":::") else 9)
    assert "write `![what it shows](plan.png)`" in message


def test_a_picture_on_top_without_words_is_a_warning_on_its_line(tmp_path: Path) -> None:
    paint(tmp_path / "plan.png", 100, 50)
    severity, line, message = finding(tmp_path, "Dag.", f"{HEAD}\nimage: plan.png")
    assert (severity, line) == (WARNING, 5)
    assert "add `image_alt:`" in message
    assert findings(tmp_path, "Dag.", f"{HEAD}\nimage: plan.png\nimage_alt: Plan") == ()


def test_a_caption_without_a_picture_is_a_warning_on_its_line(tmp_path: Path) -> None:
    severity, line, message = finding(tmp_path, "Dag.", f"{HEAD}\nimage_caption: Foto")
    assert (severity, line) == (WARNING, 5)
    assert "a caption without a picture" in message


# -- links


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https:", "names no website"),
        ("http:bestand", "names no website"),
        ("https://", "names no website"),
        ("https://een%20twee.example.org", "names no website"),
        ("https://a_b.example.org", "names no website"),
        ("https://example.org:abc", "cannot be read"),
        ("https://localhost/a", "works only on your own computer"),
        ("https://127.0.0.1", "works only on your own computer"),
        ("https://[::1]/", "works only on your own computer"),
        ("https://169.254.1.1", "works only on your own computer"),
        ("https://mijnpc.local", "works only on your own computer"),
        ("mailto:", "leads to no mailbox"),
        ("mailto:jan", "leads to no mailbox"),
        ("mailto:jan@example.org,piet", "leads to no mailbox"),
        ("tel:", "is no number"),
        ("tel:balie", "is no number"),
    ],
)
def test_a_link_that_nobody_can_follow_is_an_error_on_its_line(
    tmp_path: Path, url: str, reason: str
) -> None:
    severity, line, message = finding(tmp_path, f"Dag.\n\n- een\n\n  Lees [hier]({url}).")
    assert (severity, line) == (ERROR, 11)
    assert message.startswith(f"the link `{url}` {reason}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://www.example.org", "is not secure"),
        ("https://intranet/a", "has a short name"),
        ("https://eur01.safelinks.protection.outlook.com/?url=x", "was wrapped"),
        ("https://stad-my.sharepoint.com/personal/jan", "is in somebody's personal storage"),
    ],
)
def test_a_doubtful_link_is_a_warning_on_its_line(tmp_path: Path, url: str, reason: str) -> None:
    severity, line, message = finding(tmp_path, f"Dag.\n\n[Ga]({url}){{.button}}")
    assert (severity, line) == (WARNING, 9)
    assert message.startswith(f"the link `{url}` {reason}")


@pytest.mark.parametrize(
    "url",
    [
        "https://intranet.example.org/a?b=c&d=e#f",
        "https://münchen.example/straße",
        "https://example.org:8443/",
        "mailto:jan@example.org?subject=Hallo%20daar",
        "mailto:jan@example.org,piet@example.org",
        "tel:+32-9-000.00.00",
        "tel:+32%209%20000",
        "https://192.168.1.10.example.org",
    ],
)
def test_a_good_link_is_left_alone(tmp_path: Path, url: str) -> None:
    assert findings(tmp_path, f"Lees [hier]({url}).") == ()


@pytest.mark.parametrize(
    "body",
    ["> [a]({0})", "| [a]({0}) |\n|---|", "::: question [a]({0})?\nx\n:::", "## [a]({0})",
     "::: callout\n**[a]({0})**\n:::", "> Woorden.\n> — [a]({0})"],
)  # fmt: skip
def test_links_are_found_wherever_they_stand(tmp_path: Path, body: str) -> None:
    assert finding(tmp_path, body.format("https://localhost"))[0] is ERROR


def test_a_link_twice_in_one_block_is_one_finding_and_in_two_blocks_two(tmp_path: Path) -> None:
    link = "[a](https://localhost)"
    found = findings(tmp_path, f"{link} {link}\n\n{link}")
    assert [each.place.rpartition(":")[2] for each in found] == ["7", "9"]


# -- size


def heavy(**changes: Any) -> list[str]:
    edition = Edition(
        path=Path("kantine.md"), language="nl", title="a", subject="a", preheader="x" * 60
    )
    found = checks.run(edition, dataclasses.replace(EMPTY, **changes))
    return [f"{each.severity} {each}" for each in found]


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("x" * 77_000, ""),
        ("x" * 80_001, "warning kantine.md: the mail has 8"),
        ("x" * 100_001, "error kantine.md: the mail has 10"),
        ("é" * 14_000, "warning kantine.md: the mail has 8"),
        ("é" * 17_000, "error kantine.md: the mail has 10"),
    ],
)
def test_html_is_weighed_as_it_is_encoded(html: str, said: str) -> None:
    (found,) = heavy(html=html) or [""]
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_heavy_pictures_are_a_warning() -> None:
    picture = Embedded(
        cid="a", filename="a.png", content_type="image/png", data=b"x" * 600_000, width=1, height=1
    )
    assert heavy(images=(picture,)) == []
    (found,) = heavy(images=(picture, picture))
    assert found == "warning kantine.md: the pictures weigh 1.2 MB; use fewer or smaller"
