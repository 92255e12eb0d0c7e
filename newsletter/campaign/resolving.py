"""Decide about people in doubt: by the relay's log, or by hand."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from newsletter import config, journal, relaylogs
from newsletter.campaign import keeping, lock
from newsletter.campaign.accounts import account
from newsletter.campaign.evidence import Finding, judge
from newsletter.campaign.observing import logged
from newsletter.errors import LedgerError, UsageError, suggest
from newsletter.ledger import reading, resolving
from newsletter.ledger.book import Book
from newsletter.ledger.doubts import By, Decision, Doubt, Ruling
from newsletter.ledger.states import Campaign, State
from newsletter.receipt import Receipt
from newsletter.relaylogs import Log
from newsletter.workspace import Workspace

EVERYBODY = "all"  #: in place of an address: whoever is left

_BY_HAND = {
    Decision.DELIVERED: "by hand: it arrived",
    Decision.AGAIN: "by hand: it is to be sent again",
    Decision.GIVE_UP: "by hand: given up; it may have arrived",
}


async def in_doubt(workspace: Workspace, campaign: Campaign) -> tuple[Doubt, ...]:
    """Return who is in doubt in *campaign*, which nobody may be sending.

    Those whom a sender left at the final dot when it was killed are written down as such first.
    """
    with lock.alone(workspace):
        with reading.reading(keeping.place(workspace)) as ledger:
            left_over = resolving.left_over(ledger, campaign.id)
        if left_over:
            halted = account(workspace, campaign.id).campaign.halted
            async with Book(keeping.place(workspace)) as book:
                epoch = await book.start(campaign.id, time.time(), lost=State.IN_DOUBT)
                await book.halt(campaign.id, epoch, halted)
        with reading.reading(keeping.place(workspace)) as ledger:
            return resolving.doubts(ledger, campaign.id)


def consult(
    workspace: Workspace, campaign: Campaign, doubts: Sequence[Doubt], paths: Sequence[Path]
) -> tuple[Log, tuple[Finding, ...]]:
    """Return what the relay's log in *paths* shows about *doubts*."""
    began = campaign.started_at if campaign.started_at is not None else campaign.planned_at
    with reading.reading(keeping.place(workspace)) as ledger:
        witnesses = resolving.witnesses(ledger, campaign.id, doubts)
    wanted = [each.message_id for each in doubts] + [each.message_id for each in witnesses]
    log = relaylogs.read(paths, frozenset(wanted), began)
    return log, judge(doubts, began, witnesses, log)


def decide(
    doubts: Sequence[Doubt], findings: Sequence[Finding], named: Mapping[str, Decision]
) -> tuple[Ruling, ...]:
    """Return what was decided: about an address that is *named*, then by the log, then about `all`.

    Raises `UsageError` where somebody named is not in doubt.
    """
    wanted = {address.casefold(): decision for address, decision in named.items()}
    if strangers := set(wanted) - {doubt.address.casefold() for doubt in doubts} - {EVERYBODY}:
        first = min(strangers)
        near = suggest(first, [doubt.address for doubt in doubts])
        raise UsageError(f"`{first}` is not in doubt{near or '; nothing was done'}")
    shown = {each.doubt.delivery_id: each for each in findings if each.decision}
    ruled = (
        _ruling(
            doubt,
            wanted.get(doubt.address.casefold()),
            shown.get(doubt.delivery_id),
            wanted.get(EVERYBODY),
        )
        for doubt in doubts
    )
    return tuple(ruling for ruling in ruled if ruling)


def _ruling(
    doubt: Doubt, named: Decision | None, finding: Finding | None, otherwise: Decision | None
) -> Ruling | None:
    if finding and finding.decision and not named:
        return Ruling(doubt=doubt, decision=finding.decision, by=By.LOG, because=finding.because)
    if decision := named or otherwise:
        return Ruling(doubt=doubt, decision=decision, by=By.HAND, because=_BY_HAND[decision])
    return None


async def apply(workspace: Workspace, campaign: Campaign, rulings: Sequence[Ruling]) -> Receipt:
    """Write *rulings* down; whoever is to be sent to again waits for `resume`."""
    now = time.time()
    again = sum(ruling.decision is Decision.AGAIN for ruling in rulings)
    reason = f"{again:,} decided with `newsletter resolve` are to be sent again" if again else ""
    with lock.alone(workspace), logged(workspace, config.load(workspace.root)):
        halted = account(workspace, campaign.id).campaign.halted  # as it is now that we are alone
        async with Book(keeping.place(workspace)) as book:
            epoch = await book.start(campaign.id, now, lost=State.IN_DOUBT)
            try:
                await book.run(
                    lambda connection: resolving.resolve(connection, campaign.id, rulings, now)
                )
            except LedgerError:
                await book.halt(campaign.id, epoch, halted)
                raise
            await book.halt(campaign.id, epoch, halted or reason)
        journal.campaign.set(campaign.name)
        counts = Counter((ruling.decision, ruling.by) for ruling in rulings)
        for (decision, by), number in counts.items():
            journal.info("resolved", decision=decision, by=by, people=number)
    return account(workspace, campaign.id)
