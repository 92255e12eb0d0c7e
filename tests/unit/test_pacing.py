from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.pacing import health
from newsletter.pacing.attempts import GIVE_UP_AFTER, next_attempt
from newsletter.pacing.health import Health, reconnect_wait

NOW = datetime(2026, 2, 9, 9, 0, tzinfo=UTC)
dice = st.floats(0, 1)
refusals = st.integers(1, GIVE_UP_AFTER - 1)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (11, 60)]
)
def test_the_wait_doubles_from_five_minutes_to_an_hour(attempts: int, minutes: int) -> None:
    assert next_attempt(NOW, attempts, 0) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("attempts", [12, 13, 10_000])
def test_after_twelve_attempts_we_give_up(attempts: int) -> None:
    assert next_attempt(NOW, attempts, 0.5) is None


def test_trying_takes_about_nine_hours() -> None:
    at: datetime | None = NOW
    last = NOW
    for attempts in range(1, 100):
        if (at := next_attempt(last, attempts, 0.5)) is None:
            break
        last = at
    assert at is None
    assert timedelta(hours=8) < last - NOW < timedelta(hours=10)


@given(refusals, dice, dice)
def test_the_dice_add_at_most_a_tenth_and_take_nothing_away(
    attempts: int, low: float, high: float
) -> None:
    low, high = sorted((low, high))
    least = next_attempt(NOW, attempts, 0)
    early, late = next_attempt(NOW, attempts, low), next_attempt(NOW, attempts, high)

    assert least is not None
    assert early is not None
    assert late is not None
    assert NOW + timedelta(minutes=5) <= least <= early <= late
    assert late - NOW <= (least - NOW) * 1.1


@given(st.integers(1, GIVE_UP_AFTER - 2), dice)
def test_a_further_refusal_never_shortens_the_wait(attempts: int, spread: float) -> None:
    this, following = (next_attempt(NOW, n, spread) for n in (attempts, attempts + 1))

    assert this is not None
    assert following is not None
    assert this <= following


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0.5), (2, 1), (3, 2), (4, 4), (6, 16), (7, 30), (10**9, 30)]
)
def test_a_lost_connection_waits_from_half_a_second_to_thirty(
    failures: int, seconds: float
) -> None:
    assert reconnect_wait(failures, 0) == seconds
    assert reconnect_wait(failures, 1) == pytest.approx(seconds * 1.1)


def failed(*moments: float, unanswered: bool = False) -> Health:
    found = health.WELL
    for moment in moments:
        found = found.after_failure(moment, 0, unanswered=unanswered)
    return found


def test_what_fails_before_the_next_try_failed_with_the_last() -> None:
    assert failed(100, 100.1, 100.2) == failed(100)
    assert failed(100, 101).failures == 2


def test_a_relay_is_given_up_after_ten_minutes_without_it() -> None:
    found = failed(100, 130, 600)

    assert not found.is_hopeless(700)
    assert found.is_hopeless(701)


def test_a_relay_that_takes_and_never_answers_is_given_up_at_once() -> None:
    assert not failed(0, 10, unanswered=True).is_hopeless(10)
    assert failed(0, 10, 20, unanswered=True).is_hopeless(20)
