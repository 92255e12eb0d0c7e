"""Any order of claims, intents, replies, losses and crashes: nobody twice, nobody forgotten."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from newsletter.errors import LedgerError
from newsletter.ledger import keeping
from newsletter.ledger.book import Book
from newsletter.ledger.states import Delivery, Entry, State
from newsletter.ledger.stores import Place
from newsletter.reply import Phase, Reply
from tests.integration.campaigns import everybody, person, plan, till
from tests.servers.postgresql import Postgresql

T = TypeVar("T")

AUDIENCE = 5
SETTLED = {State.ACCEPTED, State.REFUSED, State.IN_DOUBT}

_MEMORY = Path("/dev/shm")  # what is proven is what a ledger decides, not that a disk keeps it
_folder = tempfile.TemporaryDirectory(
    prefix="newsletter-ledger-", dir=_MEMORY if _MEMORY.is_dir() else None
)
_planned: dict[str, Place] = {}
_servers: list[Postgresql] = []


@pytest.fixture(autouse=True, scope="module")
def _server(postgresql: Postgresql) -> None:
    _servers.append(postgresql)


def planned_ledger(kind: str) -> Place:
    """A ledger with one campaign in it, to copy: making one costs more than a whole example."""
    if kind not in _planned:
        home = Path(_folder.name)
        place = home / "planned.db" if kind == "sqlite" else _servers[0].database(home)

        async def work() -> None:
            async with Book(place) as book:
                await book.plan(plan(AUDIENCE))

        asyncio.run(work())
        _planned[kind] = place
    return _planned[kind]


def copy_of(planned: Place, home: Path) -> Place:
    if isinstance(planned, Path):
        copied: Place = Path(shutil.copy(planned, home / "ledger.db"))
    else:
        copied = _servers[0].database(home, template=_servers[0].name_of(planned))
    keeping.adopt(copied, 900.0)
    return copied


def eye_on(place: Place) -> Any:
    if isinstance(place, Path):
        return sqlite3.connect(f"file:{place}?mode=ro", uri=True)
    return psycopg.connect(place.url, autocommit=True)


class Holding(RuleBasedStateMachine):
    """One sender after another, each with what it remembers; and the relay with its books."""

    lost: ClassVar[State] = State.IN_DOUBT
    kind: ClassVar[str] = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.home = Path(tempfile.mkdtemp(dir=_folder.name))
        self.place = copy_of(planned_ledger(self.kind), self.home)
        self.relay: Counter[str] = Counter()  #: what it is answerable for
        self.may_repeat: Counter[str] = Counter()  #: replies that were lost on the way
        self.ids = {each.address: each.message_id for each in everybody(self.place)}
        self.eye = eye_on(self.place)
        self.dead: list[tuple[Book, int, list[Delivery]]] = []
        self.now = 1000.0
        self.begin()

    def begin(self) -> None:
        """A new process: it knows what the ledger knows."""
        self.claimed: list[Delivery] = []
        self.intended: list[Delivery] = []
        self.answered: list[tuple[Delivery, State]] = []
        self.recorded: list[Delivery] = []  #: and not yet known to be durable
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        self.book = Book(self.place)
        self.epoch = await self.book.start(1, self.now, lost=self.lost)

    def states(self) -> dict[str, State]:
        rows = self.eye.execute("SELECT address, state FROM delivery ORDER BY id")
        return {address: State(state) for address, state in rows}

    # What can happen

    @rule(limit=st.integers(1, 3), passing=st.sampled_from([0.0, 50.0, 500.0]))
    def claim(self, limit: int, passing: float) -> None:
        self.now += passing
        claimed = self.runner.run(self.book.claim(1, self.epoch, limit, self.now))
        self.recorded.clear()
        assert all(
            self.ids[str(delivery.recipient.address)] == delivery.message_id for delivery in claimed
        )
        self.claimed += claimed

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def intend(self, data: st.DataObject) -> None:
        delivery = self._pick(data, self.claimed)
        self._intend(delivery)
        self.intended.append(delivery)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data(), state=st.sampled_from([State.PLANNED, State.REFUSED]))
    def relay_says_no_before_the_dot(self, data: st.DataObject, state: State) -> None:
        self.answered.append((self._pick(data, self.claimed), state))

    @precondition(lambda self: self.intended)
    @rule(data=st.data())
    def relay_accepts(self, data: st.DataObject) -> None:
        delivery = self._pick(data, self.intended)
        self.relay[str(delivery.recipient.address)] += 1
        self.answered.append((delivery, State.ACCEPTED))

    @precondition(lambda self: self.intended)
    @rule(data=st.data(), state=st.sampled_from([State.PLANNED, State.REFUSED]))
    def relay_says_no(self, data: st.DataObject, state: State) -> None:
        self.answered.append((self._pick(data, self.intended), state))

    @precondition(lambda self: self.intended)
    @rule(data=st.data(), took=st.booleans())
    def reply_is_lost(self, data: st.DataObject, took: bool) -> None:
        delivery = self._pick(data, self.intended)
        self.relay[str(delivery.recipient.address)] += took
        self.may_repeat[str(delivery.recipient.address)] += 1
        self.answered.append((delivery, self.lost))

    @precondition(lambda self: self.answered)
    @rule(data=st.data(), wait=st.booleans(), later=st.sampled_from([0.0, 100.0]))
    def record(self, data: st.DataObject, wait: bool, later: float) -> None:
        self._record(self._pick(data, self.answered), later)
        if wait:
            self.runner.run(self.book.settled())
            self.recorded.clear()

    @rule()
    def crash(self) -> None:
        """The process is gone, or so its successor thinks."""
        begun = [*self.intended, *(delivery for delivery, _ in self.answered), *self.recorded]
        self.may_repeat.update(str(delivery.recipient.address) for delivery in begun)
        self.dead.append((self.book, self.epoch, [*self.claimed, *begun]))
        self.begin()

    @precondition(lambda self: any(known for _, _, known in self.dead))
    @rule(data=st.data(), state=st.sampled_from(sorted(SETTLED)))
    def the_dead_one_speaks(self, data: st.DataObject, state: State) -> None:
        """It was only asleep; whatever it wants to write down is refused."""
        book, epoch, known = data.draw(st.sampled_from([each for each in self.dead if each[2]]))
        delivery = data.draw(st.sampled_from(known))

        async def speak() -> None:
            with pytest.raises(LedgerError):
                await book.intend(delivery, epoch)
            book.record(self._entry(delivery, state), epoch)
            with pytest.raises(LedgerError):
                await book.settled()
            with pytest.raises(LedgerError):
                await book.finish(1, epoch, self.now)

        self.runner.run(self.book.settled())
        self.recorded.clear()
        before = self.states()
        self.runner.run(speak())
        assert self.states() == before

    # What must hold

    @invariant()
    def the_books_agree(self) -> None:
        states = self.states()
        assert list(states) == [person(n) for n in range(1, AUDIENCE + 1)]
        for address, state in states.items():
            assert self.relay[address] or state is not State.ACCEPTED
            assert self.may_have_it(state) or not self.relay[address]
            assert self.relay[address] <= self.most_copies(address)

    def may_have_it(self, state: State) -> bool:
        """Whom the relay has is accepted, in doubt or being handed over: never simply waiting."""
        return state in (State.ACCEPTED, State.IN_DOUBT, State.HANDING_OVER)

    def most_copies(self, address: str) -> int:
        return 1

    def teardown(self) -> None:
        """Resume a last time, with a relay that takes everything: then nobody waits."""
        try:
            self.crash()
            self.finish()
        finally:
            for book in (self.book, *(book for book, _, _ in self.dead)):
                self.runner.run(book.__aexit__())
            self.runner.close()
            self.eye.close()
            shutil.rmtree(self.home)

    def finish(self) -> None:
        self.now += 1000.0
        waiting = {address for address, state in self.states().items() if state not in SETTLED}
        before = Counter(self.relay)
        for delivery in self.runner.run(self.book.claim(1, self.epoch, AUDIENCE, self.now)):
            self._intend(delivery)
            self.relay[str(delivery.recipient.address)] += 1
            self._record((delivery, State.ACCEPTED), 0.0)
        self.runner.run(self.book.settled())
        assert set(self.relay - before) == waiting
        assert self.runner.run(self.book.next_due(1)) is None
        self.runner.run(self.book.finish(1, self.epoch, self.now))
        assert set(self.states().values()) <= SETTLED
        assert (till(self.place).total, till(self.place).waiting) == (AUDIENCE, 0)
        self.the_books_agree()

    def _intend(self, delivery: Delivery) -> None:
        async def intend() -> None:  # a future is made on the running loop
            await self.book.intend(delivery, self.epoch)

        self.runner.run(intend())
        self.recorded.clear()

    def _record(self, answer: tuple[Delivery, State], later: float) -> None:
        self.book.record(self._entry(*answer, self.now + later), self.epoch)
        self.recorded.append(answer[0])

    def _entry(self, delivery: Delivery, state: State, not_before: float = 0.0) -> Entry:
        return Entry(
            delivery_id=delivery.id,
            state=state,
            attempts=delivery.attempts + 1,
            at=self.now,
            phase=Phase.DOT,
            reply=Reply(250, "2.0.0", "Ok") if state is State.ACCEPTED else None,
            not_before=not_before,
        )

    @staticmethod
    def _pick(data: st.DataObject, of: list[T]) -> T:
        return of.pop(data.draw(st.integers(0, len(of) - 1)))


class Resending(Holding):
    """With in_doubt = "resend" a person may get it again, but only after a reply was lost."""

    lost = State.PLANNED

    def may_have_it(self, state: State) -> bool:
        return True  # a second copy may be due, or refused

    def most_copies(self, address: str) -> int:
        return 1 + self.may_repeat[address]


class HoldingOnAServer(Holding):
    """The same promises where the tables are PostgreSQL's."""

    kind = "postgresql"


class ResendingOnAServer(Resending):
    """The same promises where the tables are PostgreSQL's."""

    kind = "postgresql"


def quick(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


TestHolding = Holding.TestCase
TestHolding.settings = quick(30)
TestResending = Resending.TestCase
TestResending.settings = quick(30)
TestHoldingOnAServer = HoldingOnAServer.TestCase
TestHoldingOnAServer.settings = quick(10)
TestResendingOnAServer = ResendingOnAServer.TestCase
TestResendingOnAServer.settings = quick(10)
