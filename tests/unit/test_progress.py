"""Whoever looks at a run sees one moment of it, and is told when it changed."""

import asyncio
import dataclasses
import itertools

import pytest

from newsletter.ledger.states import Counts, State
from newsletter.progress import Progress, Snapshot


def test_a_snapshot_stays_as_it_was() -> None:
    progress = Progress(campaign="ceo", before=Counts(waiting=3))
    before = progress.snapshot()

    progress.count(State.ACCEPTED)

    assert (before.accepted, progress.snapshot().accepted) == (0, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        before.accepted = 2  # type: ignore[misc]


def test_everything_that_is_counted_is_in_the_snapshot() -> None:
    ours = {each.name for each in dataclasses.fields(Progress)}

    assert {each.name for each in dataclasses.fields(Snapshot)} == ours


def test_counts_are_those_of_the_campaign_with_its_earlier_runs() -> None:
    progress = Progress(before=Counts(waiting=10, accepted=90, in_doubt=2, suppressed=1))
    for state in (State.ACCEPTED, State.REFUSED, State.IN_DOUBT, State.PLANNED):
        progress.count(state)

    now = progress.snapshot()
    assert now.counts == Counts(waiting=7, accepted=91, refused=1, in_doubt=3, suppressed=1)
    assert now.counts.total == progress.before.total
    assert (now.settled, now.deferred) == (3, 1)


def test_a_subscriber_hears_of_changes_at_its_own_pace_and_of_the_end() -> None:
    progress = Progress(before=Counts(waiting=500))

    async def subscriber() -> list[Snapshot]:
        return [each async for each in progress.snapshots(every=0.02)]

    async def work() -> list[Snapshot]:
        heard = asyncio.create_task(subscriber())
        for _ in range(500):
            progress.count(State.ACCEPTED)
            await asyncio.sleep(0.0005)
        await asyncio.sleep(0.1)  # in which nothing changes
        progress.is_over = True
        return await heard

    heard = asyncio.run(work())

    assert heard[0].accepted <= 1
    assert heard[-1].accepted == 500
    assert heard[-1].is_over
    assert 2 < len(heard) < 60
    assert all(one != other for one, other in itertools.pairwise(heard))
