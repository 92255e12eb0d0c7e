import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.cli.forecasting import words
from newsletter.pacing.forecast import Forecast, forecast
from newsletter.pacing.limits import Budget, Limit

NOON = 1_800_000_000
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
MICROSOFT = [Limit(30, MINUTE), Limit(10_000, DAY)]


def told(
    people: int,
    limits: list[Limit],
    history: list[tuple[int, int]] | None = None,
    per_second: float | None = None,
) -> Forecast:
    found = forecast(people, limits, history or [], NOON, per_second)
    assert found
    assert found.ends_at == NOON + found.seconds
    return found


def test_where_nothing_is_known_nothing_is_invented() -> None:
    assert forecast(20_000, [], [], NOON, None) is None


def test_a_limit_that_is_not_reached_says_nothing_of_the_time() -> None:
    assert forecast(500, [Limit(10_000, DAY)], [], NOON, None) is None


def test_without_limits_it_goes_by_the_speed_of_last_time() -> None:
    found = told(20_000, [], per_second=1600.0)

    assert (found.seconds, found.reason) == (12.5, "as fast as last time")


def test_a_limit_above_the_speed_changes_nothing() -> None:
    found = told(500, [Limit(10_000, DAY)], per_second=10.0)

    assert (found.seconds, found.reason) == (50.0, "as fast as last time")


def test_a_mailbox_of_microsoft_takes_two_days_for_20_000() -> None:
    found = told(20_000, MICROSOFT)

    assert found.seconds == pytest.approx(DAY + 10_000 / 30 * MINUTE, rel=0.001)
    assert found.reason == "at 30 a minute and 10,000 a day"


def test_a_million_takes_a_hundred_days() -> None:
    found = told(1_000_000, MICROSOFT, per_second=100.0)

    assert found.seconds == pytest.approx(99 * DAY + 10_000 / 30 * MINUTE, rel=0.0001)


def test_what_went_today_is_said_and_counts() -> None:
    found = told(10_000, [Limit(10_000, DAY)], [(NOON - 7200, 2_500), (NOON - 3600, 1_500)])

    assert found.seconds == pytest.approx(DAY - 3600, abs=2)
    assert found.reason == "at 10,000 a day, 4,000 of the 10,000 a day used up already"


def test_what_went_the_day_before_yesterday_is_forgotten() -> None:
    assert forecast(10_000, [Limit(10_000, DAY)], [(NOON - 90_000, 9_000)], NOON, None) is None


@pytest.mark.parametrize(
    "limits",
    [
        [Limit(1, HOUR)],
        [Limit(100, HOUR), Limit(9_999_999, DAY)],
        [Limit(30, MINUTE)],
        [Limit(9_999_999, 1.0), Limit(499_999, DAY)],
        [Limit(1, 1.0), Limit(500_000, DAY)],
    ],
)
@pytest.mark.parametrize("per_second", [None, 0.3, 2000.0])
def test_it_costs_a_moment_however_many_people(
    limits: list[Limit], per_second: float | None
) -> None:
    history = [(NOON - ago, 5) for ago in range(80_000, 0, -1)]
    begun = time.process_time()

    forecast(5_000_000, limits, history, NOON, per_second)

    assert time.process_time() - begun < 2


_limits = st.lists(
    st.builds(Limit, st.integers(1, 60), st.sampled_from([1.0, MINUTE, HOUR, DAY])),
    min_size=1,
    max_size=3,
)
_history = st.lists(st.tuples(st.integers(0, 100_000), st.integers(1, 40)), max_size=6).map(
    lambda found: [(NOON - ago, number) for ago, number in sorted(found, reverse=True)]
)


@given(st.integers(1, 1500), _limits, _history, st.none() | st.floats(0.1, 1000.0))
def test_it_is_when_a_send_within_the_limits_ends(
    people: int,
    limits: list[Limit],
    history: list[tuple[int, int]],
    per_second: float | None,
) -> None:
    budget, at = Budget(limits, history), float(NOON)
    for _ in range(people):
        at += budget.wait(at)
        budget.spend(at)
        at += 1 / per_second if per_second else 0.0

    found = forecast(people, limits, history, NOON, per_second)

    seconds = found.seconds if found else 0.0
    assert seconds == pytest.approx(at - NOON, rel=0.02, abs=2)


# In words


def said(seconds: float, people: int = 20_000, *, now: float = NOON) -> str:
    found = Forecast(ends_at=now + seconds, seconds=seconds, reason="at 30 a minute")
    return words(found, people, now, "Europe/Brussels")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.01, "about 1 s, at 30 a minute"),
        (12.4, "about 12 s, at 30 a minute"),
        (600, "about 10 min, at 30 a minute"),
        (HOUR, "20,000 people at 30 a minute: until 10:00 (60 min)"),
        (15 * HOUR, "20,000 people at 30 a minute: until Saturday 00:00 (15 hours)"),
        (3 * DAY, "20,000 people at 30 a minute: until Monday 09:00 (3 days)"),
        (7 * DAY, "20,000 people at 30 a minute: until Friday 22 January 09:00 (7 days)"),
        (
            400 * DAY,
            "20,000 people at 30 a minute: until Saturday 19 February 2028 09:00 (400 days)",
        ),
    ],
)
def test_a_forecast_is_told_as_long_as_it_lasts_or_until_when(seconds: float, told: str) -> None:
    friday = datetime(2027, 1, 15, 8, tzinfo=UTC).timestamp()  # nine o'clock in Brussels

    assert said(seconds, now=friday) == told


def test_the_end_is_told_by_the_clock_of_the_organisation_in_summer_too() -> None:
    before = datetime(2027, 3, 27, 12, tzinfo=UTC).timestamp()  # the night before summer time

    assert "until Sunday 14:00 (24 hours)" in said(DAY, now=before)
