"""The one thread that writes to the ledger: whatever is waiting goes into one transaction.

A commit costs a disk flush, whether it holds one row or a hundred. Callers await a future that is
done when their rows are durable, so safety costs a share of a flush each (group commit). Whoever is
awaited waits for no group to fill: what comes during one flush is the next group.

Waking a thread costs more than adding a row. So only what somebody waits for rings the bell, and
only where it has not rung already; outcomes lie there until then, or for a moment.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from newsletter.errors import LedgerError
from newsletter.ledger import stores
from newsletter.ledger.statements import Statements
from newsletter.ledger.states import Entry

LARGEST_GROUP = 500  #: rows in one transaction
UNHURRIED = 0.01  #: seconds that outcomes may wait for an intent to be written with them

Future = asyncio.Future[Any]


class Intent(NamedTuple):
    """The final dot of this delivery is about to be written."""

    future: Future
    delivery_id: int
    epoch: int


class Outcome(NamedTuple):
    """What became of an attempt; nobody waits for it."""

    entry: Entry
    epoch: int


class Mark(NamedTuple):
    """Done when everything before it is."""

    future: Future


class Work(NamedTuple):
    """Anything else: a transaction of its own, in its turn."""

    future: Future
    do: Callable[[Connection], Any]


Row = Intent | Outcome | Mark


class Writer(threading.Thread):
    """Takes work from any coroutine of one event loop; ends when closed."""

    def __init__(
        self,
        connection: Connection,
        loop: asyncio.AbstractEventLoop,
        *,
        begin: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(name="ledger", daemon=True)
        self._connection, self._loop, self._begin, self._clock = connection, loop, begin, clock
        self._statements = Statements(connection.dialect)
        self._jobs: deque[Row | Work] = deque()
        self._taken: list[Row | Work] = []
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._has_rung = False
        self._rings_soon = False
        self._is_closed = False
        self.relay = ""  #: under which name intents are counted; empty: they are not
        self.fault: BaseException | None = None  #: the first row that could not be kept
        self.commits = 0

    def intend(self, delivery_id: int, epoch: int) -> Future:
        """Return a future that is done when the intent is durable, or failed."""
        return self._awaited(Intent(self._loop.create_future(), delivery_id, epoch))

    def record(self, entry: Entry, epoch: int) -> None:
        """Write down *entry* soon; where that fails, `fault` says so."""
        self._jobs.append(Outcome(entry, epoch))
        if not self._rings_soon:
            self._rings_soon = True
            self._loop.call_later(UNHURRIED, self._ring_at_last)

    def mark(self) -> Future:
        """Return a future that is done when all that came before is durable, or has failed."""
        return self._awaited(Mark(self._loop.create_future()))

    def submit(self, do: Callable[[Connection], Any]) -> Future:
        """Return a future with the result of *do*, durable, or failed with `LedgerError`."""
        return self._awaited(Work(self._loop.create_future(), do))

    def close(self) -> None:
        """Finish what was submitted, then end."""
        self._is_closed = True
        self._ring()
        self.join()

    def run(self) -> None:
        """Commit group after group until closed."""
        try:
            self._serve()
        except Exception as error:  # no memory left, say: whoever waits must hear of it
            self._refuse(error)

    def _serve(self) -> None:
        cursor = self._connection.connection.cursor()
        while self._takes_jobs():
            for each in _in_groups(self._taken):
                if isinstance(each, Work):
                    self._do(each)
                else:
                    self._commit(cursor, each)

    def _refuse(self, error: Exception) -> None:
        """Answer everything until closed with *error*."""
        fault = self._explained(error)
        self.fault = self.fault or fault
        self._ring()  # for what it may have left when it failed
        waiting = True
        while waiting:
            futures = [job.future for job in self._taken if not isinstance(job, Outcome)]
            self._tell(_fail, futures, fault)
            waiting = self._takes_jobs()

    def _awaited(self, job: Intent | Mark | Work) -> Future:
        self._jobs.append(job)
        self._ring()
        return job.future

    def _ring_at_last(self) -> None:
        self._rings_soon = False
        self._ring()

    def _ring(self) -> None:
        if not self._has_rung:
            self._has_rung = True
            self._bell.put(None)

    def _takes_jobs(self) -> bool:
        """Wait for the bell and take what there is; False when it was closed and that was all."""
        if self._is_closed and not self._jobs:
            return False
        self._bell.get()
        self._has_rung = False  # before the look: whoever comes after it rings again
        self._taken = []
        for _ in range(len(self._jobs)):  # one by one: where memory ends, none is lost
            self._taken.append(self._jobs.popleft())
        return True

    def _do(self, work: Work) -> None:
        connection = self._connection
        try:
            connection.exec_driver_sql(self._begin)
            result = work.do(connection)
            connection.exec_driver_sql("COMMIT")
        except Exception as error:  # whatever it is, the caller must hear of it
            with contextlib.suppress(SQLAlchemyError):  # SQLite may have rolled back itself
                connection.exec_driver_sql("ROLLBACK")
            self._tell(_fail, [work.future], self._explained(error))
        else:
            self._tell(_succeed, [work.future], result)

    def _commit(self, cursor: Any, rows: Sequence[Row]) -> None:
        futures = [row.future for row in rows if not isinstance(row, Outcome)]
        try:
            self._write(cursor, rows)
        except Exception as error:
            with contextlib.suppress(self._dbapi_error):
                cursor.execute("ROLLBACK")
            fault = self._explained(error)
            self.fault = self.fault or fault
            self._tell(_fail, futures, fault)
        else:
            if futures:
                self._tell(_succeed, futures, None)

    def _write(self, cursor: Any, rows: Sequence[Row]) -> None:
        intents = [(row.delivery_id, row.epoch) for row in rows if isinstance(row, Intent)]
        outcomes = [row for row in rows if isinstance(row, Outcome)]
        if not intents and not outcomes:
            return
        cursor.execute(self._begin)
        if intents:
            self._statements.intend(cursor, intents)
            if self.relay:
                self._statements.count(cursor, self.relay, int(self._clock()), len(intents))
        if outcomes:
            self._statements.settle(cursor, outcomes)
        cursor.execute("COMMIT")
        self.commits += 1

    def _tell(self, how: Callable[..., None], futures: list[Future], what: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits any more
            self._loop.call_soon_threadsafe(how, futures, what)

    def _explained(self, error: Exception) -> Exception:
        if isinstance(error, (SQLAlchemyError, self._dbapi_error, MemoryError)):
            return LedgerError(
                f"the ledger cannot be written ({stores.reason(error)}); nothing more was "
                "sent. Make room or mend the disk, then `newsletter resume`"
            )
        return error

    @property
    def _dbapi_error(self) -> type[Exception]:
        error: type[Exception] = self._connection.dialect.loaded_dbapi.Error
        return error


def _in_groups(jobs: list[Row | Work]) -> list[list[Row] | Work]:
    """Put intents and outcomes together; other work is a transaction of its own, in its turn."""
    groups: list[list[Row] | Work] = []
    for job in jobs:
        if isinstance(job, Work):
            groups.append(job)
        elif groups and isinstance(groups[-1], list) and len(groups[-1]) < LARGEST_GROUP:
            groups[-1].append(job)
        else:
            groups.append([job])
    return groups


def _succeed(futures: list[Future], result: Any) -> None:
    for future in futures:
        if not future.done():
            future.set_result(result)


def _fail(futures: list[Future], fault: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(fault)
