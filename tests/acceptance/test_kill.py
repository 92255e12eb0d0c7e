"""Whoever is ended, sender or server, and whenever: the books agree about every single person."""

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from newsletter.ledger.states import Counts
from tests import killing
from tests.books import agreed
from tests.servers import counting
from tests.servers.counting import read
from tests.workplace import Workplace

CONNECTIONS = 8


@pytest.mark.fault(
    39,
    "kill -9 of the command while it starts, plans, claims, sends or resumes (`make kill-test`: "
    "200 times, 1,000 on request), of some replies none is ever given",
    "`resume` goes on: nobody twice, whoever may be lost is listed, one a connection and kill",
)
def test_a_killed_send_resumes_and_the_books_agree(tmp_path: Path) -> None:
    figures = killing.send_through_kills(tmp_path, 600, 3, random.Random(7), drop=0.005)
    assert figures.kills == 3


@pytest.mark.slow
@pytest.mark.fault(
    28,
    "kill -9 of the mail server while it takes mail, and again; each time it starts anew",
    "whoever it took without saying so is in doubt; everybody else is sent to once, or waits",
)
def test_a_server_that_is_killed_and_starts_anew_leaves_few_in_doubt(tmp_path: Path) -> None:
    workplace, books = Workplace(tmp_path / "workspace"), tmp_path / "books"
    name = workplace.announce()
    workplace.add_list("staff", range(1000))
    server, port = counting.start(books, delay=0.004)
    workplace.relay(f"smtp://127.0.0.1:{port}", f"connections = {CONNECTIONS}")
    sender = workplace.start("send", name, "--list", "staff", "--yes")
    for enough in (100, 300, 500):
        _wait(sender, books, enough)
        counting.stop(server, signal.SIGKILL)
        server, _ = counting.start(books, port=port, delay=0.004)
    most = 3 * CONNECTIONS
    _wait(sender, books, 1000 - most)
    sender.send_signal(signal.SIGTERM)  # whose text was under way would wait for five minutes
    _, complaint = sender.communicate(timeout=60)
    counting.stop(server)

    assert "Traceback" not in complaint
    counts = agreed(workplace.ledger, [each.recipient for each in read(books)])
    assert counts.accepted + counts.in_doubt + counts.waiting == 1000
    assert counts.in_doubt <= most
    assert counts.waiting <= most


@pytest.mark.slow
@pytest.mark.fault(
    63,
    "the announcement is changed and people come onto the list while a campaign is stopped",
    "everybody gets the mail as it was, and nobody comes along",
)
@pytest.mark.fault(
    68,
    "stopped ten times in good order, each time with another rate or number of connections",
    "`resume` goes on each time: in the end everybody once, nobody in doubt",
)
def test_ten_stops_with_another_pace_each_time_lose_and_repeat_nobody(tmp_path: Path) -> None:
    people = 500
    workplace, books = Workplace(tmp_path / "workspace"), tmp_path / "books"
    name = workplace.announce()
    workplace.add_list("staff", range(people))
    dice = random.Random(68)
    with counting.counting(books) as port:
        command = ["send", name, "--list", "staff", "--yes"]
        for stop in range(10):
            pace = [
                f"connections = {dice.randrange(1, 9)}",
                f'rate = "{dice.choice((60, 90))}/second"',
            ]
            workplace.relay(f"smtp://127.0.0.1:{port}", *pace)
            sender = workplace.start(*command)
            enough = len(read(books)) + dice.randrange(1, 30)
            _wait(sender, books, enough)
            sender.send_signal(signal.SIGTERM)
            _, complaint = sender.communicate(timeout=30)
            assert sender.returncode not in (0, 4), "it was done before it could be stopped"
            assert "Traceback" not in complaint
            assert agreed(workplace.ledger, [each.recipient for each in read(books)]).in_doubt == 0
            command = ["resume"]
            workplace.announce(name, f"---\ntitle: Iets anders {stop}\n---\n\nNieuws.\n")
            workplace.add_list("staff", range(people + 10 * stop))
        workplace.relay(f"smtp://127.0.0.1:{port}", "connections = 4")
        workplace.run("resume")
    taken = read(books)
    assert agreed(workplace.ledger, [each.recipient for each in taken]) == Counts(accepted=people)
    assert len(taken) == people


def _wait(sender: subprocess.Popen[str], books: Path, enough: int) -> None:
    """Waits until the server has taken so many messages."""
    while sender.poll() is None and len(read(books)) < enough:
        time.sleep(0.002)


@pytest.mark.slow
@pytest.mark.fault(
    39,
    "kill -9 while 20,000 people are planned, at moments from the first to the last of it",
    "everybody is planned, or nobody",
)
def test_a_send_killed_before_its_first_message_planned_everybody_or_nobody(tmp_path: Path) -> None:
    people = 20_000
    workplace = Workplace(tmp_path / "workspace")
    name = workplace.announce()
    workplace.add_list("staff", range(people))
    found: set[int] = set()
    with counting.counting(tmp_path / "books") as port:
        workplace.relay(f"smtp://127.0.0.1:{port}", 'rate = "1/hour"')
        while len(found) < 2:  # seen both: killed before the plan was kept, and after
            sender = workplace.start("send", name, "--list", "staff", "--yes")
            while not workplace.ledger.exists():
                time.sleep(0.001)
            time.sleep(random.uniform(0, 1.5))
            sender.send_signal(signal.SIGKILL)
            sender.communicate()
            planned = workplace.json("status")["campaigns"]
            assert [sum(each["counts"].values()) for each in planned] in ([], [people])
            found.add(len(planned))
            shutil.rmtree(workplace.ledger.parent)
