"""A million people: what planning them takes, and whether sending to them takes more memory."""

import statistics
import time

from tests.benchmarks.campaign import Waiting, waiting
from tests.benchmarks.contest import Row, at_most
from tests.benchmarks.sending import sent

FEW, MANY = 10_000, 1_000_000
MESSAGES = 5_000
MEGABYTE = 1_000_000


def large() -> list[Row]:
    """Plan a million, look at them, send some; send as many of a campaign a hundredth as large."""
    with waiting(FEW) as campaign:
        memory = sent(campaign, MESSAGES).memory
        start_up = _status(campaign)
    with waiting(MANY) as campaign:
        looks = _status(campaign)
        more = sent(campaign, MESSAGES).memory
        planned = campaign.seconds_to_plan
    what = "peak memory of sending: at 1,000,000 people beside 10,000"
    return [
        at_most(what, 1.15, more / memory, "x"),
        at_most("peak memory of sending at 1,000,000 people", 100, more / MEGABYTE, "MB"),
        at_most("planning 1,000,000 from a CSV, the whole command", 30, planned, "s"),
        at_most("`status` of 1,000,000, less that of 10,000", 0.2, looks - start_up, "s"),
        Row("`status` of 1,000,000, the whole command", "", f"{looks:.2f} s", None),
    ]


def _status(campaign: Waiting) -> float:
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        campaign.workplace.run("status")
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
