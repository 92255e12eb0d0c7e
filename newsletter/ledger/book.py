"""What a sender does with the ledger: plan, start, claim, intend, record, finish."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Self, TypeVar

from sqlalchemy import Connection, select

from newsletter.errors import LedgerError
from newsletter.ledger import copies, planning, schema, steps, stores
from newsletter.ledger.states import Delivery, Entry, Plan, State
from newsletter.ledger.stores import Place
from newsletter.ledger.writer import Writer
from newsletter.skeleton import Skeleton, load_skeleton

T = TypeVar("T")


class Book:
    """The ledger of one workspace, open for writing. Everything awaited is durable."""

    def __init__(self, place: Place, clock: Callable[[], float] = time.time) -> None:
        self._store = stores.at(place)
        self._connection = stores.open_for_writing(self._store)
        self._writer = Writer(
            self._connection, asyncio.get_running_loop(), begin=self._store.begin, clock=clock
        )
        self._writer.start()
        self._held: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._let_go()
        await asyncio.to_thread(self._writer.close)
        stores.close(self._connection)

    async def run(self, do: Callable[[Connection], T]) -> T:
        """Do anything else in a transaction of its own, in its turn, and return the result."""
        result: T = await self._writer.submit(do)
        return result

    async def plan(self, plan: Plan) -> int:
        """Write *plan* down, everybody in it, and return the campaign's id."""
        return await self.run(lambda connection: planning.plan(connection, self._store, plan))

    async def start(self, campaign_id: int, now: float, *, lost: State, relay: str = "") -> int:
        """Take the campaign over and return the epoch that later calls must name.

        What an earlier sender left behind: claimed people go back to planned, for nothing was
        sent to them; those who were being handed over become *lost*, in doubt or planned. From
        now on each intent counts as a message to *relay*, if that is named.
        """
        await self.run(lambda connection: stores.refuse_damage(connection, self._store))
        self._writer.relay = relay

        def start(connection: Connection) -> int:
            if self._store.leases:
                steps.take_lease(connection, campaign_id, self._store.sender)
            steps.forget(connection, now)
            return steps.start(connection, campaign_id, now, lost)

        self._let_go()
        epoch = await self._in_next_generation(start)
        if self._store.leases:
            self._held = asyncio.create_task(self._hold(campaign_id, epoch))
        return epoch

    async def handed_over_since(self, relay: str, since: float) -> tuple[tuple[int, int], ...]:
        """Return how many messages went to *relay*, as (second, number), the oldest first."""
        return await self.run(lambda connection: steps.handed_over(connection, relay, since))

    async def claim(
        self, campaign_id: int, epoch: int, limit: int, now: float
    ) -> tuple[Delivery, ...]:
        """Return up to *limit* people who are due, now ours."""
        return await self.run(
            lambda connection: steps.claim(connection, campaign_id, epoch, limit, now)
        )

    def intend(self, delivery: Delivery, epoch: int) -> Awaitable[None]:
        """Write down that the final dot of *delivery* is about to be written."""
        self._raise_fault()
        return self._writer.intend(delivery.id, epoch)

    def record(self, entry: Entry, epoch: int) -> None:
        """Write down what became of an attempt; durable after the next `settled`."""
        self._writer.record(entry, epoch)

    async def settled(self) -> None:
        """Wait until everything recorded is durable."""
        await self._writer.mark()
        self._raise_fault()

    async def release(self, campaign_id: int, epoch: int) -> None:
        """Give back what was claimed and not begun."""
        await self.run(lambda connection: steps.release(connection, campaign_id, epoch))

    async def next_due(self, campaign_id: int) -> float | None:
        """Return when the next planned person is due (Unix time); None: nobody is planned."""
        return await self.run(lambda connection: steps.next_due(connection, campaign_id))

    async def halt(self, campaign_id: int, epoch: int, reason: str) -> None:
        """Write down why the campaign stopped before its end."""
        await self._in_next_generation(
            lambda connection: steps.end(connection, campaign_id, epoch, halted=reason[:500])
        )

    async def cancel(self, campaign_id: int, epoch: int) -> None:
        """Give up whoever waits; those whose reply was lost are in doubt, for it may be there."""
        await self.run(lambda connection: steps.cancel(connection, campaign_id, epoch))

    async def finish(self, campaign_id: int, epoch: int, now: float) -> None:
        """Write down that nobody waits any more."""
        await self._in_next_generation(
            lambda connection: steps.end(connection, campaign_id, epoch, halted="", finished_at=now)
        )

    async def skeletons(self, campaign_id: int) -> dict[str, Skeleton]:
        """Return the frozen mail by language; the default language comes first."""
        return await self.run(
            lambda connection: {
                row.language: load_skeleton(row.data)
                for row in connection.execute(
                    select(schema.skeleton)
                    .where(schema.skeleton.c.campaign_id == campaign_id)
                    .order_by(schema.skeleton.c.id)
                )
            }
        )

    async def _in_next_generation(self, do: Callable[[Connection], T]) -> T:
        """Do *do* so that a copy made before it can be told from this ledger (see `copies`)."""
        result, seen = await self.run(lambda connection: (do(connection), copies.renew(connection)))
        with contextlib.suppress(OSError):  # an older stamp is no lie
            await asyncio.to_thread(self._store.stamp.set, *seen)
        return result

    def _let_go(self) -> None:
        if self._held:
            self._held.cancel()

    async def _hold(self, campaign_id: int, epoch: int) -> None:
        """Tell other machines now and then that we are still there."""
        while not self._writer.fault:
            await asyncio.sleep(steps.LEASE / 3)
            try:
                await self.run(lambda connection: steps.renew_lease(connection, campaign_id, epoch))
            except LedgerError as fault:
                self._writer.fault = self._writer.fault or fault

    def _raise_fault(self) -> None:
        """Refuse to go on once a row could not be kept."""
        if self._writer.fault:
            raise self._writer.fault
