"""Dates that cannot be: a weekday on another day, a day that is over."""

import datetime
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property

from babel import Locale, UnknownLocaleError

from newsletter import blocks
from newsletter.announcement import Edition
from newsletter.checks.facts import TO
from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules

_AHEAD, _BEHIND = 275, 60  # days; a date without its year may be in the next one, or the last


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield each weekday that does not match its date, and what is over on the day of asking."""
    editions = {edition.language: edition for edition in mail.editions}
    for prose in mail.prose:
        edition = editions[mail.language(prose.element)]
        for words, message in _wrong(prose.words, edition, rules.today):
            yield Rule.WRONG_WEEKDAY.found(mail.where(prose.element, words), message)
    for edition in mail.editions:
        yield from _over(mail, edition, rules.today)


# -- weekdays


def _wrong(text: str, edition: Edition, today: datetime.date) -> Iterator[tuple[str, str]]:
    """Yield the words of each date that cannot be, and why."""
    names = _names(edition.language)
    if not names or not any(map(str.isdigit, text)) or not names.a_weekday.search(text):
        return
    for pattern in names.patterns:
        for found in pattern.finditer(text):
            last = found.groupdict().get("last")
            if last and int(last) < int(found["day"]):
                continue  # "30 tot 2 december" begins in a month that is not said
            weekday = names.weekdays[found["weekday"].lower()]
            days = _meant(found, names, edition.date or today)
            if not days:
                yield found[0], f"`{found[0]}` does not exist; correct the day or the month"
            elif weekday not in {day.weekday() for day in days}:
                right = names.wide[days[0].weekday()]
                yield (
                    found[0],
                    f"`{found[0]}`: {days[0].isoformat()} falls on {right}; correct the weekday or "
                    "the date",
                )


def _meant(found: re.Match[str], names: "_Names", about: datetime.date) -> list[datetime.date]:
    """Return the days that a date may mean, the most likely first.

    Without its year it is in that of *about*, in the months that follow, or just over.
    """
    day, year, month = int(found["day"]), found["year"], found["month"].lower()
    number = int(month) if month.isdigit() else names.months[month]
    if year:
        return _dates(int(year) + (2000 if len(year) == 2 else 0), number, day)
    this, *others = (_dates(about.year + n, number, day) for n in (0, 1, -1))
    near = (each for other in others for each in other if -_BEHIND <= (each - about).days <= _AHEAD)
    return sorted((*this, *near), key=lambda each: abs(each - about))


def _dates(year: int, month: int, day: int) -> list[datetime.date]:
    try:
        return [datetime.date(year, month, day)]
    except ValueError:
        return []


class _Names:
    """The weekdays and months of a language, wide and short, and dates written with them."""

    def __init__(self, locale: Locale) -> None:
        self.wide = {n: str(name) for n, name in locale.days["format"]["wide"].items()}
        self.weekdays = _numbers(locale.days)
        self.months = _numbers(locale.months)
        weekdays = _any(self.weekdays)
        weekday = rf"(?<!\w)(?P<weekday>{weekdays})\b\.?,?\s(?:(?:de|le|the|den|am)\s)?"
        month = rf"(?P<month>{_any(self.months)})\b\.?"
        day = r"(?P<day>\d{1,2})(?:\s?(?:ste|de|er|e|st|nd|rd|th|\.))?"
        year = r"(?:,?\s(?:de\s)?(?P<year>\d{4})\b(?![.:]\d))?"
        numbers = (
            r"(?P<day>\d{1,2})(?P<sign>[/.-])(?P<month>\d{1,2})(?P=sign)(?P<year>\d{4}|[2-9]\d)\b"
        )
        short = r"(?P<day>\d{1,2})/(?P<month>\d{1,2})(?P<year>)(?![/\d])"  # 9.30 may be a time
        ways = [rf"{day}\s(?:of\s|de\s)?{month}{year}", rf"{month}\s{day}{year}"]
        last = r"(?P<last>\d{1,2})(?:ste|de|er|e|st|nd|rd|th|\.)?"
        until = rf"{TO}(?:(?:{weekdays})\b\.?\s)?{last}\s(?:of\s|de\s)?{month}{year}"
        ways.append(rf"{day}(?={until})")  # "maandag 7 tot vrijdag 11 december"
        if locale.language != "en":  # where 3/4 may be in April or in March
            ways += [numbers, short]
        self.a_weekday = re.compile(weekday, re.IGNORECASE)
        self._dates = tuple(weekday + way for way in ways)

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """Return how a weekday with its date is written; not before one is, for it costs time."""
        return tuple(re.compile(date, re.IGNORECASE) for date in self._dates)


@cache
def _names(language: str) -> _Names | None:
    try:
        return _Names(Locale.parse(language, sep="-"))
    except (UnknownLocaleError, ValueError):
        return None


def _numbers(names: Mapping[str, Mapping[str, Mapping[int, str]]]) -> dict[str, int]:
    """Return the number of each name, wide or abbreviated, in a sentence or alone."""
    return {
        name.rstrip(".").lower(): number
        for context in ("stand-alone", "format")
        for width in ("wide", "abbreviated")
        for number, name in names[context][width].items()
    }


def _any(names: Mapping[str, int]) -> str:
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


# -- days that are over


def _over(mail: Mail, edition: Edition, today: datetime.date) -> Iterator[Finding]:
    if edition.date and edition.date < today:
        yield Rule.DATE_PAST.found(
            mail.field(edition, "date"),
            f"the date on top, {edition.date.isoformat()}, is {_ago(edition.date, today)}; change "
            "`date:` if this is new",
        )
    for part, line in blocks.walk(edition.body):
        if isinstance(part, blocks.Event) and (last := part.until or part.date) < today:
            yield Rule.DATE_PAST.at(
                edition,
                line,
                f"the event `{part.title}` was {_ago(last, today)}; correct `date:`, or take it "
                "out",
            )


def _ago(day: datetime.date, today: datetime.date) -> str:
    days = (today - day).days
    return "yesterday" if days == 1 else f"{days:,} days ago"
