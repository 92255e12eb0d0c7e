"""What others see of a run while it is at work: the lock, the log, the figures."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass

from newsletter import journal
from newsletter.campaign import lock
from newsletter.campaign.lock import Lock
from newsletter.config import Config
from newsletter.metrics import serving
from newsletter.progress import Progress
from newsletter.receipt import Receipt
from newsletter.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is known by: where, with which settings, how to stop it, how far it is."""

    workspace: Workspace
    settings: Config
    lock: Lock
    progress: Progress
    stop: asyncio.Event


@contextmanager
def logged(workspace: Workspace, settings: Config) -> Iterator[None]:
    """Keep the log of *workspace* within."""
    with journal.kept(workspace.root / settings.log.file, settings.log.level):
        yield


@contextmanager
def at_work(
    workspace: Workspace, settings: Config, progress: Progress, stop: asyncio.Event
) -> Iterator[Run]:
    """Hold the lock and keep the log within; whoever follows *progress* hears of the end."""
    try:
        with lock.alone(workspace) as held, logged(workspace, settings):
            yield Run(workspace, settings, held, progress, stop)
    finally:
        progress.is_over = True


@asynccontextmanager
async def observed(run: Run, found: Receipt) -> AsyncIterator[None]:
    """Let *run* be seen within: where it begins is the account that was *found*."""
    progress, campaign = run.progress, found.campaign
    progress.campaign, progress.before = campaign.name, found.counts
    journal.campaign.set(campaign.name)
    run.lock.sending(campaign.id)
    journal.info("started", kind=campaign.kind, relay=campaign.relay, **asdict(found.counts))
    noticing = asyncio.create_task(_notice_stop(run))
    try:
        async with serving.served(run.settings.metrics, run.workspace.root, progress):
            try:
                yield
            finally:
                progress.is_over = True
    except BaseException as fault:
        reason = str(fault) or "ended at once"
        journal.warning("stopped", reason=reason, **asdict(progress.snapshot().counts))
        raise
    else:
        journal.info("done", **asdict(progress.snapshot().counts))
    finally:
        noticing.cancel()


async def _notice_stop(run: Run) -> None:
    await run.stop.wait()
    run.progress.is_stopping = True
    run.lock.stopping()
    journal.info("stopping", connections=run.progress.connections)
