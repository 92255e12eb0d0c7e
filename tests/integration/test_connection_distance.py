"""To a relay far away a message costs one round trip with PIPELINING, and four without."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from newsletter.config import Relay
from newsletter.smtp import login
from tests.conftest import Scripted
from tests.integration.campaigns import run
from tests.integration.lines import at_once, one_by_one, parcel
from tests.servers.delay import Delayed
from tests.servers.scripted import EXTENSIONS

ROUND_TRIP = 0.02
MESSAGE = b"Subject: x\r\n\r\n" + (b"x" * 74 + b"\r\n") * 592  # 45 KB
MESSAGES = 40


def round_trips_a_message(port: int) -> float:
    async def many() -> float:
        async with asyncio.timeout(60):
            line = await login.connect(Relay(url=f"smtp://127.0.0.1:{port}"), "")
            parcels = [parcel(number, MESSAGE) for number in range(MESSAGES)]
            await line.hand_over(parcels[0], at_once, parcels[1])
            start = time.monotonic()
            for each, following in zip(parcels[1:], [*parcels[2:], None], strict=True):
                _, reply = await line.hand_over(each, at_once, following)
                assert reply.code == 250
            took = time.monotonic() - start
            await line.quit()
        return took / (MESSAGES - 1) / ROUND_TRIP

    return run(many(), 60)


@pytest.mark.parametrize(
    ("extensions", "at_least", "below"),
    [(EXTENSIONS, 1, 3), (one_by_one, 4, 40)],  # a busy machine adds to what a message takes
    ids=["in groups", "one by one"],
)
def test_a_message_costs_as_few_round_trips_as_can_be(
    scripted: Scripted, extensions: Sequence[str], at_least: int, below: int
) -> None:
    server = scripted(extensions=extensions)
    with Delayed(server.port, ROUND_TRIP) as far:
        trips = round_trips_a_message(far.port)
    assert len(server.messages) == MESSAGES
    print(f"{trips:.2f} round trips a message")
    assert at_least <= trips < below
