"""A million people from a CSV into the ledger: seconds and memory of each part, and of `status`.

`python -m tests.benchmarks.planning` measures it, each number of people in a process of its own.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsletter.campaign import keeping, mailing, sending
from newsletter.config import Relay
from newsletter.ledger.book import Book
from newsletter.ledger.states import Kind
from newsletter.workspace import Workspace
from tests.workplace import Workplace

SIZES = 10_000, 1_000_000
_FIRST = ("Anaïs", "Jan", "Zoë", "Bart", "Émilie", "Lotte", "O’Brien", "Pieter-Jan", "Nguyễn")
_LAST = ("Peeters", "Janssens", "Maes", "De Smet", "Van den Berghe", "D'Hondt", "Goossens")
_DOMAINS = ("example.org", "stad.example.org", "ocmw.example.org", "politie.example.org")
_LANGUAGES = ("nl", "fr", "en", "")


def main() -> None:
    """Print the table, or measure the workspace that is named."""
    if len(sys.argv) > 1:
        print(json.dumps(measured(Workspace(Path(sys.argv[1])))))
        return
    for people in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            workplace = Workplace(Path(folder) / "workspace")
            workplace.announce()
            size = write_list(workplace.root / "recipients" / "staff.csv", people)
            print(f"{people:,} people in a CSV of {size / 1e6:.1f} MB")
            command = [sys.executable, "-m", "tests.benchmarks.planning", str(workplace.root)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            for what, found in json.loads(done.stdout).items():
                print(f"  {what:40} {found}")
            started = time.perf_counter()
            workplace.run("status")
            print(f"  {'`newsletter status`, the whole command':40} {_told(started)}")


def write_list(path: Path, people: int) -> int:
    """Write a list of *people* with names and languages; return its size in bytes."""
    with path.open("w", encoding="utf-8") as file:
        file.write("email,first_name,last_name,language\n")
        for n in range(people):
            name = f"{_FIRST[n % 9]},{_LAST[n % 7]} {n % 20_011}"
            file.write(f"medewerker.{n}@{_DOMAINS[n % 4]},{name},{_LANGUAGES[n % 4]}\n")
    return path.stat().st_size


def measured(workspace: Workspace) -> dict[str, str]:
    """Plan the mailing as `send` does; return what each part took."""
    found: dict[str, str] = {}
    with _noted(found, "lists into an audience"):
        mailing.gather(workspace, ["staff"])
    with _noted(found, "the same, and all that `send` shows"):
        prepared = mailing.prepare(workspace, "kantine", ["staff"])
        people = prepared.audience.recipients
        prepared.choice.counts(people)
        prepared.choice.strangers(people)
    with _noted(found, "everybody into the ledger"):
        asyncio.run(_planned(workspace, prepared))
    return found


async def _planned(workspace: Workspace, prepared: mailing.Mailing) -> None:
    async with Book(keeping.place(workspace)) as book:
        await book.plan(sending._plan(prepared, Kind.LIVE, Relay(), time.time()))


@contextmanager
def _noted(found: dict[str, str], what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    found[what] = f"{_told(wall)}, {time.process_time() - cpu:.1f} s of CPU, peak {peak:.0f} MB"


def _told(started: float) -> str:
    return f"{time.perf_counter() - started:.2f} s"


if __name__ == "__main__":
    main()
