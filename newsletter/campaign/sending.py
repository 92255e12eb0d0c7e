"""Freeze, deliver, go on after a stop; and the two that send nothing to staff: test and knock."""

import asyncio
import fcntl
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TextIO

from newsletter import address, config, inbox, message
from newsletter.audience import Recipient
from newsletter.campaign import languages, publishing
from newsletter.campaign.accounts import account
from newsletter.campaign.drafting import draft, refuse_unfilled, sender, skeleton
from newsletter.campaign.mailing import Mailing, reached, sent_before
from newsletter.checks.finding import Severity
from newsletter.config import Config, Relay, Security
from newsletter.delivery import Assignment, Progress, Sender
from newsletter.errors import (
    AuthorError,
    Fault,
    Halted,
    LedgerError,
    RelayLost,
    SetupError,
    UsageError,
)
from newsletter.ledger.book import Book
from newsletter.ledger.states import Campaign, Kind, Plan, State
from newsletter.receipt import Receipt
from newsletter.rendering import called
from newsletter.reply import Reply
from newsletter.skeleton import message_id
from newsletter.smtp import login
from newsletter.smtp.connection import Connection, Lost
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
    relay = mailing.settings.relay if kind is Kind.LIVE else Relay()
    with _alone(workspace) as lock:
        if kind is Kind.LIVE:
            _refuse_twice(workspace, mailing)
        async with _line(workspace, relay) as connect:
            await (await connect()).quit()
            async with Book(workspace.ledger) as book:
                if stop.is_set():
                    raise Halted("stopped before anything was planned; nobody was written to")
                campaign_id = await book.plan(_plan(mailing, kind, relay, time.time()))
                _write(lock, campaign_id)
                work = _Work(workspace, campaign_id, mailing.settings, relay)
                await _run(work, book, connect, progress, stop)
    return account(workspace, campaign_id)


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
    with _alone(workspace) as lock:
        _write(lock, campaign.id)
        async with _line(workspace, relay) as connect, Book(workspace.ledger) as book:
            work = _Work(workspace, campaign.id, settings, relay)
            await _run(work, book, connect, progress, stop)
    return account(workspace, campaign.id)


async def cancel(workspace: Workspace, campaign: Campaign) -> Receipt:
    """End *campaign* where it stopped: whoever waits never gets it."""
    with _alone(workspace):
        async with Book(workspace.ledger) as book:
            epoch = await book.start(campaign.id, time.time(), lost=State.IN_DOUBT)
            await book.cancel(campaign.id, epoch)
            await book.finish(campaign.id, epoch, time.time())
    return account(workspace, campaign.id)


@dataclass(frozen=True, slots=True)
class _Work:
    """A planned campaign, and the relay it goes through: the built-in one for a rehearsal."""

    workspace: Workspace
    campaign_id: int
    settings: Config
    relay: Relay


async def _run(
    work: _Work,
    book: Book,
    connect: Callable[[], Awaitable[Connection]],
    progress: Progress,
    stop: asyncio.Event,
) -> None:
    lost = State.PLANNED if work.settings.delivery.in_doubt == "resend" else State.IN_DOUBT
    epoch = await book.start(work.campaign_id, time.time(), lost=lost)
    found = account(work.workspace, work.campaign_id)
    assignment = Assignment(
        campaign_id=work.campaign_id,
        epoch=epoch,
        return_path=found.campaign.return_path,
        skeletons=await book.skeletons(work.campaign_id),
        connections=max(1, min(work.relay.most_connections, found.counts.waiting)),
        seconds_between=work.relay.seconds_between,
        lost=lost,
        anybody_accepted=found.counts.accepted > 0,
    )
    sender = Sender(book=book, assignment=assignment, connect=connect, stop=stop, progress=progress)
    try:
        await sender.run()
    except (RelayLost, LedgerError) as fault:
        raise Halted(str(fault)) from fault


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
        recipients=tuple(
            replace(each, language=mailing.choice.of(each)) for each in mailing.audience.recipients
        ),
        exclusions=mailing.audience.exclusions,
    )


async def test(workspace: Workspace, given: str, to: str) -> tuple[tuple[str, Reply], ...]:
    """Send every edition to *to* alone, marked [TEST]; return the relay's reply to each.

    The mail with all languages goes along where a list asks for it.
    """
    settings = config.load(workspace.root)
    drafted = languages.as_lists_ask(workspace, draft(workspace, given))
    try:
        reader = Recipient(address=address.parse(to), lists=())
    except address.AddressError as error:
        raise UsageError(f"--to {to}: {error}") from None
    own = sender(settings).address
    publishing.publish(workspace, drafted.renderings)
    replies = []
    async with _line(workspace, settings.relay) as connect:
        line = await connect()
        for each in drafted.renderings:
            marked = replace(each, subject=f"[TEST] {each.subject}")
            name = message_id(f"test.{secrets.token_hex(8)}", 1, own.domain)
            data = message.compose(skeleton(marked, settings, time.time()), reader, name)
            envelope = message.Envelope(str(own), str(reader.address))
            try:
                _, reply = await line.hand_over(envelope, data, _no_intent)
            except Lost as lost:
                raise Halted(
                    f"the relay broke off ({lost}); it may have arrived: look there, then try again"
                ) from None
            replies.append((called(each.language, each.languages), reply))
        await line.quit()
    return tuple(replies)


async def _no_intent() -> None:
    """A test is in no ledger: its sender looks for it himself."""


async def knock(workspace: Workspace) -> frozenset[str]:
    """Connect and log in to the relay, send nothing; return what it offers."""
    settings = config.load(workspace.root)
    async with _line(workspace, settings.relay) as connect:
        line = await connect()
        await line.quit()
        return line.extensions


@asynccontextmanager
async def _line(
    workspace: Workspace, relay: Relay
) -> AsyncIterator[Callable[[], Awaitable[Connection]]]:
    """Yield what opens a connection: to the relay, or to the built-in mail server."""
    if relay.security is Security.INBOX:
        async with inbox.serving(workspace.inbox) as port:
            here = Relay(url=f"smtp://127.0.0.1:{port}")
            yield lambda: login.connect(here, "")
    else:
        password = config.password(relay, workspace.root)
        relay = relay.model_copy(
            update={"ca_file": workspace.root / relay.ca_file if relay.ca_file else None}
        )
        yield lambda: login.connect(relay, password)


@contextmanager
def _alone(workspace: Workspace) -> Iterator[TextIO]:
    """Hold the workspace's lock, so that two senders never work on one ledger.

    The file says which process holds it, and which campaign that sends (see `accounts`).
    The system lets go of it when this process ends, however it ends.
    """
    workspace.lock.parent.mkdir(parents=True, exist_ok=True)
    with workspace.lock.open("a+") as lock:
        if not _locked(lock):
            lock.seek(0)
            raise SetupError(
                f"another newsletter (process {lock.read().partition(' ')[0] or 'unknown'}) is "
                "sending from this workspace; wait until it is done, or end it with Ctrl-C there"
            )
        _write(lock)
        yield lock


def _write(lock: TextIO, campaign_id: int | None = None) -> None:
    lock.truncate(0)
    lock.write(f"{os.getpid()} {campaign_id or ''}")
    lock.flush()


def _locked(lock: TextIO) -> bool:
    """Take the lock; `status` holds it for a moment when it looks, so try more than once."""
    for _ in range(5):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.1)
        else:
            return True
    return False
