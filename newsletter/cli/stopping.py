"""The command that stops a send which another process does."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter.cli.options import WorkspaceOption, here
from newsletter.cli.screen import count_words, say

if TYPE_CHECKING:
    from newsletter.campaign.lock import Holder


_NOTHING = "Nothing is being sent; `newsletter status` says how far each campaign is."


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("stop")(stop)


def stop(
    campaign: Annotated[
        str | None, typer.Argument(help="Its name; else whichever is sent.", show_default=False)
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="End at once: whoever is under way is in doubt.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Stop the send that is at work, from wherever you are; `resume` goes on later."""
    from newsletter.campaign import accounts, stopping

    place = here(workspace)
    how = "ends at once" if now else "ends after the messages under way, which may take 10 minutes"

    told = []

    def tell(holder: "Holder") -> None:
        told.append(holder)
        say(f"Process {holder.process} is sending; it {how}.")
        sys.stdout.flush()

    found = stopping.stop(place, campaign, tell, at_once=now)
    if found is None:
        say("It had planned nothing yet: nobody was written to." if told else _NOTHING)
    elif found.finished_at is not None:
        say(f"{found.name} was done before it could be stopped.")
    else:
        counts = accounts.account(place, found.id).counts
        say(f"{found.name}  stopped  {count_words(counts)}")
        say(f"`newsletter resume {found.name}` goes on.")
