"""The ledger on a real disk: everybody in it, nothing lost from it, nobody else in it."""

import asyncio
import contextlib
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect

from newsletter.errors import LedgerError, SetupError
from newsletter.ledger import migrations, reading, schema
from newsletter.ledger.book import Book, audience_hash
from newsletter.ledger.states import Counts, Delivery, Entry, Kind, State
from newsletter.message import compose
from newsletter.reply import Phase, Reply
from tests.integration.campaigns import everybody, mail, people, person, plan, run, till

YES = Reply(250, "2.0.0", "queued")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "ledger.sqlite3"


def entry(delivery: Delivery, state: State, **changes: object) -> Entry:
    given = Entry(
        delivery_id=delivery.id,
        state=state,
        attempts=delivery.attempts + 1,
        at=2000.0,
        phase=Phase.DOT,
        reply=YES,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


async def begun(book: Book, count: int, **changes: object) -> tuple[int, int]:
    """A campaign of *count* people that has started: its id and epoch."""
    campaign_id = await book.plan(plan(count, **changes))
    return campaign_id, await book.start(campaign_id, 1500.0, lost=State.IN_DOUBT)


# Planning


def test_everybody_who_was_planned_is_in_the_ledger(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            assert await book.plan(plan(500)) == 1

    run(work())
    assert till(path) == Counts(waiting=500)
    staff = everybody(path)
    assert [each.address for each in staff] == [person(n) for n in range(1, 501)]
    assert len({each.message_id for each in staff}) == 500
    with reading.reading(path) as ledger:
        [campaign] = reading.campaigns(ledger)
        assert reading.exclusions(ledger, 1) == plan(1).exclusions
    assert campaign.audience_hash == audience_hash(reversed(people(500)))
    assert (campaign.kind, campaign.lists, campaign.started_at) == (Kind.LIVE, ("staff",), None)


def test_the_mail_comes_back_byte_for_byte_and_the_default_language_first(path: Path) -> None:
    both = (("nl", mail("nl", "Één")), ("en", mail("en", "One")))

    async def work() -> None:
        async with Book(path) as book:
            await book.plan(plan(1, skeletons=both))
        async with Book(path) as book:
            found = await book.skeletons(1)
        assert tuple(found.items()) == both
        [reader] = people(1)
        assert compose(found["nl"], reader, "<1@x>") == compose(both[0][1], reader, "<1@x>")

    run(work())


def test_a_name_is_used_once(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            for n, kind in enumerate([Kind.LIVE, Kind.LIVE, Kind.REHEARSAL, Kind.LIVE]):
                await book.plan(plan(1, seed=f"s{n}", kind=kind))
            await book.plan(plan(1, seed="x", announcement="ceo%_"))
            await book.plan(plan(1, seed="y", announcement="ce"))

    run(work())
    with reading.reading(path) as ledger:
        names = [campaign.name for campaign in reading.campaigns(ledger)]
    assert names == ["ce", "ceo%_", "ceo-3", "ceo-rehearsal", "ceo-2", "ceo"]


@pytest.mark.parametrize("twice", ["address", "message id"])
def test_a_plan_with_a_person_twice_is_refused_whole(path: Path, twice: str) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await book.plan(plan(2))
            wrong = plan(2) if twice == "message id" else plan(2, seed="other")
            if twice == "address":
                first, second = wrong.recipients
                shouting = replace(first.address, local=first.address.local.upper())
                wrong = replace(wrong, recipients=(first, second, replace(first, address=shouting)))
            with pytest.raises(LedgerError, match="UNIQUE"):
                await book.plan(wrong)
            assert await book.plan(plan(2, seed="third")) == 2

    run(work())
    with reading.reading(path) as ledger:
        assert len(reading.campaigns(ledger)) == 2


# One person's way


def test_a_person_goes_from_planned_to_accepted(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 2)
            first, second = await book.claim(campaign_id, epoch, 10, 2000.0)
            assert first.recipient == replace(people(1)[0], lists=())
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
    assert till(path) == Counts(accepted=1, refused=1)
    first, second = everybody(path)
    assert (first.reply, first.attempts) == (YES, 1)
    assert (second.reply, second.reason, second.attempts) == (None, "gave up", 2)
    with reading.reading(path) as ledger:
        [campaign] = reading.campaigns(ledger)
    assert (campaign.started_at, campaign.finished_at) == (1500.0, 9999.0)


def test_people_are_claimed_in_the_order_of_the_list_and_each_once(path: Path) -> None:
    async def work() -> list[int]:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 100)
            claims = await asyncio.gather(
                *(book.claim(campaign_id, epoch, 7, 2000.0) for _ in range(20))
            )
            return [delivery.id for claim in claims for delivery in claim]

    assert run(work()) == list(range(1, 101))


def test_what_was_claimed_and_not_begun_is_given_back(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 3)
            first, _, _ = await book.claim(campaign_id, epoch, 3, 2000.0)
            await book.intend(first, epoch)
            await book.release(campaign_id, epoch)
            await book.halt(campaign_id, epoch, "x" * 10_000)
            states = [each.state for each in everybody(path)]
            assert states == [State.HANDING_OVER, State.PLANNED, State.PLANNED]

    run(work())
    with reading.reading(path) as ledger:
        assert reading.campaigns(ledger)[0].halted == "x" * 500


@pytest.mark.parametrize("lost", [State.IN_DOUBT, State.PLANNED])
def test_a_crash_leaves_in_doubt_only_who_was_being_handed_over(path: Path, lost: State) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 4)
            first, second, _ = await book.claim(campaign_id, epoch, 3, 2000.0)
            for delivery in (first, second):
                await book.intend(delivery, epoch)
            book.record(entry(first, State.ACCEPTED), epoch)
        async with Book(path) as book:
            assert await book.start(campaign_id, 3000.0, lost=lost) == epoch + 1

    run(work())
    states = [each.state for each in everybody(path)]
    assert states == [State.ACCEPTED, lost, State.PLANNED, State.PLANNED]
    second = everybody(path)[1]
    assert second.at == 3000.0
    assert "the sender ended" in second.reason


def test_all_that_was_recorded_is_kept_when_the_book_is_closed(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 200)
            for delivery in await book.claim(campaign_id, epoch, 200, 2000.0):
                book.record(entry(delivery, State.ACCEPTED), epoch)

    run(work())
    assert till(path) == Counts(accepted=200)


def test_evidence_is_added_and_never_changed(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 1)
            for number in range(3):
                [delivery] = await book.claim(campaign_id, epoch, 1, 2000.0)
                later = Reply(450, "4.2.0", f"try {number}")
                book.record(entry(delivery, State.PLANNED, reply=later), epoch)
                await book.settled()

    run(work())
    with contextlib.closing(sqlite3.connect(path)) as raw:
        texts = raw.execute("SELECT code, status, text, phase FROM attempt ORDER BY id").fetchall()
    assert texts == [(450, "4.2.0", f"try {n}", "dot") for n in range(3)]
    [reader] = everybody(path)
    assert (reader.attempts, str(reader.reply)) == (3, "450 4.2.0 try 2")


# Two senders


def test_a_sender_that_was_replaced_can_write_nothing(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as old, Book(path) as new:
            campaign_id, epoch = await begun(old, 5)
            claimed, handing, planned, _ = await old.claim(campaign_id, epoch, 4, 2000.0)
            await old.intend(handing, epoch)
            newer = await new.start(campaign_id, 3000.0, lost=State.IN_DOUBT)
            before = everybody(path)
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
            states = [each.state for each in everybody(path)]
            assert states[1:] == [each.state for each in before][1:]
            assert states[0] is State.CLAIMED

    run(work())
    with reading.reading(path) as ledger:
        [campaign] = reading.campaigns(ledger)
    assert (campaign.halted, campaign.finished_at) == ("", None)


def test_an_intent_is_kept_once_and_for_who_was_claimed(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 2)
            first, _ = await book.claim(campaign_id, epoch, 2, 2000.0)
            await book.intend(first, epoch)
            with pytest.raises(LedgerError):
                await book.intend(first, epoch)

    run(work())


def test_a_settled_person_cannot_be_settled_again(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 1)
            [delivery] = await book.claim(campaign_id, epoch, 1, 2000.0)
            await book.intend(delivery, epoch)
            book.record(entry(delivery, State.ACCEPTED), epoch)
            book.record(entry(delivery, State.PLANNED), epoch)
            with pytest.raises(LedgerError):
                await book.settled()

    run(work())
    assert till(path).refused == 0


def test_once_an_outcome_could_not_be_kept_no_intent_is(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 2)
            first, second = await book.claim(campaign_id, epoch, 2, 2000.0)
            book.record(entry(first, State.ACCEPTED), epoch + 1)
            with pytest.raises(LedgerError):
                await book.settled()
            with pytest.raises(LedgerError):
                await book.intend(second, epoch)

    run(work())


# The disk


def test_the_ledger_survives_a_power_loss_by_its_settings(path: Path) -> None:
    async def work() -> dict[str, object]:
        async with Book(path) as book:
            await book.plan(plan(1))

            def ask(connection: Connection) -> dict[str, object]:
                names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
                return {
                    name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names
                }

            found: dict[str, object] = await book._writer.submit(ask)
            return found

    assert run(work()) == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "trusted_schema": 0,
    }
    with contextlib.closing(sqlite3.connect(path)) as raw:
        tables = raw.execute("SELECT name, strict FROM pragma_table_list WHERE schema='main'")
        strict = {name: strict for name, strict in tables if not name.startswith("sqlite_")}
    assert strict.pop("alembic_version") == 0
    assert strict == dict.fromkeys(schema.metadata.tables, 1)


def test_many_intents_at_once_cost_few_flushes(path: Path) -> None:
    async def work() -> int:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 400)
            claimed = await book.claim(campaign_id, epoch, 400, 2000.0)
            before = book._writer.commits
            await asyncio.gather(*(book.intend(delivery, epoch) for delivery in claimed))
            return book._writer.commits - before

    assert 1 <= run(work()) <= 40
    assert {each.state for each in everybody(path)} == {State.HANDING_OVER}


def test_readers_see_each_commit_while_a_writer_writes(path: Path) -> None:
    async def work() -> list[int]:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 30)
            seen = []
            for delivery in await book.claim(campaign_id, epoch, 30, 2000.0):
                await book.intend(delivery, epoch)
                book.record(entry(delivery, State.ACCEPTED), epoch)
                await book.settled()
                seen.append(till(path).accepted)
                assert till(path).total == 30
            return seen

    assert run(work()) == list(range(1, 31))


def test_a_reader_in_the_middle_of_a_look_does_not_stop_the_writer(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 2)
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
                raw.isolation_level = None
                raw.execute("BEGIN")
                raw.execute("SELECT count(*) FROM delivery").fetchone()
                async with asyncio.timeout(2):
                    assert len(await book.claim(campaign_id, epoch, 2, 2000.0)) == 2

    run(work())


def test_a_reader_can_change_nothing(path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            await book.plan(plan(1))

    run(work())
    with (
        pytest.raises(LedgerError, match="readonly"),
        reading.reading(path) as ledger,
    ):
        ledger.exec_driver_sql("DELETE FROM delivery")
    assert till(path).total == 1


async def intend_all(book: Book, deliveries: Sequence[Delivery], epoch: int) -> None:
    for delivery in deliveries:
        await book.intend(delivery, epoch)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 8 MB, where we may mount one."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"may not mount here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_stops_before_the_dot_and_harms_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        path, filler = disk / "ledger.sqlite3", disk / "filler"

        async def work() -> None:
            async with Book(path) as book:
                campaign_id, epoch = await begun(book, 300)
                claimed = await book.claim(campaign_id, epoch, 300, 2000.0)
                with filler.open("wb") as file, contextlib.suppress(OSError):
                    while True:
                        os.write(file.fileno(), b"x" * 4096)
                with pytest.raises(LedgerError, match=r"full.*newsletter resume"):
                    await intend_all(book, claimed, epoch)
            filler.unlink()
            assert till(path).total == 300
            async with Book(path) as book:
                epoch = await book.start(campaign_id, 3000.0, lost=State.IN_DOUBT)
                for delivery in await book.claim(campaign_id, epoch, 300, 3000.0):
                    await book.intend(delivery, epoch)
                    book.record(entry(delivery, State.ACCEPTED), epoch)

        run(work())
        counts = till(path)
        assert counts.accepted + counts.in_doubt == 300
        assert counts.accepted
        with contextlib.closing(sqlite3.connect(path)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("name", ["a b", "50% off", "what?mode=memory", "a#b", "é&uri=1"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "ledger.sqlite3"

    async def work() -> None:
        async with Book(path) as book:
            await book.plan(plan(3))

    run(work())
    assert path.stat().st_size
    assert till(path).total == 3


def test_what_is_no_ledger_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"This is my thesis." * 100)

    async def work() -> None:
        with pytest.raises(LedgerError, match=f"^{re.escape(str(path))}: .*not a database"):
            Book(path)

    run(work())
    with pytest.raises(LedgerError, match="cannot be read"):
        till(path)
    assert path.read_bytes() == b"This is my thesis." * 100


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a folder should be")

    async def work() -> None:
        with pytest.raises(LedgerError, match="ledger cannot be opened"):
            Book(tmp_path / "var" / "ledger.sqlite3")

    run(work())


def test_looking_makes_no_ledger(path: Path) -> None:
    path.parent.mkdir()
    with pytest.raises(LedgerError, match="cannot be read"):
        till(path)
    assert list(path.parent.iterdir()) == []


# Its versions


def test_the_steps_lead_to_the_schema_in_the_code(path: Path, tmp_path: Path) -> None:
    schema.open_for_writing(path).dispose()
    written = create_engine(f"sqlite:///{tmp_path / 'written.sqlite3'}")
    schema.metadata.create_all(written)
    stepped = create_engine(f"sqlite:///{path}")
    try:
        assert shape(stepped) == shape(written)
    finally:
        written.dispose()
        stepped.dispose()


def shape(engine: Engine) -> dict[str, object]:
    """All that reflection can see of every table."""
    looked = inspect(engine)
    return {
        table: {
            "columns": [
                {**column, "type": str(column["type"])} for column in looked.get_columns(table)
            ],
            "key": looked.get_pk_constraint(table),
            "foreign": looked.get_foreign_keys(table),
            "unique": sorted(map(str, looked.get_unique_constraints(table))),
            "indexes": sorted(map(str, looked.get_indexes(table))),
            "options": looked.get_table_options(table),
        }
        for table in looked.get_table_names()
        if table != "alembic_version"
    }


def test_the_version_in_the_code_is_the_newest_step() -> None:
    [folder] = migrations.__path__
    assert ScriptDirectory(folder).get_heads() == [schema.VERSION]


def test_a_ledger_of_a_newer_program_is_refused_and_left_alone(path: Path) -> None:
    schema.open_for_writing(path).dispose()
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(SetupError, match="newer newsletter"):
        schema.open_for_writing(path)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == ("0999",)


def test_a_step_that_fails_leaves_nothing_behind(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE attempt (id INTEGER)")  # in the way of the third step
    with pytest.raises(LedgerError, match="already exists"):
        schema.open_for_writing(path)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        tables = raw.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("attempt",)]


def test_programs_that_open_it_at_once_make_one_ledger(path: Path) -> None:
    code = "import sys, pathlib; from newsletter.ledger import schema;"
    code += "schema.open_for_writing(pathlib.Path(sys.argv[1])).dispose()"
    programs = [
        subprocess.Popen([sys.executable, "-c", code, path], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    errors = [program.communicate(timeout=30)[1] for program in programs]
    assert [program.returncode for program in programs] == [0, 0, 0], errors
    with contextlib.closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_a_ledger_whose_making_was_cut_short_has_no_campaigns(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    sqlite3.connect(path).close()
    path.touch()
    with reading.reading(path) as ledger:
        assert reading.campaigns(ledger) == ()


def test_a_ledger_of_another_version_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    schema.open_for_writing(path).dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(LedgerError, match="another version"), reading.reading(path):
        pass
