"""How many connections at once the relay bears: 1/N feedback, as Postfix measures it.

A relay that fails costs the window one Nth of a place, one that turns a new connection away shows
how many it bears; each success gives an Nth back, once the relay was left alone for a while.
(Postfix, SCHEDULER_README: of the feedbacks it compares, 1/N defers the fewest.)
"""

from dataclasses import dataclass

HOLD = 10.0  #: seconds after a failure in which the window does not grow


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Places for connections, of which *size* may be used; times are of one monotonic clock."""

    most: int
    size: float
    hold_until: float = 0.0

    @property
    def places(self) -> int:
        """Return how many connections may be open: at least one."""
        return int(self.size)

    def after_success(self, now: float) -> "Window":
        """Return the window after a message that the relay answered, whatever it said."""
        if self.size >= self.most or now < self.hold_until:
            return self
        size = min(self.most, self.size + 1 / self.size)
        return Window(most=self.most, size=size, hold_until=self.hold_until)

    def after_failure(self, now: float) -> "Window":
        """Return the window after a connection that broke off, or that the relay closed."""
        return self._held(self.size - 1 / self.size, now)

    def turned_away(self, now: float, admitted: int) -> "Window":
        """Return the window after the relay refused a connection while it held *admitted* open."""
        return self._held(min(self.size, admitted), now)

    def _held(self, size: float, now: float) -> "Window":
        return Window(most=self.most, size=max(1.0, size), hold_until=now + HOLD)


def full(most: int) -> Window:
    """Return a window of *most* places, all of them open."""
    return Window(most=most, size=most)
