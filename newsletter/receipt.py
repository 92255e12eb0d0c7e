"""What happened: everybody of one campaign, each counted once, and what is left to do."""

from dataclasses import dataclass

from newsletter.audience import Exclusion
from newsletter.ledger import reading, resolving
from newsletter.ledger.doubts import Resolved
from newsletter.ledger.states import Campaign, Counts, Person, State


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The account of one campaign. It balances when nobody waits: then everybody is settled."""

    campaign: Campaign
    counts: Counts
    refused: tuple[Person, ...]
    in_doubt: tuple[Person, ...]
    resolved: tuple[Resolved, ...]  #: what was decided about those who were in doubt
    exclusions: tuple[Exclusion, ...]
    perhaps_twice: int  #: people whose reply was lost, and to whom it was sent again

    @property
    def is_done(self) -> bool:
        """Whether nobody waits any more."""
        return self.counts.waiting == 0

    @property
    def seconds(self) -> float | None:
        """Return how long it took from the first connection to the last reply."""
        if self.campaign.started_at is None or self.campaign.finished_at is None:
            return None
        return self.campaign.finished_at - self.campaign.started_at


def account(ledger: reading.Reader, campaign: Campaign) -> Receipt:
    """Return the receipt of *campaign*, read in one go."""
    return Receipt(
        campaign=campaign,
        counts=reading.counts(ledger, campaign.id),
        refused=reading.people(ledger, campaign.id, State.REFUSED),
        in_doubt=reading.people(ledger, campaign.id, State.IN_DOUBT),
        resolved=resolving.resolved(ledger, campaign.id),
        exclusions=reading.exclusions(ledger, campaign.id),
        perhaps_twice=reading.perhaps_twice(ledger, campaign.id),
    )
