"""Freeze the mail and the people, deliver, go on after a stop."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator

from msgspec import structs

from newsletter import config, journal
from newsletter.audience import Recipient
from newsletter.campaign import keeping, lock
from newsletter.campaign.accounts import account
from newsletter.campaign.drafting import refuse_unfilled, sender, skeleton
from newsletter.campaign.line import line
from newsletter.campaign.mailing import Mailing, reached, sent_before
from newsletter.campaign.observing import Run, at_work, logged, observed
from newsletter.campaign.signing import signers, signing
from newsletter.checks.finding import Severity
from newsletter.clock import Clock
from newsletter.config import Relay
from newsletter.delivery.copies import Press
from newsletter.delivery.sender import Assignment, Sender
from newsletter.errors import (
    AuthorError,
    Fault,
    Halted,
    LedgerError,
    RelayLost,
    SetupError,
)
from newsletter.ledger.book import Book
from newsletter.ledger.states import Campaign, Kind, Plan, State
from newsletter.pacing.forecast import forecast
from newsletter.pacing.limits import Budget
from newsletter.progress import Progress
from newsletter.receipt import Receipt
from newsletter.smtp.connection import Connection
from newsletter.workspace import Workspace


async def send(
    workspace: Workspace, mailing: Mailing, kind: Kind, progress: Progress, stop: asyncio.Event
) -> Receipt:
    """Freeze the mail and the people in the ledger, then deliver until nobody waits.

    The relay is asked to let us in before anything is planned, so a relay that does not answer
    leaves no campaign behind. Raises `Halted` when *stop* was set.
    """
    refuse_errors(mailing)
    if kind is Kind.LIVE:
        refuse_unfilled(mailing.settings)
    signers(workspace, mailing.settings)  # a key that cannot be used leaves no campaign behind
    relay = mailing.settings.relay if kind is Kind.LIVE else Relay()
    with at_work(workspace, mailing.settings, progress, stop) as run:
        if kind is Kind.LIVE:
            _refuse_twice(workspace, mailing)
        async with line(workspace, relay) as connect:
            plan = _plan(mailing, kind, relay, time.time())
            await _knock(connect, plan)
            async with Book(keeping.place(workspace)) as book:
                if stop.is_set():
                    raise Halted("stopped before anything was planned; nobody was written to")
                campaign_id = await book.plan(plan)
                journal.campaign.set(account(workspace, campaign_id).campaign.name)
                journal.info("planned", **_extent(mailing))
                await _run(run, campaign_id, relay, book, connect)
    return account(workspace, campaign_id)


async def _knock(connect: Callable[[], Awaitable[Connection]], plan: Plan) -> None:
    """See that the relay lets us in, and takes messages as large as ours (RFC 1870)."""
    connection = await connect()
    largest = connection.largest
    await connection.quit()
    size = max(sum(map(len, skeleton.chunks)) for _, skeleton in plan.skeletons)
    if largest and size > largest:
        raise SetupError(
            f"the relay takes messages of up to {largest:,} bytes, and this one has {size:,}; "
            "use smaller pictures or publish them (`images.base_url`), or ask the relay's keeper"
        )


def _extent(mailing: Mailing) -> dict[str, object]:
    return {
        "announcement": mailing.draft.announcement.name,
        "lists": ", ".join(mailing.lists),
        "people": len(mailing.audience.recipients),
        "left_out": len(mailing.audience.exclusions),
    }


def refuse_errors(mailing: Mailing) -> None:
    """Raise `AuthorError` with every finding that may not leave, if there is one."""
    if errors := [
        finding for finding in mailing.draft.findings if finding.severity is Severity.ERROR
    ]:
        raise AuthorError(Fault(finding.place, finding.message) for finding in errors)


def _refuse_twice(workspace: Workspace, mailing: Mailing) -> None:
    """Look again, now that nobody else can send: whoever got it does not get it by accident."""
    for each in sent_before(workspace, mailing):
        if each.finished_at is None:
            raise Halted(
                f"campaign `{each.name}` of this announcement is not done. `newsletter resume "
                f"{each.name}` goes on, with the text as it was then; `newsletter cancel "
                f"{each.name}` ends it: the rest never gets it, and you can send anew"
            )
    for key, name in reached(workspace, mailing).items():
        if mailing.again.get(key) != name:
            raise Halted(f"campaign `{name}` was sent while you decided; run `send` again")


async def resume(
    workspace: Workspace,
    campaign: Campaign,
    progress: Progress,
    stop: asyncio.Event,
    *,
    named: bool,
) -> Receipt:
    """Go on with *campaign* where it stopped, with the mail and the people frozen then.

    Only one that somebody *named* may go on through another relay than it began with.
    """
    settings = config.load(workspace.root)
    relay = settings.relay if campaign.kind is Kind.LIVE else Relay()
    if (relay.url == Relay().url) != (campaign.relay == Relay().url):
        raise SetupError(
            f"campaign `{campaign.name}` went to {campaign.relay}, but relay.url is now "
            f"{relay.url}; set it back to finish this campaign"
        )
    if relay.url != campaign.relay and not named:
        raise SetupError(
            f"campaign `{campaign.name}` went through {campaign.relay}, but relay.url is now "
            f"{relay.url}; `newsletter resume {campaign.name}` goes on through the new one"
        )
    with at_work(workspace, settings, progress, stop) as run:
        async with line(workspace, relay) as connect, Book(keeping.place(workspace)) as book:
            await _run(run, campaign.id, relay, book, connect)
    return account(workspace, campaign.id)


async def cancel(workspace: Workspace, campaign: Campaign) -> Receipt:
    """End *campaign* where it stopped: whoever waits never gets it."""
    with lock.alone(workspace), logged(workspace, config.load(workspace.root)):
        async with Book(keeping.place(workspace)) as book:
            epoch = await book.start(campaign.id, time.time(), lost=State.IN_DOUBT)
            await book.cancel(campaign.id, epoch)
            await book.finish(campaign.id, epoch, time.time())
        journal.campaign.set(campaign.name)
        journal.info("cancelled")
    return account(workspace, campaign.id)


async def _run(
    run: Run,
    campaign_id: int,
    relay: Relay,
    book: Book,
    connect: Callable[[], Awaitable[Connection]],
) -> None:
    clock, keys = Clock(), signers(run.workspace, run.settings)
    lost = State.PLANNED if run.settings.delivery.in_doubt == "resend" else State.IN_DOUBT
    epoch = await book.start(campaign_id, clock(), lost=lost, relay=relay.url)
    found = account(run.workspace, campaign_id)
    skeletons = await book.skeletons(campaign_id)
    assignment = Assignment(
        campaign_id=campaign_id,
        epoch=epoch,
        press=Press(
            return_path=found.campaign.return_path,
            skeletons=skeletons,
            sign=signing(keys, skeletons),
        ),
        connections=max(1, min(relay.most_connections, found.counts.waiting)),
        messages=relay.messages,
        budget=await _budget(run.progress, found.counts.waiting, book, relay, clock),
        lost=lost,
        anybody_accepted=found.counts.accepted > 0,
    )
    sender = Sender(
        book=book,
        assignment=assignment,
        connect=connect,
        stop=run.stop,
        progress=run.progress,
        clock=clock,
    )
    async with observed(run, found):
        try:
            await sender.run()
        except (RelayLost, LedgerError) as fault:
            raise Halted(str(fault)) from fault
        except asyncio.CancelledError:  # ended at once: whoever was under way is in doubt
            with contextlib.suppress(LedgerError):
                epoch = await book.start(campaign_id, clock(), lost=lost)
                await book.halt(campaign_id, epoch, "ended at once, as asked")
            raise


async def _budget(
    progress: Progress, waiting: int, book: Book, relay: Relay, clock: Clock
) -> Budget | None:
    """Return what the relay's limits leave, after all that went through it before."""
    if not relay.limits:
        return None
    longest = max(limit.seconds for limit in relay.limits)
    history = await book.handed_over_since(relay.url, clock() - longest)
    if expected := forecast(waiting, relay.limits, history, clock(), None):
        progress.ends_at = expected.ends_at
    return Budget(relay.limits, history)


def _plan(mailing: Mailing, kind: Kind, relay: Relay, now: float) -> Plan:
    own = sender(mailing.settings).address
    return Plan(
        announcement=mailing.draft.announcement.name,
        kind=kind,
        relay=relay.url,
        seed=secrets.token_hex(8),
        domain=own.domain,
        return_path=str(own),
        planned_at=now,
        content_hash=mailing.content_hash,
        lists=mailing.lists,
        skeletons=tuple(
            (each.language, skeleton(each, mailing.settings, now))
            for each in mailing.draft.renderings
        ),
        recipients=_in_their_language(mailing),
        exclusions=mailing.audience.exclusions,
    )


def _in_their_language(mailing: Mailing) -> Iterator[Recipient]:
    """Yield everybody, with the language of the mail they get."""
    for each in mailing.audience.recipients:
        language = mailing.choice.of(each)
        yield each if each.language == language else structs.replace(each, language=language)
