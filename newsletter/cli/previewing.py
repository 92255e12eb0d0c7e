"""Commands about how it will look: preview."""

from pathlib import Path
from typing import Annotated

import typer

from newsletter.cli.options import AnnouncementArgument, WorkspaceOption, here
from newsletter.cli.screen import plural, say


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("preview")(preview)


def preview(
    announcement: AnnouncementArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write here instead of var/outbox.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Show the mail as mail programs do: phones, dark, no pictures, Gmail, roughly Word."""
    from newsletter.campaign import previewing

    page, *pictures = previewing.write(here(workspace), announcement, out)
    say(str(page))
    say(f"{plural(len(pictures), 'picture', 'pictures')} beside it. Open the page in a browser.")
