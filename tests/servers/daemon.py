"""A mail server of the system as a process group of its own, gone with its files after the test."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.programs import free_port, require_root


class Daemon:
    """`with ...() as server:` it listens on `port` of 127.0.0.1 and has its files in `home`."""

    name = ""

    def __enter__(self) -> Self:
        self._require()
        require_root()
        self.port = free_port()
        # Not pytest's own folder: only its owner may enter that, and servers have other accounts.
        self.home = Path(tempfile.mkdtemp(prefix=f"newsletter-{self.name}-"))
        self.home.chmod(0o755)
        command, environment = self._prepare()
        with (self.home / "stderr").open("wb") as stderr:
            self._process = subprocess.Popen(
                command,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                start_new_session=True,  # one process group, to stop them all at once
            )
        try:
            self._wait(self._greets, 10, f"{self.name} did not start")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def log_text(self) -> str:
        """All that it has said so far."""
        files = (self.home / "stderr", *self._logs())
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def _require(self) -> None:
        """Ends the test where what it needs is missing."""
        raise NotImplementedError

    def _prepare(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        """Writes its files; what to run, and in which environment besides ours."""
        raise NotImplementedError

    def _logs(self) -> Sequence[Path]:
        return ()

    def _greets(self) -> bool:
        if self._process.poll() is not None:
            raise ChildProcessError(f"{self.name} ended at once\n{self.log_text()}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
                greeting = client.recv(1000)
                client.sendall(b"QUIT\r\n")  # so that no log speaks of somebody who broke off
                client.recv(1000)
                return greeting.startswith(b"220")
        except OSError:
            return False

    def _wait(
        self,
        condition: Callable[[], bool],
        timeout: float,
        complaint: str,
        pause: float = 0.02,
    ) -> None:
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"{complaint} in {timeout} s\n{self.log_text()[-4000:]}")
            time.sleep(pause)

    def _stop(self) -> None:
        """Ends it and, as the group it leads, every process that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(10)
        self._wait(self._is_deaf, 5, f"{self.name} did not end")
        shutil.rmtree(self.home, ignore_errors=True)

    def _is_deaf(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) != 0
