"""How long a build takes beside the `mjml` command on the same interview, as ratios."""

import statistics
import tempfile
import time
from pathlib import Path

from newsletter.campaign import drafting
from newsletter.workspace import Workspace
from tests.benchmarks.rivals import building as rivals


def compare() -> None:
    """Print what a build of the interview in three languages takes, its checks included."""
    if not rivals.PACKAGES.is_dir():
        print("Building beside MJML: left out; `make rivals` brings it")
        return
    with tempfile.TemporaryDirectory() as folder:
        ours, mjml, _ = rivals.tools(Path(folder))
        seconds = rivals.seconds((ours, mjml), "interview")
        warm = _warm(Workspace(ours.folder))
    theirs = seconds[mjml.name]
    print("Building the interview in three languages, checks included")
    for what, taken in (("newsletter build", seconds[ours.name]), ("in a warm process", warm)):
        print(f"  {what:32} {taken:8.2f} s   {taken / theirs:6.2f} x `mjml` ({theirs:.2f} s)")


def _warm(workspace: Workspace) -> float:
    """Return the median seconds of a build where others went before."""
    taken = []
    for _ in range(rivals.ROUNDS + 1):
        start = time.perf_counter()
        drafted = drafting.draft(workspace, "interview")
        drafting.build(workspace, drafted, workspace.outbox)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])
