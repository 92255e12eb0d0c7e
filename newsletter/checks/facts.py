"""The dates, times, amounts and numbers in a text: the same value whatever the language.

"3 december 2026", "3 décembre 2026" and "December 3, 2026" are one date; "12.30 uur", "12h30" and
"12:30 pm" one time; "1.200,50 euro", "1 200,50 €" and "€1,200.50" one amount.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol

Value = tuple[Decimal | int | str | None, ...]


_ANY = "any"  # year


class Kind(StrEnum):
    """What a fact is about."""

    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    NUMBER = "number"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something said in figures, that is the same in every language."""

    kind: Kind
    value: Value
    words: str  #: as it is written

    def agrees(self, other: "Fact") -> bool:
        """Say whether both are the same; "3 december" agrees with any year, "9 uur" with 9."""
        return not self.sought.isdisjoint(other.names)

    @property
    def names(self) -> frozenset[Value]:
        """Return what it is known by."""
        return frozenset({(self.kind, *self.value), (self.kind, *self.value[:-1], _ANY)})

    @property
    def sought(self) -> frozenset[Value]:
        """Return the names of which one is enough to agree with it."""
        own = (self.kind, *self.value)
        match self.kind, self.value:
            case Kind.DATE, (day, month, None):
                return frozenset({(self.kind, day, month, _ANY)})
            case Kind.DATE, (day, month, _):
                return frozenset({own, (self.kind, day, month, None)})
            case Kind.TIME, (int(hour), int(minute)):  # "9.30" may be both
                return frozenset({own, (Kind.NUMBER, Decimal(100 * hour + minute) / 100)})
            case Kind.NUMBER, (Decimal() as number,) if number < 24:
                return frozenset({own, (Kind.TIME, int(number), int(number * 100) % 100)})
        return frozenset({own})

    @property
    def number(self) -> Decimal | int | str | None:
        """Return what a language may write as a word: 15, 12.00 hours ("noon"), "half ten"."""
        match self.kind, self.value:
            case Kind.TIME, (int(hour), int(minute)):
                return Decimal(60 * hour + minute) / 60
            case ((Kind.NUMBER | Kind.AMOUNT), (number, *_)):
                return number
        return None


def facts(text: str, language: str) -> tuple[Fact, ...]:
    """Return what *text*, in *language*, says in figures; addresses are passed over."""
    return tuple(_reader(language.partition("-")[0]).read(_without_addresses(text)))


def _without_addresses(text: str) -> str:
    if not any(sign in text for sign in ("www.", "@", "://")):
        return text
    words = re.split(r"(\s+)", text)
    return "".join(" " if re.match(r"www\.|\S*?(?:@|://)", word) else word for word in words)


_CURRENCIES = {
    "EUR": "€ eur euro euros euro's euro’s",
    "USD": "$ us$ usd dollar dollars",
    "GBP": "£ gbp pond pound pounds livre livres",
    "CHF": "chf",
}
_CURRENCY = {word: code for code, words in _CURRENCIES.items() for word in words.split()}
_POWERS = {
    3: "duizend mille thousand tausend",
    6: "miljoen miljoenen million millions millionen mln mio",
    9: "miljard miljarden milliard milliards milliarde milliarden billion mld bn",
}
_POWER = {word: Decimal(10) ** power for power, words in _POWERS.items() for word in words.split()}

# Patterns in the order in which they take their part of a text away from the next. The words in
# capitals stand for what `_Reader` puts there.
_NUMBER = (
    r"(?<![\w.,])(?<!hal[fb]\s)(?P<digits>\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?"
    r"|\d+(?:[.,]\d+)?)(?:\s?(?P<power>POWER)\b)?"
)
TO = (  #: between the first and the last of a period
    r"\s?(?:-|–|tot(?:\sen\smet)?|t/m|t\.?e\.?m\.?|en|à|au|jusqu['’]au|et|bis(?:\szum)?|und|to|until"
    r"|till|through|and)\s?"
)
_DAY = rf"(?:(?P<first>\d{{1,2}})(?:er|st|nd|rd|th|e)?{TO})?(?P<day>\d{{1,2}})"
_END = r"(?:er|st|nd|rd|th|e|ste|de|\.)?"
_CLOCK = r"(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?"
_SHAPES = (
    ("written", r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)"),
    (
        "written",
        r"(?<![\d/.-])(?P<day>\d{1,2})(?P<mark>[/.-])(?P<month>\d{1,2})(?P=mark)"
        r"(?P<year>\d{4}|\d{2})(?!\.?\d)",
    ),
    (
        "phone",
        r"(?<![\w.,/])(?<!\d\s)(?:(?:\+|00)\d{1,3}(?:[\s./-]?(?:\(0\)\s?)?\d{1,4}){2,6}"
        r"|0\d{1,3}(?:\s?[/-]\s?|[\s.])\d{2,4}(?:[\s.]\d{2,4}){1,3}|0\d{1,3}[/-]?\d{6,7})(?!\d)",
    ),
    (
        "day",
        rf"(?<!\w){_DAY}{_END}\s+(?:of\s+|de\s+)?(?P<month>MONTH)\b(?:\.?,?\s+(?P<year>\d{{4}})\b)?",
    ),
    (
        "day",
        rf"\b(?P<month>MONTH)\b\.?\s+{_DAY}{_END}(?![\d:]|[.]\d)(?:,?\s+(?P<year>\d{{4}})\b)?",
    ),
    ("month", r"\b(?P<month>MONTH)\b\.?\s+(?P<year>\d{4})\b"),
    ("weekday", r"\b(?P<weekday>WEEKDAY)(?:s|en)?\b"),
    (  # "za 12/12", "op 12/12"; "1/3" alone may be a third
        "slashed",
        r"(?:(?<=;)|\b(?:SHORT|op|tegen|vanaf|voor|vóór|tot|le|au|du|on|by|from|until|am)\b)\.?\s*"
        r"(?P<day>\d{1,2})/(?P<month>\d{1,2})(?![\w/])",
    ),
    (
        "half_day",
        rf"(?<![\w.,])(?:(?P<h0>\d{{1,2}})(?:[:.](?P<m0>\d{{2}}))?{TO})?{_CLOCK}"
        r"\s?(?P<half>[ap])\.?m\b\.?",
    ),
    (
        "clock",
        rf"(?<![\w.,])(?:(?P<h0>\d{{1,2}})[:.](?P<m0>\d{{2}}){TO})?{_CLOCK}"
        r"\s?(?:uur|uhr|heures?|[uh])\b(?:\s?(?P<after>\d{2})\b)?",
    ),
    ("clock", r"(?<![\w.,])(?P<h>\d{1,2})[uh](?P<m>\d{2})\b"),
    ("clock", r"(?<![\w.,:])(?P<h>\d{1,2}):(?P<m>\d{2})(?![\d:])"),
    (
        "amount",
        rf"(?:(?P<before>SIGN)\s?)?{_NUMBER}(?:(?:,[-–])?\s?(?:d['’]|de\s)?(?P<after>SIGN)(?!\w))?",
    ),
    ("number", rf"{_NUMBER}(?=(?:x|[kcm]?m[²³2]?|k?g|min|[kmgt]b)?(?!\w))"),
)
_KINDS = {
    "phone": Kind.PHONE,
    "clock": Kind.TIME,
    "half_day": Kind.TIME,
    "amount": Kind.AMOUNT,
    "number": Kind.NUMBER,
}
_PHONE_DIGITS = 8  # the last of a number, without what a country puts before it


@cache
def _reader(language: str) -> "_Reader":
    try:
        return _Reader(Locale.parse(language))
    except (UnknownLocaleError, ValueError):
        return _Reader(Locale.parse("en"))


class _Reader:
    """Reads figures as one language writes them."""

    def __init__(self, locale: Locale) -> None:
        self._months = _numbered(
            form[width] for form in locale.months.values() for width in _WIDTHS
        )
        self._days = _numbered(form["wide"] for form in locale.days.values())
        self._decimal = get_decimal_symbol(locale)
        words: dict[str, Iterable[str]] = {
            "MONTH": self._months,
            "WEEKDAY": self._days,
            "SHORT": _numbered(form["abbreviated"] for form in locale.days.values()),
            "SIGN": _CURRENCY,
            "POWER": _POWER,
        }
        self._shapes = tuple((name, _compiled(shape, words)) for name, shape in _SHAPES)

    def read(self, text: str) -> Iterator[Fact]:
        """Yield what *text* says in figures."""
        has_digits = re.search(r"\d", text)
        for name, pattern in self._shapes:
            if not has_digits and name != "weekday":
                continue
            values: Callable[[re.Match[str]], Iterable[Value]] = getattr(self, f"_{name}")
            left = ""
            done = 0
            for match in pattern.finditer(text):
                if found := tuple(values(match)):
                    written = " ".join(match[0].split())
                    yield from (Fact(_KINDS.get(name, Kind.DATE), each, written) for each in found)
                    left += text[done : match.start()] + " ; "
                    done = match.end()
            text = left + text[done:]

    def _written(self, found: re.Match[str]) -> Iterator[Value]:
        month, year = int(found["month"]), int(found["year"])
        if 1 <= int(found["day"]) <= 31 and 1 <= month <= 12:
            yield (int(found["day"]), month, year if year > 99 else 2000 + year)

    def _phone(self, found: re.Match[str]) -> Iterator[Value]:
        digits = re.sub(r"\D", "", found[0].replace("(0)", ""))
        if len(digits) > _PHONE_DIGITS:
            yield (digits[-_PHONE_DIGITS:],)

    def _slashed(self, found: re.Match[str]) -> Iterator[Value]:
        day, month = int(found["day"]), int(found["month"])
        if 1 <= day <= 31 and 1 <= month <= 12:
            yield (day, month, None)

    def _day(self, found: re.Match[str]) -> Iterator[Value]:
        year = int(found["year"]) if found["year"] else None
        for day in filter(None, (found["first"], found["day"])):
            yield (int(day), self._months[found["month"].lower()], year)

    def _month(self, found: re.Match[str]) -> Iterator[Value]:
        yield (None, self._months[found["month"].lower()], int(found["year"]))

    def _weekday(self, found: re.Match[str]) -> Iterator[Value]:
        yield (self._days[found["weekday"].lower()],)

    def _half_day(self, found: re.Match[str]) -> Iterator[Value]:
        later = 12 if found["half"] in "pP" else 0
        hour = int(found["h"]) % 12
        if found["h0"]:
            first = int(found["h0"]) % 12
            yield (first + (later if first <= hour else 0), int(found["m0"] or 0))
        yield (hour + later, int(found["m"] or 0))

    def _clock(self, found: re.Match[str]) -> Iterator[Value]:
        parts = found.groupdict()
        if parts.get("h0"):
            yield (int(parts["h0"]), int(parts["m0"]))
        yield (int(parts["h"]), int(parts["m"] or parts.get("after") or 0))

    def _amount(self, found: re.Match[str]) -> Iterator[Value]:
        if sign := found["before"] or found["after"]:
            for (value,) in self._number(found):
                yield (value, _CURRENCY[sign.lower()])

    def _number(self, found: re.Match[str]) -> Iterator[tuple[Decimal]]:
        """Yield the value of digits; the last mark is no point if it groups."""
        digits = re.sub(r"[ '’\u00a0\u202f]", "", found["digits"]).replace(",", ".")
        marks = re.findall(r"[.,]", found["digits"])
        whole, _, rest = digits.rpartition(".")
        one_kind = len(set(marks)) < 2
        if one_kind and (len(marks) != 1 or (marks[0] != self._decimal and len(rest) == 3)):
            value = digits.replace(".", "")
        else:
            value = f"{whole.replace('.', '')}.{rest}"
        power = _POWER[found["power"].lower()] if found["power"] else 1
        yield (Decimal(value) * power,)


_WIDTHS = ("wide", "abbreviated")


def _numbered(forms: Iterable[dict[int, str]]) -> dict[str, int]:
    return {name.lower().rstrip("."): number for form in forms for number, name in form.items()}


def _compiled(shape: str, words: Mapping[str, Iterable[str]]) -> re.Pattern[str]:
    for name, known in words.items():
        longest_first = sorted(known, key=len, reverse=True)
        shape = shape.replace(name, "|".join(map(re.escape, longest_first)))
    return re.compile(shape, re.IGNORECASE)
