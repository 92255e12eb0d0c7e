"""Who is in doubt, and what somebody decided about it: beside the evidence, never instead of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from newsletter.errors import LedgerError
from newsletter.ledger import schema
from newsletter.ledger.doubts import By, Decision, Doubt, Resolved, Ruling, Witness
from newsletter.ledger.states import State
from newsletter.reply import Phase

WITNESSES = 10  #: people before and after each one in doubt

_delivery, _attempt = schema.delivery.c, schema.attempt.c


_BECOMES = {
    Decision.DELIVERED: State.ACCEPTED,
    Decision.AGAIN: State.PLANNED,
    Decision.GIVE_UP: State.REFUSED,
}


def doubts(ledger: Connection, campaign_id: int) -> tuple[Doubt, ...]:
    """Return everybody of the campaign who is in doubt, as planned."""
    newest = (
        select(func.max(_attempt.id))
        .where(_attempt.delivery_id == _delivery.id)
        .correlate(schema.delivery)
        .scalar_subquery()
    )
    rows = ledger.execute(
        select(
            schema.delivery,
            _attempt.at,
            _attempt.phase,
            _attempt.text.label("said"),
        )
        .join(schema.attempt, _attempt.id == newest)
        .where(_delivery.campaign_id == campaign_id, _delivery.state == State.IN_DOUBT)
        .order_by(_delivery.id)
    )
    return tuple(
        Doubt(
            delivery_id=row.id,
            address=row.address,
            message_id=row.message_id,
            attempts=row.attempts,
            at=row.at,
            phase=row.phase,
            said=row.said,
        )
        for row in rows
    )


def left_over(ledger: Connection, campaign_id: int) -> int:
    """Return how many people a sender left at the final dot when it ended without a word."""
    mine = (_delivery.campaign_id == campaign_id, _delivery.state == State.HANDING_OVER)
    return int(ledger.execute(select(func.count()).where(*mine)).scalar_one())


def witnesses(ledger: Connection, campaign_id: int, among: Iterable[Doubt]) -> tuple[Witness, ...]:
    """Return people whom the relay accepted by a reply, planned next to those in doubt."""
    found: dict[str, Witness] = {}
    for doubt in among:
        before, after = _delivery.id < doubt.delivery_id, _delivery.id > doubt.delivery_id
        for which, order in ((before, _delivery.id.desc()), (after, _delivery.id)):
            for row in ledger.execute(_accepted(campaign_id, which, order)):
                found[row.message_id] = Witness(message_id=row.message_id, at=row.at)
    return tuple(found.values())


def resolve(
    connection: Connection, campaign_id: int, rulings: Sequence[Ruling], now: float
) -> None:
    """Write *rulings* down; a campaign that is done is open again if somebody is to be sent to.

    Runs on the writer's connection, in a transaction of its own.
    """
    for ruling in rulings:
        changed = connection.execute(
            update(schema.delivery)
            .where(
                _delivery.id == ruling.doubt.delivery_id,
                _delivery.campaign_id == campaign_id,
                _delivery.state == State.IN_DOUBT,
                _delivery.attempts == ruling.doubt.attempts,  # not in doubt about another one since
            )
            .values(state=_BECOMES[ruling.decision], not_before=0.0)
        ).rowcount
        if changed != 1:
            raise LedgerError(
                f"{ruling.doubt.address}: this is no longer the doubt that was decided about; "
                "nothing was done, ask `newsletter resolve` again"
            )
    connection.execute(insert(schema.attempt), [_testimony(ruling, now) for ruling in rulings])
    if any(ruling.decision is Decision.AGAIN for ruling in rulings):
        connection.execute(
            update(schema.campaign)
            .where(schema.campaign.c.id == campaign_id)
            .values(finished_at=None)
        )


def resolved(ledger: Connection, campaign_id: int) -> tuple[Resolved, ...]:
    """Return every ruling of the campaign, the oldest first."""
    rows = ledger.execute(
        select(_delivery.address, schema.attempt)
        .join(schema.delivery, _delivery.id == _attempt.delivery_id)
        .where(
            _attempt.phase.in_(By),
            _attempt.code.is_(None),  # few rows, with an index of their own
            _delivery.campaign_id + 0 == campaign_id,  # a million of these: not the way to begin
        )
        .order_by(_attempt.at, _attempt.id)
    )
    return tuple(
        Resolved(
            address=row.address,
            state=State(row.state),
            by=By(row.phase),
            because=row.text,
            at=row.at,
        )
        for row in rows
    )


def unrefuted() -> ColumnElement[bool]:
    """Whether no look into the relay's log has shown since that an attempt came to nothing."""
    later = schema.attempt.alias()
    refuted = exists().where(
        later.c.delivery_id == _attempt.delivery_id,
        later.c.id > _attempt.id,
        later.c.phase == By.LOG,
        later.c.state == State.PLANNED,
    )
    return or_(_attempt.code.is_not(None), ~refuted)


def _testimony(ruling: Ruling, now: float) -> dict[str, Any]:
    return {
        "delivery_id": ruling.doubt.delivery_id,
        "at": now,
        "state": _BECOMES[ruling.decision],
        "phase": ruling.by,
        "status": "",
        "text": ruling.because,
    }


def _accepted(
    campaign_id: int, which: ColumnElement[bool], order: ColumnElement[Any]
) -> Select[Any]:
    return (
        select(_delivery.message_id, _attempt.at)
        .join(schema.attempt, _attempt.delivery_id == _delivery.id)
        .where(
            _delivery.campaign_id == campaign_id,
            _delivery.state == State.ACCEPTED,
            _attempt.phase == Phase.DOT,  # not one that somebody decided about
            _attempt.state == State.ACCEPTED,
            which,
        )
        .order_by(order)
        .limit(WITNESSES)
    )
