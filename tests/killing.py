"""The installed command, killed again and again while it sends, and resumed until it is done.

`python -m tests.killing` (make kill-test) does that 200 times and compares the books; KILLS=1000 in
the environment says how often, SEED=... repeats the dice of a run before.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

from newsletter.ledger import keeping, reading
from newsletter.ledger.states import State
from tests.books import agreed
from tests.servers.counting import counting, read
from tests.workplace import Workplace, address

CONNECTIONS = 8
PEOPLE = 3000  #: in one campaign
KILLS_EACH = 20  #: on one campaign, about
DROPPED = 0.001  #: of the replies to the dot
SLOWEST_REPLY = 0.004  #: seconds
LONGEST = 300  #: people handed over before a kill
LATEST = 1.2  #: seconds from the start of the command to a kill
ENDS_WELL = (0, 4)  #: exit statuses of a send that is done; 4: somebody is in doubt

Moment = Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What came of one campaign, or of several."""

    campaigns: int = 1
    people: int
    kills: int
    lost_replies: int  #: that the server never gave, by chance
    in_doubt: int
    unsent: int  #: of those in doubt, whom the server had nothing for

    def __str__(self) -> str:
        return (
            f"{self.kills:,} kills in {self.campaigns} campaigns to {self.people:,} people and "
            f"{self.lost_replies} replies lost on the way: 0 written to twice, 0 lost and not "
            f"listed, {self.in_doubt} in doubt (at most {most_in_doubt(self):,}), of whom the "
            f"server has nothing for {self.unsent}"
        )


def most_in_doubt(figures: Figures) -> int:
    return CONNECTIONS * figures.kills + figures.lost_replies


def main() -> None:
    kills = int(os.environ.get("KILLS", "200"))
    seed = int(os.environ.get("SEED") or random.randrange(2**32))
    print(f"{kills} kills, SEED={seed}", flush=True)
    dice, folder = random.Random(seed), Path(tempfile.mkdtemp(prefix="newsletter-kills-"))
    started = time.monotonic()
    # One at a time would leave a core idle while a killed command starts anew.
    found: list[Figures] = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        while (left := kills - added(found).kills) > 0:  # some are done before their last kill
            campaigns = [
                pool.submit(
                    send_through_kills,
                    folder / str(number),
                    PEOPLE,
                    min(KILLS_EACH, left),
                    random.Random(dice.random()),
                    drop=DROPPED if number % 2 else 0,
                )
                for number in range(len(found), len(found) + -(-left // KILLS_EACH))
            ]
            found += [campaign.result() for campaign in campaigns]
    shutil.rmtree(folder)  # a failure leaves it there, to be looked at
    print(f"{added(found)}; {time.monotonic() - started:.0f} s")


def added(found: Iterable[Figures]) -> Figures:
    rows = tuple(found)
    return Figures(
        **{it.name: sum(getattr(row, it.name) for row in rows) for it in fields(Figures)}
    )


def send_through_kills(
    folder: Path, people: int, kills: int, dice: random.Random, *, drop: float = 0
) -> Figures:
    """Sends to *people*, killing the command *kills* times; compares the books at the end."""
    workplace = Workplace(folder / "workspace")
    name = workplace.announce()
    workplace.add_list("staff", range(people))
    books = folder / "books"
    send = ["send", name, "--list", "staff", "--yes"]
    with counting(books, drop=drop, delay=SLOWEST_REPLY) as port:
        workplace.relay(f"smtp://127.0.0.1:{port}", f"connections = {CONNECTIONS}")
        done, killed = False, 0
        while not done and killed < kills:
            command = ["resume"] if _is_planned(workplace) else send
            done = _killed(workplace.start(*command), _moment(dice, books))
            killed += not done
        if not done:
            _end(workplace.start(*(["resume"] if _is_planned(workplace) else send)))
        printed = workplace.run("receipt").stdout
    return _compared(workplace, books, people, killed, printed)


def _moment(dice: random.Random, books: Path) -> Moment:
    """When to kill: a while after the start, or when some more people were handed over."""
    if dice.random() < 0.4:
        end = time.monotonic() + dice.uniform(0, LATEST)
        return lambda: time.monotonic() >= end
    one = len(f"{address(1000)} <0123456789abcdef.1000@example.org> 1\n")
    size = _size(books) + dice.randrange(LONGEST) * one
    return lambda: _size(books) > size


def _size(books: Path) -> int:
    return books.stat().st_size if books.exists() else 0


def _killed(sender: subprocess.Popen[str], moment: Moment) -> bool:
    """Kills the sender at that moment, unless it is done before: whether it was."""
    while sender.poll() is None and not moment():
        time.sleep(0.002)
    sender.send_signal(signal.SIGKILL)
    _, complaint = sender.communicate()
    assert sender.returncode in (*ENDS_WELL, -signal.SIGKILL), complaint
    return sender.returncode != -signal.SIGKILL


def _end(sender: subprocess.Popen[str]) -> None:
    printed, complaint = sender.communicate(timeout=300)
    assert sender.returncode in ENDS_WELL, printed + complaint


def _is_planned(workplace: Workplace) -> bool:
    if not workplace.ledger.exists():
        return False
    with reading.reading(workplace.ledger) as ledger:
        return bool(reading.campaigns(ledger))


def _compared(workplace: Workplace, books: Path, people: int, kills: int, printed: str) -> Figures:
    taken = read(books)
    counts = agreed(workplace.ledger, (each.recipient for each in taken))
    assert keeping.damage(workplace.ledger) == ()
    with reading.reading(workplace.ledger) as ledger:
        staff = reading.people(ledger, 1)
    everybody = {address(n) for n in range(people)}
    in_doubt = {each.address for each in staff if each.state is State.IN_DOUBT}
    unsent = everybody - {each.recipient for each in taken}
    assert {each.address for each in staff} == everybody
    assert (counts.accepted, counts.in_doubt) == (people - len(in_doubt), len(in_doubt))
    assert unsent <= in_doubt, "somebody lost is not listed"
    unlisted = [who for who in in_doubt if who not in printed]
    assert not unlisted, f"in doubt and not on the receipt: {unlisted}"
    ids = {each.address: each.message_id for each in staff}
    assert all(ids[each.recipient] == each.message_id for each in taken)
    figures = Figures(
        people=people,
        kills=kills,
        lost_replies=Counter(each.said for each in taken)[False],
        in_doubt=len(in_doubt),
        unsent=len(unsent),
    )
    assert figures.in_doubt <= most_in_doubt(figures)
    return figures


if __name__ == "__main__":
    main()
