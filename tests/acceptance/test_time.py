"""Time does odd things to a send: it is suspended, or somebody sets the clock of the machine."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from email import message_from_bytes
from pathlib import Path

import pytest

from newsletter.ledger import steps
from newsletter.ledger.states import Counts
from newsletter.pacing import attempts
from tests.books import agreed
from tests.conftest import Scripted
from tests.hasty import FIRST_WAIT, OLDEST, PATIENCE
from tests.servers.scripted import ACCEPTED, ScriptedServer, Session, Sleep, Step
from tests.workplace import Workplace, address

ROOT = Path(__file__).parents[2]
SEND = ("send", "kantine", "--list", "staff", "--yes")
DAY = 86_400


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "workspace")
    made.announce()
    made.add_list("staff", range(40))
    return made


@pytest.fixture
def relay(workplace: Workplace, scripted: Scripted) -> ScriptedServer:
    server = scripted({".": [Sleep(0.2), ACCEPTED]})
    workplace.relay(f"smtp://127.0.0.1:{server.port}", "connections = 2")
    return server


def hasty(workplace: Workplace, *arguments: str) -> subprocess.Popen[str]:
    """Start the command in haste, its clock where `set_clock` puts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.hasty", "-w", str(workplace.root), *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HASTY_CLOCK": str(workplace.root / "clock")},
    )


def set_clock(workplace: Workplace, seconds: int) -> None:
    """Put the clock of the machine, as `hasty` sees it, so far ahead or back."""
    (workplace.root / "clock").write_text(str(seconds))


def ended(sender: subprocess.Popen[str], status: int = 0) -> str:
    printed, told = sender.communicate(timeout=60)
    assert sender.returncode == status, printed + told
    return printed


def books(workplace: Workplace, relay: ScriptedServer) -> Counts:
    return agreed(workplace.root / "var" / "ledger.db", [each.recipient for each in relay.messages])


@pytest.mark.slow
@pytest.mark.fault(
    46, "SIGSTOP for longer than any timeout, the reply waiting", "the reply counts, nobody twice"
)
def test_a_reply_that_came_while_we_were_suspended_counts(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    people = 20
    workplace.add_list("staff", range(people))
    relay.script["."] = [Sleep(0.5), ACCEPTED]
    sender = hasty(workplace, *SEND)
    for _ in range(2):
        taken = len(relay.messages)
        while len(relay.messages) < taken + 3:
            time.sleep(0.01)
        time.sleep(0.1)  # now a dot is written, and its reply is on its way
        opened = relay.connections
        sender.send_signal(signal.SIGSTOP)
        time.sleep(max(PATIENCE, OLDEST) + 1)
        sender.send_signal(signal.SIGCONT)
        while relay.connections == opened:  # what is old by now is replaced
            assert sender.poll() is None
            time.sleep(0.01)

    ended(sender)
    assert books(workplace, relay) == Counts(accepted=people)


@pytest.mark.slow
@pytest.mark.fault(
    47, "the clock is put a day or an hour ahead or back", "nobody earlier or later; one Date"
)
@pytest.mark.parametrize("jump", [DAY, -DAY, 3600, -3600])
def test_setting_the_clock_brings_nobody_forward_and_puts_nobody_off(
    workplace: Workplace, relay: ScriptedServer, jump: int
) -> None:
    asked = _greylist(relay)
    sender = hasty(workplace, *SEND)
    while len(relay.messages) < 30:
        time.sleep(0.01)

    set_clock(workplace, jump)

    ended(sender)
    assert books(workplace, relay) == Counts(accepted=40)
    waited = [second - first for first, second in (times for times in asked.values() if times[1:])]
    assert len(waited) == 10
    assert all(FIRST_WAIT <= each < FIRST_WAIT + 8 for each in waited)
    assert len({message_from_bytes(each.data)["Date"] for each in relay.messages}) == 1


def _greylist(relay: ScriptedServer) -> defaultdict[str, list[float]]:
    """Turn ten people away at first; return when each was asked for."""
    asked: defaultdict[str, list[float]] = defaultdict(list)
    grey = {address(number) for number in range(10)}

    def rcpt(session: Session, line: bytes) -> Step | None:
        who = line.partition(b"<")[2].partition(b">")[0].decode()
        asked[who].append(time.monotonic())
        if who in grey and len(asked[who]) == 1:
            return b"451 4.7.1 Greylisted\r\n"
        return None

    relay.script["rcpt"] = rcpt
    return asked


@pytest.mark.slow
@pytest.mark.fault(
    47, "the clock is put a day back between two runs", "nobody waits more than an hour for it"
)
def test_a_clock_put_back_between_two_runs_makes_nobody_wait_a_day(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    asked = _greylist(relay)
    relay.script["."] = ACCEPTED
    set_clock(workplace, DAY)
    sender = hasty(workplace, *SEND)
    while len(relay.messages) < 30:
        time.sleep(0.01)
    time.sleep(0.5)
    sender.terminate()
    ended(sender, 5)
    assert len(asked) == 40

    set_clock(workplace, 0)
    again = hasty(workplace, "resume")
    time.sleep(8)
    again.terminate()
    printed = ended(again, 5)

    waits_until = printed.split("Waiting until ")[1][:19]
    seconds = time.mktime(time.strptime(waits_until, "%Y-%m-%d %H:%M:%S")) - time.time()
    assert 0 < seconds <= steps.LONGEST_WAIT
    assert books(workplace, relay).waiting == 10


def test_nobody_is_ever_told_to_wait_longer_than_the_ledger_lets_them() -> None:
    assert attempts.LONGEST_WAIT.total_seconds() * 1.1 <= steps.LONGEST_WAIT
