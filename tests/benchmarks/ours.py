"""A campaign that waits in a workspace, sent as `resume` does it: a process to be measured.

It sends so many messages, stops, and prints what that took as JSON: seconds by the clock and of
this process (all its threads) between the first message and the last, and its peak memory.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

from newsletter.campaign import accounts, sending
from newsletter.errors import Halted
from newsletter.progress import Progress
from newsletter.workspace import Workspace

LOOKS = 0.005  #: seconds between two


class Taken(NamedTuple):
    """What sending so many messages took."""

    messages: int
    seconds: float
    processor: float  #: seconds
    memory: int  #: bytes at the peak


class _Moment(NamedTuple):
    at: float
    processor: float
    messages: int


async def measured(workspace: Workspace, messages: int) -> Taken:
    progress, stop = Progress(), asyncio.Event()
    campaign = accounts.find(workspace, None)
    run = asyncio.ensure_future(sending.resume(workspace, campaign, progress, stop, named=True))
    first = await _when(1, progress, run)
    last = await _when(messages, progress, run)
    stop.set()
    with contextlib.suppress(Halted):
        await run
    return Taken(
        messages=last.messages - first.messages,
        seconds=last.at - first.at,
        processor=last.processor - first.processor,
        memory=_peak(),
    )


async def _when(accepted: int, progress: Progress, run: "asyncio.Future[Any]") -> _Moment:
    while progress.accepted < accepted and not run.done():
        await asyncio.wait((run,), timeout=LOOKS)
    return _Moment(time.perf_counter(), time.process_time(), progress.accepted)


def _peak() -> int:
    """Returns bytes. `getrusage` would count in what our parent had when it started us."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("workspace", type=Path)
    parser.add_argument("messages", type=int)
    parser.add_argument("--uvloop", action="store_true")
    options = parser.parse_args()
    gc.set_threshold(200_000)  # as the command does
    factory = None
    if options.uvloop:
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        found = runner.run(measured(Workspace(options.workspace), options.messages))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
