"""What a check says: where, what, and how bad."""

from dataclasses import dataclass
from enum import StrEnum

from newsletter.announcement import Edition


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  #: readers would see a broken mail: it is not sent
    WARNING = "warning"  #: worth a look


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at, or to mend."""

    severity: Severity
    place: str  #: "announcements/ceo.md:4"
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def error(edition: Edition, line: int, message: str) -> Finding:
    """Return an error at *line* of the edition's file; 0: of the whole file."""
    return Finding(Severity.ERROR, _place(edition, line), message)


def warning(edition: Edition, line: int, message: str) -> Finding:
    """Return a warning at *line* of the edition's file; 0: of the whole file."""
    return Finding(Severity.WARNING, _place(edition, line), message)


def line_of(edition: Edition, words: str) -> int:
    """Return the first line of the edition's file that holds *words*; 0: they are in none."""
    for number, line in enumerate(edition.path.read_text("utf-8-sig").splitlines(), 1):
        if words in line:
            return number
    return 0


def _place(edition: Edition, line: int) -> str:
    return f"{edition.path}:{line}" if line else str(edition.path)
