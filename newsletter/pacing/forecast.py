"""How long a send will take, said before it begins: by the limits, else by the speed of the last.

The limits are played forward with the same `Budget` that will hold them. Where a send is long,
every window repeats the one before it, so only the first are played.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsletter.pacing.limits import SPACED, Budget, Limit

_STEPS = 2000  #: messages are played in so many groups
_FINEST = 500  #: groups in the smallest of the limits that are not spaced


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """When a send will be done, and what decides that."""

    ends_at: float  #: Unix time
    seconds: float
    reason: str  #: "at 30 a minute and 10,000 a day", "as fast as last time"


def forecast(
    people: int,
    limits: Sequence[Limit],
    history: Sequence[tuple[int, int]],
    now: float,
    per_second: float | None,
) -> Forecast | None:
    """Return when *people* will have got their mail; None where nothing is known of it.

    *history* is what went through the relay, second by second; *per_second* is how fast the relay
    took the last mailing, if that is known.
    """
    by_speed = people / per_second if per_second else 0.0
    seconds = max(by_speed, _played(people, limits, history, now, per_second))
    if not seconds:
        return None
    reason = "as fast as last time"
    if seconds > by_speed * 1.01:
        reason = f"at {' and '.join(map(str, limits))}{_used_up(limits, history, now)}"
    return Forecast(ends_at=now + seconds, seconds=seconds, reason=reason)


def _used_up(limits: Iterable[Limit], history: Iterable[tuple[int, int]], now: float) -> str:
    """Say how much of the longer limits went before."""
    told = []
    for limit in (each for each in limits if each.seconds > SPACED):
        used = sum(number for second, number in history if second > now - limit.seconds)
        if used:
            told.append(f", {used:,} of the {limit} used up already")
    return "".join(told)


def _played(
    people: int,
    limits: Sequence[Limit],
    history: Iterable[tuple[int, int]],
    now: float,
    per_second: float | None,
) -> float:
    """Return the seconds until the last of *people* is handed over within the limits."""
    if not limits:
        return 0.0
    rounds, number, length = _rounds(people, limits, per_second)
    left = people - rounds * number
    group = max(1, min(left // _STEPS, *(it.number // _FINEST for it in _unspaced(limits, left))))
    budget, at = Budget(limits, history), now
    while left > 0:
        at += budget.wait(at)
        budget.spend(at, min(group, left))
        at += min(group, left) / per_second if per_second else 0.0
        left -= group
    return at - now + rounds * length


def _unspaced(limits: Iterable[Limit], people: int) -> Iterable[Limit]:
    """Return the limits that are used up at full speed, and one that never is."""
    return [Limit(max(1, people), SPACED), *(it for it in limits if it.seconds > SPACED)]


def _rounds(
    people: int, limits: Iterable[Limit], per_second: float | None
) -> tuple[int, int, float]:
    """Return how often the strictest window repeats, how many go in it, and its length.

    What went before us has left every window after the longest; from then on it repeats.
    """
    windows = [(each.number, each.seconds) for each in limits]
    longest = max(seconds for _, seconds in windows)
    if per_second:
        windows.append((1, 1 / per_second))
    number, length = min(windows, key=lambda window: window[0] / window[1])
    first = int(number / length * longest) + 2 * number
    return max(0, people - first) // number, number, length
