"""Claim, hand over, record, until nobody waits.

A few workers, each with a connection of its own, take one message at a time. What a reply means
is decided by pure functions; the ledger is told before the final dot and after the reply.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from newsletter import journal
from newsletter.delivery.copies import Copy, Press, Unmade
from newsletter.delivery.pool import Pool, unless
from newsletter.delivery.refusals import Refusals
from newsletter.delivery.supply import Supply
from newsletter.errors import Halted, LedgerError
from newsletter.ledger.book import Book
from newsletter.ledger.states import Delivery, Entry, State
from newsletter.pacing.limits import Budget
from newsletter.progress import Progress
from newsletter.reply import Outcome, Phase, Reply
from newsletter.settlement import entry_of, settle, settle_lost
from newsletter.smtp.connection import Connection, Lost, Unfit

SHORT_WAIT = 60.0  #: seconds for the limits, not worth a word
CLAIM = 200  #: people taken from the ledger at once


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What a sender needs to know of its campaign."""

    campaign_id: int
    epoch: int
    press: Press
    connections: int
    messages: int = 0  #: on one connection, before it is replaced; 0: any number
    budget: Budget | None = None  #: what the relay's limits leave us; None: no limits
    lost: State = State.IN_DOUBT  #: what becomes of a person whose reply was lost
    anybody_accepted: bool = False  #: in an earlier run


@dataclass
class Sender:
    """One run over one campaign; `stop` ends it after the messages that are under way."""

    book: Book
    assignment: Assignment
    connect: Callable[[], Awaitable[Connection]]
    stop: asyncio.Event
    progress: Progress = field(default_factory=Progress)
    clock: Callable[[], float] = time.time
    _refusals: Refusals = field(default_factory=Refusals)
    _sent_back: Counter[int] = field(default_factory=Counter)
    _queueing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _fault: Exception | None = None

    def __post_init__(self) -> None:
        self._tells_all = journal.tells_all()
        most, messages = self.assignment.connections, self.assignment.messages
        self._pool = Pool(self.connect, most, messages, self.stop, self.progress)

    async def run(self) -> None:
        """Send until nobody waits, or until stopped, which raises `Halted` or what stopped it."""
        campaign_id = self.assignment.campaign_id
        while not self.stop.is_set():
            due = await self.book.next_due(campaign_id)
            if due is None and self._refusals:
                self._end_of_refusals()
                await self.book.settled()
            elif due is None:
                await self.book.finish(campaign_id, self.assignment.epoch, self.clock())
                return
            elif due > self.clock():
                self._pool.rested()
                journal.info("resting", seconds=round(due - self.clock()))
                self.progress.resting_until = due
                await unless(self.stop, due - self.clock())
                self.progress.resting_until = None
            else:
                await self._send_to_all_who_are_due()
        for entry in self._refusals.taken_back():
            self._record(entry)
        fault = self._fault or Halted(
            "asked to stop before the end; `newsletter resume` goes on where it stopped"
        )
        with contextlib.suppress(LedgerError):  # where it cannot be written, `start` will do this
            await self.book.release(campaign_id, self.assignment.epoch)
            await self.book.halt(campaign_id, self.assignment.epoch, str(fault) or repr(fault))
        raise fault

    async def _send_to_all_who_are_due(self) -> None:
        self._supply = Supply(self._claim, self._make)
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(self.assignment.connections):
                    workers.create_task(self._work())
        finally:
            await self._supply.close()
        await self.book.settled()

    async def _claim(self) -> tuple[Delivery, ...]:
        if self.stop.is_set():
            return ()
        return await self.book.claim(
            self.assignment.campaign_id, self.assignment.epoch, CLAIM, self.clock()
        )

    async def _make(self, deliveries: Sequence[Delivery]) -> list[Copy]:
        made = await self.assignment.press.make(deliveries)
        for each in made:
            if isinstance(each, Unmade):
                self._refuse(each.delivery, each.reason)
        return [each for each in made if isinstance(each, Copy)]

    # -- one worker: one connection after another, one message after another

    async def _work(self) -> None:
        connection: Connection | None = None
        copy: Copy | None = None
        try:
            while copy := copy or await self._next():
                if not connection or copy.counted_on is not connection:
                    await self._wait_for_the_limits()
                async with self._pool.turn():
                    connection = await self._pool.line(connection)
                    if connection and not self.stop.is_set():
                        if self._may_go(copy, connection):
                            copy = await self._deliver(connection, copy)
                        continue
                if self.stop.is_set():
                    return
                self._supply.put_back(copy)
                copy = None
                await self._wait_for_room()
        except Exception as fault:  # whatever it is, the others end what they have under way
            self._fault = self._fault or fault
            self.stop.set()
        finally:
            if connection:
                await self._pool.part_with(connection)

    async def _wait_for_room(self) -> None:
        """Leave the work to those who have a connection, until there is room or nothing left."""
        while not (self._pool.has_room or self.stop.is_set() or self._supply.is_empty):
            await unless(self.stop, 0.1)

    async def _next(self) -> Copy | None:
        """Return the next copy; None: no more for now."""
        return None if self.stop.is_set() else await self._supply.next()

    def _at_once(self, connection: Connection) -> Copy | None:
        """Return a copy that may go right behind the one under way, if there is one."""
        budget = self.assignment.budget
        if self.stop.is_set() or (budget and budget.wait(self.clock())):
            return None
        if copy := self._supply.take():
            self._may_go(copy, connection)
        return copy

    async def _wait_for_the_limits(self) -> None:
        if not (budget := self.assignment.budget):
            return
        async with self._queueing:
            while (seconds := budget.wait(self.clock())) and not self.stop.is_set():
                if seconds > SHORT_WAIT:
                    self.progress.limited_until = self.clock() + seconds
                    journal.info("waiting for the limits", seconds=round(seconds))
                await unless(self.stop, seconds)
                self.progress.limited_until = None

    def _may_go(self, copy: Copy, connection: Connection) -> bool:
        """Count *copy*, which goes now on *connection*; False where the limits are used up."""
        budget = self.assignment.budget
        if not budget or copy.counted_on is connection:
            return True
        if budget.wait(self.clock()):  # another took the place, while we waited for a line
            return False
        budget.spend(self.clock())
        copy.counted_on = connection
        return True

    # -- one message

    async def _deliver(self, connection: Connection, copy: Copy) -> Copy | None:
        """Hand *copy* over and write down what became of it; return the copy that is next."""
        delivery, book, epoch = copy.delivery, self.book, self.assignment.epoch
        if not connection.has_begun:
            copy.refused_before = self._refusals.count
        following = self._at_once(connection) if self._pool.may_go_on(connection) else None
        if following:
            following.refused_before = self._refusals.count
        try:
            phase, reply = await connection.hand_over(
                copy.parcel,
                lambda: book.intend(delivery, epoch),
                following.parcel if following else None,
            )
        except Unfit as error:
            self._refuse(delivery, str(error))
        except Lost as lost:
            if lost.phase is Phase.DOT:
                journal.warning("in doubt", delivery=delivery.id, reason=lost)
            self._pool.suspect(connection, lost)
            after_dot = self.assignment.lost
            self._note(settle_lost(delivery, lost, self.clock(), random.random(), after_dot))
            await self._pool.failed(str(lost), unanswered=lost.phase is Phase.DOT)
        else:
            await self._settle(connection, copy, phase, reply)
        return following

    async def _settle(self, connection: Connection, copy: Copy, phase: Phase, reply: Reply) -> None:
        delivery = copy.delivery
        if phase is Phase.DOT:
            self.progress.answered(connection.answered_in)
        if self._tells_all:
            journal.debug("answered", to=copy.parcel.envelope.recipient, phase=phase, reply=reply)
        sent_back = self._sent_back[delivery.id]
        meaning, entry = settle(
            delivery, phase, reply, self.clock(), random.random(), sent_back=sent_back
        )
        if meaning is Outcome.ACCEPTED and self._refusals:
            self._believe(copy.refused_before)
        self._note(entry)
        if meaning is Outcome.PAUSE:
            raise _refused_as_a_whole(reply)
        if meaning is not Outcome.RECONNECT:
            self._pool.answered()
            return
        if phase is not Phase.MAIL:
            self._sent_back[delivery.id] += 1
        await connection.quit()
        if not connection.carried:  # else it takes only so many on one connection
            await self._pool.failed(str(reply))

    def _refuse(self, delivery: Delivery, reason: str) -> None:
        """Before a byte was sent: this person, whatever others get."""
        entry = entry_of(delivery, self.clock(), Phase.CONNECT, None, f"not sent: {reason}")
        self._record(entry(State.REFUSED, 1))

    def _note(self, entry: Entry) -> None:
        """Write *entry* down; a refusal only when somebody who came after it is accepted."""
        if entry.state is not State.REFUSED:
            self._record(entry)
            return
        self._refusals.add(entry)
        if entry.phase in _INTENDED:  # it is not believed yet, but was heard: no reply is missing
            heard = replace(entry, state=State.CLAIMED, attempts=entry.attempts - 1)
            self.book.record(heard, self.assignment.epoch)
        if self._refusals.are_too_many:
            self._halt_for_refusals()

    def _end_of_refusals(self) -> None:
        """Nobody is left to be asked: the last refusals stand, if anybody was accepted at all."""
        if self.progress.accepted or self.assignment.anybody_accepted:
            self._believe(self._refusals.count)
        else:
            self._halt_for_refusals()

    def _believe(self, before: int) -> None:
        for entry in self._refusals.believed(before):
            self._record(entry)

    def _halt_for_refusals(self) -> None:
        last = self._refusals.last
        self._fault = self._fault or _refused_as_a_whole(last.reply or last.reason)
        self.stop.set()

    def _record(self, entry: Entry) -> None:
        self.book.record(entry, self.assignment.epoch)
        self.progress.count(entry.state)


_INTENDED = (Phase.BODY, Phase.DOT)


def _refused_as_a_whole(reply: Reply | str) -> Halted:
    return Halted(
        f"the relay refuses the whole mailing: {reply}. Nobody is counted as refused for it; ask "
        "the relay's keeper, then `newsletter resume`"
    )
