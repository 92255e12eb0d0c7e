"""Claim, hand over, record, until nobody waits: a campaign's way through the relay.

A few workers, each with a connection of its own, take people one at a time. What a reply means
is decided by pure functions; the ledger is told before the final dot and after the reply.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace

from newsletter import pacing
from newsletter.errors import Halted, LedgerError, NewsletterError, RelayLost
from newsletter.ledger.book import Book
from newsletter.ledger.states import Delivery, Entry, State
from newsletter.message import Envelope, HeaderError, compose
from newsletter.pacing import Health
from newsletter.reply import Outcome, Phase, Reply
from newsletter.settlement import entry_of, settle, settle_lost
from newsletter.skeleton import Skeleton, closest
from newsletter.smtp.connection import Connection, Lost

CLAIM = 200  #: people taken from the ledger at once
MOST_REFUSALS = 10  #: people refused in a row, nobody accepted between: then it is about us
TURNED_AWAY = 10.0  #: seconds until a worker without a connection asks for one again
OLDEST_CONNECTION = 300.0  #: seconds, as Postfix; Exchange closes at 600 even when busy
LONGEST_IDLE = 30.0  #: seconds; a relay may drop an idle line just as we use it


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What a sender needs to know of its campaign."""

    campaign_id: int
    epoch: int
    return_path: str
    skeletons: dict[str, Skeleton]  #: by language, as a recipient's row names it
    connections: int
    seconds_between: float = 0.0  #: at least, between two messages
    lost: State = State.IN_DOUBT  #: what becomes of a person whose reply was lost
    anybody_accepted: bool = False  #: in an earlier run


@dataclass(slots=True)
class Progress:
    """How far this run has come; whoever shows it may read it at any time."""

    accepted: int = 0
    refused: int = 0
    in_doubt: int = 0
    deferred: int = 0
    resting_until: float | None = None  #: Unix time; nobody is due before
    trouble: str = ""  #: why the relay does not take anything just now
    connections: int = 0

    def count(self, state: State) -> None:
        """Count one settled attempt."""
        match state:
            case State.ACCEPTED:
                self.accepted += 1
            case State.REFUSED:
                self.refused += 1
            case State.IN_DOUBT:
                self.in_doubt += 1
            case _:
                self.deferred += 1


@dataclass
class Sender:
    """One run over one campaign; `stop` ends it after the messages that are under way."""

    book: Book
    assignment: Assignment
    connect: Callable[[], Awaitable[Connection]]
    stop: asyncio.Event
    progress: Progress = field(default_factory=Progress)
    clock: Callable[[], float] = time.time
    _claimed: deque[Delivery] = field(default_factory=deque)
    _claiming: asyncio.Lock = field(default_factory=asyncio.Lock)
    _lines: set[Connection] = field(default_factory=set)
    _trial: asyncio.Lock = field(default_factory=asyncio.Lock)
    _health: Health = pacing.WELL
    _refusals: dict[int, Entry] = field(default_factory=dict)  #: by number; not yet believed
    _refused: int = 0  #: how many there have been
    _sent_back: Counter[int] = field(default_factory=Counter)
    _is_drained: bool = False  #: whether nobody was due at the last look
    _next_slot: float = 0.0
    _fault: NewsletterError | None = None

    async def run(self) -> None:
        """Send until nobody waits, or until stopped, which raises `Halted` or what stopped it."""
        campaign_id = self.assignment.campaign_id
        while not self.stop.is_set():
            due = 0.0 if self._claimed else await self.book.next_due(campaign_id)
            if due is None and self._refusals:
                self._end_of_refusals()
                await self.book.settled()
                continue
            if due is None:
                await self.book.finish(campaign_id, self.assignment.epoch, self.clock())
                return
            if due > self.clock():
                await self._rest(due)
                continue
            async with asyncio.TaskGroup() as workers:
                for _ in range(self.assignment.connections):
                    workers.create_task(self._work())
            await self.book.settled()
        self._take_back_refusals()
        fault = self._fault or Halted(
            "stopped before the end, as asked; `newsletter resume` goes on where it stopped"
        )
        with contextlib.suppress(LedgerError):  # where it cannot be written, `start` will do this
            await self.book.release(campaign_id, self.assignment.epoch)
            await self.book.halt(campaign_id, self.assignment.epoch, str(fault))
        raise fault

    async def _rest(self, until: float) -> None:
        self._is_well()
        self.progress.resting_until = until
        await self._wait(until - self.clock())
        self.progress.resting_until = None

    async def _wait(self, seconds: float) -> None:
        """Wait, but not longer than until we are asked to stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stop.wait()

    async def _work(self) -> None:
        connection: Connection | None = None
        try:
            while delivery := await self._next():
                async with self._turn():
                    connection = await self._connected(connection)
                    if connection and not self.stop.is_set():
                        await self._deliver(connection, delivery)
                        continue
                self._claimed.appendleft(delivery)
                await self._wait_for_a_place()
        except NewsletterError as fault:
            self._fault = self._fault or fault
            self.stop.set()
        finally:
            if connection:
                await self._part_with(connection)

    async def _wait_for_a_place(self) -> None:
        """Leave the work to those who have a connection, and come back later if there is more."""
        until = self.clock() + TURNED_AWAY
        while self.clock() < until and not self.stop.is_set() and not self._nobody_is_left():
            await self._wait(0.1)

    def _nobody_is_left(self) -> bool:
        return self._is_drained and not self._claimed

    def _turn(self) -> AbstractAsyncContextManager[None]:
        """While the relay fails, one worker at a time tries it: it costs one message a try."""
        return self._trial if self._health.failures else contextlib.nullcontext()

    async def _next(self) -> Delivery | None:
        """Return the next person who is due, at the pace that was set; None: no more for now."""
        async with self._claiming:
            if not self._claimed and not self.stop.is_set():
                claimed = await self.book.claim(
                    self.assignment.campaign_id, self.assignment.epoch, CLAIM, self.clock()
                )
                self._is_drained = not claimed
                self._claimed.extend(claimed)
            if self._claimed and self.assignment.seconds_between:
                await self._pace()
            if self.stop.is_set() or not self._claimed:
                return None
            return self._claimed.popleft()

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        await self._wait(self._next_slot - loop.time())
        self._next_slot = max(loop.time(), self._next_slot) + self.assignment.seconds_between

    async def _connected(self, connection: Connection | None) -> Connection | None:
        """Return a fresh enough connection; None where others have one and we may not."""
        if connection:
            if connection.is_fresh(OLDEST_CONNECTION, LONGEST_IDLE):
                return connection
            await self._part_with(connection)
        while not self.stop.is_set():
            try:
                opened = await self.connect()
            except RelayLost as error:
                if any(line.is_open for line in self._lines):  # it takes only so many at a time
                    return None
                await self._after_failure(str(error))
            else:
                self._lines.add(opened)
                self.progress.connections = len(self._lines)
                return opened
        return None

    async def _part_with(self, connection: Connection) -> None:
        self._lines.discard(connection)
        self.progress.connections = len(self._lines)
        await connection.quit()

    async def _after_failure(self, reason: str, *, unanswered: bool = False) -> None:
        """Wait a little longer after each failure in a row; raise `RelayLost` when it is enough."""
        now = asyncio.get_running_loop().time()
        self._health = self._health.after_failure(now, random.random(), unanswered=unanswered)
        if self._health.is_hopeless(now):
            raise RelayLost(
                f"the relay failed {self._health.failures} times in a row, the last time with: "
                f"{reason}. `newsletter resume` goes on where this stopped"
            )
        self.progress.trouble = reason
        await self._wait(self._health.retry_at - now)

    def _is_well(self) -> None:
        """Forget the failures: the relay answers as it should."""
        self._health = pacing.WELL
        self.progress.trouble = ""

    async def _deliver(self, connection: Connection, delivery: Delivery) -> None:
        spread, refused_before = random.random(), self._refused
        try:
            data = self._copy(delivery)
            phase, reply = await connection.hand_over(
                Envelope(self.assignment.return_path, str(delivery.recipient.address)),
                data,
                lambda: self.book.intend(delivery, self.assignment.epoch),
            )
        except HeaderError as error:  # before a byte was sent: this person, not the campaign
            entry = entry_of(delivery, self.clock(), Phase.CONNECT, None, f"not sent: {error}")
            self._record(entry(State.REFUSED, 1))
        except Lost as lost:
            self._note(settle_lost(delivery, lost, self.clock(), spread, self.assignment.lost))
            await self._after_failure(str(lost), unanswered=lost.phase is Phase.DOT)
        else:
            sent_back = self._sent_back[delivery.id]
            meaning, entered = settle(
                delivery, phase, reply, self.clock(), spread, sent_back=sent_back
            )
            if meaning is Outcome.RECONNECT and phase is not Phase.MAIL:
                self._sent_back[delivery.id] += 1
            if meaning is Outcome.ACCEPTED:
                self._believe_refusals(refused_before)
            self._note(entered)
            await self._act(meaning, reply, connection)

    async def _act(self, meaning: Outcome, reply: Reply, connection: Connection) -> None:
        if meaning is Outcome.PAUSE:
            raise _refused_as_a_whole(reply)
        if meaning is Outcome.RECONNECT:
            await connection.quit()
            await self._after_failure(str(reply))
        else:
            self._is_well()

    def _note(self, entry: Entry) -> None:
        """Write *entry* down; a refusal only when somebody who came after it is accepted.

        Ten people refused in a row are a refusal of us: they go back, and the campaign halts.
        """
        if entry.state is not State.REFUSED:
            self._record(entry)
            return
        self._refusals[self._refused] = entry
        self._refused += 1
        if len(self._refusals) >= MOST_REFUSALS:
            self._halt_for_refusals()

    def _end_of_refusals(self) -> None:
        """Nobody is left to be asked: the last refusals stand, if anybody was accepted at all."""
        if self.progress.accepted or self.assignment.anybody_accepted:
            self._believe_refusals(self._refused)
        else:
            self._halt_for_refusals()

    def _believe_refusals(self, before: int) -> None:
        for number in [number for number in self._refusals if number < before]:
            self._record(self._refusals.pop(number))

    def _take_back_refusals(self) -> None:
        while self._refusals:
            _, entry = self._refusals.popitem()
            self._record(replace(entry, state=State.PLANNED, attempts=entry.attempts - 1))

    def _halt_for_refusals(self) -> None:
        *_, last = self._refusals.values()
        self._fault = self._fault or _refused_as_a_whole(last.reply or last.reason)
        self.stop.set()

    def _copy(self, delivery: Delivery) -> bytes:
        skeletons = self.assignment.skeletons
        language = closest(delivery.recipient.language, skeletons) or next(iter(skeletons))
        return compose(skeletons[language], delivery.recipient, delivery.message_id)

    def _record(self, entry: Entry) -> None:
        self.book.record(entry, self.assignment.epoch)
        self.progress.count(entry.state)


def _refused_as_a_whole(reply: Reply | str) -> Halted:
    return Halted(
        f"the relay refuses the whole mailing: {reply}. Nobody is counted as refused for it; ask "
        "the relay's keeper, then `newsletter resume`"
    )
