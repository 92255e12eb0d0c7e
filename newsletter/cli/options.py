"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from newsletter import workspace
from newsletter.workspace import Workspace


def _before_or_after(context: typer.Context, given: Path | None) -> Path | None:
    """Take --workspace from after the command, else from before it."""
    return given or (context.obj if isinstance(context.obj, Path) else None)


WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        callback=_before_or_after,
        help="The workspace; else the nearest one upwards.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
AnnouncementArgument = Annotated[
    str, typer.Argument(help="Its name in announcements/, or a path.", show_default=False)
]
ExcludeOption = Annotated[
    list[str] | None, typer.Option("--exclude", help="Leave out who is on this list; repeatable.")
]
SkipBadRowsOption = Annotated[
    bool, typer.Option("--skip-bad-rows", help="Leave out rows with a fault instead of stopping.")
]


def here(given: Path | None) -> Workspace:
    """Return the workspace that the command is about."""
    return workspace.find(given, Path.cwd())
