"""Kills, outages, limits and refusals at once: whatever comes together, the books agree."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from newsletter.delivery.copies import Copy, Press, Unmade
from newsletter.errors import Halted, NewsletterError
from newsletter.ledger import reading
from newsletter.ledger.book import Book
from newsletter.ledger.states import Counts, Delivery, State
from newsletter.pacing.limits import Budget, Limit
from newsletter.smtp import login
from tests.conftest import Scripted
from tests.integration import test_delivery
from tests.integration.campaigns import everybody, person, run, till, until
from tests.integration.test_delivery import BUSY, GONE, Run, compared, planned, send
from tests.servers.scripted import (
    ACCEPTED,
    BOOK,
    CLOSE,
    ScriptedServer,
    Session,
    Sleep,
    Step,
    for_recipient,
    on_call,
)

SPAM = b"554 5.7.1 Looks like spam\r\n"
HOUR = 3600.0

hurried, ledger = test_delivery._hurry, test_delivery.ledger  # fixtures


# The relay's limits


def test_the_end_does_not_wait_for_limits_that_nobody_needs(
    scripted: Scripted, ledger: Path
) -> None:
    server = scripted()
    send(ledger, server, 5, budget=Budget([Limit(5, HOUR)]))
    assert compared(ledger, server) == Counts(accepted=5)


def test_only_what_goes_counts_towards_the_limits(scripted: Scripted, ledger: Path) -> None:
    """Two workers of three were let out, and then turned away at the door."""
    late: Step = [Sleep(0.1), BUSY, CLOSE]
    server = scripted({"connect": on_call({2: late, 3: late}), ".": [Sleep(0.05), ACCEPTED]})
    send(ledger, server, 6, budget=Budget([Limit(6, HOUR)]))
    assert compared(ledger, server) == Counts(accepted=6)


def test_who_waited_for_the_relay_does_not_go_on_an_old_permission(
    scripted: Scripted, ledger: Path
) -> None:
    start, came = time.monotonic(), list[float]()

    def door(session: Session, line: bytes) -> Step | None:
        return [BUSY, CLOSE] if time.monotonic() - start < 0.8 else None

    def dot(session: Session, line: bytes) -> None:
        came.append(time.monotonic())

    server = scripted({"connect": door, ".": dot})
    send(ledger, server, 12, connections=4, budget=Budget([Limit(5, 1.0)]))
    assert max(sum(first <= at < first + 0.9 for at in came) for first in came) <= 5


# Kills and stops


def test_whose_refusal_was_heard_is_not_in_doubt_after_a_kill(
    scripted: Scripted, ledger: Path
) -> None:
    """A refusal waits in memory until somebody else is accepted; the ledger must know of it."""
    dots: dict[str, Step] = {person(number): SPAM for number in range(1, 8)}
    server = scripted({".": for_recipient({**dots, person(8): [BOOK]})})
    planned(ledger, 8)

    async def killed() -> None:
        sending = asyncio.create_task(Run(ledger, server.port, connections=1)())
        await until(lambda: len(server.messages) == 1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        async with Book(ledger) as book:
            await book.start(1, time.time(), lost=State.IN_DOUBT)

    run(killed())
    assert compared(ledger, server) == Counts(waiting=7, in_doubt=1)
    assert [each.attempts for each in everybody(ledger)] == [0] * 7 + [1]


def test_a_stop_does_not_wait_for_a_mute_relay(
    scripted: Scripted, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "GREETING_TIMEOUT", 60.0)
    server = scripted({"connect": []})
    planned(ledger, 3)

    async def stopped() -> None:
        sending = Run(ledger, server.port)
        task = asyncio.create_task(sending())
        await until(lambda: server.connections == 3)
        sending.stop.set()
        with pytest.raises(Halted, match="asked to stop"):
            await task

    run(stopped(), 5)
    assert till(ledger) == Counts(waiting=3)


@pytest.mark.parametrize("failing", [2, 3])
def test_a_fault_while_copies_are_made_stops_the_send_and_forgets_nobody(
    scripted: Scripted, ledger: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    make, calls = Press.make, 0

    async def fails_once(press: Press, deliveries: Sequence[Delivery]) -> list[Copy | Unmade]:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise MemoryError("no memory left")
        return await make(press, deliveries)

    monkeypatch.setattr(Press, "make", fails_once)
    server = scripted({".": [Sleep(0.02), ACCEPTED]})
    with pytest.raises(MemoryError):
        send(ledger, server, 120)
    counts = compared(ledger, server)
    assert counts == Counts(accepted=len(server.messages), waiting=120 - len(server.messages))
    with reading.reading(ledger) as book:
        [campaign] = reading.campaigns(book)
    assert (campaign.halted, campaign.finished_at) == ("no memory left", None)
    send(ledger, better := scripted())
    assert compared(ledger, server, better) == Counts(accepted=120)


@pytest.mark.parametrize("seed", range(4))
def test_through_kills_in_chaos_each_costs_a_message_a_connection(ledger: Path, seed: int) -> None:
    dice = random.Random(seed)

    def sometimes(share: float, *steps: Step) -> Callable[[Session, bytes], Step | None]:
        return lambda session, line: dice.choice(steps) if dice.random() < share else None

    script: dict[str, Any] = {
        "connect": sometimes(0.2, [BUSY, CLOSE], [Sleep(0.05), b"220 Hi\r\n"]),
        "mail": sometimes(0.05, b"452 4.5.3 Enough\r\n", [BUSY, CLOSE]),
        "rcpt": sometimes(0.1, GONE, b"451 4.7.1 Later\r\n"),
        ".": sometimes(0.3, SPAM, b"451 4.3.0 Later\r\n", [Sleep(0.03), ACCEPTED]),
    }
    planned(ledger, 60)
    kills = 0

    async def ended(seconds: float) -> bool:
        """Whether it came to its end before it was killed."""
        nonlocal kills
        budget = Budget([Limit(100, 1.0)]) if seed % 2 else None
        sending = Run(ledger, server.port, anybody_accepted=True, budget=budget)
        task = asyncio.create_task(sending())
        await asyncio.wait((task,), timeout=seconds)
        kills += task.cancel()
        try:
            await task
        except (asyncio.CancelledError, NewsletterError):
            return False
        return True

    with ScriptedServer(script) as server:
        for number in range(40):
            if run(ended(dice.random() / 3 if number < 10 else 15), 20):
                break
    counts = compared(ledger, server)
    assert counts.waiting == 0
    assert counts.in_doubt <= 3 * kills
    refused = {each.address for each in everybody(ledger) if each.state is State.REFUSED}
    assert not refused & {booked.recipient for booked in server.messages}
