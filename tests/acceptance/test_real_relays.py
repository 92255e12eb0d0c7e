"""Ten thousand people through the three mail servers that Debian ships: its books and ours agree,
and it never had a reason to hang up on us.
"""

import re
from pathlib import Path

import pytest

from newsletter.ledger import reading
from newsletter.ledger.states import Counts
from tests.books import agreed
from tests.servers.exim import Exim
from tests.servers.opensmtpd import OpenSMTPD
from tests.servers.postfix import Postfix
from tests.workplace import Workplace, address

PEOPLE = 10_000
FEWER = 1_000
CONNECTIONS = 4


def send(
    tmp_path: Path,
    port: int,
    *strangers: str,
    people: int = PEOPLE,
    connections: int = CONNECTIONS,
    status: int = 0,
) -> Path:
    """Sends to all, with *strangers* among them, and returns the ledger."""
    workplace = Workplace(tmp_path / "workspace")
    workplace.relay(f"smtp://127.0.0.1:{port}", f"connections = {connections}")
    workplace.add_list("staff", range(people))
    staff = workplace.root / "recipients" / "staff.csv"
    rows = staff.read_text().splitlines(keepends=True)
    for number, stranger in enumerate(strangers, 1):
        rows.insert(number * len(rows) // (len(strangers) + 1), f"{stranger},Jan,Vroeger\r\n")
    staff.write_text("".join(rows), newline="")
    name = workplace.announce()
    workplace.run("send", name, "--list", "staff", "--yes", status=status, timeout=600)
    return workplace.root / "var" / "ledger.db"


def everybody() -> set[str]:
    return {address(n) for n in range(PEOPLE)}


@pytest.mark.slow
def test_ten_thousand_through_postfix_with_thirty_strangers_among_them(tmp_path: Path) -> None:
    strangers = [f"gone{n}@example.org" for n in range(30)]
    with Postfix(discarding=True) as postfix:
        ledger = send(tmp_path, postfix.port, *strangers, status=4)
        postfix.wait_until_discarded(PEOPLE, timeout=300)
        log = postfix.log_text()

        assert agreed(ledger, postfix.taken()) == Counts(accepted=PEOPLE, refused=30)
        assert set(postfix.taken()) == everybody()
    assert not re.findall(r".*too many errors.*|.*lost connection.*|.*timeout after.*", log)


@pytest.mark.slow
@pytest.mark.fault(
    29,
    "10,000 people through a real Exim, which ends a line after 10 commands that are no mail",
    "no line ended by Exim, no word out of turn in its log; everybody accepted once",
)
def test_ten_thousand_through_exim_give_it_no_reason_to_hang_up(tmp_path: Path) -> None:
    strangers = [f"gone{n}@example.org" for n in range(30)]
    with Exim() as exim:
        ledger = send(tmp_path, exim.port, *strangers, status=4)
        exim.wait_until_delivered(PEOPLE, timeout=600)

        assert agreed(ledger, exim.taken()) == Counts(accepted=PEOPLE, refused=30)
        assert set(exim.taken()) == set(exim.delivered()) == everybody()
        log = exim.log_text()
    assert not re.findall(
        r".*nonmail.*|.*synchroni.*|.*dropped.*|.*unexpected.*|.*timed out.*", log
    )
    # After a thousand messages it wants a new line. It logs that in two files, and the end in one.
    assert log.count("] lost ") == log.count(": too many messages in one connection") / 2
    assert log.count("SMTP connection from [127.0.0.1] (") < PEOPLE / 1000 + 2 * CONNECTIONS + 4


@pytest.mark.slow
@pytest.mark.fault(
    16,
    "10,000 people through a real OpenSMTPD, which takes 100 messages on one line",
    "a new line each time; nobody is refused or tried twice",
)
def test_ten_thousand_through_opensmtpd_a_hundred_on_each_line(tmp_path: Path) -> None:
    with OpenSMTPD() as opensmtpd:
        ledger = send(tmp_path, opensmtpd.port)
        opensmtpd.wait_until_delivered(PEOPLE, timeout=600)

        assert agreed(ledger, opensmtpd.taken()) == Counts(accepted=PEOPLE)
        assert sorted(opensmtpd.taken()) == sorted(everybody())
        log = opensmtpd.log_text()
    assert "Too many messages sent" in log
    assert set(re.findall(r"smtp disconnected reason=(.*)", log)) <= {"quit", "disconnect"}
    assert nobody_was_tried_twice(ledger)


@pytest.mark.slow
@pytest.mark.fault(
    30,
    "ten connections to a real Postfix, which was told to take two from one client",
    "those it takes send to all, and nobody is refused or tried twice for it",
)
def test_a_postfix_that_takes_two_connections_gets_the_mail_of_ten(tmp_path: Path) -> None:
    two = ("smtpd_client_connection_count_limit = 2", "smtpd_client_event_limit_exceptions =")
    with Postfix((), *two, discarding=True) as postfix:
        ledger = send(tmp_path, postfix.port, people=FEWER, connections=10)
        postfix.wait_until_discarded(FEWER)
        assert agreed(ledger, postfix.taken()) == Counts(accepted=FEWER)
        assert "concurrency limit exceeded" in postfix.log_text()
    assert nobody_was_tried_twice(ledger)


@pytest.mark.slow
@pytest.mark.fault(
    30,
    "ten connections to a real Exim, which was told to take two in all",
    "those it takes send to all, and nobody is refused or tried twice for it",
)
def test_an_exim_that_takes_two_connections_gets_the_mail_of_ten(tmp_path: Path) -> None:
    with Exim("smtp_accept_max = 2") as exim:
        ledger = send(tmp_path, exim.port, people=FEWER, connections=10)
        exim.wait_until_delivered(FEWER)
        assert agreed(ledger, exim.taken()) == Counts(accepted=FEWER)
        assert "too many connections" in exim.log_text()
    assert nobody_was_tried_twice(ledger)


def nobody_was_tried_twice(ledger: Path) -> bool:
    with reading.reading(ledger) as book:
        return {each.attempts for each in reading.people(book, 1)} == {1}
