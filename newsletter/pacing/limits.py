"""When the next message may go: limits that hold over any window, also across a restart."""

import math
from collections import deque
from collections.abc import Iterable

from newsletter.profiles import Limit

__all__ = ["Budget", "Limit"]

SPACED = 60.0  #: limits of this many seconds or fewer are used up evenly, the others at full speed
MADE_UP = 0.1  #: seconds that a message may be late without delaying those after it


class Budget:
    """How much a relay still bears, and when more. Times are in seconds of one clock.

    The clock may jump: forwards is believed, for a machine sleeps; backwards, time stands still
    here until the clock goes on. What *history* says of each second counts from that second's
    end; what it says of the future happened by now.
    """

    def __init__(self, limits: Iterable[Limit], history: Iterable[tuple[int, int]] = ()) -> None:
        self._windows = tuple(map(_Window, limits))
        self._history = tuple(history)
        self._shown: float | None = None  #: what the clock showed last
        self._ahead = 0.0  #: how far our time is ahead of a clock that went back

    def wait(self, now: float) -> float:
        """Return the seconds until the next message may go; 0.0: now."""
        at = self._moment(now)
        return max((each.opens(at) for each in self._windows), default=at) - at

    def spend(self, now: float, number: int = 1) -> None:
        """Take note that *number* messages go now."""
        at = self._moment(now)
        for each in self._windows:
            each.spend(at, number)

    def _moment(self, now: float) -> float:
        """Return our time, which never goes back."""
        if self._shown is None:
            for second, number in self._history:
                for each in self._windows:
                    each.remember(min(second + 1.0, now), number)
            self._history = ()
        elif now < self._shown:
            self._ahead += self._shown - now
        self._shown = now
        return now + self._ahead


class _Window:
    """One limit, and what went within its length: how many, and when the last of them.

    Messages that go within a grain, a second or less, are kept as one entry.
    """

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._grain = min(1.0, limit.seconds / 100)
        self._gap = limit.seconds / limit.number if limit.seconds <= SPACED else 0.0
        self._entries: deque[tuple[float, int]] = deque()  #: oldest first: last moment, how many
        self._held = 0  #: how many in all entries
        self._next = -math.inf  #: when the next may go

    def opens(self, at: float) -> float:
        """Return when the next message may go: *at* or later."""
        entries, limit = self._entries, self._limit
        while entries and entries[0][0] + limit.seconds <= at:
            self._held -= entries.popleft()[1]
        while self._held >= limit.number:
            oldest = entries[0][1]
            if self._held - oldest < limit.number:
                self._next = max(self._next, entries[0][0] + limit.seconds)
                break
            entries.popleft()  # more went than may: when the oldest leaves, there is no place yet
            entries[0] = (entries[0][0], entries[0][1] + oldest)
        return max(at, self._next)

    def spend(self, at: float, number: int) -> None:
        """Take note of *number* messages that go, with a gap to come after each."""
        due = self._next if at - self._next <= MADE_UP else at
        self.remember(at, number)
        self._next = due + self._gap * number

    def remember(self, at: float, number: int) -> None:
        """Take note of *number* messages that went."""
        if self._entries and self._entries[-1][0] // self._grain == at // self._grain:
            number_before = self._entries.pop()[1]
            self._entries.append((at, number_before + number))
        else:
            self._entries.append((at, number))
        self._held += number
        self._next = at + self._gap
