"""Campaigns in a ledger, and what is written down of them, for tests of the ledger."""

from dataclasses import replace

from sqlalchemy import Connection

from newsletter.ledger import stores
from newsletter.ledger.book import Book
from newsletter.ledger.states import Delivery, Entry, State
from newsletter.ledger.stores import Place
from newsletter.reply import Phase, Reply
from tests.integration.campaigns import plan

YES = Reply(250, "2.0.0", "queued")


def entry(delivery: Delivery, state: State, **changes: object) -> Entry:
    given = Entry(
        delivery_id=delivery.id,
        state=state,
        attempts=delivery.attempts + 1,
        at=2000.0,
        phase=Phase.DOT,
        reply=YES,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


async def begun(book: Book, count: int, **changes: object) -> tuple[int, int]:
    """A campaign of *count* people that has started: its id and epoch."""
    campaign_id = await book.plan(plan(count, **changes))
    return campaign_id, await book.start(campaign_id, 1500.0, lost=State.IN_DOUBT)


def open_ledger(place: Place) -> Connection:
    """A connection with which a test may do what nobody should."""
    return stores.open_for_writing(stores.at(place))


def make(place: Place) -> None:
    """An empty ledger."""
    stores.close(open_ledger(place))
