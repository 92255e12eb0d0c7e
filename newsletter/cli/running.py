"""Run a send: what it does on a signal, and its progress on the screen.

Nothing that happens to the screen reaches the send: a thread of its own draws, so a terminal that
is stopped (Ctrl-S) or a pipe that nobody reads holds up only that thread.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from newsletter.campaign import accounts
from newsletter.cli import display, screen
from newsletter.errors import Halted, NewsletterError
from newsletter.progress import Progress
from newsletter.receipt import Receipt
from newsletter.workspace import Workspace

ONE_WISH = 0.5  #: seconds; systemd, `timeout` and a closing terminal send two signals at once
LAST_LINES = 1.0  #: seconds that the screen may take to end

Work = Callable[[Progress, asyncio.Event], Awaitable[Receipt]]


def run(work: Work, total: int, place: Workspace) -> Receipt:
    """Do *work* for *total* people; raises `Halted` when somebody stopped it."""
    progress = Progress()
    try:
        with (
            _shown(progress, total),
            asyncio.Runner(loop_factory=_fastest_loop()) as runner,
        ):
            return runner.run(_run(work, progress))
    except NewsletterError:
        screen.let_go_of_the_gone()
        if progress.campaign:
            _tell_how_far(place, progress.campaign)
        raise
    finally:
        screen.let_go_of_the_gone()


def _tell_how_far(place: Workspace, campaign: str) -> None:
    with contextlib.suppress(NewsletterError, OSError):  # why it stopped is told in any case
        counts = accounts.account(place, accounts.find(place, campaign).id).counts
        screen.say(f"So far: {screen.count_words(counts)}")


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop where it is installed (extra `fast`): a little less CPU a message."""
    try:
        import uvloop
    except ImportError:
        return None
    make: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return make


async def _run(work: Work, progress: Progress) -> Receipt:
    stop = asyncio.Event()
    sending = asyncio.ensure_future(work(progress, stop))
    with _stopping(stop, sending, progress):
        await asyncio.wait((sending,))
    try:
        return await sending
    except asyncio.CancelledError:
        raise Halted(
            "ended in the middle of a message; `newsletter resume` goes on, and lists who is in "
            "doubt"
        ) from None


@contextmanager
def _stopping(
    stop: asyncio.Event, sending: asyncio.Future[Receipt], progress: Progress
) -> Iterator[None]:
    """Let the first signal finish what is under way, and a second one end at once.

    A terminal that closes sends SIGHUP, and its shell sends another: that never ends at once.
    """
    loop = asyncio.get_running_loop()
    first: float | None = None
    is_ending = False

    def on_signal(number: signal.Signals) -> None:
        nonlocal first, is_ending
        if first is None:
            first = loop.time()
            progress.is_stopping = True
            stop.set()
        elif loop.time() - first > ONE_WISH and number is not signal.SIGHUP and not is_ending:
            is_ending = True  # a third must not disturb how it writes down who is in doubt
            sending.cancel()

    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup: it shall go on
        signals.append(signal.SIGHUP)
    for number in signals:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


@contextmanager
def _shown(progress: Progress, total: int) -> Iterator[None]:
    """Show *progress* within; *total* people are to go."""
    over = threading.Event()
    drawing = threading.Thread(target=_show, args=(progress, total, over), daemon=True)
    drawing.start()
    try:
        yield
    finally:
        over.set()
        drawing.join(LAST_LINES)


def _show(progress: Progress, total: int, over: threading.Event) -> None:
    with contextlib.suppress(OSError):  # whoever looked has gone; sending goes on
        display.show(progress, total, over)
