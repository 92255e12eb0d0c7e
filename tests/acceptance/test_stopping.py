"""A send is stopped from elsewhere: by `stop`, by signals, by a terminal that closes."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsletter.campaign import stopping
from newsletter.errors import SetupError
from newsletter.ledger.states import Counts
from newsletter.workspace import Workspace
from tests.books import agreed
from tests.conftest import Scripted
from tests.servers.programs import require_root
from tests.servers.scripted import ACCEPTED, BOOK, ScriptedServer, Sleep
from tests.workplace import Workplace, address

SEND = ("send", "kantine", "--list", "staff", "--yes")
PEOPLE = 60
CONNECTIONS = 4


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "workspace")
    made.announce()
    made.add_list("staff", range(PEOPLE))
    return made


@pytest.fixture
def relay(workplace: Workplace, scripted: Scripted) -> ScriptedServer:
    """A relay that takes its time for the reply to every dot."""
    server = scripted({".": [Sleep(0.6), ACCEPTED]})
    workplace.relay(f"smtp://127.0.0.1:{server.port}", f"connections = {CONNECTIONS}")
    return server


def begun(workplace: Workplace, relay: ScriptedServer) -> subprocess.Popen[str]:
    """Return a send that is in the middle of its second messages."""
    sender = workplace.start(*SEND)
    until(lambda: len(relay.messages) > CONNECTIONS)
    return sender


def until(happens: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


def ended(sender: subprocess.Popen[str]) -> str:
    """Wait until a stopped send is over, and return what it told."""
    _, told = sender.communicate(timeout=30)
    assert sender.returncode == 5, told
    return told


def books(workplace: Workplace, relay: ScriptedServer) -> Counts:
    return agreed(workplace.root / "var" / "ledger.db", [each.recipient for each in relay.messages])


def finished(workplace: Workplace, relay: ScriptedServer) -> None:
    """Go on to the end, and compare the books."""
    relay.script.clear()
    workplace.run("resume", status=4 if workplace.json("receipt")["in_doubt"] else 0)
    counts = books(workplace, relay)
    assert counts.accepted + counts.in_doubt == PEOPLE


@pytest.mark.fault(40, "`newsletter stop` in another process", "drains; nobody is in doubt")
def test_stop_lets_the_messages_under_way_finish(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    sender = begun(workplace, relay)

    printed = workplace.run("stop").stdout

    assert f"Process {sender.pid} is sending" in printed
    assert f"{len(relay.messages)} accepted + 0 refused + 0 in doubt" in printed
    assert "`newsletter resume kantine` goes on" in printed
    assert "asked to stop" in ended(sender)
    (campaign,) = workplace.json("status")["campaigns"]
    assert campaign["state"] == "stopped"
    assert campaign["counts"]["accepted"] == len(relay.messages) < PEOPLE
    finished(workplace, relay)


def test_stop_said_twice_still_lets_them_finish(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    relay.script["."] = [Sleep(3), ACCEPTED]
    sender = begun(workplace, relay)

    first = workplace.start("stop", "kantine")
    time.sleep(1)
    workplace.run("stop")

    first.communicate(timeout=30)
    assert first.returncode == 0
    ended(sender)
    assert books(workplace, relay).in_doubt == 0


@pytest.mark.fault(40, "`newsletter stop --now`", "ends within seconds; those under way in doubt")
def test_stop_now_does_not_wait_and_lists_who_is_in_doubt(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    sender = begun(workplace, relay)
    relay.script["."] = [BOOK, Sleep(60), ACCEPTED]
    before = len(relay.messages)
    until(lambda: len(relay.messages) == before + CONNECTIONS)

    printed = workplace.run("stop", "--now", timeout=15).stdout

    assert f"{CONNECTIONS} in doubt" in printed
    assert "ended in the middle of a message" in ended(sender)
    receipt = workplace.json("receipt")
    assert len(receipt["in_doubt"]) == CONNECTIONS
    assert "at once, as asked" in receipt["stopped_because"]
    finished(workplace, relay)


def test_stop_now_ends_also_what_drains_already(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    sender = begun(workplace, relay)
    relay.script["."] = [Sleep(60), ACCEPTED]
    before = len(relay.messages)
    until(lambda: len(relay.messages) == before + CONNECTIONS)
    patient = workplace.start("stop")
    time.sleep(1)

    workplace.run("stop", "--now", timeout=15)

    ended(sender)
    patient.communicate(timeout=10)
    assert patient.returncode == 0


@pytest.mark.fault(40, "SIGTERM, and another a second later", "the second ends it at once")
def test_a_second_sigterm_ends_at_once(workplace: Workplace, relay: ScriptedServer) -> None:
    sender = begun(workplace, relay)
    relay.script["."] = [Sleep(60), ACCEPTED]
    before = len(relay.messages)
    until(lambda: len(relay.messages) == before + CONNECTIONS)

    sender.terminate()
    time.sleep(1)
    sender.terminate()

    assert "in the middle of a message" in ended(sender)
    assert len(workplace.json("receipt")["in_doubt"]) == CONNECTIONS
    finished(workplace, relay)


@pytest.mark.parametrize(
    ("one", "other", "after"),
    [
        (signal.SIGTERM, signal.SIGTERM, 0.1),  # `timeout`, systemd, a finger that bounces
        (signal.SIGTERM, signal.SIGHUP, 0.7),  # systemd with SendSIGHUP
        (signal.SIGHUP, signal.SIGHUP, 0.7),  # a terminal that closes, then its shell
    ],
)
def test_two_signals_of_one_wish_drain(
    workplace: Workplace,
    relay: ScriptedServer,
    one: signal.Signals,
    other: signal.Signals,
    after: float,
) -> None:
    relay.script["."] = [Sleep(2), ACCEPTED]
    sender = begun(workplace, relay)

    sender.send_signal(one)
    time.sleep(after)
    sender.send_signal(other)

    ended(sender)
    assert books(workplace, relay).in_doubt == 0


@pytest.mark.fault(46, "suspended (Ctrl-Z), then stopped", "it is woken, drains and ends")
def test_stop_wakes_a_send_that_was_suspended(workplace: Workplace, relay: ScriptedServer) -> None:
    sender = begun(workplace, relay)
    sender.send_signal(signal.SIGSTOP)
    time.sleep(0.2)

    workplace.run("stop", timeout=20)

    ended(sender)
    assert books(workplace, relay).in_doubt == 0


def test_a_send_that_has_planned_nothing_yet_is_stopped_as_well(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    relay.script["ehlo"] = [Sleep(2), b"250 here\r\n"]
    sender = workplace.start(*SEND)
    until(lambda: relay.connections)

    printed = workplace.run("stop").stdout

    assert "It had planned nothing yet" in printed
    assert "nobody was written to" in ended(sender)
    assert relay.messages == []


def test_where_nothing_is_sent_stop_says_so(workplace: Workplace, relay: ScriptedServer) -> None:
    assert "Nothing is being sent" in workplace.run("stop").stdout
    relay.script.clear()
    workplace.run(*SEND)

    assert "Nothing is being sent" in workplace.run("stop", "kantine").stdout
    assert "did you mean" in workplace.run("stop", "kantien", status=2).stderr


def test_a_campaign_that_is_not_the_one_being_sent_is_not_stopped(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    workplace.announce("soep", "---\ntitle: Soep\n---\n\nVrijdag is er soep, zoals beloofd.\n")
    relay.script.clear()
    workplace.run("send", "soep", "--list", "staff", "--yes")
    relay.script["."] = [Sleep(1), ACCEPTED]
    sender = workplace.start(*SEND)
    until(lambda: len(relay.messages) > PEOPLE)

    told = workplace.run("stop", "soep", status=2).stderr

    assert "is not the one that is being sent" in told
    assert sender.poll() is None
    workplace.run("stop")
    ended(sender)


@contextmanager
def holding(
    workspace: Workspace, says: int | None, handler: str
) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that holds the lock and *says* to be another; *handler* is for SIGTERM."""
    workspace.lock.parent.mkdir(parents=True, exist_ok=True)
    script = (
        "import fcntl, os, signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, {handler})\n"
        f"file = open({str(workspace.lock)!r}, 'w+')\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        f"print({says} or os.getpid(), 0, 0, file=file, flush=True)\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_process_that_only_has_the_number_is_left_alone(workplace: Workplace) -> None:
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        with holding(Workspace(workplace.root), bystander.pid, "signal.SIG_DFL") as holder:
            told = workplace.run("stop", status=3).stderr

            assert f"process {bystander.pid} here does not" in told
            assert bystander.poll() is holder.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_number_that_nobody_has_is_told(workplace: Workplace) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()

    with holding(Workspace(workplace.root), gone.pid, "signal.SIG_DFL"):
        assert "on another machine" in workplace.run("stop", status=3).stderr


def test_a_process_that_would_not_drain_is_not_killed(workplace: Workplace) -> None:
    with holding(Workspace(workplace.root), None, "signal.SIG_DFL") as holder:
        assert "is not sending" in workplace.run("stop", status=3).stderr
        time.sleep(0.2)
        assert holder.poll() is None


def test_what_an_ended_send_left_in_the_file_is_nobody(workplace: Workplace) -> None:
    lock = Workspace(workplace.root).lock
    lock.parent.mkdir()
    lock.write_text(f"{os.getpid()} 1 0\n")

    assert "Nothing is being sent" in workplace.run("stop").stdout


def test_a_send_of_another_user_is_not_stopped_and_the_user_is_named(tmp_path: Path) -> None:
    require_root()
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(tempfile.gettempdir()) and folder.name != "tmp":
            folder.chmod(0o755)
    workspace = Workspace(tmp_path)

    with holding(workspace, None, "lambda *_: None") as holder:
        told = _as_nobody(workspace)
        assert holder.poll() is None

    assert f"process {holder.pid}" in told
    assert "belongs to user `root`" in told


def _as_nobody(workspace: Workspace) -> str:
    """Return what `stop` raises for somebody else, in a process of theirs."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setuid(65534)
            stopping.stop(workspace, None, lambda holder: None)
        except SetupError as error:
            os.write(theirs, str(error).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    with os.fdopen(ours) as told:
        return told.read()


def test_the_lock_says_what_is_sent_and_whether_it_stops(
    workplace: Workplace, relay: ScriptedServer
) -> None:
    sender = begun(workplace, relay)
    lock = Workspace(workplace.root).lock
    assert lock.read_text().split() == [str(sender.pid), "1", "0"]

    sender.terminate()
    until(lambda: lock.read_text().split()[2] == "1")

    with lock.open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    ended(sender)
    assert sorted(each.recipient for each in relay.messages)[0] == address(0)
