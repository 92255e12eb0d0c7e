"""Postfix's own load tools: smtp-sink takes mail and forgets it, smtp-source makes it."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.programs import free_port, postfix_environment, require


class Sink:
    """`with Sink("-f", "RCPT") as sink:` smtp-sink with these options; see smtp-sink(1).

    Its own way to keep mail is the option `-d TEMPLATE`, one file per message.
    """

    def __init__(self, *options: str) -> None:
        self._options = options

    def __enter__(self) -> Self:
        self.port = free_port()
        self._counters = tempfile.NamedTemporaryFile()
        user = ("-u", "nobody") if os.geteuid() == 0 else ()
        self._process = subprocess.Popen(
            [require("smtp-sink"), *user, "-c", *self._options, f"127.0.0.1:{self.port}", "1000"],
            env=postfix_environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._counters,
            stderr=self._counters,
        )
        self._wait_until_it_listens()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)
        self._counters.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def messages(self) -> int:
        """How many messages it has taken: it counts on its standard output."""
        counts = re.findall(rb"mesg=(\d+)", self._printed())
        return int(counts[-1]) if counts else 0

    def _printed(self) -> bytes:
        return Path(self._counters.name).read_bytes()

    def _wait_until_it_listens(self) -> None:
        for _ in range(500):
            if self._process.poll() is not None:
                raise ChildProcessError(self._printed().decode(errors="replace"))
            # Bound but not listening yet answers "refused", as does not bound.
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise TimeoutError("smtp-sink did not start in 5 s")


def flood(
    port: int, messages: int, *, size: int = 4096, mail: bytes = b"", sessions: int = 4
) -> float:
    """Sends so many messages with smtp-source, of this size or this *mail*; how many a second."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(mail.replace(b"\r\n", b"\n"))
        file.flush()
        what = ("-F", file.name) if mail else ("-l", str(size))
        start = time.perf_counter()
        subprocess.run(
            [
                *(require("smtp-source"), "-d"),  # -d: many messages on one connection
                *("-m", str(messages), "-s", str(sessions), *what),
                *("-f", "sender@example.org", "-t", "reader@example.org", f"127.0.0.1:{port}"),
            ],
            env=postfix_environment(),
            check=True,
        )
        return messages / (time.perf_counter() - start)
