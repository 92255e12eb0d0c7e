"""Several machines with one ledger on a server: one sends a campaign, and what went out counts."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.errors import LedgerError
from newsletter.ledger import reading, steps
from newsletter.ledger.book import Book
from newsletter.ledger.postgresql import Server
from newsletter.ledger.states import State
from newsletter.ledger.stores import Place
from tests.integration.campaigns import everybody, plan, run, till
from tests.integration.ledgers import begun, entry
from tests.servers.postgresql import Postgresql

RELAY = "smtp://relay.example.org"


@pytest.fixture
def here(postgresql: Postgresql, tmp_path: Path) -> Server:
    return postgresql.database(tmp_path / "here")


@pytest.fixture
def there(here: Server, tmp_path: Path) -> Server:
    """The same ledger, as another machine uses it."""
    return replace(here, folder=tmp_path / "there")


@pytest.mark.fault(41, "another machine sends the same campaign", "the second one refuses")
def test_a_campaign_is_sent_from_one_machine_at_a_time(here: Server, there: Server) -> None:
    async def work() -> None:
        async with Book(here) as first, Book(there) as second:
            campaign_id, epoch = await begun(first, 3)
            with pytest.raises(LedgerError, match=r"`ceo` is being sent from .*/here; stop it"):
                await second.start(campaign_id, 2000.0, lost=State.IN_DOUBT)
            await first.claim(campaign_id, epoch, 1, 2000.0)
            await first.halt(campaign_id, epoch, "stopped")
            await second.start(campaign_id, 2000.0, lost=State.IN_DOUBT)
            with pytest.raises(LedgerError, match="another sender"):
                await first.claim(campaign_id, epoch, 1, 2000.0)

    run(work())


@pytest.mark.fault(41, "another machine, of which nothing is heard any more", "taken over; fenced")
def test_a_machine_that_is_gone_is_replaced_after_a_while_and_can_write_nothing(
    here: Server, there: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with Book(here) as gone, Book(there) as book:
            monkeypatch.setattr(steps, "LEASE", 0.2)
            campaign_id, epoch = await begun(gone, 3)
            first, second = await gone.claim(campaign_id, epoch, 2, 2000.0)
            await gone.intend(first, epoch)
            gone._let_go()  # it says nothing any more
            await asyncio.sleep(0.3)
            await book.start(campaign_id, 3000.0, lost=State.IN_DOUBT)
            with pytest.raises(LedgerError, match="another sender"):
                await gone.intend(second, epoch)
            gone.record(entry(first, State.ACCEPTED), epoch)
            with pytest.raises(LedgerError, match="another sender"):
                await gone.settled()

    run(work())
    states = [each.state for each in everybody(here)]
    assert states == [State.IN_DOUBT, State.PLANNED, State.PLANNED]


def test_a_machine_at_work_keeps_its_campaign(
    here: Server, there: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "LEASE", 0.4)

    async def work() -> None:
        async with Book(here) as first, Book(there) as second:
            campaign_id, _ = await begun(first, 3)
            await asyncio.sleep(1.0)  # resting until somebody is due
            with pytest.raises(LedgerError, match="is being sent from"):
                await second.start(campaign_id, 2000.0, lost=State.IN_DOUBT)

    run(work())


def test_a_sender_that_lost_its_campaign_in_its_sleep_notices_before_the_next_dot(
    here: Server, monkeypatch: pytest.MonkeyPatch, postgresql: Postgresql
) -> None:
    monkeypatch.setattr(steps, "LEASE", 0.2)

    async def work() -> None:
        async with Book(here) as book:
            campaign_id, epoch = await begun(book, 3)
            first, *_ = await book.claim(campaign_id, epoch, 1, 2000.0)
            postgresql.ask("UPDATE campaign SET epoch = epoch + 1", postgresql.name_of(here))
            await asyncio.sleep(0.3)
            with pytest.raises(LedgerError, match="another sender"):
                await book.intend(first, epoch)

    run(work())


@pytest.mark.fault(41, "two senders in the same moment, again and again", "one has each person")
def test_whoever_takes_over_while_the_other_claims_and_intends_leaves_nobody_behind(
    here: Server,
) -> None:
    """The old one is at work in every moment in which the new one starts."""
    handed: list[int] = []
    ready = threading.Barrier(2)

    async def old(campaign_id: int, epoch: int) -> None:
        async with Book(here) as book:
            ready.wait()
            while True:
                for delivery in await book.claim(campaign_id, epoch, 3, 2000.0):
                    await book.intend(delivery, epoch)
                    handed.append(delivery.id)
                    book.record(entry(delivery, State.ACCEPTED), epoch)

    def replaced(campaign_id: int, epoch: int) -> None:
        with pytest.raises(LedgerError, match="another sender"):
            asyncio.run(old(campaign_id, epoch))

    async def work() -> None:
        async with Book(here) as book:
            campaign_id, epoch = await begun(book, 400)
            for _ in range(8):
                thread = threading.Thread(target=replaced, args=(campaign_id, epoch))
                thread.start()
                await asyncio.to_thread(ready.wait)
                await asyncio.sleep(0.03)
                epoch = await book.start(campaign_id, 3000.0, lost=State.IN_DOUBT)
                await asyncio.to_thread(thread.join)
                states = {each.state for each in everybody(here)}
                assert states <= {State.PLANNED, State.ACCEPTED, State.IN_DOUBT}

    run(work())
    assert handed
    assert len(handed) == len(set(handed))
    assert till(here).accepted + till(here).in_doubt == len(handed)


def test_a_server_that_falls_stops_the_sender_before_the_next_dot(tmp_path: Path) -> None:
    with Postgresql() as server:
        place = server.database(tmp_path)

        async def work() -> None:
            async with Book(place) as book:
                campaign_id, epoch = await begun(book, 3)
                first, second = await book.claim(campaign_id, epoch, 2, 2000.0)
                await book.intend(first, epoch)
                server.stop()
                book.record(entry(first, State.ACCEPTED), epoch)
                with pytest.raises(LedgerError, match="cannot be written"):
                    await book.settled()
                with pytest.raises(LedgerError):
                    await book.intend(second, epoch)

        run(work())
        with pytest.raises(LedgerError, match="cannot be read"), reading.reading(place):
            pass
        with pytest.raises(LedgerError, match="cannot be opened"):
            run(open_book(place))


async def open_book(place: Place) -> None:
    Book(place)


def test_a_password_is_never_shown() -> None:
    server = Server("postgresql://newsletter@127.0.0.1:1/ledger", Path("var"), "s3cret")
    assert "s3cret" not in repr(server)
    with pytest.raises(LedgerError) as error, reading.reading(server):
        pass
    shown: list[BaseException | None] = [error.value]
    while shown[-1]:
        shown.append(shown[-1].__cause__ or shown[-1].__context__)
    assert "s3cret" not in "".join(f"{each!r}{each}" for each in shown)


# What went through a relay


def test_what_is_handed_over_to_a_limited_relay_is_counted_and_lives_on(place: Place) -> None:
    now = [1000.0]

    async def send(book: Book, epoch: int, people: int) -> None:
        for delivery in await book.claim(1, epoch, people, 2000.0):
            await book.intend(delivery, epoch)
            book.record(entry(delivery, State.ACCEPTED), epoch)

    async def work() -> None:
        async with Book(place, clock=lambda: now[0]) as book:
            await book.plan(plan(9))
            epoch = await book.start(1, now[0], lost=State.IN_DOUBT, relay=RELAY)
            await send(book, epoch, 2)
            now[0] = 1000.9
            await send(book, epoch, 1)
            now[0] = 1007.0
            await send(book, epoch, 3)
        async with Book(place, clock=lambda: now[0]) as book:
            assert await book.handed_over_since(RELAY, 0) == ((1000, 3), (1007, 3))
            assert await book.handed_over_since(RELAY, 1000.5) == ((1000, 3), (1007, 3))
            assert await book.handed_over_since(RELAY, 1001.0) == ((1007, 3),)
            assert await book.handed_over_since("smtp://other.example.org", 0) == ()
            epoch = await book.start(1, now[0], lost=State.IN_DOUBT)  # one that is not counted
            await send(book, epoch, 1)
            assert await book.handed_over_since(RELAY, 1001.0) == ((1007, 3),)
            now[0] += steps.MEMORY
            await book.start(1, now[0], lost=State.IN_DOUBT, relay=RELAY)
            assert await book.handed_over_since(RELAY, 0) == ((1007, 3),)
            await book.start(1, now[0] + 1, lost=State.IN_DOUBT, relay=RELAY)
            assert await book.handed_over_since(RELAY, 0) == ()

    run(work())


def test_an_intent_that_is_not_kept_is_not_counted(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id = await book.plan(plan(1))
            epoch = await book.start(campaign_id, 1.0, lost=State.IN_DOUBT, relay=RELAY)
            [delivery] = await book.claim(campaign_id, epoch, 1, 2000.0)
            with pytest.raises(LedgerError):
                await book.intend(delivery, epoch + 1)
            assert await book.handed_over_since(RELAY, 0) == ()

    run(work())
