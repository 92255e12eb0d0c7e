"""What can go wrong, as one tree.

The first branch says whose problem it is, because that decides who is told and how the
command line ends:

NewsletterError
├── AuthorError      1  the announcement needs a change; every fault names file, line and mend
├── AudienceError    1  the lists or the people on them need a change
├── UsageError       2  the command was asked for something that does not exist
├── SetupError       3  configuration, theme, credentials, relay
├── RelayLost        3  the relay went away: no reply arrived where one was due
├── LedgerError      3  the ledger cannot be written: nothing more leaves
└── Halted           5  a campaign stopped before its end; `resume` goes on
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST_TOLD = 100  #: faults that fit in an error; who mends these sees the next

# What would write elsewhere on a terminal, or turn its text around.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: where it is, what is wrong and what to do about it."""

    place: str  #: "announcements/ceo.md:4", "recipients/staff.csv:12:email"
    message: str

    def __str__(self) -> str:
        return _UNSHOWN.sub("?", f"{self.place}: {self.message}")


class NewsletterError(Exception):
    """Base of every error this package raises on purpose; its text is fit for the reader."""

    exit_status = 3


class Faults(NewsletterError):
    """Several faults found in one reading, reported together."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        more = len(self.faults) - MOST_TOLD
        told = [str(fault) for fault in self.faults[:MOST_TOLD]]
        super().__init__("\n".join([*told, *([f"and {more:,} more"] if more > 0 else [])]))


class AuthorError(Faults):
    """The announcement needs a change."""

    exit_status = 1


class AudienceError(Faults):
    """The lists, or the people on them, need a change."""

    exit_status = 1


class UsageError(NewsletterError):
    """The command was asked for something that does not exist."""

    exit_status = 2


class SetupError(NewsletterError):
    """Configuration, theme, credentials or relay need a change."""


class RelayLost(NewsletterError):
    """The relay went away: no reply arrived where one was due."""


class LedgerError(NewsletterError):
    """The ledger cannot be written, or another sender owns it: nothing more leaves."""


class Halted(NewsletterError):
    """A campaign stopped before its end, for a reason that somebody should look at."""

    exit_status = 5


def suggest(word: str, known: Iterable[str]) -> str:
    """Return '; did you mean `title`?', or nothing when no known word is near.

    >>> suggest("titel", ["title", "date"])
    '; did you mean `title`?'
    """
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""
