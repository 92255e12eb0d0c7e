"""The moments that logs write, as Unix time: with a year or without, with a zone or without."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

_SYSLOG = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)")
_SLASHED = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d))?(?:[ \u202f]([AP])M)?"
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def moment(text: str, near: float, zone: tzinfo | None = None) -> float | None:
    """Return the Unix time that *text* says; None if it says none.

    Where it leaves the year open, or which number is the month, the reading nearest to *near*
    is meant. Without a zone it is *zone*, or this machine's.
    """
    readings = (_stamp(reading, zone) for reading in _readings(text.strip(), near))
    possible = [reading for reading in readings if reading is not None]
    return min(possible, key=lambda reading: abs(reading - near), default=None)


def _readings(text: str, near: float) -> Iterator[datetime | None]:
    if found := _SYSLOG.fullmatch(text):
        month, *rest = found.groups()
        if month in _MONTHS:
            year = datetime.fromtimestamp(near, UTC).year
            for each in (year - 1, year, year + 1):
                yield _date(each, _MONTHS.index(month) + 1, *map(int, rest))
    elif found := _SLASHED.fullmatch(text):
        one, other, year, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        if found[7]:
            hour = hour % 12 + (12 if found[7] == "P" else 0)
        for month, day in {(one, other), (other, one)}:
            yield _date(year, month, day, hour, minute, second)
    else:
        yield _iso(text)


def _date(*parts: int) -> datetime | None:
    try:
        return datetime(*parts)  # type: ignore[arg-type]
    except ValueError:
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(re.sub(r" (?=[+-]\d{4}$)", "", text))
    except ValueError:
        return None


def _stamp(reading: datetime | None, zone: tzinfo | None) -> float | None:
    if reading is None:
        return None
    try:
        return (reading if reading.tzinfo else reading.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
