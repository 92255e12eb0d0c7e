"""What happens to the people of a campaign beside the hot path: taken over, claimed, given back.

A sender that was replaced changes nothing: each step looks at the epoch first, and holds the
campaign's row until its transaction ends, so that no other sender starts in between.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from newsletter.address import Address
from newsletter.audience import Recipient
from newsletter.errors import LedgerError
from newsletter.ledger import resolving, schema
from newsletter.ledger.statements import REPLACED
from newsletter.ledger.states import WAITING, Delivery, State

LEASE = 60.0  #: seconds that a campaign is its sender's without a word from there
LONGEST_WAIT = 4000.0  #: seconds; nobody is told to wait longer than an hour and a tenth
MEMORY = 2 * 86_400  #: seconds that what went to a relay is remembered; no limit is longer

_campaign = schema.campaign.c
_delivery = schema.delivery.c
_NOW = func.extract("epoch", func.clock_timestamp()).cast(schema.Seconds)
_CLAIMED = (
    _delivery.not_before,
    _delivery.id,
    _delivery.address,
    _delivery.first_name,
    _delivery.last_name,
    _delivery.display_name,
    _delivery.language,
    _delivery.message_id,
    _delivery.attempts,
)


def start(connection: Connection, campaign_id: int, now: float, lost: State) -> int:
    """Take the campaign over; return the new epoch. See `Book.start`."""
    row = connection.execute(
        update(schema.campaign)
        .where(_campaign.id == campaign_id)
        .values(epoch=_campaign.epoch + 1, halted="")
        .returning(_campaign.epoch, _campaign.started_at)
    ).one()
    if row.started_at is None:
        change(connection, campaign_id, started_at=now)
    mine = _delivery.campaign_id == campaign_id
    # First those who were only claimed: from here on no other sender can begin with anybody.
    connection.execute(
        update(schema.delivery)
        .where(mine, _delivery.state == State.CLAIMED)
        .values(state=State.PLANNED)
    )
    waiting = (mine, _delivery.state == State.PLANNED)
    latest = now + LONGEST_WAIT
    connection.execute(  # told to wait by a clock that was put back since
        update(schema.delivery)
        .where(*waiting, _delivery.not_before > latest)
        .values(not_before=latest)
    )
    handing_over = (mine, _delivery.state == State.HANDING_OVER)
    ended = "the sender ended while the message was being handed over"
    if lost is State.PLANNED:  # sent again once; whoever was tried before is held all the same
        lose(connection, now, lost, ended, *handing_over, _delivery.attempts == 0)
    lose(connection, now, State.IN_DOUBT, ended, *handing_over)
    return int(row.epoch)


def take_lease(connection: Connection, campaign_id: int, sender: str) -> None:
    """Keep other machines from sending this campaign, or raise `LedgerError` where one does.

    By the server's clock, and in a row: a lock of PostgreSQL's own would be lost, or kept for
    good, where a pooler sits between.
    """
    row = connection.execute(
        select(_campaign.name, _campaign.sender, (_campaign.sender_until - _NOW).label("left"))
        .where(_campaign.id == campaign_id)
        .with_for_update()
    ).one()
    if row.sender not in ("", sender) and row.left > 0:
        raise LedgerError(
            f"campaign `{row.name}` is being sent from {row.sender}; stop it there, or, if that "
            f"machine is gone, try again in {row.left:.0f} s"
        )
    change(connection, campaign_id, sender=sender, sender_until=_NOW + LEASE)


def renew_lease(connection: Connection, campaign_id: int, epoch: int) -> None:
    """Say that we are still there."""
    check_epoch(connection, campaign_id, epoch)
    change(connection, campaign_id, sender_until=_NOW + LEASE)


def lose(
    connection: Connection, now: float, becomes: State, text: str, *which: ColumnElement[bool]
) -> int:
    """Write down of *which* deliveries nobody knows whether they arrived; return how many."""
    lost = connection.execute(
        update(schema.delivery)
        .where(*which)
        .values(state=becomes, attempts=_delivery.attempts + 1)
        .returning(_delivery.id)
    ).scalars()
    testimony = [
        {
            "delivery_id": delivery_id,
            "at": now,
            "state": becomes,
            "phase": "dot",
            "status": "",
            "text": text,
        }
        for delivery_id in lost
    ]
    if testimony:
        connection.execute(insert(schema.attempt), testimony)
    return len(testimony)


def claim(
    connection: Connection, campaign_id: int, epoch: int, limit: int, now: float
) -> tuple[Delivery, ...]:
    """Take up to *limit* people who are due, those who never waited first, in the list's order."""
    check_epoch(connection, campaign_id, epoch)
    rows = connection.execute(
        update(schema.delivery)
        .where(_delivery.id.in_(due(campaign_id, limit, now)))
        .values(state=State.CLAIMED, epoch=epoch)
        .returning(*_CLAIMED)
    ).all()
    return tuple(map(_claimed, sorted(rows, key=itemgetter(0, 1))))


def due(campaign_id: int, limit: int, now: float) -> Select[int]:
    """Return the query for up to *limit* people who are due, whoever is at the top of the list."""
    return (
        select(_delivery.id)
        .where(
            _delivery.campaign_id == campaign_id,
            _delivery.state == State.PLANNED,
            _delivery.not_before <= now,
        )
        .order_by(_delivery.not_before, _delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _claimed(row: Sequence[Any]) -> Delivery:
    number, address, first_name, last_name, display_name, language, message_id, attempts = row[1:]
    local, _, domain = address.rpartition("@")
    recipient = Recipient(
        address=Address(local, domain),
        first_name=first_name,
        last_name=last_name,
        display_name=display_name,
        language=language,
        lists=(),
    )
    return Delivery(id=number, recipient=recipient, message_id=message_id, attempts=attempts)


def release(connection: Connection, campaign_id: int, epoch: int) -> None:
    """Give back what was claimed and not begun."""
    check_epoch(connection, campaign_id, epoch)
    connection.execute(
        update(schema.delivery)
        .where(
            _delivery.campaign_id == campaign_id,
            _delivery.state == State.CLAIMED,
            _delivery.epoch == epoch,
        )
        .values(state=State.PLANNED)
    )


def cancel(connection: Connection, campaign_id: int, epoch: int) -> None:
    """Give up whoever waits; those whose reply was lost are in doubt."""
    check_epoch(connection, campaign_id, epoch)
    attempt = schema.attempt.c
    no_reply = (attempt.phase == "dot", attempt.code.is_(None), resolving.unrefuted())
    lost = _delivery.id.in_(select(attempt.delivery_id).where(*no_reply))
    waiting = (_delivery.campaign_id == campaign_id, _delivery.state.in_(WAITING))
    for which, becomes in (((*waiting, lost), State.IN_DOUBT), (waiting, State.CANCELLED)):
        connection.execute(update(schema.delivery).where(*which).values(state=becomes))


def end(connection: Connection, campaign_id: int, epoch: int, **values: Any) -> None:
    """Write down how the campaign ended, or why it stopped."""
    check_epoch(connection, campaign_id, epoch)
    change(connection, campaign_id, sender_until=0.0, **values)


def check_epoch(connection: Connection, campaign_id: int, epoch: int) -> None:
    """Raise `LedgerError` where another sender has started since; none does before we commit."""
    current = connection.execute(
        select(_campaign.epoch).where(_campaign.id == campaign_id).with_for_update(read=True)
    ).scalar()
    if current != epoch:
        raise LedgerError(REPLACED)


def change(connection: Connection, campaign_id: int, **values: Any) -> None:
    """Change the campaign's own row."""
    connection.execute(update(schema.campaign).where(_campaign.id == campaign_id).values(**values))


def next_due(connection: Connection, campaign_id: int) -> float | None:
    """Return when the next planned person is due; None: nobody is planned."""
    due: float | None = connection.execute(
        select(_delivery.not_before)
        .where(_delivery.campaign_id == campaign_id, _delivery.state == State.PLANNED)
        .order_by(_delivery.not_before)
        .limit(1)
    ).scalar()
    return due


def handed_over(connection: Connection, relay: str, since: float) -> tuple[tuple[int, int], ...]:
    """Return how many messages went to *relay*, second by second."""
    kept = schema.handed_over.c
    rows = connection.execute(
        select(kept.second, kept.number)
        .where(kept.relay == relay, kept.second >= int(since))
        .order_by(kept.second)
    )
    return tuple((second, number) for second, number in rows)


def forget(connection: Connection, now: float) -> None:
    """Forget what went to the relays longer ago than any limit looks back."""
    connection.execute(
        delete(schema.handed_over).where(schema.handed_over.c.second < int(now) - MEMORY)
    )
