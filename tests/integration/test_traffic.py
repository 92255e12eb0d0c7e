"""What a ledger knows of the speed of a relay, for the forecast."""

import pytest

from newsletter.ledger import reading, traffic
from newsletter.ledger.book import Book
from newsletter.ledger.states import State
from newsletter.ledger.stores import Place
from tests.integration.campaigns import plan, run
from tests.integration.ledgers import entry, open_ledger

RELAY = plan(1).relay


def sent(place: Place, *moments: float, relay: str = RELAY, seed: str = "seed") -> None:
    """Send a campaign whose messages are accepted at these *moments*."""

    async def work() -> None:
        async with Book(place) as book:
            campaign_id = await book.plan(plan(len(moments), relay=relay, seed=seed))
            epoch = await book.start(campaign_id, 1500.0, lost=State.IN_DOUBT, relay=relay)
            claimed = await book.claim(campaign_id, epoch, 1000, 1e9)
            for delivery, moment in zip(claimed, moments, strict=True):
                await book.intend(delivery, epoch)
                book.record(entry(delivery, State.ACCEPTED, at=moment), epoch)
            await book.settled()

    run(work())


def speed(place: Place, relay: str = RELAY) -> float | None:
    with reading.reading(place) as ledger:
        return traffic.per_second(ledger, relay)


def test_the_speed_of_a_campaign_is_how_fast_it_went_while_it_went(place: Place) -> None:
    sent(place, *(5000 + n / 50 for n in range(100)), *(90_000 + n / 50 for n in range(100)))

    assert speed(place) == pytest.approx(50, rel=0.02)


def test_a_campaign_that_took_less_than_a_second_is_measured_all_the_same(place: Place) -> None:
    sent(place, *(5000.9 + n / 1000 for n in range(201)))

    assert speed(place) == pytest.approx(1005, rel=0.01)


def test_the_newest_campaign_through_the_relay_that_tells_anything_counts(place: Place) -> None:
    sent(place, *(5000 + n / 10 for n in range(100)), seed="a")
    sent(place, *(6000 + n / 20 for n in range(100)), seed="b")
    sent(place, *(7000 + n / 90 for n in range(20)), seed="c")
    sent(place, *(8000 + n / 70 for n in range(100)), seed="d", relay="smtp://other.example.org")

    assert speed(place) == pytest.approx(20, rel=0.02)


def test_a_relay_that_nothing_went_through_has_no_speed(place: Place) -> None:
    open_ledger(place).close()
    assert speed(place) is None

    sent(place, *(5000.0 + n for n in range(200)))
    assert speed(place, "smtp://other.example.org") is None


def test_everybody_may_see_what_went_through_a_relay(place: Place) -> None:
    sent(place, *(5000.0 + n for n in range(30)))

    with reading.reading(place) as ledger:
        found = traffic.handed_over_since(ledger, RELAY, 0.0)

    assert sum(number for _, number in found) == 30
