"""Something to be at: `::: event Title`, its date, time and place, and a few words."""

import datetime
import re
import zoneinfo
from functools import cache

from newsletter import blocks
from newsletter.blocks import Blocks
from newsletter.errors import suggest
from newsletter.markdown import fields
from newsletter.markdown.container import Container, is_underlined
from newsletter.markdown.fields import Entry

FIELDS = ("date", "until", "time", "timezone", "place")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = r"([0-9]{1,2})[:.]([0-9]{2})"
_TIMES = re.compile(rf"{_CLOCK}(?:\s*[-–—]\s*{_CLOCK})?")

Times = tuple[datetime.time | None, datetime.time | None]


def read(container: Container) -> Blocks:
    """Read the event of *container*; without a date only the text in it is left."""
    title = container.plain_title("an event without a name; write `::: event Opening`")
    entries, rest = fields.read(container, FIELDS)
    given = {entry.name: entry for entry in entries}
    children = container.read(rest)
    if "date" not in given:
        if not any(is_underlined(node) for node in container.nodes[:1]):
            container.fault("an event without a date; write `date: 2026-12-03` under it")
        return children
    date = _date(container, given["date"])
    until = _until(container, given.get("until"), date)
    starts, ends = _times(container, given.get("time"), several_days=until is not None)
    return (
        blocks.Event(
            title=title,
            date=date or datetime.date.min,
            until=until,
            starts=starts,
            ends=ends,
            timezone=_timezone(container, given.get("timezone")),
            place=given["place"].plain if "place" in given else "",
            children=children,
            line=container.line,
        ),
    )


def _date(container: Container, entry: Entry) -> datetime.date | None:
    words = entry.plain
    try:
        if _DATE.fullmatch(words):
            return datetime.date.fromisoformat(words)
    except ValueError:
        pass  # the 30th of February
    container.fault(f"`{words}` is no date; write `{entry.name}: 2026-12-03`", entry.line)
    return None


def _until(
    container: Container, entry: Entry | None, first: datetime.date | None
) -> datetime.date | None:
    last = _date(container, entry) if entry else None
    if entry and first and last and last <= first:
        container.fault(
            f"it would last until {last}, which is not after {first}; correct one of the two, or "
            "leave `until:` out for one day",
            entry.line,
        )
    return last


def _times(container: Container, entry: Entry | None, *, several_days: bool) -> Times:
    if entry is None:
        return None, None
    words = entry.plain
    try:
        clocks = re.findall(_CLOCK, words) if _TIMES.fullmatch(words) else []
        starts, *ends = [datetime.time(int(hour), int(minute)) for hour, minute in clocks]
    except ValueError:  # 25:00, or not found at all
        container.fault(
            f"`{words}` is no time of day; write `time: 12:00-13:30` or `time: 12:00`", entry.line
        )
        return None, None
    if ends and ends[0] <= starts and not several_days:
        container.fault(
            f"it would end at {ends[0]:%H:%M}, which is not after {starts:%H:%M}; correct one, or "
            "give the day it ends in `until:`",
            entry.line,
        )
    return starts, ends[0] if ends else None


def _timezone(container: Container, entry: Entry | None) -> str:
    if entry is None:
        return ""
    name = entry.plain
    if name not in _timezones():
        near = suggest(name, _timezones()) or "; write it as in `Europe/Brussels`"
        container.fault(f"unknown timezone `{name}`{near}", entry.line)
    return name


@cache
def _timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
