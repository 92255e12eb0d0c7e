"""The ledger, in a file and on a server: everybody in it, nothing lost, nobody else in it."""

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from newsletter.errors import LedgerError
from newsletter.ledger import reading, steps
from newsletter.ledger.book import Book
from newsletter.ledger.states import Counts, Kind, State
from newsletter.ledger.stores import Place
from newsletter.message import compose
from newsletter.reply import Reply
from tests.integration.campaigns import everybody, mail, people, person, plan, run, till
from tests.integration.ledgers import YES, begun, entry

# Planning


def test_everybody_who_was_planned_is_in_the_ledger(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            assert await book.plan(plan(500)) == 1

    run(work())
    assert till(place) == Counts(waiting=500)
    staff = everybody(place)
    assert [each.address for each in staff] == [person(n) for n in range(1, 501)]
    assert len({each.message_id for each in staff}) == 500
    with reading.reading(place) as ledger:
        [campaign] = reading.campaigns(ledger)
        assert reading.exclusions(ledger, 1) == plan(1).exclusions
    keys = "\n".join(sorted(each.address.key for each in people(500)))
    assert campaign.audience_hash == hashlib.sha256(keys.encode()).hexdigest()
    assert (campaign.kind, campaign.lists, campaign.started_at) == (Kind.LIVE, ("staff",), None)


def test_the_mail_comes_back_byte_for_byte_and_the_default_language_first(place: Place) -> None:
    both = (("nl", mail("nl", "Één")), ("en", mail("en", "One")))

    async def work() -> None:
        async with Book(place) as book:
            await book.plan(plan(1, skeletons=both))
        async with Book(place) as book:
            found = await book.skeletons(1)
        assert tuple(found.items()) == both
        [reader] = people(1)
        assert compose(found["nl"], reader, "<1@x>") == compose(both[0][1], reader, "<1@x>")

    run(work())


def test_a_name_is_used_once(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            for n, kind in enumerate([Kind.LIVE, Kind.LIVE, Kind.REHEARSAL, Kind.LIVE]):
                await book.plan(plan(1, seed=f"s{n}", kind=kind))
            await book.plan(plan(1, seed="x", announcement="ceo%_"))
            await book.plan(plan(1, seed="y", announcement="ce"))

    run(work())
    with reading.reading(place) as ledger:
        names = [campaign.name for campaign in reading.campaigns(ledger)]
    assert names == ["ce", "ceo%_", "ceo-3", "ceo-rehearsal", "ceo-2", "ceo"]


@pytest.mark.parametrize("twice", ["address", "message id"])
def test_a_plan_with_a_person_twice_is_refused_whole(place: Place, twice: str) -> None:
    async def work() -> None:
        async with Book(place) as book:
            await book.plan(plan(2))
            wrong = plan(2) if twice == "message id" else plan(2, seed="other")
            if twice == "address":
                first, second = wrong.recipients
                shouting = structs.replace(first.address, local=first.address.local.upper())
                wrong = replace(
                    wrong, recipients=(first, second, structs.replace(first, address=shouting))
                )
            with pytest.raises(LedgerError, match=r"(?i)unique"):
                await book.plan(wrong)
            await book.plan(plan(2, seed="third"))

    run(work())
    with reading.reading(place) as ledger:
        assert len(reading.campaigns(ledger)) == 2


# One person's way


def test_a_person_goes_from_planned_to_accepted(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 2)
            first, second = await book.claim(campaign_id, epoch, 10, 2000.0)
            assert first.recipient == structs.replace(people(1)[0], lists=())
            assert await book.claim(campaign_id, epoch, 10, 2000.0) == ()
            await book.intend(first, epoch)
            book.record(entry(first, State.ACCEPTED), epoch)
            book.record(entry(second, State.PLANNED, not_before=9000.0), epoch)
            await book.settled()
            assert await book.next_due(campaign_id) == 9000.0
            assert await book.claim(campaign_id, epoch, 10, 8999.0) == ()
            [again] = await book.claim(campaign_id, epoch, 10, 9000.0)
            assert (again.id, again.attempts) == (second.id, 1)
            assert again.message_id == second.message_id
            book.record(entry(again, State.REFUSED, reply=None, reason="gave up"), epoch)
            await book.settled()
            assert await book.next_due(campaign_id) is None
            await book.finish(campaign_id, epoch, 9999.0)

    run(work())
    assert till(place) == Counts(accepted=1, refused=1)
    first, second = everybody(place)
    assert (first.reply, first.attempts) == (YES, 1)
    assert (second.reply, second.reason, second.attempts) == (None, "gave up", 2)
    with reading.reading(place) as ledger:
        [campaign] = reading.campaigns(ledger)
    assert (campaign.started_at, campaign.finished_at) == (1500.0, 9999.0)


def test_people_are_claimed_in_the_order_of_the_list_and_each_once(place: Place) -> None:
    async def work() -> list[int]:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 100)
            claims = await asyncio.gather(
                *(book.claim(campaign_id, epoch, 7, 2000.0) for _ in range(20))
            )
            return [delivery.id for claim in claims for delivery in claim]

    assert run(work()) == list(range(1, 101))


def test_whoever_is_due_is_found_without_sorting_everybody(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            await book.plan(plan(3))

    run(work())
    with reading.reading(place) as ledger:
        query = steps.due(1, 200, 2000.0).compile(ledger, compile_kwargs={"literal_binds": True})
        if isinstance(place, Path):
            rows = ledger.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")
        else:  # three people are looked at one by one, unless that is forbidden
            for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
                ledger.exec_driver_sql(f"SET enable_{way} = off")
            rows = ledger.exec_driver_sql(f"EXPLAIN {query}")
        plan_of_it = " ".join(map(str, rows))
    assert "delivery_due" in plan_of_it
    assert "ORDER BY" not in plan_of_it
    assert "Sort" not in plan_of_it


def test_what_was_claimed_and_not_begun_is_given_back(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 3)
            first, _, _ = await book.claim(campaign_id, epoch, 3, 2000.0)
            await book.intend(first, epoch)
            await book.release(campaign_id, epoch)
            await book.halt(campaign_id, epoch, "x" * 10_000)
            states = [each.state for each in everybody(place)]
            assert states == [State.HANDING_OVER, State.PLANNED, State.PLANNED]

    run(work())
    with reading.reading(place) as ledger:
        assert reading.campaigns(ledger)[0].halted == "x" * 500


@pytest.mark.parametrize("lost", [State.IN_DOUBT, State.PLANNED])
def test_a_crash_leaves_in_doubt_only_who_was_being_handed_over(place: Place, lost: State) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 4)
            first, second, _ = await book.claim(campaign_id, epoch, 3, 2000.0)
            for delivery in (first, second):
                await book.intend(delivery, epoch)
            book.record(entry(first, State.ACCEPTED), epoch)
        async with Book(place) as book:
            assert await book.start(campaign_id, 3000.0, lost=lost) == epoch + 1

    run(work())
    states = [each.state for each in everybody(place)]
    assert states == [State.ACCEPTED, lost, State.PLANNED, State.PLANNED]
    second = everybody(place)[1]
    assert second.at == 3000.0
    assert "the sender ended" in second.reason


def test_all_that_was_recorded_is_kept_when_the_book_is_closed(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 200)
            for delivery in await book.claim(campaign_id, epoch, 200, 2000.0):
                book.record(entry(delivery, State.ACCEPTED), epoch)

    run(work())
    assert till(place) == Counts(accepted=200)


def test_evidence_is_added_and_never_changed(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 1)
            for number in range(3):
                [delivery] = await book.claim(campaign_id, epoch, 1, 2000.0)
                later = Reply(450, "4.2.0", f"try {number}")
                book.record(entry(delivery, State.PLANNED, reply=later), epoch)
                await book.settled()

    run(work())
    with reading.reading(place) as ledger:
        texts = ledger.exec_driver_sql(
            "SELECT code, status, text, phase FROM attempt ORDER BY id"
        ).all()
    assert texts == [(450, "4.2.0", f"try {n}", "dot") for n in range(3)]
    [reader] = everybody(place)
    assert (reader.attempts, str(reader.reply)) == (3, "450 4.2.0 try 2")


# Two senders


def test_a_sender_that_was_replaced_can_write_nothing(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as old, Book(place) as new:
            campaign_id, epoch = await begun(old, 5)
            claimed, handing, planned, _ = await old.claim(campaign_id, epoch, 4, 2000.0)
            await old.intend(handing, epoch)
            newer = await new.start(campaign_id, 3000.0, lost=State.IN_DOUBT)
            before = everybody(place)
            for forbidden in (
                old.claim(campaign_id, epoch, 1, 2000.0),
                old.release(campaign_id, epoch),
                old.halt(campaign_id, epoch, "the old one"),
                old.finish(campaign_id, epoch, 4000.0),
            ):
                with pytest.raises(LedgerError, match="another sender"):
                    await forbidden
            await new.claim(campaign_id, newer, 1, 2000.0)
            for delivery in (claimed, planned):
                with pytest.raises(LedgerError, match="another sender"):
                    await old.intend(delivery, epoch)
            for delivery in (claimed, handing, planned):
                old.record(entry(delivery, State.ACCEPTED), epoch)
                with pytest.raises(LedgerError, match="another sender"):
                    await old.settled()
            states = [each.state for each in everybody(place)]
            assert states[1:] == [each.state for each in before][1:]
            assert states[0] is State.CLAIMED

    run(work())
    with reading.reading(place) as ledger:
        [campaign] = reading.campaigns(ledger)
    assert (campaign.halted, campaign.finished_at) == ("", None)


def test_an_intent_is_kept_once_and_for_who_was_claimed(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 2)
            first, _ = await book.claim(campaign_id, epoch, 2, 2000.0)
            await book.intend(first, epoch)
            with pytest.raises(LedgerError):
                await book.intend(first, epoch)

    run(work())


def test_a_settled_person_cannot_be_settled_again(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 1)
            [delivery] = await book.claim(campaign_id, epoch, 1, 2000.0)
            await book.intend(delivery, epoch)
            book.record(entry(delivery, State.ACCEPTED), epoch)
            book.record(entry(delivery, State.PLANNED), epoch)
            with pytest.raises(LedgerError):
                await book.settled()

    run(work())
    assert till(place).refused == 0


def test_once_an_outcome_could_not_be_kept_no_intent_is(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 2)
            first, second = await book.claim(campaign_id, epoch, 2, 2000.0)
            book.record(entry(first, State.ACCEPTED), epoch + 1)
            with pytest.raises(LedgerError):
                await book.settled()
            with pytest.raises(LedgerError):
                await book.intend(second, epoch)

    run(work())
