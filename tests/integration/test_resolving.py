"""What is decided about people in doubt stands beside the evidence, all of it or none."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import LedgerError
from newsletter.ledger import reading, resolving
from newsletter.ledger.book import Book
from newsletter.ledger.doubts import By, Decision, Doubt, Ruling
from newsletter.ledger.states import Counts, Delivery, Entry, State
from newsletter.reply import Phase, Reply
from tests.integration.campaigns import everybody, person, plan, run, till

YES = Reply(250, "2.0.0", "queued")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def attempt(delivery: Delivery, state: State, at: float) -> Entry:
    """A reply to the dot, or none."""
    reply = YES if state is State.ACCEPTED else None
    return Entry(
        delivery_id=delivery.id,
        state=state,
        attempts=delivery.attempts + 1,
        at=at,
        phase=Phase.DOT,
        reply=reply,
        reason="" if reply else "Connection reset by peer",
    )


async def send(book: Book, now: float, becomes: Callable[[int], State]) -> None:
    """Send to whoever is due; *becomes* says by the delivery's id what comes of each."""
    epoch = await book.start(1, now, lost=State.IN_DOUBT)
    for delivery in await book.claim(1, epoch, 500, now):
        await book.intend(delivery, epoch)
        book.record(attempt(delivery, becomes(delivery.id), now + delivery.id), epoch)
    await book.settled()
    await book.finish(1, epoch, now + 1000)


async def sent(book: Book, people: int, *in_doubt: int) -> None:
    await book.plan(plan(people))
    await send(book, 2000, lambda number: State.IN_DOUBT if number in in_doubt else State.ACCEPTED)


def accepted(_: int) -> State:
    return State.ACCEPTED


def ruling(doubt: Doubt, decision: Decision, by: By = By.HAND) -> Ruling:
    return Ruling(doubt=doubt, decision=decision, by=by, because=f"{by}: {decision}")


async def decide(book: Book, *rulings: Ruling) -> None:
    await book.run(lambda connection: resolving.resolve(connection, 1, rulings, 5000.0))


def look(path: Path, question: Callable[..., Any], *more: object) -> Any:
    with reading.reading(path) as ledger:
        return question(ledger, 1, *more)


def in_doubt(path: Path) -> Doubt:
    """The only one."""
    (doubt,) = look(path, resolving.doubts)
    assert isinstance(doubt, Doubt)
    return doubt


def test_who_is_in_doubt_is_listed_with_the_last_attempt(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await sent(book, 5, 2, 4)

    run(work())

    two, four = look(path, resolving.doubts)
    assert two == Doubt(
        delivery_id=2,
        address=person(2),
        message_id=everybody(path)[1].message_id,
        attempts=1,
        at=2002.0,
        phase="dot",
        said="Connection reset by peer",
    )
    assert four.address == person(4)


def test_each_decision_becomes_what_it_says_and_the_evidence_stays(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await sent(book, 5, 2, 3, 4)
            two, three, four = look(path, resolving.doubts)
            await decide(
                book,
                ruling(two, Decision.DELIVERED, By.LOG),
                ruling(three, Decision.AGAIN),
                ruling(four, Decision.GIVE_UP),
            )

    run(work())

    assert till(path) == Counts(accepted=3, waiting=1, refused=1)
    assert look(path, resolving.doubts) == ()
    said = [(it.address, it.state, it.by, it.because) for it in look(path, resolving.resolved)]
    assert said == [
        (person(2), State.ACCEPTED, By.LOG, "log: delivered"),
        (person(3), State.PLANNED, By.HAND, "hand: again"),
        (person(4), State.REFUSED, By.HAND, "hand: give up"),
    ]
    with reading.reading(path) as ledger:
        rows = ledger.exec_driver_sql("SELECT delivery_id, phase, text FROM attempt").all()
    assert len(rows) == 5 + 3
    assert rows.count((3, "dot", "Connection reset by peer")) == 1


@pytest.mark.parametrize("decision", Decision)
def test_a_campaign_that_was_done_is_open_again_only_if_somebody_is_to_be_sent_to(
    path: Path, decision: Decision
) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await sent(book, 3, 2)
            await decide(book, ruling(in_doubt(path), decision))

    run(work())

    with reading.reading(path) as ledger:
        (campaign,) = reading.campaigns(ledger)
    assert (campaign.finished_at is None) == (decision is Decision.AGAIN)


def test_what_was_decided_about_one_attempt_says_nothing_about_the_next(path: Path) -> None:
    """Two people decide at once, and between them a sender is at work again."""

    async def work() -> None:
        async with Book(path) as book:
            await sent(book, 3, 2)
            first = in_doubt(path)
            await decide(book, ruling(first, Decision.AGAIN))
            await send(book, 6000, lambda _: State.IN_DOUBT)
            with pytest.raises(LedgerError, match="no longer the doubt"):
                await decide(book, ruling(first, Decision.AGAIN))

    run(work())

    assert till(path) == Counts(accepted=2, in_doubt=1)


def test_one_who_is_not_in_doubt_undoes_all_that_was_decided_with_them(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await sent(book, 3, 2)
            (two,) = look(path, resolving.doubts)
            stranger = replace(two, delivery_id=3, address=person(3))
            with pytest.raises(LedgerError, match="no longer the doubt"):
                await decide(
                    book, ruling(two, Decision.AGAIN), ruling(stranger, Decision.DELIVERED)
                )

    run(work())

    assert till(path) == Counts(accepted=2, in_doubt=1)
    assert look(path, resolving.resolved) == ()


@pytest.mark.parametrize(
    ("by", "decision", "twice"),
    [
        (By.LOG, Decision.AGAIN, 0),  # the log showed that the first never arrived
        (By.HAND, Decision.AGAIN, 1),
        (By.LOG, Decision.DELIVERED, 0),
        (By.HAND, Decision.DELIVERED, 0),
    ],
)
def test_who_may_have_got_it_twice_is_counted_by_what_is_known(
    path: Path, by: By, decision: Decision, twice: int
) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await sent(book, 3, 2)
            await decide(book, ruling(in_doubt(path), decision, by))
            await send(book, 6000, accepted)

    run(work())

    assert till(path) == Counts(accepted=3)
    assert look(path, reading.perhaps_twice) == twice


def test_a_loss_after_the_log_was_read_counts_again(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await sent(book, 3, 2)
            await decide(book, ruling(in_doubt(path), Decision.AGAIN, By.LOG))
            await send(book, 6000, lambda _: State.IN_DOUBT)
            await decide(book, ruling(in_doubt(path), Decision.AGAIN, By.HAND))
            await send(book, 7000, accepted)

    run(work())

    assert look(path, reading.perhaps_twice) == 1


@pytest.mark.parametrize(("by", "becomes"), [(By.LOG, "cancelled"), (By.HAND, "in_doubt")])
def test_one_who_was_to_be_sent_to_again_is_in_doubt_when_it_is_cancelled_unless_the_log_knew(
    path: Path, by: By, becomes: str
) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await sent(book, 3, 2)
            await decide(book, ruling(in_doubt(path), Decision.AGAIN, by))
            epoch = await book.start(1, 6000, lost=State.IN_DOUBT)
            await book.cancel(1, epoch)

    run(work())

    assert till(path) == Counts(accepted=2, **{becomes: 1})


def test_witnesses_are_those_next_to_the_doubt_whom_a_reply_accepted(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await sent(book, 40, 20, 21, 39)
            twenty, *_ = look(path, resolving.doubts)
            await decide(book, ruling(twenty, Decision.DELIVERED))

    run(work())

    found = look(path, resolving.witnesses, look(path, resolving.doubts))
    ids = {each.message_id: n for n, each in enumerate(everybody(path), 1)}
    assert {ids[each.message_id] for each in found} == {*range(10, 20), *range(22, 39), 40}
    assert {ids[each.message_id]: each.at for each in found}[19] == 2019.0
