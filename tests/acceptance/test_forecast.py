"""How long it will take is said before the yes, by the limits that will hold."""

import datetime
import re
import time
from pathlib import Path

import pytest
import trustme

from tests.conftest import Scripted
from tests.integration.logins import certified, serving
from tests.workplace import ANNOUNCEMENT, Workplace


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path / "workspace")
    place.announce()
    return place


def forecast(printed: str) -> str:
    found = re.search(r"^Forecast      (.+)$", printed, re.M)
    return found[1] if found else ""


def test_limits_are_counted_before_the_yes(workplace: Workplace) -> None:
    workplace.add_list("staff", range(40))
    workplace.relay("smtp+starttls://relay.example.org", 'profile = "microsoft365"')

    printed = workplace.run("send", "kantine", "--list", "staff").stdout

    assert forecast(printed) == "about 78 s, at 30 a minute and 10,000 a day"


def test_a_script_hears_when_twenty_thousand_are_done(workplace: Workplace) -> None:
    workplace.add_list("staff", range(20_000))
    workplace.relay("smtp+starttls://relay.example.org", 'profile = "microsoft365"')

    found = workplace.json("audience", "staff")["forecast"]

    assert found["reason"] == "at 30 a minute and 10,000 a day"
    assert found["seconds"] == pytest.approx(86400 + 20_000, rel=0.01)
    assert found["ends_at"] == pytest.approx(time.time() + found["seconds"], abs=60)


def test_a_second_campaign_counts_what_went_before_and_how_fast(
    workplace: Workplace, scripted: Scripted
) -> None:
    server = scripted()
    workplace.relay(f"smtp://127.0.0.1:{server.port}")
    workplace.add_list("staff", range(150))
    first = workplace.run("send", "kantine", "--list", "staff", "--yes").stdout
    workplace.announce("ander", ANNOUNCEMENT.replace("dicht", "open"))

    again = workplace.run("send", "ander", "--list", "staff").stdout
    workplace.relay(f"smtp://127.0.0.1:{server.port}", 'rate = "200/day"')
    limited = workplace.run("send", "ander", "--list", "staff").stdout

    assert forecast(first) == ""
    assert re.fullmatch(r"about \d s, as fast as last time", forecast(again))
    assert re.fullmatch(
        r"150 people at 200 a day, 150 of the 200 a day used up already: "
        r"until \w+ \d\d:\d\d \(24 hours\)",
        forecast(limited),
    )


def test_where_nothing_is_known_nothing_is_said(workplace: Workplace) -> None:
    workplace.add_list("staff", range(3))

    assert forecast(workplace.run("send", "kantine", "--list", "staff").stdout) == ""
    assert workplace.json("audience", "staff")["forecast"] is None


def test_the_doctor_tells_the_limits_and_how_old_they_are(
    workplace: Workplace, scripted: Scripted
) -> None:
    url = f"smtp://127.0.0.1:{scripted().port}"
    workplace.relay(url, 'profile = "microsoft365"')
    by_profile = workplace.run("doctor").stdout
    workplace.relay(url, 'profile = "microsoft365"', 'rate = "none"')
    by_hand = workplace.run("doctor").stdout

    assert (
        "3 connections, 30 a minute and 10,000 a day (profile microsoft365, as of November 2026)"
        in by_profile
    )
    assert "3 connections, no limit (relay.rate)" in by_hand


@pytest.mark.parametrize(
    ("days", "says"),
    [(9, "CAREFUL: its certificate ends on {day}"), (90, "certificate is good until {day}")],
)
def test_the_doctor_tells_how_long_the_certificate_is_good(
    workplace: Workplace, authority: trustme.CA, ca_file: Path, days: int, says: str
) -> None:
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    with serving("smtps", certified(authority, not_after=end)) as relay:
        workplace.relay(f"smtps://127.0.0.1:{relay.port}", f'ca_file = "{ca_file}"')
        said = workplace.run("doctor").stdout
    assert says.format(day=end.astimezone().date()) in said
