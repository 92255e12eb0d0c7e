"""Copies ready to go: people are claimed ahead, and their messages made, so that no line waits."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from newsletter.delivery.copies import Copy
from newsletter.ledger.states import Delivery

READY = 32  #: copies that are made ahead, a few for each connection


class Supply:
    """What is next to go, for all connections of one sender."""

    def __init__(
        self,
        claim: Callable[[], Awaitable[Sequence[Delivery]]],
        make: Callable[[Sequence[Delivery]], Awaitable[Sequence[Copy]]],
    ) -> None:
        self._claim, self._make = claim, make
        self._claimed: deque[Delivery] = deque()
        self._ready: deque[Copy] = deque()
        self._filling: asyncio.Task[None] | None = None
        self._fault: BaseException | None = None
        self.is_drained = False  #: whether nobody was due at the last look

    def take(self) -> Copy | None:
        """Return a copy if one is ready, and see to it that more will be.

        Raises what was raised the last time that more were claimed and made.
        """
        if self._fault:
            raise self._fault
        if len(self._ready) <= READY // 2 and not self._filling and not self.is_drained:
            self._filling = asyncio.create_task(self._fill())
            self._filling.add_done_callback(self._filled)
        return self._ready.popleft() if self._ready else None

    async def next(self) -> Copy | None:
        """Return the next copy; None when nobody is due. Raises what the ledger raises."""
        while not (copy := self.take()):
            if not self._filling:
                return None
            filling = self._filling
            await asyncio.wait((filling,))  # a worker that is cancelled leaves it to the others
        return copy

    def put_back(self, copy: Copy) -> None:
        """Take back a copy of which nothing was sent."""
        self._ready.appendleft(copy)

    async def close(self) -> None:
        """Let what was begun end; what was claimed and not sent is for the ledger to release."""
        if self._filling:
            await asyncio.wait((self._filling,))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing left for anybody."""
        return self.is_drained and not self._ready and not self._filling

    async def _fill(self) -> None:
        if not self._claimed:
            self._claimed.extend(await self._claim())
            self.is_drained = not self._claimed
        some = [self._claimed.popleft() for _ in range(min(READY, len(self._claimed)))]
        self._ready.extend(await self._make(some))

    def _filled(self, task: asyncio.Task[None]) -> None:
        self._filling = None
        if not task.cancelled():
            self._fault = task.exception()  # whoever asks next hears of it
