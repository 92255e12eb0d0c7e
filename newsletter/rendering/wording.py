"""Days, times and sizes in the words of a language."""

import datetime
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from babel.units import format_unit

from newsletter.blocks import Event
from newsletter.errors import SetupError

Patterns = Mapping[str, str]  #: `date`, `day` and `time` of a theme's strings, in CLDR's letters


def locale_of(language: str) -> Locale:
    """Return the locale of a BCP 47 tag, without a territory that Babel does not know."""
    try:
        return Locale.parse(language, sep="-")
    except UnknownLocaleError:
        return Locale.parse(language.split("-")[0])


def date(day: datetime.date, patterns: Patterns, locale: Locale) -> str:
    """Return "1 september 2023"."""
    return _said(format_date, day, "date", patterns, locale)


def when(event: Event, home: str, patterns: Patterns, locale: Locale) -> str:
    """Return "donderdag 3 december 2026, 12:00 – 13:30"; a zone other than *home* is named."""
    days = [event.date, *filter(None, [event.until])]
    said = " – ".join(_said(format_date, day, "day", patterns, locale) for day in days)
    times = [time for time in (event.starts, event.ends) if time]
    if not times:
        return said
    clock = "\u00a0–\u00a0".join(
        _said(format_time, time, "time", patterns, locale) for time in times
    )
    zone = event.timezone if event.timezone not in ("", home) else ""
    if zone:
        start = datetime.datetime.combine(event.date, times[0], ZoneInfo(zone))
        clock += f" ({get_timezone_name(start, locale=locale)})"
    return f"{said}, {clock}"


def _said(
    write: Callable[..., str],
    moment: datetime.date | datetime.time,
    name: str,
    patterns: Patterns,
    locale: Locale,
) -> str:
    try:
        return write(moment, patterns[name], locale=locale)
    except (ValueError, LookupError, AttributeError) as error:
        raise SetupError(
            f'the theme\'s words in `{locale.language}`: `{name} = "{patterns[name]}"` is no '
            f"pattern; write it as in `d MMMM y` or `H:mm`: {error}"
        ) from error


def leaf(event: Event, locale: Locale) -> Mapping[str, str]:
    """Return the *day*, *month* and *weekday* of a leaf of a calendar: "3", "dec", "do"."""
    patterns = {"day": "d", "month": "LLL", "weekday": "ccc"}
    return {
        name: format_date(event.date, pattern, locale).rstrip(".")
        for name, pattern in patterns.items()
    }


def size(octets: int, locale: Locale) -> str:
    """Return "240 kB", or "1,2 MB"."""
    if octets < 1_000_000:
        return format_unit(max(1, round(octets / 1000)), "digital-kilobyte", "short", locale=locale)
    return format_unit(round(octets / 1_000_000, 1), "digital-megabyte", "short", locale=locale)
