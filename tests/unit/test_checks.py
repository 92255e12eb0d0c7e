"""What the checks are held to as a whole: places, order, severities, the rules of a workspace."""

import dataclasses
import time
from pathlib import Path

import pytest

from newsletter import announcement, checks, rendering, theme
from newsletter.checks import Finding, Rule, Rules, Severity
from newsletter.checks.finding import Where
from newsletter.config import Checks
from newsletter.errors import SetupError
from tests.editions import kitchen_sink
from tests.mails import (
    HEAD,
    ORGANISATION,
    RULES,
    THEME,
    TODAY,
    composed,
    findings,
    foreign,
    mail,
    named,
    written,
)

ERROR, WARNING = Severity.ERROR, Severity.WARNING


def test_a_clean_announcement_has_no_findings(tmp_path: Path) -> None:
    assert (
        findings(tmp_path, "Lees [het menu](https://example.org) of bel [ons](tel:+329000)") == []
    )


@pytest.mark.parametrize("name", ["default", "krant"])
def test_an_announcement_with_a_block_of_every_kind_has_no_findings(
    tmp_path: Path, name: str
) -> None:
    edition = kitchen_sink(tmp_path)
    look = theme.load(name, [theme.shipped()])
    rendered = rendering.render(edition, look, ORGANISATION)
    assert checks.run(composed((edition,), rendered), RULES) == ()


def test_errors_come_before_warnings_and_each_in_the_order_of_the_file(tmp_path: Path) -> None:
    body = "TODO\n\n[site](http://www.example.org)\n\n[een](https://localhost)\n\n[twee](http:)"
    found = findings(tmp_path, body)
    assert [each.severity for each in found] == [ERROR, ERROR, WARNING, WARNING]
    assert named(found) == [
        ("link-local", 11), ("link-broken", 13), ("unfinished", 7), ("http-link", 9)
    ]  # fmt: skip


def test_a_finding_says_rule_place_language_and_how_to_mend(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "Dag.\n\n[site](http://www.example.org)")
    path = tmp_path / "kantine.md"
    assert found == Finding(
        rule="http-link",
        severity=WARNING,
        place=f"{path}:9",
        language="nl",
        message="the link `http://www.example.org` is not secure; write it with `https://` if "
        "that works",
    )
    assert (found.path, found.line, str(found)) == (str(path), 9, f"{path}:9: {found.message}")


@pytest.mark.parametrize(
    "body",
    ["> [a]({0})", "| [a]({0}) |\n|---|", "::: question [a]({0})?\nx\n:::", "## [a]({0})",
     "::: callout\n**[a]({0})**\n:::", "> Woorden.\n> — [a]({0})", "- een\n\n  [a]({0})",
     "::: lead\n[a]({0})\n:::", "[a]({0}){{.button}}",
     "::: files\n- [a]({0})\n:::"],
)  # fmt: skip
def test_what_is_wrong_is_found_on_its_line_wherever_it_stands(tmp_path: Path, body: str) -> None:
    source = "Dag.\n\n" + body.format("https://localhost/a")
    (found,) = findings(tmp_path, source)
    (line,) = (n for n, words in enumerate(source.split("\n"), 7) if "localhost" in words)
    assert (found.rule, found.line) == ("link-local", line)


def test_what_is_wrong_in_two_blocks_is_found_twice_and_in_one_block_once(tmp_path: Path) -> None:
    link = "[a](https://localhost)"
    assert named(findings(tmp_path, f"{link} {link}\n\n{link}")) == [
        ("link-local", 7), ("link-local", 9)
    ]  # fmt: skip


def test_a_line_is_sought_in_its_own_block_only(tmp_path: Path) -> None:
    body = "Lees [hi*er*](https://example.org/1).\n\nTODO en [hier](https://example.org/1)"
    assert named(findings(tmp_path, body), "link-text", "unfinished") == [
        ("link-text", 7), ("unfinished", 9), ("link-text", 9)
    ]  # fmt: skip


def test_of_stacked_languages_each_finding_is_in_its_own_file(tmp_path: Path) -> None:
    for language, word in (("nl", "hier"), ("fr", "ici")):
        head = HEAD.replace("kantine", language)
        (tmp_path / f"{language}.md").write_text(
            f"---\n{head}\n---\n\n{language}\n\n[{word}](https://example.org/{language})\n"
        )
    editions = announcement.load(tmp_path, ("nl", "fr")).editions
    found = checks.run(composed(editions, rendering.stack(editions, THEME, ORGANISATION)), RULES)
    words = [each for each in found if each.rule == "link-text"]
    assert [(Path(each.path).name, each.line, each.language) for each in words] == [
        ("fr.md", 9, "fr"),
        ("nl.md", 9, "nl"),
    ]


def test_a_file_that_has_gone_since_it_was_read_still_has_its_findings(tmp_path: Path) -> None:
    finished = mail(written(tmp_path, "Dag.\n\n[hier](https://example.org)"))
    (tmp_path / "kantine.md").unlink()
    assert named(checks.run(finished, RULES)) == [("link-text", 9)]


def test_what_is_said_of_a_foreign_mail_names_at_least_its_file(tmp_path: Path) -> None:
    found = checks.run(foreign(tmp_path, '<p><a href="https://localhost">woorden</a></p>'), RULES)
    assert named(found) == [("link-local", 0)]
    assert found[0].place == str(tmp_path / "kantine.md")


# -- the rules of a workspace


def judged(**said: str) -> list[Severity]:
    settings = Checks(rules={name.replace("_", "-"): value for name, value in said.items()})  # type: ignore[misc]
    finding = Rule.HTTP_LINK.found(Where("kantine.md:3", "nl"), "is not secure")
    return [each.severity for each in checks.rules(settings, TODAY).judge([finding])]


def test_a_workspace_decides_how_severe_a_rule_is() -> None:
    assert judged() == [WARNING]
    assert judged(http_link="error") == [ERROR]
    assert judged(http_link="off") == []
    assert judged(link_text="off") == [WARNING]


def test_a_rule_that_there_is_not_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(SetupError, match=r"no rule `http-lnk`; did you mean `http-link`\?"):
        judged(http_lnk="off")
    with pytest.raises(SetupError, match=r"no rule `zzz`; docs/checks\.md lists them"):
        judged(zzz="off")


def test_settings_become_rules() -> None:
    settings = Checks(intranet=("Intra.example.org",), clients=("gmail",))
    assert checks.rules(settings, TODAY) == Rules(
        today=TODAY, intranet=("intra.example.org",), clients=("gmail",)
    )


def test_an_edition_as_a_whole_has_no_line(tmp_path: Path) -> None:
    edition = written(tmp_path, "Dag.")
    assert Rule.HTML_HEAVY.at(edition, 0, "zwaar").place == str(tmp_path / "kantine.md")
    assert Rule.HTML_HEAVY.at(edition, 3, "zwaar").place == f"{tmp_path / 'kantine.md'}:3"


def test_three_languages_are_checked_in_a_moment(tmp_path: Path) -> None:
    finished = mail(kitchen_sink(tmp_path))
    checks.run(finished, RULES)  # what is compiled once
    mails = [dataclasses.replace(finished) for _ in range(3)]
    started = time.process_time()
    for each in mails:
        checks.run(each, RULES)
    assert time.process_time() - started < 0.5  # ten times what it takes on an idle machine
