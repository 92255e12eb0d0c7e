"""Stop a send from another process: ask the one that holds the workspace's lock, and wait for it.

A number in a file may by now be anybody's. So a process gets a signal only when the system says
that this very process holds the lock, and that it drains on SIGTERM.
"""

import os
import pwd
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from newsletter.campaign import accounts, lock
from newsletter.campaign.lock import Holder
from newsletter.errors import SetupError, UsageError
from newsletter.ledger.states import Campaign
from newsletter.workspace import Workspace

TO_DRAIN = 660.0  #: seconds; a relay has 600 to answer a final dot
TO_NOTICE = 10.0  #: seconds; a busy machine is slow to deliver a signal
TO_END = 60.0  #: seconds, when it is to end at once
BETWEEN_SIGNALS = 1.0  #: seconds: `cli.running` takes two close together for one
BETWEEN_LOOKS = 0.1  #: seconds


def stop(
    workspace: Workspace,
    name: str | None,
    tell: Callable[[Holder], None],
    *,
    at_once: bool = False,
) -> Campaign | None:
    """Stop whoever sends from *workspace*, and return when it has ended, with what it sent.

    It finishes the messages under way, or ends *at_once*, which leaves those in doubt. None:
    nobody sent anything. Whoever is asked is told of first, with *tell*.
    """
    wanted = accounts.find(workspace, name) if name else None
    if not (holder := lock.holder(workspace)):
        return None
    if wanted and holder.campaign_id != wanted.id:
        raise UsageError(
            f"campaign `{wanted.name}` is not the one that is being sent; `newsletter status` says "
            "which is"
        )
    tell(holder)
    with _Process(workspace, holder.process) as process:
        if at_once:
            process.end()
        elif not holder.is_stopping:  # a second signal would end it at once
            process.drain()
        seen = _wait(workspace, holder, TO_END if at_once else TO_DRAIN)
    found = (each for each, _ in accounts.campaigns(workspace) if each.id == seen.campaign_id)
    return next(found, None)


def _wait(workspace: Workspace, holder: Holder, patience: float) -> Holder:
    """Return what the process of *holder* said last, when it no longer holds the lock."""
    until = time.monotonic() + patience
    while (now := lock.holder(workspace)) and now.process == holder.process:
        if time.monotonic() > until:
            raise SetupError(
                f"process {holder.process} was asked to stop and is still at it after "
                f"{patience:,.0f} seconds; `newsletter stop --now` ends it in the middle of its "
                f"messages, and `kill -9 {holder.process}` whatever it does"
            )
        holder = now
        time.sleep(BETWEEN_LOOKS)
    return holder


@dataclass
class _Process:
    """The process that holds the lock of *workspace*, not another that got its number since."""

    workspace: Workspace
    number: int

    def __enter__(self) -> Self:
        try:
            self._handle = os.pidfd_open(self.number)
        except OSError:
            if lock.holder(self.workspace):
                raise self._unknown() from None
            self._handle = os.open(os.devnull, os.O_RDONLY)  # it has ended: nobody is signalled
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def drain(self) -> None:
        """Have it finish the messages under way, and wake it where it was suspended."""
        for number in (signal.SIGTERM, signal.SIGCONT):
            if self._holds_the_lock():
                try:
                    signal.pidfd_send_signal(self._handle, number)
                except ProcessLookupError:
                    return
                except PermissionError:
                    raise self._of_another_user() from None

    def end(self) -> None:
        """Have it end in the middle of its messages, whether or not it drains already."""
        for _ in range(2):
            self.drain()
            asked = time.monotonic()
            while (now := lock.holder(self.workspace)) and time.monotonic() < asked + TO_NOTICE:
                if now.is_stopping and time.monotonic() > asked + BETWEEN_SIGNALS:
                    break
                time.sleep(BETWEEN_LOOKS)

    def _holds_the_lock(self) -> bool:
        """Return False when it has ended; raise `SetupError` when it may not be signalled."""
        place = Path(f"/proc/{self.number}")
        try:
            holds, drains = _holds(place, self.workspace.lock), _drains(place)
        except PermissionError:
            raise self._of_another_user() from None
        except OSError:
            holds = drains = False
        if not holds and lock.holder(self.workspace):
            raise self._unknown()
        if holds and not drains:
            raise SetupError(
                f"process {self.number} works on the ledger of this workspace but is not sending; "
                "it will be done in a moment"
            )
        return holds

    def _of_another_user(self) -> SetupError:
        owner = Path(f"/proc/{self.number}").stat().st_uid
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = str(owner)
        return SetupError(
            f"process {self.number}, which is sending, belongs to user `{name}`; run "
            f"`newsletter stop` as that user"
        )

    def _unknown(self) -> SetupError:
        return SetupError(
            f"somebody holds {self.workspace.lock}, but process {self.number} here does not: it "
            "runs in another container or on another machine; stop it there"
        )


def _holds(process: Path, path: Path) -> bool:
    """Whether *process*, a folder of /proc, holds the lock on *path*."""
    wanted = path.stat()
    for file in (process / "fd").iterdir():
        try:
            found = file.stat()
            if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
                locks = (process / "fdinfo" / file.name).read_text()
                if "FLOCK" in locks and "WRITE" in locks:
                    return True
        except FileNotFoundError:  # closed meanwhile
            continue
    return False


def _drains(process: Path) -> bool:
    """Whether *process* does something of its own on SIGTERM."""
    (caught,) = (
        int(line.split()[1], 16)
        for line in (process / "status").read_text().splitlines()
        if line.startswith("SigCgt:")
    )
    return bool(caught >> (signal.SIGTERM - 1) & 1)
