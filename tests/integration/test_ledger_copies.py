"""A ledger that was copied or put back is recognised, and nothing leaves from it."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from newsletter.errors import LedgerError
from newsletter.ledger import keeping, reading, sqlite
from newsletter.ledger.book import Book
from newsletter.ledger.postgresql import Server
from newsletter.ledger.states import State
from newsletter.ledger.stores import Place
from tests.integration.campaigns import everybody, run, till
from tests.integration.ledgers import begun, entry
from tests.servers.postgresql import Postgresql


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "ledger.db"


async def send_some(place: Place) -> None:
    """Plan six; accept one, be at the dot with one, have two in hand; then end unexpectedly."""
    async with Book(place) as book:
        campaign_id, epoch = await begun(book, 6)
        first, second, *_ = await book.claim(campaign_id, epoch, 4, 2000.0)
        for delivery in (first, second):
            await book.intend(delivery, epoch)
        book.record(entry(delivery=first, state=State.ACCEPTED), epoch)
        await book.settled()


async def go_on(place: Place, campaign_id: int = 1) -> None:
    async with Book(place) as book:
        await book.start(campaign_id, 5000.0, lost=State.IN_DOUBT)


def is_held(place: Place, how: str) -> None:
    async def work() -> None:
        with pytest.raises(LedgerError, match=f"is a copy: .*{how}.*ledger adopt"):
            Book(place)

    run(work())
    assert how in keeping.copied(place)
    assert till(place).total == 6  # whoever looks may look


@pytest.mark.fault(
    42, "the workspace is copied, and sent from the copy", "held until it is adopted"
)
def test_a_copied_file_is_held(path: Path, tmp_path: Path) -> None:
    run(send_some(path))
    shutil.copytree(path.parent, tmp_path / "copy")
    is_held(tmp_path / "copy" / "ledger.db", "another file")
    run(go_on(path))


@pytest.mark.fault(42, "an older ledger is put back over the newer one", "held until it is adopted")
def test_an_older_ledger_that_is_put_back_is_held(path: Path) -> None:
    run(send_some(path))
    older = path.read_bytes()
    run(go_on(path))
    path.write_bytes(older)  # the same file for all that the disk knows
    is_held(path, "put back")


@pytest.mark.fault(42, "a backup is put back", "held until it is adopted")
def test_a_backup_that_is_put_back_is_held(path: Path, tmp_path: Path) -> None:
    run(send_some(path))
    backup = tmp_path / "backup.db"
    keeping.back_up(path, backup)
    path.write_bytes(backup.read_bytes())
    is_held(path, "ledger backup")


@pytest.mark.fault(42, "the whole disk is cloned to another machine", "held until it is adopted")
def test_a_ledger_on_another_machine_is_held(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(send_some(path))
    other = tmp_path / "machine-id"
    other.write_text("0123456789abcdef0123456789abcdef\n")
    monkeypatch.setattr(sqlite, "_MACHINE_ID", (other,))
    is_held(path, "another machine")


def test_a_database_copied_on_its_server_is_held(postgresql: Postgresql, tmp_path: Path) -> None:
    original = postgresql.database(tmp_path / "one")
    run(send_some(original))
    copy = postgresql.database(tmp_path / "two", template=postgresql.name_of(original))
    is_held(copy, "another database")
    run(go_on(original))


def test_a_database_that_is_put_back_is_held_where_the_newer_one_was_seen(
    postgresql: Postgresql, tmp_path: Path
) -> None:
    server = postgresql.database(tmp_path / "one")
    run(send_some(server))
    name = postgresql.name_of(server)
    postgresql.ask("UPDATE instance SET generation = 0; UPDATE campaign SET sender = ''", name)
    is_held(server, "put back")
    run(go_on(Server(server.url, tmp_path / "who never saw it")))  # as nobody could tell


def test_a_workspace_that_is_moved_or_restarted_is_no_copy(path: Path, tmp_path: Path) -> None:
    run(send_some(path))
    moved = tmp_path / "moved"
    path.parent.rename(moved)
    run(go_on(moved / "ledger.db"))
    (moved / "ledger.stamp").unlink()
    run(go_on(moved / "ledger.db"))
    assert keeping.copied(moved / "ledger.db") == ""


def test_a_ledger_made_anew_is_no_copy_of_the_one_before(path: Path) -> None:
    run(send_some(path))
    path.unlink()
    run(send_some(path))
    run(go_on(path))


def test_who_ends_before_the_stamp_is_renewed_can_go_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    run(send_some(path))
    with monkeypatch.context() as change:
        change.setattr(os, "replace", full)
        run(go_on(path))
    run(go_on(path))


def test_in_an_adopted_copy_whoever_was_under_way_is_in_doubt(place: Place) -> None:
    run(send_some(place))
    assert keeping.adopt(place, 4000.0) == 3
    people = everybody(place)
    assert [each.state for each in people] == [
        State.ACCEPTED,
        *[State.IN_DOUBT] * 3,
        *[State.PLANNED] * 2,
    ]
    assert (people[2].at, "copied" in people[2].reason) == (4000.0, True)
    with reading.reading(place) as ledger:
        assert "adopted copy" in reading.campaigns(ledger)[0].halted
    run(go_on(place))
    assert [each.state for each in everybody(place)] == [each.state for each in people]


def test_a_sender_at_work_is_stopped_when_its_ledger_is_adopted(place: Place) -> None:
    async def work() -> None:
        async with Book(place) as book:
            campaign_id, epoch = await begun(book, 3)
            first, *_ = await book.claim(campaign_id, epoch, 2, 2000.0)
            await asyncio.to_thread(keeping.adopt, place, 3000.0)
            with pytest.raises(LedgerError, match="another sender"):
                await book.intend(first, epoch)

    run(work())


def test_an_adopted_copy_is_a_ledger_of_its_own(path: Path, tmp_path: Path) -> None:
    run(send_some(path))
    copy = tmp_path / "copy" / "ledger.db"
    shutil.copytree(path.parent, copy.parent)
    keeping.adopt(copy, 4000.0)
    for place in (path, copy, path, copy):
        run(go_on(place))
