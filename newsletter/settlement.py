"""What a reply, or the lack of one, means for a delivery, and what to write down. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime

from newsletter.ledger.states import Delivery, Entry, State
from newsletter.pacing import attempts
from newsletter.reply import Outcome, Phase, Reply, outcome
from newsletter.smtp.connection import Lost


def settle(
    delivery: Delivery, phase: Phase, reply: Reply, now: float, spread: float, *, sent_back: int
) -> tuple[Outcome, Entry]:
    """Return what *reply* means and what to write down about *delivery*.

    *sent_back* counts the lines that the relay closed on this very person in this run: the first
    time is about the line, the second about the person.
    """
    meaning = outcome(reply, phase)
    entry = entry_of(delivery, now, phase, reply)
    match meaning:
        case Outcome.ACCEPTED if phase is Phase.DOT:
            return meaning, entry(State.ACCEPTED, 1)
        case Outcome.REFUSED:
            return meaning, entry(State.REFUSED, 1)
        case Outcome.LATER:
            return meaning, _again(delivery, now, spread, entry)
        case Outcome.RECONNECT if sent_back and phase is not Phase.MAIL:
            return meaning, _again(delivery, now, spread, entry)
        case Outcome.RECONNECT | Outcome.PAUSE:
            return meaning, entry(State.PLANNED, 0)
    # A yes where none was due (250 to DATA): the line is confused, nothing was accepted.
    return Outcome.RECONNECT, entry(State.PLANNED, 0)


def settle_lost(
    delivery: Delivery, lost: Lost, now: float, spread: float, after_dot: State
) -> Entry:
    """Return what to write down when no reply came: in doubt only if the dot was written.

    With *after_dot* planned, a message is sent again once; a second loss is held all the same.
    """
    entry = entry_of(delivery, now, lost.phase, None, str(lost))
    if lost.phase is Phase.DOT:
        return entry(State.IN_DOUBT if delivery.attempts else after_dot, 1)
    if lost.phase is Phase.MAIL:  # an old connection that the relay had closed: nobody's fault
        return entry(State.PLANNED, 0)
    return _again(delivery, now, spread, entry)


EntryOf = Callable[..., Entry]


def entry_of(
    delivery: Delivery, now: float, phase: Phase, reply: Reply | None, reason: str = ""
) -> EntryOf:
    """Return what makes the entry of one attempt: state, attempts charged, not before when."""

    def entry(state: State, charged: int, not_before: float = 0.0) -> Entry:
        return Entry(
            delivery_id=delivery.id,
            state=state,
            attempts=delivery.attempts + charged,
            at=now,
            phase=phase,
            reply=reply,
            reason=reason,
            not_before=not_before,
        )

    return entry


def _again(delivery: Delivery, now: float, spread: float, entry: EntryOf) -> Entry:
    at = attempts.next_attempt(datetime.fromtimestamp(now, UTC), delivery.attempts + 1, spread)
    return entry(State.REFUSED, 1) if at is None else entry(State.PLANNED, 1, at.timestamp())
