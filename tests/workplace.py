"""A workspace for tests, and the installed command run in it as a person would."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("newsletter")
INTERVIEW = Path(__file__).parent / "data" / "interview.txt"

SETTINGS = """\
[organisation]
name = "District09"
languages = ["nl", "en"]

[sender]
from = "Interne communicatie <communicatie@example.org>"
reply_to = "vragen@example.org"

[relay]
url = "{url}"
{more}
"""

ANNOUNCEMENT = """\
---
title: De kantine is vrijdag dicht
preheader: Breng vrijdag je boterhammen mee, want de keuken krijgt een nieuwe vloer.
greeting: Dag {{ first_name | "collega" }},
---

Breng boterhammen mee.
"""

FIRST_NAMES = ("Anaïs", "Jan", "Zoë", "Bart", "Émilie", "Lotte", "O'Brien", "Pieter-Jan")


@dataclass(frozen=True)
class Workplace:
    """One workspace folder; its mail server is the built-in one until `relay` is called."""

    root: Path

    def __post_init__(self) -> None:
        for folder in ("announcements", "recipients"):
            (self.root / folder).mkdir(parents=True)
        self.relay("inbox:")

    def relay(self, url: str, *more: str) -> None:
        """Set the relay, with *more* lines of its settings."""
        content = SETTINGS.format(url=url, more="\n".join(more))
        (self.root / "newsletter.toml").write_text(content)

    def announce(self, name: str = "kantine", content: str = ANNOUNCEMENT) -> str:
        """Write an announcement and return its name."""
        (self.root / "announcements" / f"{name}.md").write_text(content)
        return name

    def import_interview(self) -> str:
        """Import an interview as pasted from an intranet page; return the announcement's name."""
        return Path(self.run("import", str(INTERVIEW)).stdout.splitlines()[0]).stem

    def add_list(self, name: str, numbers: Iterable[int]) -> str:
        """Write a list of numbered people and return its name."""
        cells = io.StringIO()
        writer = csv.writer(cells)
        writer.writerow(("email", "first_name", "last_name"))
        writer.writerows((address(n), FIRST_NAMES[n % 8], f"Nummer {n}") for n in numbers)
        (self.root / "recipients" / f"{name}.csv").write_text(cells.getvalue())
        return name

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command and return at once; nobody is at its keyboard."""
        return subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "COLUMNS": "100"},
        )

    def run(
        self, *arguments: str, status: int = 0, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, which must have this exit status."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=timeout)
        assert process.returncode == status, f"exit {process.returncode}\n{out}\n{err}"
        return subprocess.CompletedProcess(arguments, status, out, err)

    def json(self, *arguments: str) -> Any:
        """Run a reading command and return what its JSON says."""
        return json.loads(self.run(*arguments, "--json").stdout)

    @property
    def ledger(self) -> Path:
        """Where the ledger is, once there is one."""
        return self.root / "var" / "ledger.db"

    def kept(self) -> list[Path]:
        """Return what the built-in mail server has."""
        return sorted((self.root / "var" / "inbox").glob("*.eml"))


def address(number: int) -> str:
    """Return the address of the person with this number."""
    return f"medewerker{number}@example.org"
