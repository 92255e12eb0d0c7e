"""The states of one delivery, and the values that cross the ledger's door.

planned -> claimed -> handing_over -> accepted | refused | in_doubt
claimed, handing_over -> planned     after a fault or a refusal for now, before or after the body
handing_over -> claimed              refused for good, and not believed yet: no reply is missing
handing_over -> in_doubt             the reply to the final dot was lost, or this process was
suppressed, cancelled                from planned only
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from newsletter.audience import Exclusion, Recipient
from newsletter.reply import Phase, Reply
from newsletter.skeleton import Skeleton


class State(StrEnum):
    """What has become of one person's copy."""

    PLANNED = "planned"  #: not begun, or to be tried again
    CLAIMED = "claimed"  #: in a sender's hands; nothing that could be accepted was written
    HANDING_OVER = "handing_over"  #: the final dot may be on its way; durable before it is
    ACCEPTED = "accepted"  #: the relay has taken responsibility
    REFUSED = "refused"  #: the relay said no for good, or we gave up
    IN_DOUBT = "in_doubt"  #: no reply to the final dot: it may have arrived
    SUPPRESSED = "suppressed"  #: not to be written to
    CANCELLED = "cancelled"  #: stopped before anything was sent


WAITING = (State.PLANNED, State.CLAIMED, State.HANDING_OVER)


class Kind(StrEnum):
    """Whether a campaign was meant for people or for the built-in mail server."""

    LIVE = "live"
    REHEARSAL = "rehearsal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A campaign before it is in the ledger: the frozen mail and the frozen people."""

    announcement: str
    kind: Kind
    relay: str  #: the relay's url
    seed: str  #: of the Message-IDs
    domain: str  #: of the Message-IDs
    return_path: str  #: the envelope sender
    planned_at: float  #: Unix time, seconds
    content_hash: str
    lists: tuple[str, ...]
    skeletons: tuple[tuple[str, Skeleton], ...]  #: by language; the first is the default
    recipients: Iterable[Recipient]  #: taken as they come: there may be a million
    exclusions: Iterable[Exclusion]


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """One announcement to one audience, as the ledger keeps it."""

    id: int
    name: str
    announcement: str
    kind: Kind
    relay: str
    return_path: str
    planned_at: float
    started_at: float | None
    finished_at: float | None
    halted: str  #: why it last stopped before its end; empty while it runs and when it is done
    content_hash: str
    audience_hash: str
    lists: tuple[str, ...]
    people: int  #: the size of the frozen audience


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One person's copy, claimed by a sender."""

    id: int
    recipient: Recipient
    message_id: str
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What became of one attempt: the new state, and the reply that decided it (or none)."""

    delivery_id: int
    state: State
    attempts: int
    at: float  #: Unix time, seconds
    phase: Phase
    reply: Reply | None
    reason: str = ""  #: where there was no reply
    not_before: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Everybody of one campaign, each in exactly one of these."""

    waiting: int = 0
    accepted: int = 0
    refused: int = 0
    in_doubt: int = 0
    suppressed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """Return the size of the frozen audience."""
        return (
            self.waiting
            + self.accepted
            + self.refused
            + self.in_doubt
            + self.suppressed
            + self.cancelled
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One person of a campaign, as a receipt shows them."""

    address: str
    display_name: str
    state: State
    attempts: int
    reply: Reply | None
    reason: str
    message_id: str
    at: float | None
