"""Whole campaigns through relays that behave badly: the books of both sides are compared after."""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from newsletter.config import Relay
from newsletter.delivery import pool
from newsletter.delivery.copies import Press
from newsletter.delivery.sender import Assignment, Sender
from newsletter.errors import Halted, LedgerError, NewsletterError, RelayLost, SetupError
from newsletter.ledger import reading
from newsletter.ledger.book import Book
from newsletter.ledger.states import Counts, Person, State
from newsletter.message import compose
from newsletter.pacing import attempts as waits
from newsletter.pacing import health, window
from newsletter.pacing.limits import Budget, Limit
from newsletter.progress import Progress
from newsletter.smtp import connection, login
from tests.books import agreed
from tests.conftest import Scripted
from tests.integration.campaigns import (
    SENDER,
    everybody,
    mail,
    people,
    person,
    plan,
    run,
    till,
    until,
)
from tests.servers.programs import free_port
from tests.servers.scripted import (
    ACCEPTED,
    BOOK,
    CLOSE,
    DROP,
    Dribble,
    ScriptedServer,
    Session,
    Sleep,
    Step,
    for_recipient,
    on_call,
)

GONE = b"550 5.1.1 No such user\r\n"
BUSY = b"421 4.3.2 Too busy\r\n"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes become tenths of seconds."""
    monkeypatch.setattr(connection, "TIMEOUTS", dict.fromkeys(connection.TIMEOUTS, 1.0))
    monkeypatch.setattr(connection, "RESET_TIMEOUT", 0.1)
    monkeypatch.setattr(connection, "QUIT_TIMEOUT", 0.1)
    monkeypatch.setattr(login, "GREETING_TIMEOUT", 1.0)
    monkeypatch.setattr(login, "LOGIN_TIMEOUT", 1.0)
    monkeypatch.setattr(waits, "FIRST_WAIT", timedelta(seconds=0.15))
    monkeypatch.setattr(waits, "LONGEST_WAIT", timedelta(seconds=0.3))
    monkeypatch.setattr(health, "PATIENCE", 1.0)
    monkeypatch.setattr(health, "reconnect_wait", lambda n, spread: min(0.01 * 2**n, 0.3))


class Run:
    """One run of a sender over the campaign in *ledger*; made anew for each resume."""

    def __init__(self, ledger: Path, port: int, **assignment: Any) -> None:
        self.ledger = ledger
        self.relay = Relay(url=f"smtp://127.0.0.1:{port}")
        self.given: dict[str, Any] = {"connections": 3, "lost": State.IN_DOUBT} | assignment
        self.stop = asyncio.Event()
        self.progress = Progress()

    async def __call__(self) -> None:
        async with Book(self.ledger) as book:
            await self.sent_from(book)

    async def sent_from(self, book: Book) -> None:
        epoch = await book.start(1, time.time(), lost=self.given["lost"])
        await Sender(
            book=book,
            assignment=Assignment(
                campaign_id=1,
                epoch=epoch,
                press=Press(return_path=SENDER, skeletons=await book.skeletons(1)),
                **self.given,
            ),
            connect=lambda: login.connect(self.relay, ""),
            stop=self.stop,
            progress=self.progress,
        ).run()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


def planned(ledger: Path, count: int, **changes: Any) -> None:
    async def write() -> None:
        async with Book(ledger) as book:
            await book.plan(plan(count, **changes))

    run(write())


def send(ledger: Path, server: ScriptedServer | int, count: int = 0, **assignment: Any) -> Progress:
    """Plan *count* people, unless that was done before, and send until the end."""
    if count:
        planned(ledger, count)
    port = server if isinstance(server, int) else server.port

    async def work() -> Progress:
        sending = Run(ledger, port, **assignment)
        await sending()
        return sending.progress

    return run(work(), 30)


def halted(ledger: Path, server: ScriptedServer | int, count: int = 0, **more: Any) -> str:
    """Send, which must stop before the end; the reason, which must be in the ledger too."""
    with pytest.raises(NewsletterError) as caught:
        send(ledger, server, count, **more)
    with reading.reading(ledger) as book:
        [campaign] = reading.campaigns(book)
    assert campaign.halted == str(caught.value)
    assert campaign.finished_at is None
    states = {each.state for each in everybody(ledger)}
    assert not states & {State.CLAIMED, State.HANDING_OVER}  # given back, all of it
    kinds = {Halted: "halted", RelayLost: "lost", SetupError: "setup", LedgerError: "ledger"}
    return f"{kinds[type(caught.value)]}: {caught.value}"


def compared(ledger: Path, *servers: ScriptedServer, most: int = 1) -> Counts:
    """The counts of the campaign, after its books were compared with those of the relay."""
    staff = everybody(ledger)
    taken = [booked for server in servers for booked in server.messages]
    counts = agreed(ledger, (booked.recipient for booked in taken), most=most)
    ours = {each.address: each for each in staff}
    for booked in taken:
        assert booked.sender == SENDER
        assert booked.data == copy_for(ours[booked.recipient])
    return counts


def copy_for(reader: Person) -> bytes:
    number = int(reader.address.partition("@")[0].removeprefix("person"))
    return compose(mail(), people(number)[-1], reader.message_id)


def every(seconds: float) -> Budget:
    return Budget([Limit(1, seconds)])


def state_of(ledger: Path, number: int) -> State:
    return everybody(ledger)[number - 1].state


def attempts(ledger: Path) -> list[int]:
    return [each.attempts for each in everybody(ledger)]


# All is well


def test_everybody_gets_a_copy_of_his_own(scripted: Scripted, ledger: Path) -> None:
    server = scripted()
    progress = send(ledger, server, 60)
    assert compared(ledger, server) == Counts(accepted=60)
    now = progress.snapshot()
    assert (now.accepted, now.settled, now.deferred, now.replies) == (60, 60, 0, 60)
    assert 2 <= server.connections <= 3  # one more is named behind a dot before it is too old
    with reading.reading(ledger) as book:
        [campaign] = reading.campaigns(book)
    assert campaign.finished_at
    assert campaign.halted == ""


def test_each_reads_it_in_his_own_language(scripted: Scripted, ledger: Path) -> None:
    server = scripted()
    first, second, third = people(3)
    both = (("nl", mail("nl")), ("en", mail("en")))
    readers = (first, replace(second, language="en"), replace(third, language="fr"))
    planned(ledger, 3, skeletons=both, recipients=readers)
    send(ledger, server)
    subjects = {
        booked.recipient: booked.data.partition(b"Nieuws (")[2][:2] for booked in server.messages
    }
    assert subjects == {person(1): b"nl", person(2): b"en", person(3): b"nl"}


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ({"ehlo": b"502 5.5.1 What?\r\n"}, {}),
        ({}, {"extensions": ()}),
        ({".": [Sleep(0.05), ACCEPTED]}, {}),
        ({".": b"251 2.1.5 Forwarded\r\n", "rcpt": b"252 2.0.0 Perhaps\r\n"}, {}),
        ({".": b"250-2.0.0 queued\r\n250-2.0.0 as\r\n250 2.0.0 7\r\n"}, {}),
        ({".": b"250\r\n", "mail": b"250\r\n"}, {}),
        ({"mail": Dribble(b"250-2.1.0 O\r\n250 2.1.0 k\r\n"), ".": Dribble(ACCEPTED)}, {}),
        ({"quit": []}, {}),
    ],
    ids=["no ehlo", "no extensions", "slow", "251", "many lines", "bare", "dripping", "no goodbye"],
)
def test_an_odd_relay_is_good_enough(
    scripted: Scripted, ledger: Path, script: dict[str, Any], options: dict[str, Any]
) -> None:
    server = scripted(script, **options)
    send(ledger, server, 8)
    assert compared(ledger, server) == Counts(accepted=8)
    assert attempts(ledger) == [1] * 8


# The relay goes away


@pytest.mark.fault(
    7, "a campaign through it, at each command", "tried again; nobody in doubt, nobody twice"
)
@pytest.mark.parametrize("end", [DROP, CLOSE, b"25O garbled\r\n", b"250 no\r\n550 wait\r\n"])
@pytest.mark.parametrize("verb", ["mail", "rcpt", "data"])
def test_a_loss_before_the_dot_is_tried_again_and_never_in_doubt(
    scripted: Scripted, ledger: Path, verb: str, end: Step
) -> None:
    server = scripted({verb: on_call({2: end, 5: end})})
    send(ledger, server, 10)
    counts = compared(ledger, server)
    assert counts.in_doubt == 0
    # In a group, a 550 too many behind the reply to RCPT is the reply to DATA, for all we know.
    assert counts.refused <= 2 * ((verb, end) == ("rcpt", b"250 no\r\n550 wait\r\n"))


@pytest.mark.fault(
    8, "a campaign through it", "that one is in doubt and held; all others accepted once"
)
@pytest.mark.parametrize(
    "loss",
    [[BOOK, DROP], DROP, [BOOK, CLOSE], [BOOK, b"25O Ok\r\n"], [BOOK, b"250", CLOSE], [BOOK]],
    ids=["taken and dropped", "dropped", "closed", "garbled", "half a reply", "silence"],
)
def test_a_loss_after_the_dot_is_in_doubt_and_held(
    scripted: Scripted, ledger: Path, loss: Step
) -> None:
    server = scripted({".": on_call({3: loss})})
    send(ledger, server, 10)
    assert compared(ledger, server) == Counts(accepted=9, in_doubt=1)
    [doubtful] = [each for each in everybody(ledger) if each.state is State.IN_DOUBT]
    assert doubtful.reply is None
    assert doubtful.reason
    assert "Errno" not in doubtful.reason


@pytest.mark.fault(
    8, 'the same, with in_doubt = "resend"', "the same bytes once more: same Message-ID, same Date"
)
def test_where_it_is_wanted_the_same_bytes_are_sent_again(scripted: Scripted, ledger: Path) -> None:
    server = scripted({".": on_call({3: [BOOK, DROP]})})
    send(ledger, server, 10, lost=State.PLANNED)
    assert compared(ledger, server, most=2) == Counts(accepted=10)
    [(twice, copies)] = Counter(server.messages).most_common(1)
    assert copies == 2
    assert b"Message-ID: <seed." in twice.data


def test_a_relay_that_drops_every_message_costs_few_people(
    scripted: Scripted, ledger: Path
) -> None:
    server = scripted({".": [BOOK, DROP]})
    assert halted(ledger, server, 100, connections=8).startswith("lost: ")
    counts = compared(ledger, server)
    assert counts.in_doubt <= 8 + health.MOST_UNANSWERED
    assert counts.waiting == 100 - counts.in_doubt


@pytest.mark.fault(
    11, "421 at each command, in a campaign", "back uncharged, a new line, everybody accepted once"
)
def test_a_421_is_about_the_line_and_never_about_the_person(
    scripted: Scripted, ledger: Path
) -> None:
    for verb in ("connect", "mail", "rcpt", "data", "."):
        server = scripted({verb: on_call({2: [BUSY, CLOSE], 6: [BUSY, CLOSE]})})
        path = ledger.with_name(f"{verb}.sqlite3")
        send(path, server, 10)
        assert compared(path, server) == Counts(accepted=10)
        assert attempts(path) == [1] * 10


@pytest.mark.fault(25, "a campaign through it", "a new line without a word; nobody is charged")
@pytest.mark.parametrize("last", [DROP, CLOSE, [b"421 4.4.2 Idle\r\n", CLOSE]])
def test_a_line_that_ends_while_it_rests_costs_nobody_anything(
    scripted: Scripted, ledger: Path, last: Step
) -> None:
    ends = [last] if not isinstance(last, list) else last
    server = scripted({".": [ACCEPTED, Sleep(0.02), *ends]})
    send(ledger, server, 5, connections=1, budget=every(0.06))
    assert compared(ledger, server) == Counts(accepted=5)
    assert attempts(ledger) == [1] * 5


def test_an_old_line_is_replaced(
    scripted: Scripted, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "OLDEST_CONNECTION", 0.1)
    server = scripted({".": [Sleep(0.06), ACCEPTED]})
    progress = send(ledger, server, 6, connections=1)
    assert compared(ledger, server) == Counts(accepted=6)
    assert 2 <= server.connections <= 3  # one more is named behind a dot before it is too old
    assert progress.connections == 0


def test_a_relay_that_restarts_under_all_connections_does_not_stop_us(ledger: Path) -> None:
    async def work() -> tuple[ScriptedServer, ScriptedServer]:
        first = ScriptedServer({".": [Sleep(0.02), ACCEPTED]})
        first.__enter__()
        sending = asyncio.create_task(Run(ledger, first.port, connections=10)())
        await until(lambda: len(first.messages) >= 20)
        await asyncio.to_thread(first.__exit__, None, None, None)
        await asyncio.sleep(0.2)
        second = ScriptedServer(port=first.port)
        with second:
            await sending
        return first, second

    planned(ledger, 200)
    counts = compared(ledger, *run(work()))
    assert counts.accepted + counts.in_doubt == 200
    assert counts.in_doubt <= 10


def test_a_relay_that_is_gone_for_good_stops_us_with_everybody_waiting(ledger: Path) -> None:
    start = time.monotonic()
    text = halted(ledger, free_port(), 20)
    assert text.startswith("lost: ")
    assert "nothing listens on that port" in text
    assert time.monotonic() - start < 5
    assert till(ledger) == Counts(waiting=20)
    assert attempts(ledger) == [0] * 20


def test_a_stopped_campaign_goes_on_where_it_was(scripted: Scripted, ledger: Path) -> None:
    first = scripted({"mail": on_call(dict.fromkeys(range(8, 1000), DROP))})
    assert halted(ledger, first, 20).startswith("lost: ")
    assert till(ledger).accepted == 7
    second = scripted()
    send(ledger, second)
    assert compared(ledger, first, second) == Counts(accepted=20)
    with reading.reading(ledger) as book:
        assert reading.campaigns(book)[0].halted == ""


# The relay says no


def test_the_refusal_of_one_is_the_refusal_of_one(scripted: Scripted, ledger: Path) -> None:
    server = scripted({"rcpt": for_recipient({person(3): GONE, person(7): GONE})})
    send(ledger, server, 10)
    assert compared(ledger, server) == Counts(accepted=8, refused=2)
    refused = everybody(ledger)[2]
    assert (refused.state, str(refused.reply)) == (State.REFUSED, "550 5.1.1 No such user")


@pytest.mark.fault(26, "a campaign through it", "the refusal is recorded; the others are accepted")
@pytest.mark.parametrize("reset", [[], DROP, GONE])
def test_a_refusal_is_kept_whatever_becomes_of_the_reset(
    scripted: Scripted, ledger: Path, reset: Step
) -> None:
    server = scripted({"rcpt": for_recipient({person(2): GONE}), "rset": reset})
    send(ledger, server, 5, connections=1)
    assert compared(ledger, server) == Counts(accepted=4, refused=1)
    assert attempts(ledger) == [1] * 5


@pytest.mark.fault(
    13, "451 to each person at first, 250 a while later", "waited for; everybody accepted once"
)
def test_a_grey_list_is_waited_for(scripted: Scripted, ledger: Path) -> None:
    came: dict[str, list[float]] = {}

    def grey(session: Session, line: bytes) -> bytes | None:
        times = came.setdefault(line.decode(), [])
        times.append(time.time())
        return b"451 4.7.1 Greylisted\r\n" if len(times) == 1 else None

    server = scripted({"rcpt": grey})
    progress = send(ledger, server, 5)
    assert compared(ledger, server) == Counts(accepted=5)
    assert attempts(ledger) == [2] * 5
    assert (progress.accepted, progress.deferred) == (5, 5)
    assert all(second - first >= 0.15 for first, second in came.values())


def test_who_is_never_let_in_is_given_up(
    scripted: Scripted, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "GIVE_UP_AFTER", 3)
    server = scripted({"rcpt": for_recipient({person(1): b"450 4.2.1 Full\r\n"})})
    send(ledger, server, 3)
    assert compared(ledger, server) == Counts(accepted=2, refused=1)
    assert attempts(ledger) == [3, 1, 1]
    assert str(everybody(ledger)[0].reply) == "450 4.2.1 Full"


@pytest.mark.fault(
    15,
    "every refusal of that kind, in every phase",
    "the campaign halts with the relay's words; nobody is burnt",
)
@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("mail", b"550 5.7.1 You may not send\r\n"),
        ("rcpt", b"530 5.7.0 Log in first\r\n"),
        ("rcpt", b"550 5.7.1 Relaying denied\r\n"),
        ("rcpt", b"504 5.5.2 Helo command rejected\r\n"),
        ("rcpt", b"550 5.1.8 Sender address rejected\r\n"),
        ("rcpt", b"501 5.5.4\r\n"),
        ("data", b"554 5.5.1 No\r\n"),
        (".", b"554 5.7.1 Looks like spam\r\n"),
        (".", b"552 5.3.4 Too big\r\n"),
        (".", b"550 5.2.254 Too much of it\r\n"),
    ],
)
def test_a_refusal_of_us_all_stops_the_campaign_and_burns_nobody(
    scripted: Scripted, ledger: Path, verb: str, reply: bytes
) -> None:
    server = scripted({verb: reply})
    for _ in range(2):
        text = halted(ledger, server, 0 if ledger.exists() else 20)
        assert text.startswith("halted: ")
        assert reply.decode().strip() in text
    assert compared(ledger, server) == Counts(waiting=20)
    assert attempts(ledger) == [0] * 20
    send(ledger, better := scripted())
    assert compared(ledger, better) == Counts(accepted=20)


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("rcpt", b"550 5.7.1 Not to her\r\n"),
        ("rcpt", b"552 5.2.2 Mailbox size limit exceeded\r\n"),
        ("data", b"550 5.1.1 Nobody here\r\n"),
        (".", b"554 5.2.0 Quota\r\n"),
        (".", b"554 5.7.1 Looks like spam to her\r\n"),
    ],
)
def test_a_refusal_of_one_person_refuses_one_person(
    scripted: Scripted, ledger: Path, verb: str, reply: bytes
) -> None:
    server = scripted({verb: for_recipient({person(2): reply})})
    send(ledger, server, 10)
    assert compared(ledger, server) == Counts(accepted=9, refused=1)
    assert attempts(ledger) == [1] * 10


@pytest.mark.fault(
    14, "550 to RCPT of some, in a campaign", "they are refused; the others are accepted once"
)
def test_refusals_of_some_people_never_stop_the_others(scripted: Scripted, ledger: Path) -> None:
    some = {person(n): b"550 5.7.1 Not to them\r\n" for n in (*range(3, 60, 4), 58, 59, 60)}
    send(ledger, server := scripted({"rcpt": for_recipient(some)}), 60)
    assert compared(ledger, server) == Counts(accepted=60 - len(some), refused=len(some))


def test_the_last_ones_refused_after_a_resume_stand_too(scripted: Scripted, ledger: Path) -> None:
    broken = scripted({"mail": on_call({6: b"550 5.7.1 Not now\r\n"})})
    halted(ledger, broken, 8, connections=1)
    server = scripted({"rcpt": b"550 5.1.1 Nobody here\r\n"})
    send(ledger, server, anybody_accepted=True)
    assert till(ledger) == Counts(accepted=5, refused=3)


def test_ten_refused_in_a_row_after_many_accepted_go_back(scripted: Scripted, ledger: Path) -> None:
    """A day's limit, in whatever words: nobody after it is burnt."""

    def door(session: Session, line: bytes) -> Step | None:
        return b"550 Enough\r\n" if len(server.messages) >= 30 else None

    server = scripted({"rcpt": door})
    assert "550 Enough" in halted(ledger, server, 80)
    counts = compared(ledger, server)
    taken = len(server.messages)
    assert counts == Counts(accepted=taken, waiting=80 - taken)
    send(ledger, better := scripted(), anybody_accepted=True)
    assert till(ledger) == Counts(accepted=80)
    assert len(better.messages) == 80 - taken


def test_a_connection_is_replaced_before_the_relay_would_close_it(
    scripted: Scripted, ledger: Path
) -> None:
    send(ledger, server := scripted(), 12, connections=1, messages=5)
    assert compared(ledger, server) == Counts(accepted=12)
    assert [server.connections, len(server.messages)] == [3, 12]


def test_ten_dead_addresses_at_the_top_of_a_list_halt_it_once(
    scripted: Scripted, ledger: Path
) -> None:
    dead = {person(n): GONE for n in range(1, 11)}
    server = scripted({"rcpt": for_recipient(dead)})
    halted(ledger, server, 40, connections=1)
    assert till(ledger) == Counts(waiting=40)
    halted(ledger, server, connections=1)
    assert compared(ledger, server) == Counts(accepted=30, waiting=10)


def test_a_whole_staff_put_off_for_ever_is_refused_by_nobody(
    scripted: Scripted, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "GIVE_UP_AFTER", 2)
    assert halted(ledger, scripted({"rcpt": b"451 4.3.0 Later\r\n"}), 30).startswith("halted: ")
    assert till(ledger) == Counts(waiting=30)


@pytest.mark.parametrize("door", [[BUSY, CLOSE], DROP])
def test_one_person_who_ends_every_line_is_given_up_and_no_other(
    scripted: Scripted, ledger: Path, monkeypatch: pytest.MonkeyPatch, door: Step
) -> None:
    monkeypatch.setattr(waits, "GIVE_UP_AFTER", 3)
    send(ledger, server := scripted({"rcpt": for_recipient({person(2): door})}), 10)
    assert compared(ledger, server) == Counts(accepted=9, refused=1)


def test_a_message_is_sent_again_once_and_then_held(scripted: Scripted, ledger: Path) -> None:
    server = scripted({".": for_recipient({person(1): [BOOK, DROP]})})
    send(ledger, server, 50, lost=State.PLANNED)
    assert compared(ledger, server, most=2) == Counts(accepted=49, in_doubt=1)
    assert Counter(who for _, who, _ in server.messages)[person(1)] == 2


def test_a_sender_that_ends_twice_on_one_person_sends_again_once(ledger: Path) -> None:
    async def ending(times: int) -> None:
        for _ in range(times):
            async with Book(ledger) as book:
                epoch = await book.start(1, 0, lost=State.PLANNED)
                for delivery in await book.claim(1, epoch, 1, 1e12):
                    await book.intend(delivery, epoch)

    planned(ledger, 1)
    run(ending(2))
    assert till(ledger).waiting == 1
    run(ending(1))
    assert till(ledger) == Counts(in_doubt=1)


def test_a_reader_of_a_regional_language_gets_that_language(
    scripted: Scripted, ledger: Path
) -> None:
    both = (("nl-BE", mail("nl-BE", "Dag.")), ("fr-BE", mail("fr-BE", "Bonjour.")))
    reader = replace(people(1)[0], language="fr")
    planned(ledger, 1, skeletons=both, recipients=(reader,))
    send(ledger, server := scripted())
    assert b"Bonjour." in server.messages[0].data


def test_workers_who_were_turned_away_come_back(
    scripted: Scripted, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "HOLD", 0.2)
    door = on_call({call: [BUSY, CLOSE] for call in (2, 3, 4)})
    server = scripted({"connect": door, ".": [Sleep(0.05), ACCEPTED]})
    send(ledger, server, 60, connections=4)
    assert compared(ledger, server) == Counts(accepted=60)
    assert server.connections == 4 + 3


def test_a_policy_that_begins_when_the_grey_listed_return_does_not_burn_them(
    scripted: Scripted, ledger: Path
) -> None:
    """A day's limit may be reached when everybody has been tried once before."""

    def door(session: Session, line: bytes) -> Step | None:
        seen[line] += 1
        if seen[line] == 1:
            return b"451 4.7.1 Greylisted\r\n"
        return b"550 5.7.1 Too much for today\r\n" if len(server.messages) >= 5 else None

    seen: Counter[bytes] = Counter()
    server = scripted({"rcpt": door})
    assert "Too much for today" in halted(ledger, server, 40, connections=1)
    counts = compared(ledger, server)
    assert (counts.accepted, counts.waiting) == (5, 35 - counts.refused)
    assert counts.refused <= 1


def test_a_relay_that_turns_us_away_stops_the_campaign(scripted: Scripted, ledger: Path) -> None:
    server = scripted({"connect": [b"554 5.7.1 Go away\r\n", CLOSE]})
    text = halted(ledger, server, 5)
    assert text.startswith("setup: ")
    assert "554 5.7.1 Go away" in text
    assert till(ledger) == Counts(waiting=5)


@pytest.mark.fault(
    16, "452 after a few messages on a line", "a new line each time; nobody is charged"
)
def test_a_relay_that_takes_few_messages_on_one_line_gets_more_lines(
    scripted: Scripted, ledger: Path
) -> None:
    def five(session: Session, line: bytes) -> Step | None:
        return b"452 4.5.3 Too many messages\r\n" if session.calls["mail"] > 5 else None

    server = scripted({"mail": five})
    send(ledger, server, 60, connections=8)
    assert compared(ledger, server) == Counts(accepted=60)
    assert attempts(ledger) == [1] * 60
    assert server.connections >= 12


@pytest.mark.fault(30, "more lines than two get 421", "two lines carry it all; nobody is charged")
def test_a_relay_that_takes_two_lines_gets_two(ledger: Path) -> None:
    limit, open_, most = 2, 0, 0

    class Counting(ScriptedServer):
        async def _session(self, reader: Any, writer: Any) -> None:
            nonlocal open_, most
            open_ += 1
            most = max(most, open_)
            try:
                await super()._session(reader, writer)
            finally:
                open_ -= 1

    def door(session: Session, line: bytes) -> Step | None:
        return [BUSY, CLOSE] if open_ > limit else None

    with Counting({"connect": door, ".": [Sleep(0.01), ACCEPTED], "ehlo": slow_ehlo}) as server:
        send(ledger, server, 100, connections=10)
    assert compared(ledger, server) == Counts(accepted=100)
    assert attempts(ledger) == [1] * 100
    assert most > limit


def slow_ehlo(session: Session, line: bytes) -> Step:
    """As after TLS and a login: those let in are ready later than others are turned away."""
    return [Sleep(0.05), b"250 scripted.example.org\r\n"]


@pytest.mark.fault(16, "552 too many recipients", "for now: tried again, nobody refused")
def test_too_many_recipients_is_for_now(scripted: Scripted, ledger: Path) -> None:
    server = scripted({"rcpt": on_call({1: b"552 Too many recipients\r\n"})})
    send(ledger, server, 3)
    assert compared(ledger, server) == Counts(accepted=3)


@pytest.mark.fault(22, "a campaign through it", "refused with the relay's words")
def test_a_refusal_in_the_middle_of_a_mail_is_heard(scripted: Scripted, ledger: Path) -> None:
    early = b"354 Go\r\n554 5.6.0 Not this one\r\n"
    server = scripted({"data": for_recipient({person(1): early})})
    send(ledger, server, 2, connections=1)
    assert till(ledger) == Counts(accepted=1, refused=1)
    assert str(everybody(ledger)[0].reply) == "554 5.6.0 Not this one"


# The relay says too much


@pytest.mark.fault(21, "a campaign through it", "nobody is taken for another; the books agree")
@pytest.mark.parametrize("extra", [b"250 2.0.0 Ok\r\n", GONE, b"354 Go\r\n", b"junk\r\n"])
@pytest.mark.parametrize("verb", ["mail", "rcpt", "data", ".", "rset"])
def test_a_reply_too_many_is_never_taken_for_another(
    scripted: Scripted, ledger: Path, verb: str, extra: bytes
) -> None:
    """But a refusal right behind the 354 is one: of the mail that is on its way."""
    ordinary = {"data": b"354 Go\r\n", ".": ACCEPTED}.get(verb, b"250 2.0.0 Ok\r\n")
    server = scripted(
        {
            verb: on_call({2: ordinary + extra, 4: ordinary + extra}),
            # Not one of the first, so that no other refusal falls together with it.
            **({"rcpt": for_recipient({person(9): GONE})} if verb != "rcpt" else {}),
        }
    )
    send(ledger, server, 12)
    counts = compared(ledger, server)
    assert counts.in_doubt <= 2 * ((verb, extra) == (".", GONE))  # which of the two was it?
    asked = (verb != "rcpt") + 2 * ((verb, extra) == ("data", GONE))
    assert asked <= counts.refused <= asked + 2 * ((verb, extra) == ("rcpt", GONE))


# We stop


@pytest.mark.fault(
    27, "stopped while replies to the dot are awaited", "waited for and recorded; nobody in doubt"
)
def test_a_stop_ends_after_the_messages_under_way(scripted: Scripted, ledger: Path) -> None:
    server = scripted({".": [Sleep(0.1), ACCEPTED]})
    planned(ledger, 50)

    async def work() -> int:
        sending = Run(ledger, server.port)
        task = asyncio.create_task(sending())
        await until(lambda: server.commands.count(b"DATA") >= 6)
        at_stop = server.commands.count(b"DATA")
        sending.stop.set()
        with pytest.raises(Halted, match="asked to stop"):
            await task
        assert sending.progress.connections == 0
        return at_stop

    at_stop = run(work())
    counts = compared(ledger, server)
    assert counts.in_doubt == 0
    assert counts.accepted == len(server.messages) <= at_stop + 3
    assert {each.state for each in everybody(ledger)} == {State.ACCEPTED, State.PLANNED}
    send(ledger, again := scripted())
    assert compared(ledger, server, again) == Counts(accepted=50)


@pytest.mark.parametrize("moment", ["resting", "pacing", "reconnecting"])
def test_a_stop_is_heard_while_we_wait(
    scripted: Scripted, ledger: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "FIRST_WAIT", timedelta(minutes=5))
    monkeypatch.setattr(waits, "LONGEST_WAIT", timedelta(minutes=5))
    monkeypatch.setattr(health, "reconnect_wait", lambda failures, spread: 300.0)
    server = scripted({"rcpt": b"451 4.7.1 Later\r\n"} if moment == "resting" else {})
    port = free_port() if moment == "reconnecting" else server.port
    planned(ledger, 3)

    async def work() -> float:
        sending = Run(ledger, port, budget=every(300.0) if moment == "pacing" else None)
        task = asyncio.create_task(sending())
        await asyncio.sleep(0.3)
        if moment == "resting":
            assert sending.progress.resting_until
        start = time.monotonic()
        sending.stop.set()
        with pytest.raises(Halted):
            await task
        return time.monotonic() - start

    assert run(work()) < 1
    counts = compared(ledger, server)
    assert counts.accepted + counts.waiting == 3
    assert State.CLAIMED not in {each.state for each in everybody(ledger)}


def test_a_stop_before_the_start_sends_nothing(scripted: Scripted, ledger: Path) -> None:
    server = scripted()
    planned(ledger, 3)

    async def work() -> None:
        sending = Run(ledger, server.port)
        sending.stop.set()
        with pytest.raises(Halted):
            await sending()

    run(work())
    assert server.connections == 0
    assert till(ledger) == Counts(waiting=3)


def test_who_was_in_the_air_when_we_were_killed_is_in_doubt(
    scripted: Scripted, ledger: Path
) -> None:
    server = scripted({".": [Sleep(0.05), ACCEPTED]})
    planned(ledger, 30)

    async def work() -> None:
        task = asyncio.create_task(Run(ledger, server.port)())
        await until(lambda: len(server.messages) >= 8)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(work())
    send(ledger, again := scripted())
    counts = compared(ledger, server, again)
    assert counts.accepted + counts.in_doubt == 30
    assert counts.in_doubt <= 3


@pytest.mark.fault(
    41, "a second sender takes the campaign over", "the first can write nothing more, and stops"
)
def test_a_second_sender_stops_the_first(scripted: Scripted, ledger: Path) -> None:
    server = scripted({".": [Sleep(0.02), ACCEPTED]})
    planned(ledger, 100)

    async def work() -> None:
        first = asyncio.create_task(Run(ledger, server.port)())
        await until(lambda: len(server.messages) >= 10)
        second = asyncio.create_task(Run(ledger, server.port)())
        with pytest.raises(LedgerError, match="another sender"):
            await first
        await second

    run(work())
    counts = compared(ledger, server)
    assert counts.accepted + counts.in_doubt == 100
    assert counts.in_doubt <= 3


@pytest.mark.fault(
    43,
    "the ledger can take no more in the middle of a send",
    "no dot without its intent; the rest after resume",
)
def test_a_ledger_that_is_full_stops_the_next_dot(scripted: Scripted, ledger: Path) -> None:
    server = scripted()
    planned(ledger, 400)

    async def work() -> None:
        async with Book(ledger) as book:
            await book._writer.submit(
                lambda raw: raw.exec_driver_sql(
                    f"PRAGMA max_page_count = {raw.exec_driver_sql('PRAGMA page_count').scalar()}"
                )
            )
            with pytest.raises(LedgerError, match=r"full.*newsletter resume"):
                await Run(ledger, server.port).sent_from(book)

    run(work())
    begun = [each for each in everybody(ledger) if each.state is State.HANDING_OVER]
    known = [each for each in everybody(ledger) if each.state is State.ACCEPTED]
    assert len(server.messages) <= len(known) + len(begun) < 400
    assert len(begun) <= 3 * 2
    send(ledger, again := scripted())
    counts = compared(ledger, server, again)
    assert counts.accepted + counts.in_doubt == 400
    assert counts.in_doubt == len(begun)


# One person


@pytest.mark.fault(
    50,
    "a name in the ledger that no header can hold",
    "refused before a byte of it; all others accepted",
)
def test_a_name_that_cannot_stand_in_a_header_is_one_person_less(
    scripted: Scripted, ledger: Path
) -> None:
    server = scripted()
    readers = [*people(5)]
    readers[2] = replace(readers[2], display_name="=?utf-8?q?x=0ABcc:_a@example.org?=")
    readers[3] = replace(readers[3], display_name="a\r\nBcc: a@example.org")
    planned(ledger, 5, recipients=tuple(readers))
    send(ledger, server)
    assert compared(ledger, server) == Counts(accepted=3, refused=2)
    assert everybody(ledger)[2].reason.startswith("not sent: ")


# Pace


def test_the_pace_is_kept(scripted: Scripted, ledger: Path) -> None:
    times: list[float] = []
    server = scripted(on_booked=lambda booked: times.append(time.monotonic()))
    start = time.monotonic()
    send(ledger, server, 5, connections=8, budget=every(0.1))
    took = time.monotonic() - start
    assert compared(ledger, server) == Counts(accepted=5)
    assert times[-1] - times[0] >= 4 * 0.1 - 0.03
    assert took < 1.1  # and not one pause for each worker at the end


def test_a_slow_relay_does_not_earn_a_burst_later(scripted: Scripted, ledger: Path) -> None:
    times: list[float] = []
    server = scripted(
        {".": on_call({1: [Sleep(0.4), ACCEPTED]})},
        on_booked=lambda booked: times.append(time.monotonic()),
    )
    send(ledger, server, 5, connections=1, budget=every(0.08))
    gaps = [b - a for a, b in itertools.pairwise(times[1:])]
    assert min(gaps) >= 0.06


# Everything at once


@pytest.mark.parametrize("seed", range(3))
def test_through_chaos_nobody_is_written_to_twice_and_nobody_is_forgotten(
    ledger: Path, seed: int
) -> None:
    dice = random.Random(seed)
    before_dot: list[Step] = [
        DROP, CLOSE, [BUSY, CLOSE], GONE, b"451 4.3.0 Later\r\n", b"25O Ok\r\n",
        b"250 a\r\n250 b\r\n", b"354 Go\r\n", b"250 2.0.0 Ok\r\n", [],
    ]  # fmt: skip
    at_dot: list[Step] = [*before_dot[:6], [BOOK, DROP], [BOOK, CLOSE], [BOOK], b"354 Go\r\n"]
    at_dot += [[BOOK, b"250"], [BOOK, b"999 Ok\r\n"], [ACCEPTED + b"250 2.0.0 again\r\n"]]

    def sometimes(steps: list[Step]) -> Callable[[Session, bytes], Step | None]:
        return lambda session, line: dice.choice(steps) if dice.random() < 0.05 else None

    script: dict[str, Any] = {verb: sometimes(before_dot) for verb in ("mail", "rcpt", "data")}
    script |= {"connect": sometimes([DROP, [BUSY, CLOSE]]), "rset": sometimes([DROP, [], GONE])}
    planned(ledger, 80)
    with ScriptedServer({**script, ".": sometimes(at_dot)}) as server:
        for _ in range(40):
            try:
                send(ledger, server, connections=4)
                break
            except (RelayLost, Halted):
                compared(ledger, server)
    counts = compared(ledger, server)
    assert counts.waiting == 0
    assert counts.accepted >= 40
    refused = {each.address for each in everybody(ledger) if each.state is State.REFUSED}
    assert not refused & {booked.recipient for booked in server.messages}
