"""The disk under the ledger fails in the middle of a send: it stops; nobody is lost or twice."""

import errno
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsletter.ledger import keeping, reading
from tests.books import agreed
from tests.failing_disk import failing, lose_power, remembering
from tests.servers.counting import counting, read
from tests.servers.programs import require_root, unavailable
from tests.workplace import Workplace

PEOPLE = 400
CONNECTIONS = 4
DONE = (0, 4)  #: exit statuses of a send that is done; 4: somebody is in doubt
STOPPED = (3, 5)  #: and of one that could not go on


class Send:
    """One campaign through a server that keeps its own books."""

    def __init__(self, folder: Path) -> None:
        self.workplace = Workplace(folder / "workspace")
        self.workplace.announce()
        self.workplace.add_list("staff", range(PEOPLE))
        self.books = folder / "books"
        self.process: subprocess.Popen[str] | None = None

    @property
    def ledger(self) -> Path:
        return self.workplace.ledger

    @contextmanager
    def relay(self) -> Iterator[None]:
        with counting(self.books, delay=0.002) as port:
            self.workplace.relay(f"smtp://127.0.0.1:{port}", f"connections = {CONNECTIONS}")
            yield

    def start(self) -> subprocess.Popen[str]:
        """Send, or go on with what was planned."""
        send = ["send", "kantine", "--list", "staff", "--yes"]
        self.process = self.workplace.start(*(["resume"] if self._is_planned() else send))
        return self.process

    def run(self) -> tuple[int, str]:
        """Send to the end, which may be early: the exit status and what was said of it."""
        process = self.start()
        _, complaint = process.communicate(timeout=60)
        return process.returncode, complaint

    def taken(self) -> list[str]:
        return [each.recipient for each in read(self.books)]

    def until_taken(self, number: int, process: subprocess.Popen[str]) -> None:
        while len(self.taken()) < number and process.poll() is None:
            time.sleep(0.005)

    def agree(self) -> None:
        """Our books balance, and those of the server agree with them, however early it ended."""
        if self._is_planned():
            agreed(self.ledger, self.taken())
            assert keeping.damage(self.ledger) == ()
        else:
            assert self.taken() == []

    def goes_on(self, faults: int = 1) -> None:
        """The fault is gone: the rest get it, and nobody is in doubt who was not under way."""
        self.agree()
        status, complaint = self.run()
        assert status in DONE, complaint
        self.agree()
        counts = agreed(self.ledger, self.taken())
        assert counts.accepted + counts.in_doubt == PEOPLE
        assert counts.in_doubt <= CONNECTIONS * faults

    def _is_planned(self) -> bool:
        if not self.ledger.exists():
            return False
        with reading.reading(self.ledger) as ledger:
            return bool(reading.campaigns(ledger))


@pytest.fixture
def send(tmp_path: Path) -> Iterator[Send]:
    campaign = Send(tmp_path)
    with campaign.relay():
        yield campaign
    if campaign.process and campaign.process.poll() is None:  # a failure left it at work
        campaign.process.kill()
        campaign.process.communicate()


@pytest.mark.fault(43, "a write fails with ENOSPC", "it stops before the next dot")
@pytest.mark.fault(44, "a write or a flush fails with EIO", "it stops before the next dot")
@pytest.mark.fault(45, "a write fails with EROFS", "it stops before the next dot")
@pytest.mark.parametrize(
    ("what", "error", "after"),
    [
        pytest.param("write", errno.ENOSPC, 3, id="full when it is planned"),
        pytest.param("write", errno.ENOSPC, 250, id="full in the middle"),
        pytest.param("write", errno.EIO, 600, id="cannot write"),
        pytest.param("flush", errno.EIO, 4, id="cannot flush what was planned"),
        pytest.param("flush", errno.EIO, 60, id="cannot flush"),
        pytest.param("write", errno.EROFS, 400, id="read-only"),
    ],
)
def test_a_disk_that_fails_stops_the_send_before_the_next_dot(
    send: Send,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    error: int,
    after: int,
) -> None:
    with monkeypatch.context() as environment:
        for name, value in failing(tmp_path, what, error, after=after).items():
            environment.setenv(name, value)
        status, complaint = send.run()
    assert status in STOPPED, complaint
    assert "ledger" in complaint
    assert (0 < len(send.taken()) < PEOPLE) is (after > 4)
    send.goes_on()


@pytest.mark.fault(43, "a disk of 2 MB runs full", "it stops before the next dot; resume goes on")
def test_a_small_disk_runs_full_in_the_middle(send: Send) -> None:
    require_root()
    var = send.workplace.root / "var"
    var.mkdir()
    _mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(var))
    try:
        (var / "filler").write_bytes(bytes(1_200_000))
        status, complaint = send.run()
        assert status in STOPPED, complaint
        assert len(send.taken()) < PEOPLE
        (var / "filler").unlink()
        _mount("-o", "remount,size=64m", str(var))
        send.goes_on()
    finally:
        subprocess.run(["umount", "-l", var], check=True)


def _mount(*options: str) -> None:
    done = subprocess.run(["mount", *options], capture_output=True, text=True)
    if done.returncode:
        unavailable(f"may not mount here: {done.stderr.strip()}")


@pytest.mark.fault(43, "no file may grow any more", "it stops before the next dot")
def test_files_that_may_not_grow_stop_the_send(send: Send) -> None:
    process = send.start()
    send.until_taken(20, process)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    _, complaint = process.communicate(timeout=60)
    assert process.returncode in STOPPED, complaint
    assert len(send.taken()) < PEOPLE
    send.goes_on()


@pytest.mark.fault(45, "no file descriptor is left", "what is open goes on, or it stops; no loss")
@pytest.mark.parametrize("taken", [0, 30])
def test_without_file_descriptors_nobody_is_lost(send: Send, taken: int) -> None:
    process = send.start()
    send.until_taken(taken, process)
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (12, hard))
    _, complaint = process.communicate(timeout=60)
    assert process.returncode in (*DONE, *STOPPED), complaint
    send.goes_on()


@pytest.mark.fault(45, "no memory is left", "it stops or dies; the books agree; resume goes on")
@pytest.mark.parametrize("room", [0, 4_000_000])
def test_without_memory_nobody_is_lost(send: Send, room: int) -> None:
    process = send.start()
    send.until_taken(30, process)
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + room
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_AS)
    resource.prlimit(process.pid, resource.RLIMIT_AS, (limit, hard))
    process.communicate(timeout=60)
    send.goes_on()


@pytest.mark.fault(48, "what was not flushed is lost, five times", "the books agree all the same")
def test_after_a_power_loss_the_books_agree(
    send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as environment:
        for name, value in remembering(tmp_path).items():
            environment.setenv(name, value)
        for number in range(5):
            process = send.start()
            send.until_taken(30 + number * 70, process)
            assert process.poll() is None, process.communicate()
            process.kill()
            process.communicate()
            lose_power(send.ledger)
            send.agree()
    send.goes_on(faults=5)
