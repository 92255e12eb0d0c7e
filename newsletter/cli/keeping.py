"""Commands that keep the ledger in good order: ledger check, ledger backup, ledger adopt."""

from pathlib import Path
from typing import Annotated

import typer

from newsletter.cli.options import WorkspaceOption, here
from newsletter.cli.screen import people, say
from newsletter.errors import LedgerError

_ledger = typer.Typer(
    help="The books of what was sent: check them, copy them, adopt a copy.", no_args_is_help=True
)

_ADOPTED = """\
It is the ledger of this workspace now.

To whom the other one wrote since this copy was made is not known here: look at its receipt, or at
your relay's log, before you `newsletter resume` or send anew. Never send from both."""


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(_ledger, name="ledger")


@_ledger.command("check")
def check(workspace: WorkspaceOption = None) -> None:
    """Look at every page of the file, and whether the books of every campaign balance."""
    from newsletter.campaign import keeping

    if faults := keeping.check(here(workspace)):
        raise LedgerError("\n".join(faults))
    say("The ledger is whole, and its books balance.")


@_ledger.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="A file that is not there yet.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Copy the ledger to a file that only you can read, also while something is sent."""
    from newsletter.campaign import keeping

    keeping.back_up(here(workspace), file)
    say(f"{file}: the ledger as it is now. Put back, it has to be adopted: `ledger adopt`.")


@_ledger.command("adopt")
def adopt(workspace: WorkspaceOption = None) -> None:
    """Let a ledger that was copied or put back take the place of the original, for good."""
    from newsletter.campaign import keeping

    lost = keeping.adopt(here(workspace))
    say(_ADOPTED)
    if lost:
        say(f"{people(lost)} under way when it was made are in doubt: `newsletter resolve`.")
