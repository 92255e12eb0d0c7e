"""Run a send: its progress on the screen, and Ctrl-C that ends it cleanly."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from newsletter.cli.screen import console, say, when
from newsletter.delivery import Progress
from newsletter.errors import Halted
from newsletter.receipt import Receipt

BETWEEN_LINES = 5.0  #: seconds, where there is no terminal to draw a bar on
BETWEEN_SAME_LINES = 300.0  #: seconds
BETWEEN_LOOKS = 0.1  #: seconds

Work = Callable[[Progress, asyncio.Event], Awaitable[Receipt]]
Show = Callable[[Progress], None]


def run(work: Work, total: int) -> Receipt:
    """Do *work* for *total* people; raises `Halted` when somebody stopped it."""
    return asyncio.run(_run(work, total))


async def _run(work: Work, total: int) -> Receipt:
    progress, stop = Progress(), asyncio.Event()
    sending = asyncio.ensure_future(work(progress, stop))
    with _stopping(stop, sending):
        with contextlib.suppress(OSError), _showing(total) as show:
            while not sending.done():
                await asyncio.wait((sending,), timeout=BETWEEN_LOOKS)
                show(progress)
        await asyncio.wait((sending,))  # whoever looked has gone; sending goes on
    try:
        return await sending
    except asyncio.CancelledError:
        raise Halted(
            "ended in the middle of a message; `newsletter resume` goes on, and lists who is in "
            "doubt"
        ) from None


@contextmanager
def _stopping(stop: asyncio.Event, sending: asyncio.Future[Receipt]) -> Iterator[None]:
    """Let the first Ctrl-C finish what is under way, and the second end at once."""
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            sending.cancel()
            return
        stop.set()
        with contextlib.suppress(OSError):
            print(
                "\nStopping after the messages under way; Ctrl-C again ends at once.",
                file=sys.stderr,
            )

    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup: it shall go on
        signals.append(signal.SIGHUP)
    for number in signals:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


@contextmanager
def _showing(total: int) -> Iterator[Show]:
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield _Lines(total).show
        return
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        console=screen,
        transient=True,
    )
    started = time.monotonic()
    with bar:
        task = bar.add_task("Sending", total=total, rate="")

        def show(progress: Progress) -> None:
            rate = progress.accepted / max(time.monotonic() - started, 0.1)
            bar.update(
                task,
                completed=_settled(progress),
                description=_words(progress),
                rate=f"{rate:,.0f}/s",
            )

        yield show


class _Lines:
    """Plain lines now and then, for a log or a pipe; the same one twice only after a while."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._said_at = time.monotonic()
        self._said = ""

    def show(self, progress: Progress) -> None:
        """Say where we are, if it is time to."""
        line = f"{_words(progress)}: {_settled(progress):,} of {self._total:,}"
        quiet = BETWEEN_LINES if line != self._said else BETWEEN_SAME_LINES
        if time.monotonic() - self._said_at < quiet:
            return
        self._said_at, self._said = time.monotonic(), line
        with contextlib.suppress(OSError):  # whoever listened has gone; sending goes on
            say(line)
            sys.stdout.flush()


def _settled(progress: Progress) -> int:
    return progress.accepted + progress.refused + progress.in_doubt


def _words(progress: Progress) -> str:
    if progress.resting_until:
        return f"Waiting until {when(progress.resting_until)} to try the rest again"
    if progress.trouble:
        return f"Trying again, for the relay fails ({progress.trouble})"
    return "Sending"
