"""An announcement as mail programs show it, as a page and pictures to look at."""

from pathlib import Path

from newsletter import preview
from newsletter.campaign import drafting
from newsletter.workspace import Workspace


def write(workspace: Workspace, given: str, out: Path | None) -> tuple[Path, ...]:
    """Draft the announcement *given* and write its preview; return what was made, the page first.

    Of several languages there is one mail more, with all of them stacked.
    """
    drafted = drafting.draft(workspace, given)
    if len(drafted.announcement.editions) > 1:
        drafted = drafting.stacked(workspace, drafted)
    name = drafted.announcement.name
    folder = out or workspace.outbox / name / "preview"
    return preview.write(name, drafted.mails, drafted.findings, folder)
