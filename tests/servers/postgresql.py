"""A real, private PostgreSQL, reached through a socket in its own folder, for tests of the ledger.

It runs as an account that every Debian has, for PostgreSQL refuses to run as root. It does not
flush to disk: what is proven here is what it decides, not that its disk keeps it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from newsletter.ledger.postgresql import Server
from tests.servers.programs import TOOLS, unavailable

_ACCOUNT = "nobody"
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "50",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "jit": "off",
}


class Postgresql:
    """`with Postgresql() as server:` gives databases of their own to whoever asks."""

    def __enter__(self) -> Self:
        programs = _programs()
        self.home = Path(tempfile.mkdtemp(prefix="newsletter-pg-", dir="/tmp"))
        self._made = 0
        self._become: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(self.home, _ACCOUNT, "nogroup")
            self._become = {"user": _ACCOUNT, "group": "nogroup", "extra_groups": ()}
        self._run(
            *(programs / "initdb", "-D", self.home / "data", "-U", "newsletter"),
            *("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"),
        )
        settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        with (self.home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", self.home / "data", "-k", self.home, *settings],
                stdout=log,
                stderr=log,
                env=_environment(programs),
                cwd=self.home,
                start_new_session=True,
                **self._become,
            )
        self._wait_until_it_answers()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def database(self, folder: Path, template: str = "template1") -> Server:
        """A new database, as a workspace in *folder* would use it."""
        self._made += 1
        name = f"ledger{self._made}"
        self.ask(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        return Server(self.url(name), folder)

    def url(self, name: str) -> str:
        return f"postgresql://newsletter@/{name}?host={self.home}"

    def name_of(self, database: Server) -> str:
        return database.url.split("/")[3].partition("?")[0]

    def ask(self, query: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run *query* and return its rows, if it has any."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            found = connection.execute(query.encode())
            return found.fetchall() if found.description else []

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it at once, as a fall of its machine would."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(how)
        self._process.wait(20)

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + 30
        while True:
            try:
                self.ask("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return

    def _run(self, program: Path, *arguments: str | Path) -> None:
        subprocess.run(
            [program, *arguments],
            check=True,
            capture_output=True,
            env=_environment(program.parent),
            cwd=self.home,
            **self._become,
        )


def _programs() -> Path:
    """The folder of PostgreSQL's own programs: installed, or unpacked by tools/programs.sh."""
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    beside = (TOOLS / "postgresql").glob("usr/lib/postgresql/*/bin")
    for folder in (*installed, *beside):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    unavailable("needs PostgreSQL: `make programs` says how to get it")


def _environment(programs: Path) -> dict[str, str]:
    """What the unpacked programs need to find their own libraries."""
    root = programs.parents[4]
    shared = [*root.glob("usr/lib/*-linux-gnu*"), *root.glob("lib/*-linux-gnu*")]
    if root == Path("/"):
        return {**os.environ, "LC_ALL": "C.UTF-8"}
    libraries = os.pathsep.join(map(str, shared))
    return {**os.environ, "LC_ALL": "C.UTF-8", "LD_LIBRARY_PATH": libraries}
