from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from newsletter.checks import spelling
from newsletter.checks.facts import Fact, Kind, facts

LANGUAGES = ("nl", "fr", "en", "de")


def said(text: str, language: str) -> list[tuple[object, ...]]:
    return [(str(fact.kind), *fact.value) for fact in facts(text, language)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("op 3 december 2026", "nl"),
        ("op 3 dec. 2026", "nl"),
        ("le 3 décembre 2026", "fr"),
        ("3 December 2026", "en"),
        ("the 3rd of December 2026", "en"),
        ("December 3, 2026", "en"),
        ("December 3rd, 2026", "en"),
        ("am 3. Dezember 2026", "de"),
        ("2026-12-03", "en"),
        ("3/12/2026", "fr"),
        ("03.12.26", "de"),
    ],
)
def test_a_date_is_one_date_however_it_is_written(text: str, language: str) -> None:
    assert said(text, language) == [("date", 3, 12, 2026)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("3-5 december", "nl"),
        ("van 3 tot 5 december", "nl"),
        ("van 3 tot en met 5 december", "nl"),
        ("3 t.e.m. 5 december", "nl"),
        ("du 3 au 5 décembre", "fr"),
        ("from 3 through 5 December", "en"),
        ("3–5 December", "en"),
        ("December 3-5", "en"),
    ],
)
def test_two_days_of_one_month_are_two_dates(text: str, language: str) -> None:
    assert said(text, language) == [("date", 3, 12, None), ("date", 5, 12, None)]


@pytest.mark.parametrize(
    ("text", "language"),
    [("op maandag", "nl"), ("lundi", "fr"), ("on Mondays", "en"), ("am Montag", "de")],
)
def test_a_weekday_is_the_same_day_in_every_language(text: str, language: str) -> None:
    assert said(text, language) == [("date", 0)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("op 3/12", "nl"),
        ("do 3/12", "nl"),
        ("le 3/12", "fr"),
        ("jeu. 3/12", "fr"),
        ("Thu 3/12", "en"),
    ],
)
def test_a_day_between_strokes_is_a_date_where_the_words_say_so(text: str, language: str) -> None:
    assert said(text, language) == [("date", 3, 12, None)]
    assert said("donderdag 3/12", "nl") == [("date", 3), ("date", 3, 12, None)]
    assert said("1/3 van ons", "nl") == [("number", 1), ("number", 3)]


@pytest.mark.parametrize(
    "text",
    ["09 266 70 00", "09/266.70.00", "+32 9 266 70 00", "+32 (0)9 266 70 00", "0032 9 266 70 00",
     "092667000", "09/2667000", "09 / 266 70 00", "09\u00a0266\u00a070\u00a000"],
)  # fmt: skip
def test_a_telephone_number_is_one_number_however_it_is_written(text: str) -> None:
    assert said(f"Bel {text}.", "nl") == [("phone", "92667000")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("03/12/26 09.30 uur", "date"), ("08.30-12.30 uur", "time"), ("0,25", "number")],
)
def test_not_all_that_begins_with_a_zero_is_a_telephone_number(text: str, kind: str) -> None:
    assert said(text, "nl")[0][0] == kind
    assert all(fact[0] != "phone" for fact in said(text, "nl"))


def test_a_month_of_a_year_is_no_date_of_a_day() -> None:
    assert said("in september 2026", "nl") == [("date", None, 9, 2026)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("om 12.30 uur", "nl"),
        ("om 12u30", "nl"),
        ("om 12:30", "nl"),
        ("à 12h30", "fr"),
        ("à 12 h 30", "fr"),
        ("at 12:30 pm", "en"),
        ("at 12.30pm", "en"),
        ("um 12:30 Uhr", "de"),
    ],
)
def test_a_time_is_one_time_however_it_is_written(text: str, language: str) -> None:
    assert said(text, language) == [("time", 12, 30)]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("from 2 to 4 pm", [14, 16]),
        ("from 9 to 5 pm", [9, 17]),
        ("9 am", [9]),
        ("10–12 pm", [10, 12]),
        ("12 am", [0]),
    ],
)
def test_half_a_day_is_read_for_both_ends(text: str, hours: list[int]) -> None:
    assert said(text, "en") == [("time", hour, 0) for hour in hours]


def test_the_first_of_two_times_needs_no_word_behind_it() -> None:
    assert said("12.30-13.45 uur", "nl") == [("time", 12, 30), ("time", 13, 45)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("1.200,50 euro", "nl"),
        ("€ 1.200,50", "nl"),
        ("1 200,50 €", "fr"),
        ("1\u202f200,50 euros", "fr"),
        ("€1,200.50", "en"),
        ("EUR 1,200.50", "en"),
        ("1.200,50 €", "de"),
        ("€ 1.200,50", "en"),
        ("€ 1,200.50", "nl"),
    ],
)
def test_an_amount_is_one_amount_however_it_is_written(text: str, language: str) -> None:
    assert said(text, language) == [("amount", Decimal("1200.50"), "EUR")]


def test_an_amount_may_have_a_dash_for_its_cents() -> None:
    assert said("89,- euro", "nl") == said("€ 89", "nl") == [("amount", Decimal(89), "EUR")]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2,5 miljoen euro", "nl"),
        ("2,5 millions d’euros", "fr"),
        ("2,5 millions d'euros", "fr"),
        ("€2.5 million", "en"),
        ("2,5 Millionen Euro", "de"),
    ],
)
def test_millions_are_counted_out(text: str, language: str) -> None:
    assert said(text, language) == [("amount", Decimal(2_500_000), "EUR")]


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("1.206 mensen", "nl", "1206"),
        ("1 206 personnes", "fr", "1206"),
        ("1,206 people", "en", "1206"),
        ("1.5 km", "en", "1.5"),
        ("1,5 km", "nl", "1.5"),
        ("95 %", "nl", "95"),
        ("versie 3.11", "nl", "3.11"),
        ("1.250.000 people", "en", "1250000"),
        ("1,250,000 mensen", "nl", "1250000"),
        ("192.168.100.1", "en", "1921681001"),
        ("3x", "nl", "3"),
        ("10km", "fr", "10"),
        ("40m²", "en", "40"),
    ],
)
def test_a_number_is_read_as_its_language_writes_it(text: str, language: str, number: str) -> None:
    assert said(text, language) == [("number", Decimal(number))]


@pytest.mark.parametrize(
    "text",
    [
        "District09",
        "de 21ste eeuw",
        "https://example.org/2026/12",
        "www.example.org/7",
        "team7@example.org",
        "geen cijfers",
        "",
    ],
)
def test_a_name_an_ordinal_and_an_address_are_no_numbers(text: str) -> None:
    assert said(text, "nl") == []


def one(text: str, language: str = "nl") -> Fact:
    (fact,) = facts(text, language)
    return fact


def test_a_date_without_a_year_agrees_with_any_year_and_no_other_day() -> None:
    assert one("3 december").agrees(one("3 décembre 2026", "fr"))
    assert not one("3 december").agrees(one("4 décembre", "fr"))
    assert not one("3 december 2025").agrees(one("3 décembre 2026", "fr"))
    assert not one("maandag").agrees(one("3 december"))


def test_a_time_without_the_word_for_it_agrees_with_one_that_has_it() -> None:
    assert one("9.30").agrees(one("9h30", "fr"))
    assert one("9h30", "fr").agrees(one("9.30"))
    assert not one("9.30").agrees(one("9h15", "fr"))
    assert not one("9h03", "fr").agrees(one("9.30"))


def test_a_whole_hour_agrees_with_its_number() -> None:
    assert one("12 uur").agrees(one("12 dozen"))
    assert one("12 dozen").agrees(one("12h", "fr"))
    assert not one("12u30").agrees(one("12 dozen"))
    assert not one("12 euro").agrees(one("12 dozen"))


def test_a_number_may_be_a_word() -> None:
    assert spelling.numbers("quinze ans et midi", "fr") == {15, 12}
    assert one("15 jaar").number in spelling.numbers("quinze ans", "fr")
    assert one("12 uur").number in spelling.numbers("at noon", "en")
    assert one("12u30").number not in spelling.numbers("twaalf dertig", "nl")
    assert one("3 december").number is None


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("vijfentwintig", "nl", 25),
        ("tweeëndertig", "nl", 32),
        ("fünfundzwanzig", "de", 25),
        ("twenty-five", "en", 25),
        ("vingt-cinq", "fr", 25),
        ("soixante-douze", "fr", 72),
        ("quatre-vingt-dix-sept", "fr", 97),
    ],
)
def test_a_long_number_may_be_a_word_too(text: str, language: str, number: int) -> None:
    assert number in spelling.numbers(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [("half tien", "nl"), ("half 10", "nl"), ("halb zehn", "de"), ("half past nine", "en"),
     ("neuf heures et demie", "fr")],
)  # fmt: skip
def test_half_an_hour_may_be_said_in_words(text: str, language: str) -> None:
    assert one("9u30").number in spelling.numbers(text, language)
    assert one("21u30").number in spelling.numbers(text, language)
    assert one("10u30").number not in spelling.numbers(text, language)
    assert facts(text, language) == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("anderhalf uur", "nl"),
        ("une heure et demie", "fr"),
        ("an hour and a half", "en"),
        ("one and a half hours", "en"),
    ],
)
def test_an_hour_and_a_half_is_the_same_in_every_language(text: str, language: str) -> None:
    assert one("1h30", "fr").number in spelling.numbers(text, language)
    assert one("1,5").number in spelling.numbers(text, language)


def test_where_nobody_can_count_small_numbers_are_believed() -> None:
    numbers = spelling.numbers("pięć", "pl")
    assert 5 in numbers
    assert 100 not in numbers


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(LANGUAGES))
def test_every_date_that_babel_writes_is_read_again(day: date, language: str) -> None:
    written = format_date(day, "long", locale=language)
    assert said(written, language) == [("date", day.day, day.month, day.year)]


@given(st.integers(0, 10**12), st.sampled_from(LANGUAGES))
def test_every_number_that_babel_writes_is_read_again(number: int, language: str) -> None:
    assert said(format_decimal(number, locale=language), language) == [("number", number)]


@given(st.text(), st.sampled_from((*LANGUAGES, "pl", "xx")))
def test_no_text_is_too_strange(text: str, language: str) -> None:
    assert all(fact.kind in Kind for fact in facts(text, language))


def test_a_text_of_one_long_word_takes_no_long_time() -> None:
    for long in (
        "x" * 400_000,
        "9" * 400_000,
        "1.234" * 80_000,
        "@" * 400_000,
        "1 " * 200_000,
        "1.000." * 60_000,
    ):
        facts(long, "nl")
