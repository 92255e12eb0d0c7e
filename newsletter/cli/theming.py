"""Commands about themes: theme new."""

from typing import Annotated

import typer

from newsletter.cli.options import WorkspaceOption, here
from newsletter.cli.screen import say

_themes = typer.Typer(help="The looks that a mail can have.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(_themes, name="theme")


@_themes.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens: city-hall.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Make a theme of your own, to fill in with your colours, fonts and logo."""
    from newsletter.campaign import theming

    for path in theming.create(here(workspace), name):
        say(str(path))
    say()
    say("Next: your colours in theme.toml; they are looked at when you build.")
    if name != "default":
        say(f"An announcement has this look with `theme: {name}` at its top.")
