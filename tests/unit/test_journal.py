"""The log: lines that a program reads, without anybody's address, and never in the way."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import journal

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "log" / "newsletter.log"


@pytest.fixture(autouse=True)
def no_campaign() -> Iterator[None]:
    token = journal.campaign.set("")
    yield
    journal.campaign.reset(token)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_an_event_is_a_line_of_json_with_its_time_level_campaign_and_fields(file: Path) -> None:
    with journal.kept(file, "info"):
        journal.campaign.set("ceo")
        journal.info("started", connections=8, relay="smtp://relay.example.org", fast=True, by=None)
        journal.warning("relay trouble", reason="421 4.3.2 later")

    first, second = lines(file)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("time"))
    assert first == {
        "level": "info",
        "event": "started",
        "campaign": "ceo",
        "connections": 8,
        "relay": "smtp://relay.example.org",
        "fast": True,
        "by": None,
    }
    assert (second["level"], second["reason"]) == ("warning", "421 4.3.2 later")


def test_the_order_of_a_line_is_the_same_for_all(file: Path) -> None:
    with journal.kept(file, "info"):
        journal.info("started", a=1)

    assert list(lines(file)[0]) == ["time", "level", "event", "campaign", "a"]


@pytest.mark.parametrize(
    "said",
    [
        "550 5.1.1 <jan.peeters@example.org>: unknown",
        "550 jan.peeters@example.org... User unknown",
        'no mailbox "jan peeters"@example.org here',
        "451 try later (rcpt=jan.peeters%40example.org)",
        "original recipient rfc822;jan.peeters+40example.org",
        "see https://relay.example.org/why?who=jan.peeters%40example.org&x=1",
        "<jan.peeters@xn--exmple-cua.example.org> mailbox full",
        "bounce+jan.peeters=example.org@relay.example.org refused",
        "jan.peeters@[192.0.2.1]",
    ],
)
def test_addresses_do_not_show(file: Path, said: str) -> None:
    with journal.kept(file, "info"):
        journal.warning("relay trouble", reason=said)

    written = file.read_text()
    assert "peeters" not in written
    assert "***" in written


def test_what_is_no_address_stays(file: Path) -> None:
    said = "421 4.7.0 Too many connections; https://relay.example.org/why?code=17, 100% of quota"

    with journal.kept(file, "info"):
        journal.info("relay trouble", reason=said)

    assert lines(file)[0]["reason"] == said


@given(
    local=st.from_regex(r"[a-z0-9.!#$&*/?^_`{|}~-]{1,64}", fullmatch=True),
    before=st.sampled_from(["<", "to ", "(", "RCPT TO:<", "[", "'", '"', "=", ",", "\t"]),
)
def test_no_local_part_survives(local: str, before: str) -> None:
    said = journal.without_addresses(f"550 {before}{local}@example.org> unknown")

    assert f"{local}@" not in str(said)
    assert "example.org" not in str(said)


def test_a_long_hostile_text_is_cut_and_read_quickly() -> None:
    assert len(str(journal.without_addresses('"' * 10**6))) == journal.LONGEST_TEXT
    assert len(str(journal.without_addresses("a" * 10**6))) == journal.LONGEST_TEXT


def test_at_debug_everything_shows(file: Path) -> None:
    with journal.kept(file, "debug"):
        assert journal.tells_all()
        journal.debug("answered", address="jan@example.org")

    assert lines(file)[0]["address"] == "jan@example.org"


@pytest.mark.parametrize(("level", "kept"), [("debug", 3), ("info", 2), ("warning", 1)])
def test_only_what_reaches_the_level_is_written(file: Path, level: str, kept: int) -> None:
    with journal.kept(file, level):
        journal.debug("one")
        journal.info("two")
        journal.warning("three")

    assert len(lines(file)) == kept


def test_without_a_log_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert not journal.tells_all()
    journal.info("started")
    journal.warning("stopped")

    assert capsys.readouterr() == ("", "")


def test_a_line_stays_one_line_and_readable_whatever_is_in_it(file: Path) -> None:
    with journal.kept(file, "info"):
        journal.info("odd", text="a\nb\x1b[31m\u2028é\ud800", path=Path("x"))

    (line,) = file.read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert "\x1b" not in line
    assert "é" in line
    assert json.loads(line)["path"] == "x"


def test_a_second_run_goes_on_in_the_same_file(file: Path) -> None:
    for name in ("one", "two"):
        with journal.kept(file, "info"):
            journal.info(name)

    assert [each["event"] for each in lines(file)] == ["one", "two"]


def test_a_large_log_is_set_aside(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LARGEST", 2000)
    with journal.kept(file, "info"):
        for number in range(1000):
            journal.info("turn", number=number)

    files = sorted(path.name for path in file.parent.iterdir())
    assert files == ["newsletter.log", *(f"newsletter.log.{n}" for n in range(1, journal.KEPT + 1))]
    assert all(path.stat().st_size <= 2000 for path in file.parent.iterdir())
    assert lines(file)[-1]["number"] == 999


@pytest.mark.fault(49, "the log's disk is full", "said once; every message goes on its way")
def test_a_full_disk_is_told_once_and_stops_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    with journal.kept(Path("/dev/full"), "info"):
        for _ in range(5):
            journal.info("turn")

    told = capsys.readouterr().err
    assert told.count("No space left on device") == 1
    assert "sending goes on" in told


def test_a_place_where_no_file_can_be_is_told_and_stops_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    with journal.kept(tmp_path / "file" / "newsletter.log", "info"):
        journal.info("turn")

    assert "the log cannot be written" in capsys.readouterr().err


def test_a_pipe_that_could_hold_us_up_is_no_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")

    with journal.kept(tmp_path / "pipe", "info"):
        journal.info("turn")

    assert "a pipe" in capsys.readouterr().err
