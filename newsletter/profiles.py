"""What relays of each kind bear from one sender: connections, limits, messages a connection.

The numbers of others change without a word to us, so each has a date, and settings go before it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_LIMIT = re.compile(r"\s*([1-9]\d{0,6})\s*/\s*(second|minute|hour|day)\s*")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *number* messages in any *seconds*, wherever they begin.

    >>> str(Limit(10_000, 86400))
    '10,000 a day'
    """

    number: int
    seconds: float

    def __str__(self) -> str:
        unit = next(name for name, seconds in _SECONDS.items() if seconds == self.seconds)
        return f"{self.number:,} {'an' if unit == 'hour' else 'a'} {unit}"


def limits(rate: str) -> tuple[Limit, ...]:
    """Return the limits that *rate* asks for, "none" for none; ValueError says what is no rate.

    >>> limits("30/minute, 10000/day")
    (Limit(number=30, seconds=60.0), Limit(number=10000, seconds=86400.0))
    """
    if rate.strip() == "none":
        return ()
    return tuple(map(_limit, rate.split(",")))


def _limit(part: str) -> Limit:
    if not (found := _LIMIT.fullmatch(part)):
        raise ValueError(
            f"`{part.strip()}` is no rate; write `30/minute`, `5/second`, `1000/hour`, several as "
            "`30/minute, 10000/day`, or `none`"
        )
    return Limit(int(found[1]), _SECONDS[found[2]])


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What a relay of one kind bears, as far as we knew on *as_of*."""

    connections: int
    limits: tuple[Limit, ...] = ()
    messages: int = 0  #: on one connection, then it closes; 0: as many as we like
    as_of: str
    note: str  #: what else to know, in a line

    def __str__(self) -> str:
        pace = " and ".join(map(str, self.limits)) or "no limit"
        return f"{self.connections} connections, {pace}, as of {self.as_of}"


_2026 = "November 2026"

PROFILES: Mapping[str, Profile] = {
    "postfix": Profile(
        connections=8,
        as_of=_2026,
        note="takes 50 connections from one client (`smtpd_client_connection_count_limit`)",
    ),
    "exim": Profile(
        connections=8,
        messages=1000,
        as_of=_2026,
        note="takes 20 connections from everybody together (`smtp_accept_max`), and may queue "
        "what comes after the tenth message of a connection (`smtp_accept_queue_per_connection`)",
    ),
    "exchange": Profile(
        connections=8,
        as_of=_2026,
        note="your own server: takes 20 connections from one address "
        "(`MaxInboundConnectionPerSource`), closes each after 10 minutes, and may wait 30 s "
        "before it answers (`MaxAcknowledgementDelay`)",
    ),
    "microsoft365": Profile(
        connections=3,
        limits=(Limit(30, 60.0), Limit(10_000, 86400.0)),
        as_of=_2026,
        note="per mailbox, whatever else sends through it; over the day's limit it refuses "
        "(`554 5.2.0`). A password alone no longer opens it by default from the end of 2026",
    ),
    "hve": Profile(
        connections=3,
        limits=(Limit(100_000, 86400.0),),
        as_of=_2026,
        note="High Volume Email: readers inside the organisation only (`550 5.5.105`); the limit "
        "is the preview's, for the whole organisation: ask what yours is by now",
    ),
    "google": Profile(
        connections=8,
        limits=(Limit(10_000, 86400.0),),
        as_of=_2026,
        note="`smtp-relay.gmail.com`: per user; over the limit it refuses (`550 5.4.5`). "
        "`smtp.gmail.com` takes 2,000 a day: set `2000/day`",
    ),
}
