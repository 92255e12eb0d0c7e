"""The ledger of a workspace: where it is, and what keeps it in good order."""

import time
from pathlib import Path

from newsletter import config
from newsletter.campaign import lock
from newsletter.errors import UsageError
from newsletter.ledger import keeping, stores
from newsletter.ledger.postgresql import Server
from newsletter.ledger.stores import Place
from newsletter.workspace import Workspace


def place(workspace: Workspace) -> Place:
    """Return where the ledger is: in the workspace, or where the settings say."""
    database = config.load(workspace.root).database
    if not database.url:
        return workspace.ledger
    password = config.password(database, workspace.root)
    return Server(database.url, workspace.ledger.parent, password)


def exists(workspace: Workspace) -> bool:
    """Whether there is a ledger yet; one of an older newsletter is brought up to date first."""
    if not stores.at(found := place(workspace)).exists():
        return False
    if keeping.is_older(found):
        with lock.alone(workspace):
            keeping.bring_up_to_date(found)
    return True


def check(workspace: Workspace) -> tuple[str, ...]:
    """Return all that is wrong with the ledger: with its file, and in its books."""
    return keeping.damage(_made(workspace))


def back_up(workspace: Workspace, target: Path) -> None:
    """Write a copy of the ledger to *target*, also while somebody sends."""
    keeping.back_up(_made(workspace), target)


def adopt(workspace: Workspace) -> int:
    """Make a copy the ledger of this workspace; return how many people are in doubt for that."""
    with lock.alone(workspace):
        if not keeping.copied(found := _made(workspace)):
            raise UsageError("this ledger is no copy; there is nothing to adopt")
        return keeping.adopt(found, time.time())


def _made(workspace: Workspace) -> Place:
    if not exists(workspace):
        raise UsageError("no ledger yet; `newsletter send` makes it")
    return place(workspace)
