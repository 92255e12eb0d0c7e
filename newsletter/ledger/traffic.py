"""What went through a relay, and how fast: for the forecast before a send."""

from sqlalchemy import func, select

from newsletter.ledger import reading, schema, steps
from newsletter.ledger.reading import Reader
from newsletter.ledger.states import State

ENOUGH = 100  #: messages; fewer say little of the speed
SAMPLE = 10_000  #: people of a campaign whose messages are looked at


def handed_over_since(ledger: Reader, relay: str, since: float) -> tuple[tuple[int, int], ...]:
    """Return how many messages went to *relay*, as (second, number), the oldest first."""
    return steps.handed_over(ledger, relay, since) if reading.campaigns(ledger) else ()


def per_second(ledger: Reader, relay: str) -> float | None:
    """Return how many messages a second *relay* took in the newest campaign that tells."""
    campaigns = (each.id for each in reading.campaigns(ledger) if each.relay == relay)
    speeds = (_speed(ledger, campaign_id) for campaign_id in campaigns)
    return next((speed for speed in speeds if speed), None)


def _speed(ledger: Reader, campaign_id: int) -> float | None:
    """Return the speed of a campaign while it was sending: pauses do not count."""
    attempt, delivery = schema.attempt.c, schema.delivery.c
    first = ledger.execute(
        select(func.min(delivery.id)).where(delivery.campaign_id == campaign_id)
    ).scalar()
    if first is None:
        return None
    moments = ledger.execute(
        select(attempt.at)
        .join(schema.delivery, delivery.id == attempt.delivery_id)
        .where(delivery.campaign_id == campaign_id, attempt.state == State.ACCEPTED)
        .where(attempt.delivery_id.between(first, first + SAMPLE))
    ).scalars()
    found = tuple(moments)
    if len(found) < ENOUGH or not (span := max(found) - min(found)):
        return None
    return float(len(found) / min(span, len(set(map(int, found)))))
