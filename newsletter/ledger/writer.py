"""The one thread that writes to the ledger: whatever is waiting goes into one transaction.

A commit costs a disk flush, whether it holds one row or a hundred. Callers await a future that is
done when their rows are durable, so safety costs a share of a flush each (group commit).
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, insert, or_, update
from sqlalchemy.exc import SQLAlchemyError

from newsletter.errors import LedgerError
from newsletter.ledger import schema
from newsletter.ledger.states import Entry, State

LARGEST_GROUP = 500  #: rows in one transaction


@dataclass(frozen=True, slots=True)
class Intent:
    """The final dot of this delivery is about to be written."""

    delivery_id: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt."""

    entry: Entry
    epoch: int


Work = Intent | Outcome | Callable[[Connection], Any]
Job = tuple[Work, asyncio.Future[Any]]

_intend = (
    update(schema.delivery)
    .where(
        schema.delivery.c.id == bindparam("delivery_id"),
        schema.delivery.c.epoch == bindparam("own_epoch"),
        schema.delivery.c.state == State.CLAIMED,
    )
    .values(state=State.HANDING_OVER)
)
_settle = (
    update(schema.delivery)
    .where(
        schema.delivery.c.id == bindparam("delivery_id"),
        schema.delivery.c.epoch == bindparam("own_epoch"),
        or_(
            schema.delivery.c.state == State.CLAIMED,
            schema.delivery.c.state == State.HANDING_OVER,
        ),
    )
    .values(
        state=bindparam("new_state"),
        attempts=bindparam("new_attempts"),
        not_before=bindparam("new_not_before"),
    )
)
_testify = insert(schema.attempt)


class Writer(threading.Thread):
    """Takes work from any coroutine of one event loop; ends when closed."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="ledger", daemon=True)
        self._engine, self._loop = engine, loop
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.commits = 0

    def submit(self, work: Work) -> asyncio.Future[Any]:
        """Return a future that is done when *work* is durable, or failed with `LedgerError`."""
        future = self._loop.create_future()
        self._queue.put((work, future))
        return future

    def close(self) -> None:
        """Finish what was submitted, then end."""
        self._queue.put(None)
        self.join()

    def run(self) -> None:
        """Commit group after group until closed."""
        with self._engine.connect() as connection:
            ending = False
            while not ending:
                jobs, ending = self._next_group()
                for group in _in_groups(jobs):
                    self._commit(connection, group)

    def _next_group(self) -> tuple[list[Job], bool]:
        job = self._queue.get()
        jobs: list[Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == LARGEST_GROUP:
                return jobs, False
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    def _commit(self, connection: Connection, jobs: Sequence[Job]) -> None:
        results: list[Any] = []
        fault: BaseException | None = None
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            results = _carry_out(connection, [work for work, _ in jobs])
            connection.exec_driver_sql("COMMIT")
            self.commits += 1
        except Exception as error:  # whatever it is, the callers must hear of it
            fault = _explained(error)
            with contextlib.suppress(SQLAlchemyError):  # SQLite may have rolled back itself
                connection.exec_driver_sql("ROLLBACK")
        futures = [future for _, future in jobs]
        with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits any more
            self._loop.call_soon_threadsafe(_resolve, futures, results, fault)


def _in_groups(jobs: list[Job]) -> list[list[Job]]:
    """Put intents and outcomes together; other work is a transaction of its own, in its turn."""
    groups: list[list[Job]] = []
    for job in jobs:
        if callable(job[0]) or not groups or callable(groups[-1][0][0]):
            groups.append([job])
        else:
            groups[-1].append(job)
    return groups


def _carry_out(connection: Connection, works: list[Work]) -> list[Any]:
    if callable(works[0]):
        return [works[0](connection)]
    intents = [work for work in works if isinstance(work, Intent)]
    outcomes = [work for work in works if isinstance(work, Outcome)]
    if intents:
        _expect(
            len(intents),
            connection.execute(
                _intend,
                [{"delivery_id": it.delivery_id, "own_epoch": it.epoch} for it in intents],
            ).rowcount,
        )
    if outcomes:
        _expect(
            len(outcomes), connection.execute(_settle, [_settled(it) for it in outcomes]).rowcount
        )
        connection.execute(_testify, [_testimony(it.entry) for it in outcomes])
    return [None] * len(works)


def _expect(meant: int, changed: int) -> None:
    """A row that another sender took over in the meantime must stop this one."""
    if meant != changed:
        raise LedgerError("another sender has taken this campaign over; this one stops")


def _settled(outcome: Outcome) -> dict[str, Any]:
    entry = outcome.entry
    return {
        "delivery_id": entry.delivery_id,
        "own_epoch": outcome.epoch,
        "new_state": entry.state,
        "new_attempts": entry.attempts,
        "new_not_before": entry.not_before,
    }


def _testimony(entry: Entry) -> dict[str, Any]:
    return {
        "delivery_id": entry.delivery_id,
        "at": entry.at,
        "state": entry.state,
        "phase": entry.phase,
        "code": entry.reply.code if entry.reply else None,
        "status": entry.reply.status if entry.reply else "",
        "text": entry.reply.text if entry.reply else entry.reason,
    }


def _explained(error: Exception) -> Exception:
    if isinstance(error, SQLAlchemyError):
        return LedgerError(
            f"the ledger cannot be written ({getattr(error, 'orig', error)}); nothing more was "
            "sent. Make room or mend the disk, then `newsletter resume`"
        )
    return error


def _resolve(
    futures: list[asyncio.Future[Any]], results: list[Any], fault: BaseException | None
) -> None:
    for n, future in enumerate(futures):
        if future.done():
            continue
        if fault:
            future.set_exception(fault)
        else:
            future.set_result(results[n])
