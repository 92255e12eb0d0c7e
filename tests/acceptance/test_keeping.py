"""`newsletter ledger ...` as a person uses it, and a workspace whose ledger is on a server."""

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.ledger.postgresql import Server
from tests.books import agreed
from tests.integration.test_ledger_versions import write_old
from tests.servers.counting import counting, read
from tests.servers.postgresql import Postgresql
from tests.workplace import Workplace

PEOPLE = 300


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "workspace")
    made.announce()
    made.add_list("staff", range(PEOPLE))
    return made


@pytest.fixture
def books(workplace: Workplace, tmp_path: Path) -> Iterator[Path]:
    """What a mail server notes that the workspace sends through."""
    with counting(tmp_path / "books", delay=0.004) as port:
        workplace.relay(f"smtp://127.0.0.1:{port}", "connections = 4")
        yield tmp_path / "books"


def use_server(workplace: Workplace, server: Server) -> None:
    settings = workplace.root / "newsletter.toml"
    settings.write_text(f'{settings.read_text()}\n[database]\nurl = "{server.url}"\n')


def end(workplace: Workplace) -> None:
    """Go on until nobody waits; whoever was under way at a kill is in doubt."""
    process = workplace.start("resume")
    _, complaint = process.communicate(timeout=60)
    assert process.returncode in (0, 4), complaint


def send(workplace: Workplace, *, status: int = 0) -> str:
    done = workplace.run("send", "kantine", "--list", "staff", "--yes", status=status)
    return done.stdout + done.stderr


def test_a_ledger_is_checked_and_backed_up(workplace: Workplace, tmp_path: Path) -> None:
    for command in (["check"], ["backup", "copy.db"], ["adopt"]):
        assert "no ledger yet" in workplace.run("ledger", *command, status=2).stderr
    send(workplace)
    assert "its books balance" in workplace.run("ledger", "check").stdout
    workplace.run("ledger", "backup", str(tmp_path / "copy.db"))
    again = workplace.run("ledger", "backup", str(tmp_path / "copy.db"), status=2)
    assert "is there already" in again.stderr
    assert "is no copy" in workplace.run("ledger", "adopt", status=2).stderr


@pytest.mark.parametrize("command", ["status", "send", "resolve"])
def test_a_ledger_of_an_older_newsletter_is_brought_up_to_date(
    workplace: Workplace, books: Path, command: str
) -> None:
    write_old(workplace.ledger)
    if command == "send":
        send(workplace)
    elif command == "resolve":
        workplace.run("resolve", "ceo", status=4)
    [*_, old] = workplace.json("status")["campaigns"]
    assert (old["name"], old["counts"]["accepted"]) == ("ceo", 1)


@pytest.mark.fault(
    42, "a workspace is copied, and sent from", "held; `ledger adopt` says what it is"
)
def test_a_copied_workspace_sends_nothing_until_it_is_adopted(
    workplace: Workplace, books: Path, tmp_path: Path
) -> None:
    process = workplace.start("send", "kantine", "--list", "staff", "--yes")
    while len(read(books)) < 50 and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    copy = Workplace(tmp_path / "copy")
    shutil.copytree(workplace.root, copy.root, dirs_exist_ok=True)
    end(workplace)
    for command in (["resume"], ["cancel", "kantine", "--yes"]):
        refused = copy.run(*command, status=3)
        assert "is a copy: when mail was last sent from it, it was another file" in refused.stderr
    assert "is a copy" in copy.run("doctor", status=3).stdout
    assert len(copy.json("status")["campaigns"]) == 1
    assert agreed(workplace.ledger, [each.recipient for each in read(books)]).waiting == 0
    adopted = copy.run("ledger", "adopt").stdout
    assert "Never send from both" in adopted
    assert "in doubt" in adopted
    assert "adopted copy" in copy.run("receipt").stdout


@pytest.mark.fault(39, "kill -9, with the ledger in PostgreSQL", "the books agree; resume goes on")
def test_a_workspace_with_its_ledger_on_a_server_does_all_that_one_with_a_file_does(
    workplace: Workplace, books: Path, postgresql: Postgresql
) -> None:
    server = postgresql.database(workplace.root / "var")
    use_server(workplace, server)
    assert workplace.json("status") == {"campaigns": []}
    for taken in (40, 120):
        command = (
            ["resume"]
            if books.exists() and read(books)
            else [*("send", "kantine", "--list", "staff", "--yes")]
        )
        process = workplace.start(*command)
        while len(read(books)) < taken and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        agreed(server, [each.recipient for each in read(books)])
    end(workplace)
    counts = agreed(server, [each.recipient for each in read(books)])
    assert counts.accepted + counts.in_doubt == PEOPLE
    assert counts.in_doubt <= 8
    assert not workplace.ledger.exists()
    assert "its books balance" in workplace.run("ledger", "check").stdout
    assert "pg_dump" in workplace.run("ledger", "backup", "copy.db", status=2).stderr
    [campaign] = workplace.json("status")["campaigns"]
    assert (campaign["name"], campaign["counts"]["accepted"]) == ("kantine", counts.accepted)
    assert f"{counts.accepted} " in workplace.run("receipt").stdout
    assert "PostgreSQL 1" in workplace.run("doctor").stdout


def test_a_server_that_is_not_there_is_named(workplace: Workplace, tmp_path: Path) -> None:
    use_server(workplace, Server(f"postgresql://newsletter@/ledger?host={tmp_path}", tmp_path))
    for command in (["status"], ["send", "kantine", "--list", "staff", "--yes"]):
        refused = workplace.run(*command, status=3).stderr
        assert "postgresql://newsletter@/ledger" in refused
        assert "Traceback" not in refused
