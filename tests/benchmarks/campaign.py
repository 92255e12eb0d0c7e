"""A workspace with a campaign that waits in its ledger, as large as asked, and its mail as bytes.

The mail is an interview made twice as long: about 43 KB on the wire, a greeting of one's own, no
picture, so that others who send the same words and HTML have as many bytes to send.
"""

import json
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

from newsletter.ledger import reading
from tests.benchmarks.contest import apart
from tests.benchmarks.ours import Taken
from tests.benchmarks.senders.common import SLOT
from tests.servers.sink import Sink
from tests.workplace import Workplace

CONNECTIONS = 10
_NEUTRAL = "Dag collega,"  #: the greeting of somebody without a name


@dataclass(frozen=True)
class Waiting:
    """A campaign that was planned and waits to be sent."""

    workplace: Workplace
    name: str
    seconds_to_plan: float  #: from the start of the command until everybody was in the ledger
    processor_to_plan: float  #: seconds of that which the command was busy

    def sent(
        self,
        port: int,
        messages: int,
        *more: str,
        connections: int = CONNECTIONS,
        uvloop: bool = False,
    ) -> Taken:
        """Sends so many of its messages in a process of its own; *more* lines of settings."""
        url = f"smtp://127.0.0.1:{port}"
        self.workplace.relay(url, f"connections = {connections}", *more)
        options = ["--uvloop"] if uvloop else []
        command = [sys.executable, "-m", "tests.benchmarks.ours", str(self.workplace.root)]
        done = subprocess.run(
            [*command, str(messages), *options], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        return Taken(*json.loads(done.stdout))

    def sent_to_sink(
        self, messages: int, *more: str, uvloop: bool = False, is_apart: bool = False
    ) -> Taken:
        """The same into a new sink, which must have all of it; *is_apart*: a processor for each."""
        with Sink() as sink, apart(sink.pid) if is_apart else nullcontext():
            taken = self.sent(sink.port, messages, *more, uvloop=uvloop)
            assert sink.messages() >= taken.messages > messages * 0.9
        return taken

    @cached_property
    def mail(self) -> bytes:
        """Its mail to somebody without a name."""
        self.workplace.run("build", self.name)
        return next((self.workplace.root / "var" / "outbox").glob("*/*.eml")).read_bytes()

    def write_parts(self, folder: Path) -> None:
        """Writes subject and bodies for those who make a mail of them themselves."""
        parsed = message_from_bytes(self.mail, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        (folder / "subject.txt").write_text(str(parsed["Subject"]), encoding="utf-8")
        for kind, name in (("plain", "text.txt"), ("html", "html.html")):
            part = parsed.get_body((kind,))
            assert isinstance(part, EmailMessage)
            words = part.get_content()
            assert _NEUTRAL in words
            personal = words.replace(_NEUTRAL, f"Dag {SLOT},")
            (folder / name).write_text(personal, encoding="utf-8")


@contextmanager
def waiting(people: int) -> Iterator[Waiting]:
    """Plans a campaign to so many people by the command, and stops that at its first message."""
    with announced(people) as (workplace, name):
        with Sink() as sink:
            workplace.relay(f"smtp://127.0.0.1:{sink.port}", 'rate = "1/hour"')
            seconds, processor = _planned(workplace, name)
        yield Waiting(workplace, name, seconds, processor)


@contextmanager
def announced(people: int) -> Iterator[tuple[Workplace, str]]:
    """Makes a workspace with the announcement, whose name it yields, and so many people."""
    folder = Path(tempfile.mkdtemp(prefix="newsletter-bench-"))
    try:
        workplace = Workplace(folder / "workspace")
        name = workplace.import_interview()
        path = workplace.root / "announcements" / f"{name}.md"
        front, _, body = path.read_text().partition("\n---\n")
        path.write_text(f"{front}\n---\n{body}\n{body}")
        workplace.add_list("staff", range(people))
        yield workplace, name
    finally:
        shutil.rmtree(folder)


def _planned(workplace: Workplace, name: str) -> tuple[float, float]:
    start, before = time.perf_counter(), _processor_of_children()
    command = workplace.start("send", name, "--list", "staff", "--yes")
    while not _is_planned(workplace):
        if command.poll() is not None:
            raise SystemExit(command.communicate()[1])
        time.sleep(0.05)
    seconds = time.perf_counter() - start
    command.send_signal(signal.SIGTERM)
    command.communicate(timeout=60)
    return seconds, _processor_of_children() - before


def _processor_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _is_planned(workplace: Workplace) -> bool:
    if not workplace.ledger.exists():
        return False
    with reading.reading(workplace.ledger) as ledger:
        return bool(reading.campaigns(ledger))
