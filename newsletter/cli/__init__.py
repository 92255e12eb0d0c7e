"""The `newsletter` command: for people at a terminal, and for scripts (`--json`).

Each command imports what it needs when it runs, so that `--help` is there at once.
"""

import gc
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from newsletter.cli import (
    keeping,
    people,
    previewing,
    resolving,
    sending,
    stopping,
    theming,
    writing,
)
from newsletter.cli.screen import show_error
from newsletter.errors import NewsletterError, SetupError

app = typer.Typer(
    help="Turn an announcement into a good HTML mail and deliver it to everyone, once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for room in (writing, people, sending, stopping, resolving, keeping, theming, previewing):
    room.register(app)


@app.callback()
def workspace_for_all(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", help="The workspace; else the nearest one upwards."),
    ] = None,
) -> None:
    """Remember the workspace that was named before the command."""
    context.obj = workspace


def main() -> None:
    """Run the command line; the exit status says whose turn it is (see `errors`)."""
    gc.set_threshold(200_000)  # importing makes much that stays: looking for rubbish costs a tenth
    sys.stdout = sys.stdout or open(os.devnull, "w")  # `>&-`: there is none  # noqa: SIM115
    sys.stderr = sys.stderr or sys.stdout
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except NewsletterError as error:
        show_error(error)
        sys.exit(error.exit_status)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        show_error(SetupError(f"{place}{error.strerror or error}"))
        sys.exit(SetupError.exit_status)
    finally:
        gc.freeze()  # the end: the system takes all of it back, and looking for rubbish costs more
