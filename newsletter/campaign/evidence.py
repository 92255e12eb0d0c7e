"""What a relay's log shows about people in doubt. Pure.

That a message was accepted, its line shows. That it was not, only a log shows that would have the
line: the right relay's, from before the campaign until well after the doubt, with nothing missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from newsletter.ledger.doubts import Decision, Doubt, Witness
from newsletter.relaylogs import Log, Trace, Verdict

WRONG_CLOCK = 600.0  #: seconds; time zones differ by more, and a slow relay by less


@dataclass(frozen=True, slots=True)
class Finding:
    """What a log shows about one person; without a decision it shows nothing."""

    doubt: Doubt
    decision: Decision | None
    because: str


def judge(
    doubts: Sequence[Doubt], began: float, witnesses: Sequence[Witness], log: Log
) -> tuple[Finding, ...]:
    """Return what *log* shows about each of *doubts*, of a campaign that *began* then."""
    gap = _gap(began, witnesses, log)
    return tuple(_judged(doubt, gap or _end_too_early(doubt, log), log) for doubt in doubts)


def _judged(doubt: Doubt, gap: str, log: Log) -> Finding:
    trace = log.traces.get(doubt.message_id)
    if trace and trace.verdict.is_acceptance:
        return Finding(doubt, Decision.DELIVERED, _told(log, trace))
    if trace and trace.verdict is Verdict.BEGUN:
        return Finding(
            doubt, None, f"{trace.line}: its header came; whether its end did, the log does not say"
        )
    if gap:
        return Finding(doubt, None, gap)
    if trace:
        refused = trace.verdict is Verdict.REFUSED
        return Finding(doubt, Decision.GIVE_UP if refused else Decision.AGAIN, _told(log, trace))
    return Finding(
        doubt,
        Decision.AGAIN,
        f"{log.kind} {', '.join(log.names)}: its Message-ID does not stand there, and those of "
        "the people around it do",
    )


def _told(log: Log, trace: Trace) -> str:
    return f"{log.kind} {trace.line}: {trace.said}"


def _gap(began: float, witnesses: Sequence[Witness], log: Log) -> str:
    """Return why the log cannot show that something did not happen; empty if it can."""
    if log.first is None or log.last is None:
        return "the log has no times that can be read"
    seen = [each for each in witnesses if _has(log, each)]
    if not seen:
        return (
            "nobody who was accepted in this campaign stands in the log: is it the right relay's?"
        )
    times = [(log.traces[each.message_id].at, each.at) for each in seen]
    off = median([there - here for there, here in times if there is not None] or [0.0])
    if abs(off) > WRONG_CLOCK:
        return (
            f"the log's clock is {abs(off) / 60:.0f} minutes {'ahead of' if off > 0 else 'behind'} "
            "this machine's; run this with TZ set to the relay's time zone"
        )
    if log.first > began:
        return f"the log begins at {_when(log.first)}, after the campaign; add the one before it"
    due = (each for each in witnesses if each.at <= log.last - log.settles)
    if missing := next((each for each in due if not _has(log, each)), None):
        return (
            f"the log lacks {missing.message_id}, accepted at {_when(missing.at)}: a part of it is "
            "missing, or another relay's log"
        )
    return ""


def _has(log: Log, witness: Witness) -> bool:
    trace = log.traces.get(witness.message_id)
    return trace is not None and trace.verdict.is_acceptance


def _end_too_early(doubt: Doubt, log: Log) -> str:
    until = doubt.at + log.settles
    if log.last is not None and log.last >= until:
        return ""
    ends = _when(log.last) if log.last is not None else "no time that can be read"
    return f"the log ends at {ends}; one that goes on until {_when(until)} would show it"


def _when(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
