"""A forecast in words: how long, until when, and why."""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from newsletter.cli.screen import people

if TYPE_CHECKING:
    from newsletter.config import Config
    from newsletter.pacing.forecast import Forecast
    from newsletter.workspace import Workspace

_LONG = 3600.0  #: seconds; what takes longer is told by its end


def told(place: "Workspace", settings: "Config", number: int) -> str:
    """Return the forecast of a mailing to *number* people in words; empty: nobody knows."""
    from newsletter.campaign import forecasting

    now = time.time()
    found = forecasting.expected(place, settings.relay, number, now)
    return words(found, number, now, settings.organisation.timezone) if found else ""


def forecast_json(place: "Workspace", settings: "Config", number: int) -> dict[str, Any] | None:
    """Return the forecast of a mailing to *number* people, for scripts."""
    from newsletter.campaign import forecasting

    found = forecasting.expected(place, settings.relay, number, time.time())
    if not found:
        return None
    return {
        "seconds": round(found.seconds, 1),
        "ends_at": found.ends_at,
        "reason": found.reason,
    }


def words(found: "Forecast", number: int, now: float, timezone: str) -> str:
    """Return "about 12 s, as fast as last time", or until when *number* people take and why."""
    lasts = duration(found.seconds)
    if found.seconds < _LONG:
        return f"about {lasts}, {found.reason}"
    zone = ZoneInfo(timezone)
    ends, today = (datetime.fromtimestamp(moment, zone) for moment in (found.ends_at, now))
    return f"{people(number)} {found.reason}: until {_moment(ends, today)} ({lasts})"


def duration(seconds: float) -> str:
    """Return "12 s", "40 min", "30 hours", "3 days": rounded, two digits or so.

    >>> [duration(each) for each in (0.2, 99, 100, 5940, 6000, 172_000, 200_000)]
    ['1 s', '99 s', '2 min', '99 min', '2 hours', '48 hours', '2 days']
    """
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    if seconds < 99.5 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 48.5 * 3600:
        return f"{round(seconds / 3600)} hours"
    return f"{round(seconds / 86400):,} days"


def _moment(ends: datetime, today: datetime) -> str:
    """Return "14:10" today, "Tuesday 14:10" this week, "Tuesday 24 November 14:10" after that."""
    days = (ends.date() - today.date()).days
    if days == 0:
        return f"{ends:%H:%M}"
    if days < 7:
        return f"{ends:%A %H:%M}"
    year = f" {ends.year}" if ends.year != today.year else ""
    return f"{ends:%A} {ends.day} {ends:%B}{year} {ends:%H:%M}"
