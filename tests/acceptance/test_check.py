"""`newsletter check`, as somebody uses it who writes."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import fields

from newsletter.checks import Rule
from newsletter.config import Checks
from tests.workplace import ANNOUNCEMENT, Workplace

DOCS = Path(__file__).parent.parent.parent / "docs" / "checks.md"
SETUP = 3


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path / "workspace")


def test_a_clean_announcement_is_said_to_be_read_and_clean(workplace: Workplace) -> None:
    told = workplace.run("check", workplace.announce()).stdout
    assert re.fullmatch(
        r"Read the finished mail in nl \(\d+\.\d KB\): nothing to mend\.\n", told
    ), told


def test_findings_are_told_by_file_with_line_and_rule_and_an_error_ends_in_status_1(
    workplace: Workplace,
) -> None:
    name = workplace.announce(
        content=ANNOUNCEMENT + "\n[hier](https://example.org)\n\n[thuis](https://localhost/a)\n"
    )
    told = workplace.run("check", name, status=1).stdout
    lines = told.splitlines()
    assert lines[2].endswith("kantine.md (nl)")
    assert re.match(
        r" {3}11  error    the link `https://localhost/a` .* {2}\[link-local\]$", lines[3]
    )
    assert re.match(r" {4}9  warning  `hier` does not say .* {2}\[link-text\]$", lines[4])
    assert lines[-1] == "1 error and 1 warning."


def test_warnings_alone_end_well(workplace: Workplace) -> None:
    name = workplace.announce(content=ANNOUNCEMENT + "\n[hier](https://example.org)\n")
    assert workplace.run("check", name).stdout.endswith("\n1 warning.\n")


def test_findings_are_there_for_scripts(workplace: Workplace) -> None:
    name = workplace.announce(content=ANNOUNCEMENT + "\n[thuis](https://localhost/a)\n")
    told = json.loads(workplace.run("check", name, "--json", status=1).stdout)
    (found,) = told["findings"]
    assert found.pop("message").startswith("the link `https://localhost/a` works only on")
    assert Path(found.pop("path")).name == "kantine.md"
    assert found.pop("place").endswith("kantine.md:9")
    assert found == {"severity": "error", "rule": "link-local", "line": 9, "language": "nl"}


def test_what_cannot_be_read_at_all_is_there_for_scripts_in_the_same_shape(
    workplace: Workplace,
) -> None:
    name = workplace.announce(content="---\ntitel: Dicht\n---\n\nDag.\n")
    told = json.loads(workplace.run("check", name, "--json", status=1).stdout)
    assert {each["rule"] for each in told["findings"]} == {"unreadable"}
    assert told["findings"][0]["line"] == 2


def test_a_workspace_makes_a_rule_an_error_or_turns_it_off(workplace: Workplace) -> None:
    name = workplace.announce(content=ANNOUNCEMENT + "\n[hier](https://example.org)\n")
    settings = workplace.root / "newsletter.toml"
    plain = settings.read_text()

    settings.write_text(plain + '\n[checks]\nrules = { "link-text" = "error" }\n')
    assert "1 error." in workplace.run("check", name, status=1).stdout
    settings.write_text(plain + '\n[checks]\nrules = { "link-text" = "off" }\n')
    assert "nothing to mend" in workplace.run("check", name).stdout
    settings.write_text(plain + '\n[checks]\nrules = { "link-txt" = "off" }\n')
    told = workplace.run("check", name, status=SETUP).stderr
    assert "there is no rule `link-txt`; did you mean `link-text`?" in told


def test_each_language_is_read_and_told_of(workplace: Workplace) -> None:
    folder = workplace.root / "announcements" / "kantine"
    folder.mkdir()
    (folder / "nl.md").write_text(ANNOUNCEMENT + "\n[hier](https://example.org/a)\n")
    english = ANNOUNCEMENT.replace("De kantine is vrijdag dicht", "No lunch on Friday").replace(
        "Breng vrijdag je boterhammen mee, want de keuken krijgt een nieuwe vloer.",
        "Bring your own sandwiches on Friday, for the kitchen gets a new floor.",
    )
    english = english.replace("Breng boterhammen mee.", "Bring your own sandwiches.")
    (folder / "en.md").write_text(english + "\n[here](https://example.org/a)\n")
    told = workplace.run("check", "kantine").stdout
    assert re.match(r"Read the finished mail in nl \(.* KB\), en \(.* KB\)", told)
    assert "nl.md (nl)" in told
    assert "en.md (en)" in told


# -- docs/checks.md


def test_the_page_lists_every_rule_with_the_severity_it_has() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|.*\| (error|warning) \| .+ \|$", DOCS.read_text(), re.M)
    assert sorted(rows) == sorted((rule.value, str(rule.severity)) for rule in Rule)


def test_the_page_shows_settings_that_are_settings() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", DOCS.read_text(), re.M | re.S)
    shown = tomllib.loads(block)["checks"]
    assert shown.keys() == {setting.encode_name for setting in fields(Checks)}
    assert shown["rules"].keys() <= {rule.value for rule in Rule}
