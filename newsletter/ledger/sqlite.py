"""A ledger in a file, with SQLite: how it is opened, checked, recognised and backed up.

It runs in WAL mode with synchronous=FULL: what is committed survives a power loss. One writer
connection exists at a time, and it is the only one that checkpoints, for SQLite before 3.51.3 can
corrupt a WAL that two connections reset at once.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from newsletter.errors import LedgerError, UsageError
from newsletter.ledger import copies
from newsletter.ledger.stamp import Stamp

SAFE = (3, 51, 3)  #: older ones can corrupt a WAL that two connections reset at once
SMALL = 32_000_000  #: bytes that are checked to the last index entry within half a second

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "busy_timeout = 10000",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "cache_size = -4000",  # the same for ten people and for a million
    "journal_size_limit = 67108864",  # planning a million people takes 300 MB for a moment
)
_MACHINE_ID = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs"}


@dataclass(frozen=True, slots=True)
class Sqlite:
    """The ledger in the file *path*."""

    path: Path
    begin = "BEGIN IMMEDIATE"  #: takes the right to write at once, so that nothing fails later
    alone = "BEGIN IMMEDIATE"
    sender = ""  #: who we are to other machines, of which there are none
    leases = False  #: the workspace's lock keeps a second sender out
    kinds = ("machine", "file")  #: what `place` names

    def __str__(self) -> str:
        return str(self.path)

    @property
    def stamp(self) -> Stamp:
        """Return the file that says which generation of the ledger was last here."""
        return Stamp(self.path.with_suffix(".stamp"))

    def exists(self) -> bool:
        """Whether there is a ledger yet."""
        return self.path.exists()

    def for_writing(self) -> Engine:
        """Return an engine; transactions are begun by hand: see `writer`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_network(self.path)
        if not self.path.exists():
            with contextlib.suppress(OSError):  # SQLite says it better
                self.path.touch(mode=0o600)  # addresses are in it, and in what it puts beside it
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)), isolation_level="AUTOCOMMIT"
        )
        event.listen(engine, "connect", _prepare)
        return engine

    def for_reading(self) -> Engine:
        """Return an engine that can change nothing."""
        return create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(self._read_only, uri=True, check_same_thread=False),
            isolation_level="AUTOCOMMIT",
        )

    @property
    def _read_only(self) -> str:
        return f"file:{quote(str(self.path))}?mode=ro"

    def add(
        self, connection: Connection, table: Table, columns: str, rows: Iterable[Sequence[Any]]
    ) -> None:
        """Add many rows, as they come."""
        names = columns.split()
        cursor: Any = connection.connection.cursor()
        cursor.executemany(
            f"INSERT INTO {table.name} ({', '.join(names)})"  # noqa: S608 - our own names
            f" VALUES ({', '.join('?' * len(names))})",
            rows,
        )

    def place(self, _connection: Connection) -> str:
        """Return what tells this file from a copy of it: the machine, the disk, the file."""
        disk, file = os.statvfs(self.path).f_fsid, self.path.stat().st_ino
        return f"{_machine()} {disk:x}:{file}"

    def damage(self, connection: Connection, *, thorough: bool) -> tuple[str, ...]:
        """Return what SQLite finds wrong: *thorough*, or about as fast as the file is read."""
        check = "integrity_check" if thorough or self._is_small() else "quick_check"
        found = connection.exec_driver_sql(f"PRAGMA {check}").scalars()
        return tuple(str(each) for each in found if each != "ok")

    def back_up(self, target: Path) -> None:
        """Write a copy to *target*, also while somebody sends."""
        try:
            target.touch(0o600, exist_ok=False)
        except FileExistsError:
            raise UsageError(f"{target} is there already; name a file that is not") from None
        except OSError as error:
            raise LedgerError(f"{target} cannot be written: {error.strerror}") from error
        try:
            with closing(sqlite3.connect(self._read_only, uri=True)) as source:
                source.execute("VACUUM INTO ?", (str(target),))
            with closing(sqlite3.connect(target)) as copy, copy:
                copy.execute("UPDATE instance SET place = ?", (copies.BACKUP,))
        except sqlite3.Error as error:
            target.unlink()
            raise LedgerError(f"{target} cannot be written: {error}") from error

    def about(self) -> str:
        """Return where it is, and which SQLite keeps it."""
        _refuse_network(self.path)
        says = f"{self.path}, SQLite {sqlite3.sqlite_version}"
        if sqlite3.sqlite_version_info < SAFE:
            says += " (works; 3.51.3 or later mends a rare fault that we avoid: one writer)"
        return says

    def _is_small(self) -> bool:
        return self.path.stat().st_size < SMALL


def _prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _machine() -> str:
    """Return a name of this machine that says nothing else of it (machine-id(5) asks for that)."""
    for path in _MACHINE_ID:
        if path.exists():
            found = path.read_bytes().strip()
            return hashlib.sha256(b"newsletter ledger " + found).hexdigest()[:16]
    return "unnamed"


def _refuse_network(path: Path) -> None:
    """SQLite's locks and shared memory do not hold between machines (sqlite.org/wal.html)."""
    folder = next(each for each in path.parents if each.exists())
    device = folder.stat().st_dev
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # no Linux
        return
    kind = filesystem(mounts, os.major(device), os.minor(device))
    if kind in _NETWORK:
        raise LedgerError(
            f"{path} is on a network drive ({kind}), where SQLite cannot keep a ledger safe; put "
            "the workspace on a local disk, or the ledger in PostgreSQL (`database.url`)"
        )


def filesystem(mounts: str, major: int, minor: int) -> str:
    """Return the kind of file system that a device has; "" where the *mounts* do not say.

    >>> filesystem("36 35 0:42 / /home rw - nfs4 server:/home rw", 0, 42)
    'nfs4'
    """
    for line in mounts.splitlines():
        where, _, what = line.partition(" - ")
        if where.split()[2:3] == [f"{major}:{minor}"]:
            return what.partition(" ")[0]
    return ""
