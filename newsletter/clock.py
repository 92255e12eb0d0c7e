"""What time it is during one run: setting the machine's clock does not move it."""

import time
from collections.abc import Callable

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the first counts sleep as well


def _since_boot() -> float:
    return time.clock_gettime(_STEADY)


class Clock:
    """Unix time as it was when this was made, and what has passed since.

    Who was told to come back in five minutes comes back in five minutes, also where somebody puts
    the machine's clock a day ahead or back.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = _since_boot
    ) -> None:
        self._steady = steady
        self._began = wall() - steady()

    def __call__(self) -> float:
        return self._began + self._steady()
