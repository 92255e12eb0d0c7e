"""The connections of one sender: how many the relay bears, how old they get, when to rest."""

import asyncio
import contextlib
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from newsletter import journal
from newsletter.errors import RelayLost
from newsletter.pacing import health, window
from newsletter.progress import Progress
from newsletter.reply import Phase
from newsletter.smtp.connection import Connection, Lost

OLDEST_CONNECTION = 300.0  #: seconds, as Postfix; Exchange closes at 600 even when busy
LONGEST_IDLE = 30.0  #: seconds; a relay may drop an idle line just as we use it
MUTE_GROUPS = 2  #: and we believe no more that the relay bears commands in groups


class Pool:
    """At most as many connections as the relay bears, which it shows by what it does."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        most: int,
        messages: int,
        stop: asyncio.Event,
        progress: Progress,
    ) -> None:
        self._connect, self._stop, self._progress = connect, stop, progress
        self._messages = messages or sys.maxsize
        self._window = window.full(most)
        self._health = health.WELL
        self._lines: set[Connection] = set()
        self._opening = 0  #: connections on their way
        self._trial = asyncio.Lock()
        self._mute_groups = 0  #: first messages of a connection whose commands were not answered

    @property
    def is_well(self) -> bool:
        """Whether the relay answered as it should when it was asked last."""
        return not self._health.failures

    @property
    def has_room(self) -> bool:
        """Whether the relay bears one connection more."""
        return len(self._lines) + self._opening < self._window.places

    def turn(self) -> AbstractAsyncContextManager[None]:
        """While the relay fails, one worker at a time tries it: it costs one message a try."""
        return _NO_LOCK if self.is_well else self._trial

    def may_go_on(self, connection: Connection) -> bool:
        """Whether a message more may be begun on *connection* behind the one under way."""
        return self.is_well and self._is_good(connection, under_way=1)

    async def line(self, connection: Connection | None) -> Connection | None:
        """Return *connection* or a better one; None where the relay bears no more than there are.

        Raises `RelayLost` when there was no relay for too long.
        """
        if connection:
            fits = len(self._lines) <= self._window.places
            if connection.has_begun or (fits and self._is_good(connection)):
                return connection
            await self.part_with(connection)
        while not self._stop.is_set() and self.has_room:
            if opened := await self._open():
                return opened
        return None

    def _is_good(self, connection: Connection, under_way: int = 0) -> bool:
        fresh = connection.is_fresh(OLDEST_CONNECTION, LONGEST_IDLE)
        return fresh and connection.answered + under_way < self._messages

    async def _open(self) -> Connection | None:
        self._opening += 1
        try:
            if not (opened := await self._connected()):
                return None
        except RelayLost as error:
            if not (admitted := sum(line.is_open for line in self._lines)):
                await self.failed(str(error))
            else:
                journal.info("connection refused", connections=admitted, reason=error)
                self._window = self._window.turned_away(_now(), admitted)
                self._progress.places = self._window.places
            return None
        finally:
            self._opening -= 1
        opened.one_by_one = self._mute_groups >= MUTE_GROUPS
        self._lines.add(opened)
        self._progress.connections = len(self._lines)
        self._progress.places = self._window.places
        journal.info("connection opened", connections=len(self._lines))
        return opened

    async def _connected(self) -> Connection | None:
        """Connect, which may take minutes; None when we are asked to stop before."""
        connecting = asyncio.ensure_future(self._connect())
        stopping = asyncio.create_task(self._stop.wait())
        is_wanted = False
        try:
            await asyncio.wait((connecting, stopping), return_when=asyncio.FIRST_COMPLETED)
            is_wanted = connecting.done()
        finally:
            stopping.cancel()
            if not is_wanted:
                connecting.cancel()
                connecting.add_done_callback(_drop)
        return connecting.result() if is_wanted else None

    async def part_with(self, connection: Connection) -> None:
        """Close *connection*."""
        self._lines.discard(connection)
        self._progress.connections = len(self._lines)
        journal.info("connection closed", messages=connection.carried)
        await connection.quit()

    def suspect(self, connection: Connection, lost: Lost) -> None:
        """A relay may announce PIPELINING and not bear it: such a one is asked step by step."""
        if connection.pipelines and not connection.carried and lost.phase in _BEFORE_THE_BODY:
            self._mute_groups += 1

    async def failed(self, reason: str, *, unanswered: bool = False) -> None:
        """Wait a little longer after each failure in a row; raise `RelayLost` when it is enough."""
        now = _now()
        self._health = self._health.after_failure(now, random.random(), unanswered=unanswered)
        self._window = self._window.after_failure(now)
        self._progress.places = self._window.places
        if self._health.is_hopeless(now):
            raise RelayLost(
                f"the relay failed {self._health.failures} times in a row, the last time with: "
                f"{reason}. `newsletter resume` goes on where this stopped"
            )
        self._progress.trouble = reason
        wait = self._health.retry_at - now
        journal.warning("relay trouble", reason=reason, wait=round(wait, 1))
        await unless(self._stop, wait)

    def answered(self) -> None:
        """Take note of a reply, whatever it said: the relay is well, and may bear more."""
        self.rested()
        self._window = self._window.after_success(_now())

    def rested(self) -> None:
        """Forget the failures."""
        self._health = health.WELL
        self._progress.trouble = ""


def _drop(connecting: asyncio.Future[Connection]) -> None:
    """Close what was connected although nobody waits for it any more."""
    if not connecting.cancelled() and not connecting.exception():
        connecting.result().drop()


async def unless(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until we are asked to *stop*."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


_BEFORE_THE_BODY = (Phase.MAIL, Phase.RCPT, Phase.DATA)
_NO_LOCK = contextlib.nullcontext()


def _now() -> float:
    return asyncio.get_running_loop().time()
