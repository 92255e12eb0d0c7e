"""When a person who was refused for now may be tried again, and when we give up."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(minutes=5)  #: greylisting rarely lets anyone in before
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = 12  #: attempts: with the waits above, about nine hours


def next_attempt(now: datetime, attempts: int, spread: float) -> datetime | None:
    """Return when a person refused *attempts* times may be tried again; None: give up.

    The wait doubles from `FIRST_WAIT` to `LONGEST_WAIT`; *spread*, 0 to 1, adds up to a tenth,
    so that a thousand refused deliveries do not come back together.
    """
    if attempts >= GIVE_UP_AFTER:
        return None
    wait = min(FIRST_WAIT * (1 << (attempts - 1)), LONGEST_WAIT)
    return now + wait * (1 + spread / 10)
