"""What happened: the campaigns of a workspace and their receipts."""

from newsletter import receipt
from newsletter.campaign import keeping, lock
from newsletter.errors import UsageError, suggest
from newsletter.ledger import reading
from newsletter.ledger.states import Campaign, Counts, Kind
from newsletter.receipt import Receipt
from newsletter.workspace import Workspace


def campaigns(workspace: Workspace) -> tuple[tuple[Campaign, Counts], ...]:
    """Return every campaign and its counts, the newest first."""
    if not keeping.exists(workspace):
        return ()
    with reading.reading(keeping.place(workspace)) as ledger:
        return tuple((each, reading.counts(ledger, each.id)) for each in reading.campaigns(ledger))


def find(workspace: Workspace, name: str | None) -> Campaign:
    """Return the campaign *name*; without one the newest that is not done, else the newest.

    A rehearsal that is not done comes after every campaign that people wait for.
    """
    found = _some(workspace)
    if name is None:
        open_ones = [each for each in found if each.finished_at is None]
        live = [each for each in open_ones if each.kind is Kind.LIVE]
        return (live or open_ones or found)[0]
    for each in found:
        if each.name == name:
            return each
    near = suggest(name, [each.name for each in found])
    raise UsageError(f"unknown campaign `{name}`{near or '; `newsletter status` lists them'}")


def last(workspace: Workspace) -> Campaign:
    """Return the campaign that was sent from last, done or not."""
    found = _some(workspace)
    return max(found, key=lambda each: each.finished_at or each.started_at or each.planned_at)


def _some(workspace: Workspace) -> tuple[Campaign, ...]:
    """Return every campaign, the newest first; without any there is nothing to find."""
    found: tuple[Campaign, ...] = ()
    if keeping.exists(workspace):
        with reading.reading(keeping.place(workspace)) as ledger:
            found = reading.campaigns(ledger)
    if not found:
        raise UsageError("no campaign yet; `newsletter send` makes the first")
    return found


def account(workspace: Workspace, campaign_id: int) -> Receipt:
    """Return the receipt of a campaign."""
    with reading.reading(keeping.place(workspace)) as ledger:
        found = next(each for each in reading.campaigns(ledger) if each.id == campaign_id)
        return receipt.account(ledger, found)


def unsent(workspace: Workspace, campaign_id: int) -> int:
    """Return to how many people of a campaign nothing was handed over yet."""
    with reading.reading(keeping.place(workspace)) as ledger:
        return reading.unsent(ledger, campaign_id)


def sent_now(workspace: Workspace) -> int | None:
    """Return the id of the campaign that some process is sending from *workspace* now."""
    holder = lock.holder(workspace)
    return holder.campaign_id if holder else None
