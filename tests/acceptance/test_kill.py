"""Through `kill -9`, the ledger and the mail server's books agree about every single person."""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsletter.ledger import reading
from newsletter.ledger.states import Person, State
from tests.servers.scripted import read_books
from tests.workplace import Workplace, address

CONNECTIONS = 8


@contextmanager
def server_that_outlives_us(books: Path) -> Iterator[int]:
    """Yield the port of a mail server in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.scripted", "--port", "0", "--books", str(books)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def people_of(workplace: Workplace) -> tuple[Person, ...]:
    with reading.reading(workplace.root / "var" / "ledger.db") as ledger:
        (campaign,) = reading.campaigns(ledger)
        return reading.people(ledger, campaign.id)


def send_with_kills(tmp_path: Path, people: int, kills: int, dice: random.Random) -> int:
    """Send to *people*, killing the sender *kills* times; return how many are in doubt."""
    workplace = Workplace(tmp_path / "workspace")
    name = workplace.announce()
    workplace.add_list("staff", range(people))
    books = tmp_path / "books"
    with server_that_outlives_us(books) as port:
        workplace.relay(f"smtp://127.0.0.1:{port}", f"connections = {CONNECTIONS}")
        command = ["send", name, "--list", "staff", "--yes"]
        # Somewhere between the first message and the last but a hundred, in ascending order.
        for moment in sorted(dice.uniform(0, 1 - 100 / people) for _ in range(kills)):
            sender = workplace.start(*command)
            while sender.poll() is None and share_booked(books, people) <= moment:
                time.sleep(0.002)
            sender.send_signal(signal.SIGKILL)
            sender.communicate()
            assert sender.returncode == -signal.SIGKILL, "it was done before it could be killed"
            command = ["resume"]
        resumed = workplace.start("resume")
        printed, complaint = resumed.communicate(timeout=120)
        assert resumed.returncode in (0, 4), complaint

    mailbox = Counter(recipient for _, recipient, _ in read_books(books))
    states = {person.address: person.state for person in people_of(workplace)}
    in_doubt = {who for who, state in states.items() if state is State.IN_DOUBT}
    accepted = {who for who, state in states.items() if state is State.ACCEPTED}
    everybody = {address(n) for n in range(people)}
    assert max(mailbox.values()) == 1, "somebody got it twice"
    assert set(mailbox) <= everybody
    assert accepted | in_doubt == everybody, "somebody was forgotten"
    assert accepted <= set(mailbox), "the ledger counts somebody who got nothing"
    assert everybody - set(mailbox) <= in_doubt, "somebody lost is not listed"
    assert len(in_doubt) <= CONNECTIONS * kills
    for who in in_doubt:
        assert who in printed, "somebody in doubt is not on the receipt"
    return len(in_doubt)


def share_booked(books: Path, people: int) -> float:
    """Return about what share of the messages the server has in its books, all of one length."""
    if not books.exists() or not books.stat().st_size:
        return 0
    with books.open("rb") as file:
        one = len(file.readline())
    return books.stat().st_size / (one * people)


def test_a_killed_send_resumes_and_the_books_agree(tmp_path: Path) -> None:
    send_with_kills(tmp_path, people=600, kills=2, dice=random.Random(7))


@pytest.mark.slow
def test_ten_sends_of_two_thousand_killed_at_random_lose_and_repeat_nobody(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    in_doubt = [
        send_with_kills(tmp_path / str(run), people=2000, kills=1, dice=dice) for run in range(10)
    ]
    print(f"seed {seed}: in doubt after each of ten kills: {in_doubt}")


@pytest.mark.slow
def test_one_send_of_two_thousand_killed_ten_times_loses_and_repeats_nobody(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    in_doubt = send_with_kills(tmp_path, people=2000, kills=10, dice=random.Random(seed))
    print(f"seed {seed}: {in_doubt} in doubt after ten kills")


@pytest.mark.slow
def test_a_send_killed_before_its_first_message_planned_everybody_or_nobody(tmp_path: Path) -> None:
    people = 20_000
    workplace = Workplace(tmp_path / "workspace")
    name = workplace.announce()
    workplace.add_list("staff", range(people))
    ledger = workplace.root / "var" / "ledger.db"
    found: set[int] = set()
    with server_that_outlives_us(tmp_path / "books") as port:
        workplace.relay(f"smtp://127.0.0.1:{port}", 'rate = "1/hour"')
        while len(found) < 2:  # seen both: killed before the plan was kept, and after
            sender = workplace.start("send", name, "--list", "staff", "--yes")
            while not ledger.exists():
                time.sleep(0.001)
            time.sleep(random.uniform(0, 1.5))
            sender.send_signal(signal.SIGKILL)
            sender.communicate()
            planned = workplace.json("status")["campaigns"]
            assert [sum(each["counts"].values()) for each in planned] in ([], [people])
            found.add(len(planned))
            shutil.rmtree(ledger.parent)
