"""What every one of the senders is given, and how it tells how long it took."""

import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

SENDER = "communicatie@example.org"
SLOT = "@@FIRST_NAME@@"  #: stands in both bodies where the reader's own name goes
SESSIONS = 10


class Job(NamedTuple):
    port: int
    number: int
    folder: Path  #: subject.txt, text.txt and html.html; to write in, too

    @property
    def subject(self) -> str:
        return self._read("subject.txt")

    def bodies(self, slot: str) -> tuple[str, str]:
        """The text and the HTML, with the slot as this sender writes it."""
        text, html = self._read("text.txt"), self._read("html.html")
        return text.replace(SLOT, slot), html.replace(SLOT, slot)

    def people(self) -> list[tuple[str, str]]:
        """Addresses and first names."""
        return [(f"medewerker{n}@example.org", f"Anaïs {n}") for n in range(self.number)]

    def _read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def timed(send: Callable[[Job], None]) -> None:
    """Runs *send* and prints its seconds by the clock and of the processor, without imports."""
    socket.getfqdn = lambda name="": "localhost"  # the DNS has no part in this
    job = Job(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
    wall, processor = time.perf_counter(), time.process_time()
    send(job)
    print(time.perf_counter() - wall, time.process_time() - processor)
