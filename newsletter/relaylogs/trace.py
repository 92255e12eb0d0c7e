"""What a relay's log says of one message, and of itself: the values of this room."""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST_SAID = 300  #: characters of a line that are told

_UNSHOWN = re.compile(r"[^\x20-\x7e]+")


class Verdict(StrEnum):
    """How far the relay came with a message; of several copies of one, the later here counts."""

    BROKEN_OFF = "broken off"  #: the connection ended before the message did
    PUT_OFF = "put off"  #: the relay said no for now
    REFUSED = "refused"  #: the relay said no for good
    BEGUN = "begun"  #: its beginning came; what became of it, the log does not say
    WAITING = "waiting"  #: accepted, and not gone on yet
    DELIVERED = "delivered"  #: accepted, and delivered or given to the next server
    RETURNED = "returned"  #: accepted, and then given up

    @property
    def is_acceptance(self) -> bool:
        """Whether the relay took responsibility, whatever became of the message afterwards."""
        return self in (Verdict.WAITING, Verdict.DELIVERED, Verdict.RETURNED)

    @property
    def weight(self) -> int:
        """Which of two verdicts on one Message-ID counts: the heavier."""
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One message in a log."""

    message_id: str  #: with its angle brackets
    recipient: str  #: as the log has it; empty if it names none
    verdict: Verdict
    line: str  #: "mail.log:812"
    said: str
    at: float | None  #: when the relay first wrote of it, Unix time


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What the files say together."""

    kind: str  #: "Postfix log"
    names: tuple[str, ...]
    settles: float  #: seconds until what the relay did stands in such a log
    first: float | None  #: Unix time of the oldest line
    last: float | None  #: and of the newest
    traces: dict[str, Trace]  #: by Message-ID


def shown(text: str) -> str:
    """Return *text* on one line, short, without what would write elsewhere on a terminal."""
    return _UNSHOWN.sub(" ", text).strip()[:LONGEST_SAID]
