"""Somebody whose reply was lost, and what was decided about them: the values."""

from dataclasses import dataclass
from enum import StrEnum

from newsletter.ledger.states import State


class Decision(StrEnum):
    """What becomes of somebody in doubt."""

    DELIVERED = "delivered"  #: it arrived: counts as accepted
    AGAIN = "again"  #: it did not: the same mail once more
    GIVE_UP = "give up"  #: whether it did or not: counts as refused


class By(StrEnum):
    """Who decided; stands in the evidence where an attempt has its phase."""

    LOG = "log"  #: the relay's own log shows it
    HAND = "hand"


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """Somebody whose reply was lost, and what is known of it."""

    delivery_id: int
    address: str
    message_id: str
    attempts: int
    at: float  #: of the last attempt, Unix time
    phase: str
    said: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """Somebody near those in doubt whom the relay accepted: its log must know that."""

    message_id: str
    at: float  #: Unix time


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What was decided about one person, by whom and why."""

    doubt: Doubt
    decision: Decision
    by: By
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """A ruling as it stands in the ledger."""

    address: str
    state: State  #: what it became then
    by: By
    because: str
    at: float
