"""How far a run has come: counters that delivery keeps, and snapshots for whoever looks.

Looking costs delivery nothing: nobody is called, whoever wants to know takes a snapshot.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, fields, replace

from newsletter.ledger.states import Counts, State

BETWEEN_LOOKS = 0.1  #: seconds; nobody reads faster


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """How far a run has come at one moment."""

    campaign: str  #: its name; empty before it is planned
    before: Counts  #: of the whole campaign, when this run began
    accepted: int
    refused: int
    in_doubt: int
    deferred: int  #: attempts that will be made again
    replies: int
    reply_seconds: float
    connections: int
    places: int
    resting_until: float | None
    limited_until: float | None
    ends_at: float | None
    trouble: str
    is_stopping: bool
    is_over: bool

    @property
    def settled(self) -> int:
        """Return how many people this run is done with."""
        return self.accepted + self.refused + self.in_doubt

    @property
    def counts(self) -> Counts:
        """Return where everybody of the campaign is now, as the ledger will say it."""
        return replace(
            self.before,
            waiting=self.before.waiting - self.settled,
            accepted=self.before.accepted + self.accepted,
            refused=self.before.refused + self.refused,
            in_doubt=self.before.in_doubt + self.in_doubt,
        )


@dataclass(kw_only=True, slots=True)
class Progress:
    """The counters of this run; whoever sends sets them, whoever looks takes a `snapshot`."""

    campaign: str = ""
    before: Counts = field(default_factory=Counts)
    accepted: int = 0
    refused: int = 0
    in_doubt: int = 0
    deferred: int = 0
    replies: int = 0  #: to final dots
    reply_seconds: float = 0.0  #: that they took, all of them together
    connections: int = 0
    places: int = 0  #: as many connections as the relay bears at present
    resting_until: float | None = None  #: Unix time; nobody is due before
    limited_until: float | None = None  #: Unix time; the relay's limits let nobody go before
    ends_at: float | None = None  #: Unix time; the relay's limits do not let it end before
    trouble: str = ""  #: why the relay does not take anything just now
    is_stopping: bool = False
    is_over: bool = False

    def count(self, state: State) -> None:
        """Count one settled attempt."""
        match state:
            case State.ACCEPTED:
                self.accepted += 1
            case State.REFUSED:
                self.refused += 1
            case State.IN_DOUBT:
                self.in_doubt += 1
            case _:
                self.deferred += 1

    def answered(self, seconds: float) -> None:
        """Count one reply to a final dot, which took so many *seconds*."""
        self.replies += 1
        self.reply_seconds += seconds

    def snapshot(self) -> Snapshot:
        """Return how far it has come now; may be called from any thread."""
        return Snapshot(**{name: getattr(self, name) for name in _NAMES})

    async def snapshots(self, every: float = BETWEEN_LOOKS) -> AsyncIterator[Snapshot]:
        """Yield how far it has come; again whenever *every* seconds have changed it, to the end."""
        shown = self.snapshot()
        yield shown
        while not shown.is_over:
            await asyncio.sleep(every)
            if (now := self.snapshot()) != shown:
                shown = now
                yield now


_NAMES = [each.name for each in fields(Snapshot)]
