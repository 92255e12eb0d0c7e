"""The ledger in a file, on a real disk: what SQLite promises, and what it does in need."""

import asyncio
import contextlib
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection

from newsletter.errors import LedgerError
from newsletter.ledger import reading, schema
from newsletter.ledger.book import Book
from newsletter.ledger.states import Delivery, State
from tests.integration.campaigns import everybody, plan, run, till
from tests.integration.ledgers import begun, entry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "ledger.db"


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
