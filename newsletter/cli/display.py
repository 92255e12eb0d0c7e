"""How far a send is, on the screen: drawn in place on a terminal, a line now and then elsewhere."""

import sys
import threading
import time
from collections import deque

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from newsletter.cli.forecasting import duration
from newsletter.cli.screen import console, plural, say, when
from newsletter.journal import without_addresses
from newsletter.progress import Progress, Snapshot

BETWEEN_LOOKS = 0.1  #: seconds
BETWEEN_LINES = 5.0  #: seconds, where there is no terminal
BETWEEN_SAME_LINES = 300.0  #: seconds
MEASURED = 20.0  #: seconds over which the speed is measured

AGAIN = "a second Ctrl-C, or `newsletter stop --now`, ends at once"


def show(progress: Progress, total: int, over: threading.Event) -> None:
    """Show how far *total* people are until it is *over*; may raise `OSError`."""
    if console(stderr=True).is_terminal:
        _draw(progress, total, over)
    else:
        _tell(progress, total, over)


def _draw(progress: Progress, total: int, over: threading.Event) -> None:
    pace = Pace()
    with Live(console=console(stderr=True), auto_refresh=False, transient=True) as live:
        while not over.wait(BETWEEN_LOOKS):
            now = progress.snapshot()
            live.update(_picture(now, total, pace.at(now.settled, time.monotonic())), refresh=True)


def _picture(now: Snapshot, total: int, speed: float) -> Group:
    head = Table.grid(padding=(0, 2), expand=True)
    head.add_column(no_wrap=True)
    head.add_column(ratio=1)
    head.add_column(no_wrap=True)
    bar = ProgressBar(total=max(total, 1), completed=now.settled)
    head.add_row(_line(f"Sending {now.campaign}", "bold"), bar, f"{now.settled:,} of {total:,}")
    waits = why_waiting(now)
    below = _line(waits, "yellow") if waits else _line(_speed(now, total, speed), "dim")
    return Group(head, _counts(now, total), below)


def _line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def _counts(now: Snapshot, total: int) -> Text:
    line = _line("")
    for name, number, style in (
        ("accepted", now.accepted, "green"),
        ("refused", now.refused, "red"),
        ("in doubt", now.in_doubt, "yellow"),
        ("to go", total - now.settled, ""),
    ):
        line.append(" · " if line else "")
        line.append(f"{name} {number:,}", style if number else "")
    return line


def _speed(now: Snapshot, total: int, speed: float) -> str:
    connections = plural(now.connections, "connection", "connections")
    rate = f"{speed:,.0f}" if speed > 10 else f"{speed:.1f}"
    return f"{rate} a second over {connections}{left(now, total, speed)}"


def _tell(progress: Progress, total: int, over: threading.Event) -> None:
    pace, said, said_at, told_stop = Pace(), "", time.monotonic(), False
    while not over.wait(BETWEEN_LOOKS):
        now, moment = progress.snapshot(), time.monotonic()
        if now.is_stopping and not told_stop:
            told_stop = True
            print(why_waiting(now), file=sys.stderr, flush=True)
        speed = pace.at(now.settled, moment)
        line = f"{without_addresses(why_waiting(now) or 'Sending')}: {_counts(now, total)}"
        if moment - said_at >= (BETWEEN_LINES if line != said else BETWEEN_SAME_LINES):
            said, said_at = line, moment
            say(line if why_waiting(now) else line + left(now, total, speed))
            sys.stdout.flush()


def why_waiting(now: Snapshot) -> str:
    """Return why nothing much happens just now; empty while it does."""
    if now.is_stopping:
        return f"Stopping after the messages under way; {AGAIN}"
    if not now.campaign:
        return "Connecting to the relay"
    if now.limited_until:
        return f"Waiting until {when(now.limited_until)}, for the relay's limits"
    if now.resting_until:
        return f"Waiting until {when(now.resting_until)} to try the rest again"
    if now.trouble:
        return f"Trying again, for the relay fails ({now.trouble})"
    return ""


class Pace:
    """How many people a second, over the last while."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, settled: int, moment: float) -> float:
        """Return the speed at *moment* (seconds, of one clock), when so many are *settled*."""
        if not settled:  # what came before the first is no part of the speed
            self._seen.clear()
        self._seen.append((moment, settled))
        while moment - self._seen[0][0] > MEASURED:
            self._seen.popleft()
        since, before = self._seen[0]
        return (settled - before) / (moment - since) if moment > since else 0.0


def left(now: Snapshot, total: int, speed: float) -> str:
    """Return ", about 6 s left", by the speed and the relay's limits; or nothing."""
    by_speed = (total - now.settled) / speed if speed else 0.0
    by_limits = now.ends_at - time.time() if now.ends_at else 0.0
    seconds = max(by_speed, by_limits)
    return f", about {duration(seconds)} left" if seconds > 0 else ""
