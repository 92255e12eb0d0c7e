"""What everybody may see of the ledger, through a connection that can change nothing."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from newsletter.audience import Exclusion
from newsletter.errors import LedgerError
from newsletter.ledger import resolving, schema, stores
from newsletter.ledger.states import WAITING, Campaign, Counts, Kind, Person, State
from newsletter.ledger.stores import Place
from newsletter.reply import Phase, Reply

Reader = Connection  #: an open ledger, to look at


@contextmanager
def reading(place: Place) -> Iterator[Reader]:
    """Open the ledger at *place* to look at it; nothing is made or changed."""
    store = stores.at(place)
    engine = store.for_reading()
    try:
        with engine.connect() as connection:
            if stores.version(connection) not in (None, schema.VERSION):
                raise LedgerError(
                    f"{store} was written by another version of newsletter; a newer one needs that "
                    "version, an older one is brought up to date by `newsletter status`"
                )
            yield connection
    except SQLAlchemyError as error:
        raise LedgerError(f"{store}: the ledger cannot be read: {stores.reason(error)}") from error
    finally:
        engine.dispose()


def campaigns(ledger: Reader) -> tuple[Campaign, ...]:
    """Return every campaign, the newest first; none where even the tables are missing."""
    if stores.version(ledger) is None:  # ended while the ledger was being made
        return ()
    rows = ledger.execute(select(schema.campaign).order_by(schema.campaign.c.id.desc()))
    return tuple(map(_campaign, rows))


def counts(ledger: Reader, campaign_id: int) -> Counts:
    """Return how many people of the campaign are where: the till."""
    delivery = schema.delivery.c
    rows = ledger.execute(
        select(delivery.state, func.count())
        .where(delivery.campaign_id == campaign_id)
        .group_by(delivery.state)
    )
    found: dict[str, int] = {}
    for state, number in rows:
        name = "waiting" if state in WAITING else str(state)
        found[name] = found.get(name, 0) + number
    return Counts(**found)


def people(ledger: Reader, campaign_id: int, *states: State) -> tuple[Person, ...]:
    """Return the people of the campaign in one of *states* (all, without any), as planned."""
    delivery, attempt = schema.delivery.c, schema.attempt.c
    newest = (
        select(func.max(attempt.id))
        .where(attempt.delivery_id == delivery.id)
        .correlate(schema.delivery)
        .scalar_subquery()
    )
    query = (
        select(schema.delivery, attempt.code, attempt.status, attempt.text, attempt.at)
        .outerjoin(schema.attempt, attempt.id == newest)
        .where(delivery.campaign_id == campaign_id)
        .order_by(delivery.id)
    )
    if states:
        query = query.where(delivery.state.in_(states))
    return tuple(map(_person, ledger.execute(query)))


def exclusions(ledger: Reader, campaign_id: int) -> tuple[Exclusion, ...]:
    """Return who was left out when the campaign was planned, and why."""
    rows = ledger.execute(
        select(schema.exclusion)
        .where(schema.exclusion.c.campaign_id == campaign_id)
        .order_by(schema.exclusion.c.id)
    )
    return tuple(
        Exclusion(address=row.address, list_name=row.list, reason=row.reason) for row in rows
    )


def sent_of(ledger: Reader, announcement: str, content_hash: str) -> tuple[Campaign, ...]:
    """Return the campaigns that took this announcement to people, by its name or its content."""
    return tuple(
        each
        for each in campaigns(ledger)
        if each.kind is Kind.LIVE
        and each.relay != "inbox:"
        and (each.announcement == announcement or each.content_hash == content_hash)
    )


def reached(ledger: Reader, sent: Iterable[Campaign]) -> dict[str, str]:
    """Return who was or may have been reached by *sent*, newest first: key to campaign's name."""
    delivery = schema.delivery.c
    found: dict[str, str] = {}
    for campaign in sent:
        keys = ledger.execute(
            select(delivery.address_key).where(
                delivery.campaign_id == campaign.id,
                delivery.state.in_((State.ACCEPTED, State.IN_DOUBT)),
            )
        ).scalars()
        found = {**dict.fromkeys(keys, campaign.name), **found}
    return found


def unsent(ledger: Reader, campaign_id: int) -> int:
    """Return to how many people of the campaign nothing was handed over yet."""
    delivery = schema.delivery.c
    states = delivery.state.in_((State.PLANNED, State.CLAIMED))
    query = select(func.count()).where(delivery.campaign_id == campaign_id, states)
    return int(ledger.execute(query).scalar_one())


def perhaps_twice(ledger: Reader, campaign_id: int) -> int:
    """Return how many people may have got two copies: one reply was lost, and it went again."""
    attempt, delivery = schema.attempt.c, schema.delivery.c
    may_have_arrived = or_(attempt.code.is_(None), attempt.state == State.ACCEPTED)
    lost = schema.attempt.alias()  # few, with an index of their own
    replies_lost = select(lost.c.delivery_id).where(
        lost.c.code.is_(None), lost.c.phase == Phase.DOT
    )
    again = (
        select(attempt.delivery_id)
        .join(schema.delivery, delivery.id == attempt.delivery_id)
        .where(
            attempt.delivery_id.in_(replies_lost),
            delivery.campaign_id + 0 == campaign_id,  # a million of these: not the way to begin
            attempt.phase == Phase.DOT,
            may_have_arrived,
            resolving.unrefuted(),
        )
        .group_by(attempt.delivery_id)
        .having(func.count() > 1)
    )
    return len(ledger.execute(again).all())


def _campaign(row: Any) -> Campaign:
    return Campaign(
        id=row.id,
        name=row.name,
        announcement=row.announcement,
        kind=Kind(row.kind),
        relay=row.relay,
        return_path=row.return_path,
        planned_at=row.planned_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        halted=row.halted,
        content_hash=row.content_hash,
        audience_hash=row.audience_hash,
        lists=tuple(json.loads(row.lists)),
        people=row.people,
    )


def _person(row: Any) -> Person:
    reply = Reply(row.code, row.status, row.text) if row.code else None
    return Person(
        address=row.address,
        display_name=row.display_name,
        state=State(row.state),
        attempts=row.attempts,
        reply=reply,
        reason="" if reply else row.text or "",
        message_id=row.message_id,
        at=row.at,
    )
