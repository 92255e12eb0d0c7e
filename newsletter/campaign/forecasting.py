"""How long a mailing will take: what the relay's limits and the ledger know of it."""

from newsletter.campaign import keeping
from newsletter.config import Relay
from newsletter.errors import LedgerError
from newsletter.ledger import reading, traffic
from newsletter.pacing.forecast import Forecast, forecast
from newsletter.workspace import Workspace


def expected(workspace: Workspace, relay: Relay, people: int, now: float) -> Forecast | None:
    """Return when a mailing to *people* through *relay* would be done; None: nobody knows."""
    history, per_second = _known(workspace, relay, now)
    return forecast(people, relay.limits, history, now, per_second)


def _known(
    workspace: Workspace, relay: Relay, now: float
) -> tuple[tuple[tuple[int, int], ...], float | None]:
    """Return what went through *relay* as far as its limits look back, and its last speed."""
    longest = max((limit.seconds for limit in relay.limits), default=0.0)
    if not keeping.exists(workspace):
        return (), None
    try:
        with reading.reading(keeping.place(workspace)) as ledger:
            return (
                traffic.handed_over_since(ledger, relay.url, now - longest),
                traffic.per_second(ledger, relay.url),
            )
    except LedgerError:  # whoever needs it says so; a forecast is not worth it
        return (), None
