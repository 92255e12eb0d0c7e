"""Looking after a ledger: whether it is whole, whether its books balance, and copies of it."""

import contextlib
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from newsletter.errors import LedgerError, UsageError
from newsletter.ledger import keeping, sqlite, stores
from newsletter.ledger.book import Book
from newsletter.ledger.states import State
from newsletter.ledger.stores import Place
from tests.integration.campaigns import plan, run, till
from tests.integration.ledgers import begun, entry, open_ledger
from tests.servers.postgresql import Postgresql


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "ledger.db"


async def send_to_three(place: Place) -> None:
    async with Book(place) as book:
        campaign_id, epoch = await begun(book, 3)
        for delivery in await book.claim(campaign_id, epoch, 3, 2000.0):
            await book.intend(delivery, epoch)
            book.record(entry(delivery, State.ACCEPTED), epoch)
        await book.settled()
        await book.finish(campaign_id, epoch, 3000.0)


def change(place: Place, do: Callable[[Connection], object]) -> None:
    """Change the ledger as nobody should."""
    connection = open_ledger(place)
    do(connection)
    stores.close(connection)


def test_the_books_of_a_send_balance(place: Place) -> None:
    run(send_to_three(place))
    assert keeping.damage(place) == ()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM attempt WHERE delivery_id = 2", "1 people are accepted, but nothing says"),
        (
            "UPDATE delivery SET address_key = 'x@y.z' WHERE id = 3",
            "the people are not the ones who were planned",
        ),
        (
            "INSERT INTO delivery (campaign_id, address, address_key, first_name, last_name,"
            " display_name, language, message_id, state) VALUES"
            " (1, 'a@b.c', 'a@b.c', '', '', '', '', '<1@b.c>', 'refused')",
            "3 people were planned, 4 are there",
        ),
    ],
)
def test_books_that_do_not_balance_are_told(place: Place, statement: str, fault: str) -> None:
    run(send_to_three(place))
    change(place, lambda connection: connection.exec_driver_sql(statement))
    [told] = keeping.damage(place)
    assert told.startswith("campaign `ceo`: ")
    assert fault in told


@pytest.fixture
def damaged(path: Path) -> Path:
    """A ledger with a page that was overwritten."""

    async def work() -> None:
        async with Book(path) as book:
            await book.plan(plan(2000))

    run(work())
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * 8192)
    return path


def test_a_damaged_file_is_told_and_nothing_leaves_from_it(damaged: Path) -> None:
    async def work() -> None:
        async with Book(damaged) as book:
            with pytest.raises(LedgerError, match=r"damaged|cannot be written"):
                await book.start(1, 2000.0, lost=State.IN_DOUBT)

    assert keeping.damage(damaged)
    with pytest.raises(LedgerError):
        keeping.refuse_unfit(damaged)
    run(work())


def test_an_index_that_lacks_somebody_is_seen_before_a_send(path: Path) -> None:
    run(send_to_three(path))

    def hide(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.exec_driver_sql(
            "UPDATE sqlite_schema SET rootpage ="
            " (SELECT rootpage FROM sqlite_schema WHERE name = 'ix_exclusion_campaign_id')"
            " WHERE name = 'delivery_due'"
        )

    change(path, hide)

    async def work() -> None:
        async with Book(path) as book:
            with pytest.raises(LedgerError):
                await book.start(1, 2000.0, lost=State.IN_DOUBT)

    run(work())


def test_a_backup_is_whole_and_only_for_its_owner(path: Path, tmp_path: Path) -> None:
    async def work() -> None:
        async with Book(path) as book:
            campaign_id, epoch = await begun(book, 50)
            for delivery in await book.claim(campaign_id, epoch, 50, 2000.0):
                await book.intend(delivery, epoch)
                if delivery.id == 20:
                    keeping.back_up(path, tmp_path / "backup.db")  # in the middle of it

    run(work())
    assert stat.S_IMODE((tmp_path / "backup.db").stat().st_mode) == 0o600
    assert till(tmp_path / "backup.db").total == 50
    with contextlib.closing(sqlite3.connect(tmp_path / "backup.db")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        states = dict(raw.execute("SELECT state, count(*) FROM delivery GROUP BY state"))
    assert states == {"handing_over": 20, "claimed": 30}


def test_a_backup_never_replaces_a_file(path: Path, tmp_path: Path) -> None:
    run(send_to_three(path))
    (tmp_path / "backup.db").write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        keeping.back_up(path, tmp_path / "backup.db")
    with pytest.raises(LedgerError, match="cannot be written"):
        keeping.back_up(path, tmp_path / "no folder" / "backup.db")
    assert (tmp_path / "backup.db").read_text() == "mine"


def test_of_a_server_somebody_else_makes_backups(postgresql: Postgresql, tmp_path: Path) -> None:
    server = postgresql.database(tmp_path)
    with pytest.raises(UsageError, match="pg_dump"):
        keeping.back_up(server, tmp_path / "backup.db")
    assert "PostgreSQL 1" in keeping.about(server)
    assert "`fsync` is off" in keeping.about(server)  # this one is for tests


MOUNTS = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
36 22 0:42 / /home rw shared:2 - nfs4 files.example.org:/home rw,vers=4.2
37 22 0:43 / /mnt rw - cifs //files.example.org/mnt rw
"""


def test_the_file_system_of_a_device_is_known() -> None:
    found = [sqlite.filesystem(MOUNTS, *device) for device in ((254, 1), (0, 42), (0, 43), (0, 4))]
    assert found == ["ext4", "nfs4", "cifs", ""]


def test_a_ledger_on_a_network_drive_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "filesystem", lambda *_: "nfs4")

    async def work() -> None:
        with pytest.raises(LedgerError, match=r"network drive \(nfs4\).*database\.url"):
            Book(path)

    run(work())
    assert not path.exists()
    with pytest.raises(LedgerError, match="network drive"):
        keeping.about(path)


def test_an_old_sqlite_is_told_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    assert "one writer" in keeping.about(path)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    assert "one writer" not in keeping.about(path)
