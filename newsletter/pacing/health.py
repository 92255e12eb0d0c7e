"""How the relay is doing: what fails in a row, and how long to leave it alone."""

from dataclasses import dataclass

PATIENCE = 600.0  #: seconds without a relay before we stop; a fail-over takes minutes
MOST_UNANSWERED = 3  #: tries in a row whose message was taken without a reply: each is a doubt


def reconnect_wait(failures: int, spread: float) -> float:
    """Return the seconds to wait before connection attempt *failures* + 1: 0.5, 1, 2 ... 30."""
    return float(min(0.5 * (1 << min(failures - 1, 10)), 30)) * (1 + spread / 10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """How the relay is doing: its failures in a row. Times are of one monotonic clock, seconds."""

    failures: int = 0
    since: float = 0.0  #: when the first of them was
    unanswered: int = 0  #: those that left somebody in doubt
    retry_at: float = 0.0  #: when it may be tried again

    def after_failure(self, now: float, spread: float, *, unanswered: bool) -> "Health":
        """Return the health after a failure.

        What fails before the next try failed with the last: a relay that restarts drops every
        line at once.
        """
        if now < self.retry_at:
            return self
        failures = self.failures + 1
        return Health(
            failures=failures,
            since=self.since if self.failures else now,
            unanswered=self.unanswered + unanswered,
            retry_at=now + reconnect_wait(failures, spread),
        )

    def is_hopeless(self, now: float) -> bool:
        """Whether it is time to stop trying."""
        return self.unanswered >= MOST_UNANSWERED or now - self.since > PATIENCE


WELL = Health()
