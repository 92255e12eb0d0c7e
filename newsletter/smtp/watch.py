"""How long a wire may stand still: one deadline that moves on, and one timer that looks at it."""

import asyncio
import math
from collections.abc import Callable

LOOK = 15.0  #: seconds between two looks at most, so that no phase needs a timer of its own
SUSPENDED = 1.0  #: seconds that a look is late: then it was not the relay that stood still


class Watch:
    """Calls *end* with a `TimeoutError` when nothing came, or nothing went, within the time set."""

    def __init__(self, transport: asyncio.Transport, end: Callable[[Exception], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._end = end
        self._deadline = math.inf
        self._seconds = 0.0
        self._unsent = 0
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = math.inf

    def start(self, seconds: float, *, unsent: int = 0) -> None:
        """End it in so many *seconds*, unless by then less is *unsent*."""
        now = self._loop.time()
        self._deadline, self._seconds, self._unsent = now + seconds, seconds, unsent
        if self._deadline < self._looks_at:
            self._look_at(min(self._deadline, now + LOOK))

    def stop(self) -> None:
        """Leave it alone until the next start; the timer finds nothing to do."""
        self._deadline = math.inf

    def _look_at(self, when: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._looks_at = when
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        due, now = self._looks_at, self._loop.time()
        self._timer, self._looks_at = None, math.inf
        if self._deadline == math.inf:
            return
        if now > due + SUSPENDED:  # what came meanwhile waits to be read
            self._deadline = max(self._deadline, now + SUSPENDED)
        if now < self._deadline:
            self._look_at(min(self._deadline, now + LOOK))
        elif (unsent := self._transport.get_write_buffer_size()) < self._unsent:
            self.start(self._seconds, unsent=unsent)
        else:
            self._end(TimeoutError(f"nothing came within {self._seconds:.0f} seconds"))
