"""An event as an .ics file, which calendars add at the right hour wherever they are read."""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newsletter.blocks import Event
from newsletter.enclosure import Enclosure, Unusable, plain_name

if TYPE_CHECKING:  # at run time only where there is an event: it takes a tenth of a second
    import icalendar

YEARS = range(1970, 2200)  #: in which rules for summer time can be told

_DAY = timedelta(days=1)
_LENGTH = timedelta(hours=1)  # where no end is given; what takes no time, some programs do not show


def invitation(
    event: Event, *, organisation: str, contact: str, timezone: str, description: str
) -> Enclosure:
    """Return *event* for calendars: by *organisation*, reached at *contact* (a mail address).

    *timezone* holds where the event names none. The same event always gives the same bytes, and
    an event whose description was corrected takes the place of the one that a calendar has.
    """
    import icalendar

    last = event.until or event.date
    if event.date.year not in YEARS or last.year not in YEARS:
        raise Unusable(f"event `{event.title}` is on {event.date}, until {last}; correct the year")
    zone = ZoneInfo(event.timezone or timezone)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//newsletter//newsletter//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if event.starts is not None and zone.key != "UTC":
        calendar.add_component(_timezone(zone, event.date.year, last.year))
    entry = _entry(event, zone)
    entry.add("organizer", _organizer(organisation, contact))
    entry.add("uid", f"{_identity(event, zone)}@{contact.rpartition('@')[2]}")
    if description:
        entry.add("description", _words(description))
    calendar.add_component(entry)
    return Enclosure(
        filename=plain_name(f"{event.title}.ics"),
        # Not text/calendar: mail programs would lay a form of their own over the mail (Thunderbird
        # 153 does). As a file it opens in the calendar by its name, as those of Google do.
        content_type="application/ics",
        data=calendar.to_ical(),
    )


def _words(text: str) -> "icalendar.vText":
    r"""Return *text* escaped by RFC 5545, 3.3.11; icalendar breaks lines at the `\N` of a path."""
    import icalendar

    class Words(icalendar.vText):
        def to_ical(self) -> bytes:
            return re.sub(r"([\\;,])", r"\\\1", self).replace("\n", "\\n").encode()

    return Words(text)


def _entry(event: Event, zone: ZoneInfo) -> "icalendar.Event":
    import icalendar

    entry = icalendar.Event()
    entry.add("summary", _words(event.title))
    # RFC 5545 wants the moment of writing. Ours is the same at every writing.
    entry.add("dtstamp", datetime.combine(event.date, time(), UTC))
    if event.place:
        entry.add("location", _words(event.place))
    if event.starts is None:
        entry.add("dtstart", event.date)
        entry.add("dtend", (event.until or event.date) + _DAY)  # the first day after it
        entry.add("transp", "TRANSPARENT")  # nobody is busy all day with an announcement
        return entry
    start = datetime.combine(event.date, event.starts, zone)
    end = datetime.combine(event.date, event.ends, zone) if event.ends else start + _LENGTH
    days = ((event.until or event.date) - event.date).days + 1
    if end <= start:  # on the last day, or after midnight
        end += max(days - 1, 1) * _DAY
    elif days > 1:  # these hours on each of the days
        entry.add("rrule", {"freq": "daily", "count": days})
    entry.add("dtstart", start)
    entry.add("dtend", end)
    return entry


def _organizer(organisation: str, contact: str) -> "icalendar.vCalAddress":
    """RFC 5546 section 3.2.1 asks for one."""
    import icalendar

    organizer = icalendar.vCalAddress(f"mailto:{contact}")
    organizer.params["CN"] = organisation.replace('"', "'")  # RFC 6868 is not read by all
    return organizer


def _identity(event: Event, zone: ZoneInfo) -> str:
    what = (event.title, event.date, event.until, event.starts, event.ends, zone.key, event.place)
    return hashlib.sha256("\0".join(map(str, what)).encode()).hexdigest()[:32]


# -- the clock of a time zone


@dataclass(frozen=True, slots=True)
class _Change:
    """A clock that is put forward or back, at *onset* as it showed until then."""

    onset: datetime
    before: timedelta
    after: timedelta


def _timezone(zone: ZoneInfo, first: int, last: int) -> "icalendar.Timezone":
    """Return the rules of *zone* from the year before *first* to the one after *last*.

    The library writes the days one by one. Outlook reads only yearly rules, one for summer time
    and one for winter time (MS-STANOICAL 2.2.47), and guesses a zone where it finds none.
    """
    import icalendar

    years = range(first - 1, last + 2)
    changes = list(_changes(zone, years))
    rules = _rules(changes, years)
    if not changes:
        offset = _offset(datetime(first, 1, 1, tzinfo=zone))
        changes = [_Change(datetime(first - 1, 1, 1), offset, offset)]
    component = icalendar.Timezone()
    component.add("tzid", zone.key)
    for n, change in enumerate(changes[: len(rules)] if rules else changes):
        summer = change.after > change.before
        part = icalendar.TimezoneDaylight() if summer else icalendar.TimezoneStandard()
        part.add("dtstart", change.onset)
        part.add("tzoffsetfrom", change.before)
        part.add("tzoffsetto", change.after)
        if rules:
            part.add("rrule", rules[n])
        component.add_component(part)
    return component


def _changes(zone: ZoneInfo, years: range) -> Iterator[_Change]:
    """Yield every change of the clock in *years*."""
    day, end = datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[-1] + 1, 1, 1, tzinfo=UTC)
    while day < end:
        before, after = (_offset(moment.astimezone(zone)) for moment in (day, day + _DAY))
        if before != after:
            second = bisect_left(
                range(86_400),
                True,
                key=lambda n: _offset((day + timedelta(seconds=n)).astimezone(zone)) == after,
            )
            onset = (day + timedelta(seconds=second) + before).replace(tzinfo=None)
            yield _Change(onset, before, after)
        day += _DAY


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None  # every zone has one
    return offset


def _rules(changes: list[_Change], years: range) -> list[Mapping[str, object]]:
    """Return how the two changes of a year come back in all *years*; nothing if they do not."""
    if len(changes) != 2 * len(years):
        return []
    rules = [_rule(changes[n::2]) for n in (0, 1)]
    return [rule for rule in rules if rule] if all(rules) else []


_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _rule(changes: list[_Change]) -> Mapping[str, object] | None:
    """Return on which Sunday of which month all *changes* are, and at the same time of day."""
    months = {(change.onset.month, change.onset.time(), change.after) for change in changes}
    days = {_WEEKDAYS[change.onset.weekday()] for change in changes}
    from_first = {(change.onset.day + 6) // 7 for change in changes}
    are_last = all((change.onset + 7 * _DAY).month != change.onset.month for change in changes)
    if len(months) > 1 or len(days) > 1 or not (are_last or len(from_first) == 1):
        return None
    place = -1 if are_last else from_first.pop()
    return {"freq": "yearly", "bymonth": changes[0].onset.month, "byday": f"{place}{days.pop()}"}
