"""What a check says: which rule, how bad, where, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  #: readers would see a broken mail: it is not sent
    WARNING = "warning"  #: worth a look


@dataclass(frozen=True, slots=True)
class Where:
    """Somewhere in what an author wrote."""

    place: str  #: "announcements/ceo.md:4"; the file alone where it is about all of it
    language: str  #: of the edition, "nl"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing to look at, or to mend."""

    rule: str  #: its name in docs/checks.md and in the settings, "http-link"
    severity: Severity
    place: str
    language: str
    message: str

    @property
    def path(self) -> str:
        return path_and_line(self.place)[0]

    @property
    def line(self) -> int:
        """Return the line of the file; 0: it is about all of it."""
        return path_and_line(self.place)[1]

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def path_and_line(place: str) -> tuple[str, int]:
    """Return the file and the line of *place*, 0 where it has none.

    >>> path_and_line("ceo.md:12"), path_and_line("ceo.md")
    (('ceo.md', 12), ('ceo.md', 0))
    """
    path, colon, line = place.rpartition(":")
    return (path, int(line)) if colon and line.isdigit() else (place, 0)
