"""The command in haste, for tests that outwait it, and with a clock that a test may set.

`python -m tests.hasty send ...` is `newsletter send ...`. What the file named in HASTY_CLOCK says
is added to the time, in seconds, from then on: as when somebody sets the clock of the machine.
"""

import os
import time
from datetime import timedelta
from pathlib import Path

PATIENCE = 2.0  #: seconds for every reply
OLDEST = 3.0  #: seconds that a connection lasts
FIRST_WAIT = 4.0  #: seconds that somebody waits who is not taken at first

_real = time.time


def _as_set() -> float:
    try:
        return _real() + float(Path(os.environ["HASTY_CLOCK"]).read_text())
    except FileNotFoundError:
        return _real()


def hasten() -> None:
    """Run the command line."""
    time.time = _as_set  # before anybody takes it from there
    from newsletter.cli import main
    from newsletter.delivery import pool
    from newsletter.pacing import attempts
    from newsletter.reply import Phase
    from newsletter.smtp import connection

    connection.TIMEOUTS.update(dict.fromkeys(Phase, PATIENCE))
    pool.OLDEST_CONNECTION = OLDEST
    attempts.FIRST_WAIT = timedelta(seconds=FIRST_WAIT)
    main()


if __name__ == "__main__":
    hasten()
