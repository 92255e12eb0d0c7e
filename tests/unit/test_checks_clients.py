"""What mail programs do not support, as the checks tell it."""

from pathlib import Path

import pytest

from newsletter.checks import Rules, clients
from newsletter.clients import support
from newsletter.errors import SetupError
from tests.mails import RULES, TODAY, foreign

FLEX = '<p>Dag</p><div style="display:flex">a</div>'


def test_what_a_mail_program_does_not_support_is_a_warning_with_the_date_of_the_data(
    tmp_path: Path,
) -> None:
    found, *_ = clients.check(foreign(tmp_path, FLEX), RULES)
    assert (found.rule, found.severity) == ("client-support", "warning")
    assert found.message.startswith("`display:flex` is ")
    assert "Outlook for Windows (classic)" in found.message
    assert f"data of caniemail, {support.support().source.date}" in found.message


def test_only_the_programs_that_the_workspace_names_count(tmp_path: Path) -> None:
    asked = Rules(today=TODAY, clients=("apple-mail-ios",))
    assert list(clients.check(foreign(tmp_path, FLEX), asked)) == []


def test_a_program_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="gmail-web"):
        list(clients.check(foreign(tmp_path, FLEX), Rules(today=TODAY, clients=("gmail-wbe",))))


def test_a_plain_mail_works_everywhere(tmp_path: Path) -> None:
    assert list(clients.check(foreign(tmp_path, "<p>Dag</p>"), RULES)) == []


def test_without_the_data_the_check_says_that_it_could_not_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support, "_DATA", tmp_path / "nothing.json")
    support.support.cache_clear()
    try:
        (found,) = clients.check(foreign(tmp_path, FLEX), RULES)
    finally:
        support.support.cache_clear()
    assert "install newsletter again" in found.message
