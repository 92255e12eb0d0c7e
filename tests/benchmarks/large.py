"""A million people: what planning them takes, and whether sending to them takes more memory."""

import statistics
import time

from tests.benchmarks.campaign import Waiting, waiting
from tests.benchmarks.contest import Row, at_most, rounds

FEW, MANY = 10_000, 1_000_000
MESSAGES = 5_000
MEGABYTE = 1_000_000


def large() -> list[Row]:
    """Plan a million, look at them, send some; send as many of a campaign a hundredth as large."""
    with waiting(FEW) as few, waiting(MANY) as many:
        looks = rounds({"few": lambda: _status(few), "many": lambda: _status(many)}, 5)
        memory = {campaign: campaign.sent_to_sink(MESSAGES).memory for campaign in (few, many)}
    more = [of_many - of_few for of_few, of_many in zip(looks["few"], looks["many"], strict=True)]
    processor = f" ({many.processor_to_plan:,.1f} s of the processor)"
    return [
        at_most(
            "peak memory, 1,000,000 people beside 10,000", 1.15, memory[many] / memory[few], "x"
        ),
        at_most("peak memory, 1,000,000 people", 100, memory[many] / MEGABYTE, "MB"),
        at_most("planning 1,000,000 from a CSV", 30, many.seconds_to_plan, "s", processor),
        at_most("`status` of 1,000,000, beyond that of 10,000", 0.2, statistics.median(more), "s"),
    ]


def _status(campaign: Waiting) -> float:
    start = time.perf_counter()
    campaign.workplace.run("status")
    return time.perf_counter() - start
