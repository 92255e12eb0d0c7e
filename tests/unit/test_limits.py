import math
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.pacing.limits import Budget, Limit

NOON = 1_800_000_000.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
LITTLE = 1e-5  #: seconds; a float of today has steps of a quarter of a millionth


def run(budget: Budget, messages: int, now: float = NOON) -> list[float]:
    """Hand over as fast as *budget* lets us; return when each message went."""
    moments = []
    for _ in range(messages):
        while (seconds := budget.wait(now)) > 0:
            now += seconds
        budget.spend(now)
        moments.append(now - NOON)
    return moments


def gaps(moments: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(moments)]


def test_without_a_limit_nobody_waits() -> None:
    assert run(Budget(()), 1000) == [0.0] * 1000


def test_a_limit_per_minute_is_spaced_evenly_from_the_first_message_on() -> None:
    assert gaps(run(Budget([Limit(30, MINUTE)]), 100)) == pytest.approx([2.0] * 99)


def test_a_limit_per_day_is_used_up_at_full_speed_and_then_waited_for() -> None:
    moments = run(Budget([Limit(100, DAY)]), 250)

    assert moments == [0.0] * 100 + [DAY] * 100 + [2 * DAY] * 50


def test_of_several_limits_each_holds() -> None:
    moments = run(Budget([Limit(30, MINUTE), Limit(60, HOUR)]), 61)

    assert moments[59] == pytest.approx(118)
    assert moments[60] == pytest.approx(HOUR)


def test_a_message_that_was_a_little_late_delays_none_after_it() -> None:
    budget = Budget([Limit(30, MINUTE)])
    run(budget, 1)
    run(budget, 1, NOON + 2.05)

    assert budget.wait(NOON + 2.05) == pytest.approx(1.95)


def test_a_stall_is_not_made_up_for() -> None:
    budget = Budget([Limit(100, 1.0)])
    run(budget, 1)

    moments = run(budget, 100, NOON + 30)

    assert gaps(moments) == pytest.approx([0.01] * 99)


def test_a_restart_changes_nothing_for_the_relay() -> None:
    before = run(Budget([Limit(30, MINUTE), Limit(1000, DAY)]), 500)
    history = sorted(Counter(int(NOON + moment) for moment in before).items())

    after = run(Budget([Limit(30, MINUTE), Limit(1000, DAY)], history), 501, NOON + before[-1])

    assert 1.5 < after[0] - before[-1] < 3.5
    assert DAY <= after[500] < DAY + 1.5


def test_a_limit_that_was_lowered_waits_until_enough_has_left_its_window() -> None:
    history = [(int(NOON) - 3000, 50), (int(NOON) - 2000, 50), (int(NOON) - 1000, 5)]

    assert Budget([Limit(50, HOUR)], history).wait(NOON) == 1601
    assert Budget([Limit(5, HOUR)], history).wait(NOON) == 2601


def test_what_left_at_full_speed_long_ago_is_not_spaced_now() -> None:
    assert Budget([Limit(30, MINUTE)], [(int(NOON) - 7200, 10_000)]).wait(NOON) == 0.0


def test_a_clock_that_goes_back_a_day_costs_nobody_a_day() -> None:
    budget = Budget([Limit(10, HOUR)])
    run(budget, 10)

    assert budget.wait(NOON - DAY) == HOUR
    assert budget.wait(NOON - DAY + HOUR) == 0.0


def test_history_from_the_future_happened_by_now() -> None:
    assert Budget([Limit(10, HOUR)], [(int(NOON + DAY), 10)]).wait(NOON) == HOUR


def test_memory_holds_seconds_not_messages() -> None:
    budget = Budget([Limit(9_000_000, DAY)])
    for number in range(200_000):
        budget.wait(NOON + number / 1000)
        budget.spend(NOON + number / 1000)

    (window,) = budget._windows
    assert len(window._entries) == 200


def test_memory_of_what_left_the_window_is_given_back() -> None:
    budget = Budget([Limit(30, MINUTE)])
    run(budget, 3000)

    (window,) = budget._windows
    assert len(window._entries) <= 31


# Any clock, any history, any demand


@dataclass
class World:
    """A relay that counts, and a clock that may jump. `elapsed` never goes back."""

    limits: list[Limit]
    clock: float = NOON
    elapsed: float = 0.0
    sent: list[float] = field(default_factory=list)  #: elapsed, when each message went
    known: list[float] = field(default_factory=list)  #: the same, as a budget can know it
    book: Counter[int] = field(default_factory=Counter)  #: by the clock, as the ledger keeps it

    def move(self, seconds: float) -> None:
        self.clock += seconds
        self.elapsed += max(0.0, seconds)

    def start(self) -> Budget:
        """Return a new budget, which knows of the past what the book says."""
        history = sorted(self.book.items())
        moments = [
            min(second + 1.0, self.clock) for second, number in history for _ in range(number)
        ]
        self.known = [moment - self.clock + self.elapsed for moment in moments]
        budget = Budget(self.limits, history)
        budget.wait(self.clock)
        return budget

    def send(self, budget: Budget) -> None:
        """Hand over one message as soon as *budget* lets us; it must be when it has to be."""
        asked = self.elapsed
        while (seconds := budget.wait(self.clock)) > 0:
            self.move(seconds)
        for limit in self.limits:
            if len(self.sent) >= limit.number:
                assert self.elapsed - self.sent[-limit.number] >= limit.seconds - LITTLE, limit
        assert self.elapsed <= max(asked, *map(self._needed, self.limits)) + LITTLE
        budget.spend(self.clock)
        self.sent.append(self.elapsed)
        self.known.append(self.elapsed)
        self.book[math.floor(self.clock)] += 1

    def _needed(self, limit: Limit) -> float:
        """Return the moment until which *limit* may keep the next message."""
        until = [-math.inf]
        if len(self.known) >= limit.number:
            grain = min(1.0, limit.seconds / 100)
            until.append(self.known[-limit.number] + limit.seconds + grain)
        if self.known and limit.seconds <= MINUTE:
            until.append(self.known[-1] + limit.seconds / limit.number)
        return max(until)


_limits = st.lists(
    st.builds(Limit, st.integers(1, 12), st.sampled_from([1.0, MINUTE, HOUR, DAY])),
    min_size=1,
    max_size=3,
)
_past = st.lists(st.tuples(st.integers(1, 100_000), st.integers(1, 15)), max_size=8)
_steps = st.one_of(
    st.tuples(st.just("send"), st.integers(1, 30)),
    st.tuples(st.just("idle"), st.sampled_from([0.001, 0.3, 1.0, 7.0, 65.0, 4000.0, DAY])),
    st.tuples(st.just("back"), st.sampled_from([0.01, 1.0, 90.0, HOUR, DAY])),
    st.tuples(st.just("restart"), st.none()),
)


@given(_limits, _past, st.lists(_steps, max_size=12))
def test_no_window_ever_holds_more_and_nobody_waits_longer_than_needed(
    limits: list[Limit], past: list[tuple[int, int]], steps: list[tuple[str, float | None]]
) -> None:
    world = World(limits)
    for ago, number in sorted(past, reverse=True):
        world.book[int(NOON) - ago] += number
        world.sent += [1.0 - ago] * number
    budget = world.start()
    for what, amount in steps:
        match what, amount:
            case "send", int():
                for _ in range(amount):
                    world.send(budget)
            case "idle", float():
                world.move(amount)
            case "back", float():
                world.move(-amount)
            case _:
                budget = world.start()
        budget.wait(world.clock)  # of what passed before a jump it knows what it was shown
