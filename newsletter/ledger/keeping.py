"""What somebody does to keep a ledger in good order: check it, back it up, adopt a copy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from newsletter.ledger import copies, planning, reading, schema, steps, stores
from newsletter.ledger.reading import Reader
from newsletter.ledger.states import Campaign, State
from newsletter.ledger.stores import Place, Store

_delivery, _attempt, _campaign = schema.delivery.c, schema.attempt.c, schema.campaign.c

_IN_HAND = _delivery.state.in_((State.CLAIMED, State.HANDING_OVER))
_UNKNOWN = "the ledger was copied; whether it was sent since is not known here"
_HALTED = (
    "this ledger is an adopted copy: whoever was written to since it was made is not known here"
)


def damage(place: Place) -> tuple[str, ...]:
    """Return all that is wrong with the ledger: with the file, and in the books."""
    with reading.reading(place) as ledger:
        if found := stores.at(place).damage(ledger, thorough=True):
            return found
        return tuple(
            f"campaign `{each.name}`: {fault}"
            for each in reading.campaigns(ledger)
            for fault in _imbalances(ledger, each)
        )


def _imbalances(ledger: Reader, campaign: Campaign) -> Iterator[str]:
    """Yield where the books of one campaign do not balance."""
    people, audience = planning.frozen(ledger, campaign.id)
    total = reading.counts(ledger, campaign.id).total
    if people != campaign.people or total != campaign.people:
        yield f"{campaign.people:,} people were planned, {total:,} are there"
    elif audience != campaign.audience_hash:
        yield "the people are not the ones who were planned"
    if unproven := _accepted_without_proof(ledger, campaign.id):
        yield f"{unproven:,} people are accepted, but nothing says by what reply"


def _accepted_without_proof(ledger: Reader, campaign_id: int) -> int:
    proof = select(_attempt.id).where(
        _attempt.delivery_id == _delivery.id, _attempt.state == State.ACCEPTED
    )
    query = select(func.count()).where(
        _delivery.campaign_id == campaign_id,
        _delivery.state == State.ACCEPTED,
        ~proof.correlate(schema.delivery).exists(),
    )
    return int(ledger.execute(query).scalar_one())


def refuse_unfit(place: Place) -> None:
    """Raise `LedgerError` where nothing may leave from the ledger: it is damaged, or a copy."""
    store = stores.at(place)
    with reading.reading(place) as ledger:
        stores.refuse_damage(ledger, store)
        if stores.version(ledger) == schema.VERSION:
            copies.refuse(ledger, store)


def is_older(place: Place) -> bool:
    """Whether an older newsletter wrote the ledger, so that nobody can read it as it is."""
    engine = stores.at(place).for_reading()
    try:
        with engine.connect() as connection:
            return (stores.version(connection) or schema.VERSION) < schema.VERSION
    except SQLAlchemyError:  # whoever reads it says so
        return False
    finally:
        engine.dispose()


def bring_up_to_date(place: Place) -> None:
    """Give the ledger the tables of this version; nobody may be sending from it."""
    stores.close(stores.open_for_writing(stores.at(place), adopting=True))


def about(place: Place) -> str:
    """Return what keeps the ledger, and what somebody should know of that."""
    return stores.at(place).about()


def back_up(place: Place, target: Path) -> None:
    """Write a copy of the ledger to *target*, also while somebody sends."""
    stores.at(place).back_up(target)


def copied(place: Place) -> str:
    """Return in words by what the ledger is seen to be a copy; "" where it is none."""
    store = stores.at(place)
    with reading.reading(place) as ledger:
        return copies.difference(ledger, store) if stores.version(ledger) else ""


def adopt(place: Place, now: float) -> int:
    """Make a copy the ledger of this workspace; return how many people are in doubt for that."""
    store = stores.at(place)
    with _writing(store) as connection:
        lost = steps.lose(connection, now, State.IN_DOUBT, _UNKNOWN, _IN_HAND)
        connection.execute(
            update(schema.campaign)
            .where(_campaign.finished_at.is_(None))
            .values(halted=_HALTED, epoch=_campaign.epoch + 1, sender_until=0.0)
        )
        copies.take_in(connection, store)
        seen = copies.renew(connection)
    store.stamp.set(*seen)
    return lost


@contextmanager
def _writing(store: Store) -> Iterator[Connection]:
    """Yield a connection in the middle of a transaction that is kept if all goes well."""
    connection = stores.open_for_writing(store, adopting=True)
    try:
        connection.exec_driver_sql(store.begin)
        yield connection
        connection.exec_driver_sql("COMMIT")  # else it is rolled back with the connection
    finally:
        stores.close(connection)
