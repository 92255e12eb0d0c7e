"""What the ledger costs a message, in CPU of both threads: intents, outcomes and claims.

`python -m tests.benchmarks.ledger` measures it, each beside the same work without a ledger.
"""

import asyncio
import tempfile
import time
from collections import deque
from pathlib import Path

from newsletter.ledger.book import Book
from newsletter.ledger.states import Delivery, Entry, State
from newsletter.reply import Phase, Reply
from tests.benchmarks.contest import rounds
from tests.integration.campaigns import plan

PEOPLE = 8_000
CONNECTIONS = (5, 10, 30)
CLAIM = 200
YES = Reply(250, "2.0.0", "Ok: queued as 4Ab12C3d4E")


def main() -> None:
    """Print CPU a message, and how many messages shared a flush."""
    for connections in CONNECTIONS:
        groups: list[float] = []
        found = rounds(
            {
                "with": lambda n=connections, into=groups: asyncio.run(_sent(n, into)),  # type: ignore[misc]
                "claims": lambda: asyncio.run(_claimed_only()),
                "without": lambda n=connections: asyncio.run(_sent(n, None)),  # type: ignore[misc]
            }
        )
        least = {name: min(each) * 1e6 for name, each in found.items()}
        print(
            f"{connections:3} connections: {least['with'] - least['without']:3.0f} us a message, "
            f"{least['claims']:.0f} of them for claims; {min(groups):.1f} messages a flush"
        )


async def _sent(connections: int, groups: list[float] | None) -> float:
    """Send to everybody, as if to a relay that is always there; return CPU seconds a message."""
    with tempfile.TemporaryDirectory() as folder:
        async with Book(Path(folder) / "ledger.db") as book:
            campaign_id = await book.plan(plan(PEOPLE))
            epoch = await book.start(campaign_id, 1.0, lost=State.IN_DOUBT, relay="smtp://relay")
            people: deque[Delivery] = deque()
            if groups is None:  # what it costs to have them does not count
                people.extend(await book.claim(campaign_id, epoch, PEOPLE, 2.0))
            claiming = asyncio.Lock()

            async def connection() -> None:
                while True:
                    async with claiming:
                        if not people and groups is not None:
                            people.extend(await book.claim(campaign_id, epoch, CLAIM, 2.0))
                    if not people:
                        return
                    delivery = people.popleft()
                    _make_a_copy()
                    await (asyncio.sleep(0) if groups is None else book.intend(delivery, epoch))
                    await asyncio.sleep(0)
                    entry = _accepted(delivery)
                    if groups is not None:
                        book.record(entry, epoch)

            before, commits = time.process_time(), book._writer.commits
            await asyncio.gather(*(connection() for _ in range(connections)))
            await book.settled()
            if groups is not None:
                groups.append(PEOPLE / (book._writer.commits - commits))
            return (time.process_time() - before) / PEOPLE


async def _claimed_only() -> float:
    with tempfile.TemporaryDirectory() as folder:
        async with Book(Path(folder) / "ledger.db") as book:
            campaign_id = await book.plan(plan(PEOPLE))
            epoch = await book.start(campaign_id, 1.0, lost=State.IN_DOUBT)
            before = time.process_time()
            while await book.claim(campaign_id, epoch, CLAIM, 2.0):
                pass
            return (time.process_time() - before) / PEOPLE


def _make_a_copy() -> None:
    """Keep the loop as busy as it is with a message."""
    for _ in range(3000):
        pass


def _accepted(delivery: Delivery) -> Entry:
    return Entry(
        delivery_id=delivery.id,
        state=State.ACCEPTED,
        attempts=1,
        at=3.0,
        phase=Phase.DOT,
        reply=YES,
    )


if __name__ == "__main__":
    main()
