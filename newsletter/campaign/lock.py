"""The lock of a workspace: one process at a time sends from it, and everybody can see which.

The system lets go of it when that process ends, however it ends.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from newsletter.errors import SetupError
from newsletter.workspace import Workspace

_LENGTH = 64  #: octets; always all of them, so that nobody reads half of what it says


@dataclass(frozen=True, slots=True)
class Holder:
    """Which process holds the lock, what it sends, and whether it was asked to stop."""

    process: int
    campaign_id: int | None  #: None: not planned yet
    is_stopping: bool


class Lock:
    """The lock while we hold it; it says what we do."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._campaign_id = 0
        self._is_stopping = False
        self._write()

    def sending(self, campaign_id: int) -> None:
        """Let it be known which campaign we send."""
        self._campaign_id = campaign_id
        self._write()

    def stopping(self) -> None:
        """Let it be known that we end after the messages under way."""
        self._is_stopping = True
        self._write()

    def _write(self) -> None:
        words = f"{os.getpid()} {self._campaign_id} {self._is_stopping:d}"
        os.pwrite(self._file, words.ljust(_LENGTH - 1).encode() + b"\n", 0)


@contextmanager
def alone(workspace: Workspace) -> Iterator[Lock]:
    """Hold the lock, so that two processes never work on one ledger."""
    workspace.lock.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(workspace.lock, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _taken(file):
            process = _said(file).process or "unknown"
            raise SetupError(
                f"another newsletter (process {process}) is sending from this workspace; wait "
                "until it is done, or end it with `newsletter stop`"
            )
        yield Lock(file)
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    """Take the lock; whoever looks at it holds it for a moment, so try more than once."""
    for _ in range(5):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.1)
        else:
            return True
    return False


def holder(workspace: Workspace) -> Holder | None:
    """Return who holds the lock now; None: nobody."""
    try:
        file = os.open(workspace.lock, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _said(file)
    else:
        return None
    finally:
        os.close(file)


def _said(file: int) -> Holder:
    try:
        process, campaign_id, is_stopping = map(int, os.pread(file, _LENGTH, 0).split())
    except ValueError:  # it was taken a moment ago, and says nothing yet
        return Holder(0, None, False)
    return Holder(process, campaign_id or None, bool(is_stopping))
