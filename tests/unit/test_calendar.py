"""Invitations, read back by the library and, for their time zone, by what the file itself says."""

import datetime
import re
import subprocess
import sys
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter import calendar
from newsletter.blocks import Event
from newsletter.enclosure import Enclosure, Unusable

DAY = datetime.date(2026, 12, 3)
NOON, HALF_PAST_ONE = datetime.time(12), datetime.time(13, 30)


def invited(description: str = "Iedereen welkom.", **event: Any) -> Enclosure:
    known: dict[str, Any] = {"title": "Welkomstdrink", "date": DAY, "place": "Stadshal, Gent"}
    return calendar.invitation(
        Event(**(known | event)),
        organisation="Stad Gent",
        contact="communicatie@example.org",
        timezone="Europe/Brussels",
        description=description,
    )


def read(enclosure: Enclosure) -> icalendar.Calendar:
    found = icalendar.Calendar.from_ical(enclosure.data)
    assert isinstance(found, icalendar.Calendar)
    return found


def said(enclosure: Enclosure, name: str) -> str:
    """Return the words of *name*, read by RFC 5545, 3.1 and 3.3.11; icalendar misreads `\\\\N`."""
    lines = enclosure.data.replace(b"\r\n ", b"").decode().split("\r\n")
    written = next((line for line in lines if line.startswith(f"{name}:")), f"{name}:")
    meant = {"n": "\n", "N": "\n"}
    words = written.partition(":")[2]
    return re.sub(r"\\(.)", lambda mark: meant.get(mark[1], mark[1]), words)


def entry(**event: Any) -> icalendar.Event:
    (found,) = read(invited(**event)).events
    return found


def instant(found: icalendar.Calendar, name: str) -> datetime.datetime:
    """Return a time of the one event in UTC, by the rules that stand in the file."""
    (zone,) = found.timezones
    written = found.events[0].decoded(name).replace(tzinfo=zone.to_tz(lookup_tzid=False))
    moment = written.astimezone(datetime.UTC)
    assert isinstance(moment, datetime.datetime)
    return moment


def test_an_invitation_is_a_file_for_calendars_to_publish() -> None:
    enclosure = invited(starts=NOON, ends=HALF_PAST_ONE)
    assert enclosure.filename == "Welkomstdrink.ics"
    assert enclosure.content_type == "application/ics"
    assert read(enclosure)["METHOD"] == "PUBLISH"
    assert read(enclosure)["VERSION"] == "2.0"


def test_it_says_what_where_and_who_asks() -> None:
    found = entry(starts=NOON)
    assert found["SUMMARY"] == "Welkomstdrink"
    assert found["LOCATION"] == "Stadshal, Gent"
    assert found["DESCRIPTION"] == "Iedereen welkom."
    assert found["ORGANIZER"] == "mailto:communicatie@example.org"
    assert found["ORGANIZER"].params["CN"] == "Stad Gent"
    assert "LOCATION" not in entry(place="")
    assert "DESCRIPTION" not in entry(description="")


@pytest.mark.parametrize(
    ("zone", "day", "hour_in_utc"),
    [
        ("Europe/Brussels", datetime.date(2026, 12, 3), 11),
        ("Europe/Brussels", datetime.date(2026, 7, 3), 10),
        ("Europe/London", datetime.date(2026, 7, 3), 11),
        ("America/New_York", datetime.date(2026, 7, 3), 16),
        ("Australia/Sydney", datetime.date(2026, 12, 3), 1),
        ("Asia/Tokyo", datetime.date(2026, 12, 3), 3),
        ("Asia/Kolkata", datetime.date(2026, 12, 3), 6),
    ],
)
def test_noon_is_the_right_moment_in_winter_and_in_summer(
    zone: str, day: datetime.date, hour_in_utc: int
) -> None:
    found = read(invited(date=day, starts=NOON, ends=HALF_PAST_ONE, timezone=zone))
    moment = instant(found, "DTSTART")
    assert (moment.date(), moment.hour) == (day, hour_in_utc)
    assert moment == datetime.datetime.combine(day, NOON, ZoneInfo(zone))
    assert instant(found, "DTEND") - moment == datetime.timedelta(minutes=90)


days = st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1))
zones = st.sampled_from(
    ["Europe/Brussels", "Europe/Dublin", "Europe/Lisbon", "Africa/Casablanca", "America/New_York",
     "America/Nuuk", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Tehran", "Asia/Kathmandu"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(days, st.times().map(lambda time: time.replace(second=0, microsecond=0)), zones)
@example(datetime.date(2026, 3, 29), datetime.time(1, 59), "Europe/Brussels")
@example(datetime.date(2026, 3, 29), datetime.time(3, 0), "Europe/Brussels")
@example(datetime.date(2026, 10, 25), datetime.time(3, 0), "Europe/Brussels")
@example(datetime.date(2026, 10, 25), datetime.time(1, 59), "Europe/Brussels")
def test_any_hour_of_any_day_is_the_same_moment_by_the_files_own_rules(
    day: datetime.date, starts: datetime.time, zone: str
) -> None:
    wanted = datetime.datetime.combine(day, starts, ZoneInfo(zone))
    later = wanted.replace(fold=1)
    if wanted.utcoffset() != later.utcoffset():  # an hour that is there twice, or not at all
        return
    found = read(invited(date=day, starts=starts, timezone=zone))
    assert instant(found, "DTSTART") == wanted.astimezone(datetime.UTC)


def test_outlook_gets_one_yearly_rule_for_summer_and_one_for_winter() -> None:
    (zone,) = read(invited(date=datetime.date(2026, 7, 3), starts=NOON)).timezones
    rules = {part.name: part["RRULE"].to_ical() for part in zone.subcomponents}
    assert rules == {
        "DAYLIGHT": b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "STANDARD": b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    }
    (zone,) = read(invited(starts=NOON, timezone="America/New_York")).timezones
    assert {part["RRULE"].to_ical() for part in zone.subcomponents} == {
        b"FREQ=YEARLY;BYDAY=2SU;BYMONTH=3",
        b"FREQ=YEARLY;BYDAY=1SU;BYMONTH=11",
    }


def test_a_clock_changes_at_the_hour_that_it_showed_until_then() -> None:
    """RFC 5545 section 3.6.5: DTSTART is on the clock of TZOFFSETFROM."""
    (zone,) = read(invited(date=datetime.date(2026, 7, 3), starts=NOON)).timezones
    onsets = {part.name: part.decoded("DTSTART") for part in zone.subcomponents}
    assert onsets == {
        "DAYLIGHT": datetime.datetime(2025, 3, 30, 2),
        "STANDARD": datetime.datetime(2025, 10, 26, 3),
    }


def test_in_utc_there_is_no_zone_to_explain() -> None:
    found = read(invited(starts=NOON, timezone="UTC"))
    assert not found.timezones
    assert found.events[0].to_ical().count(b"DTSTART:20261203T120000Z") == 1


def test_without_a_time_it_takes_the_whole_day_and_keeps_nobody_busy() -> None:
    found = entry()
    assert found.decoded("DTSTART") == DAY
    assert found.decoded("DTEND") == DAY + datetime.timedelta(days=1)
    assert found["TRANSP"] == "TRANSPARENT"
    assert not read(invited()).timezones


def test_the_end_of_whole_days_is_the_day_after_the_last() -> None:
    found = entry(until=datetime.date(2026, 12, 31))
    assert found.decoded("DTSTART") == DAY
    assert found.decoded("DTEND") == datetime.date(2027, 1, 1)


def test_without_an_end_it_takes_an_hour() -> None:
    assert entry(starts=NOON).decoded("DTEND").hour == 13


def test_the_same_hours_on_several_days_come_back_each_day() -> None:
    found = entry(until=datetime.date(2026, 12, 5), starts=NOON, ends=HALF_PAST_ONE)
    assert found["RRULE"].to_ical() == b"FREQ=DAILY;COUNT=3"
    assert found.decoded("DTEND") - found.decoded("DTSTART") == datetime.timedelta(minutes=90)
    assert "RRULE" not in entry(starts=NOON, ends=HALF_PAST_ONE)


def test_an_end_earlier_on_the_clock_is_on_the_last_day_or_after_midnight() -> None:
    weekend = entry(until=datetime.date(2026, 12, 5), starts=HALF_PAST_ONE, ends=NOON)
    assert weekend.decoded("DTEND").date() == datetime.date(2026, 12, 5)
    assert "RRULE" not in weekend
    night = entry(starts=datetime.time(22), ends=datetime.time(2))
    assert night.decoded("DTEND") - night.decoded("DTSTART") == datetime.timedelta(hours=4)


words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Co")), min_size=1, max_size=200)


@settings(max_examples=80, deadline=None)
@given(words, words, st.lists(words, max_size=4).map("\n".join))
@example(r"\\server\Nieuws", "x", r"C:\notes")
@example("Café; met taart, én \\koffie\\n 😀" * 9, 'BEGIN:VEVENT "x"', "a\n\nb,c;d\\e:f")
def test_any_words_come_back_as_they_were(title: str, place: str, description: str) -> None:
    enclosure = invited(title=title, place=place, description=description, starts=NOON)
    assert said(enclosure, "SUMMARY") == title
    assert said(enclosure, "LOCATION") == place
    assert said(enclosure, "DESCRIPTION") == description
    assert enclosure.data.count(b"\r\n") == enclosure.data.count(b"\n")
    for line in enclosure.data.split(b"\r\n"):
        assert len(line) <= 75
        assert line.decode() is not None  # no character is cut in two


@pytest.mark.parametrize("name", ['Dienst "Zorg"; Gent, é', "a:b", "x" * 100, "a^nb"])
def test_any_organisation_may_ask(name: str) -> None:
    enclosure = calendar.invitation(
        Event(title="x", date=DAY),
        organisation=name,
        contact="a@example.org",
        timezone="Europe/Brussels",
        description="",
    )
    (found,) = read(enclosure).events
    assert found["ORGANIZER"].params["CN"] == name.replace('"', "'")
    assert found["ORGANIZER"] == "mailto:a@example.org"


def test_the_same_event_gives_the_same_bytes_and_a_corrected_text_the_same_entry() -> None:
    assert invited(starts=NOON) == invited(starts=NOON)
    corrected = invited("Iedereen is welkom.", starts=NOON)
    assert corrected != invited(starts=NOON)
    assert read(corrected).events[0]["UID"] == entry(starts=NOON)["UID"]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Receptie"},
        {"date": datetime.date(2026, 12, 4)},
        {"starts": HALF_PAST_ONE},
        {"ends": HALF_PAST_ONE},
        {"until": datetime.date(2026, 12, 4)},
        {"timezone": "Europe/London"},
        {"place": "Belfort"},
    ],
)
def test_another_event_is_another_entry(change: dict[str, Any]) -> None:
    assert entry(**({"starts": NOON} | change))["UID"] != entry(starts=NOON)["UID"]


def test_an_entry_is_named_in_the_organisations_domain() -> None:
    assert str(entry()["UID"]).endswith("@example.org")
    assert entry(timezone="Europe/Brussels")["UID"] == entry()["UID"]


@pytest.mark.parametrize(
    "change",
    [{"date": datetime.date.min}, {"date": datetime.date.max}, {"until": datetime.date.max}],
)
def test_a_year_that_cannot_be_meant_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Unusable, match=r"`Welkomstdrink` is on .*; correct the year"):
        invited(starts=NOON, **change)


def test_who_has_no_event_does_not_pay_for_calendars() -> None:
    code = "import sys, newsletter.calendar; sys.exit('icalendar' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
