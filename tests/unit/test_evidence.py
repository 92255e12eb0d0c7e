"""What a log shows about somebody in doubt; above all, when it shows nothing."""

import re
from dataclasses import replace
from typing import Any

import pytest

from newsletter.campaign.evidence import Finding, judge
from newsletter.ledger.doubts import Decision, Doubt, Witness
from newsletter.relaylogs import Log, Trace, Verdict

BEGAN = 1_000_000.0
LOST = BEGAN + 100

DOUBT = Doubt(
    delivery_id=1,
    address="jan@example.org",
    message_id="<s.5@example.org>",
    attempts=1,
    at=LOST,
    phase="dot",
    said="Connection reset by peer",
)
WITNESSES = tuple(Witness(message_id=f"<s.{n}@example.org>", at=BEGAN + 20 * n) for n in range(4))


def trace(message_id: str, verdict: Verdict, at: float | None = LOST) -> Trace:
    return Trace(
        message_id=message_id, recipient="", verdict=verdict, line="mail.log:8", said="so", at=at
    )


def log(verdict: Verdict | None = None, **changes: Any) -> Log:
    """A log that covers the campaign and knows the witnesses; of the one in doubt it says so."""
    known = [trace(each.message_id, Verdict.DELIVERED, each.at + 2) for each in WITNESSES]
    of_doubt = [trace(DOUBT.message_id, verdict)] if verdict else []
    whole = Log(
        kind="Postfix log",
        names=("mail.log",),
        settles=60,
        first=BEGAN - 3600,
        last=LOST + 3600,
        traces={each.message_id: each for each in (*known, *of_doubt)},
    )
    return replace(whole, **changes)


def found(given: Log) -> Finding:
    (finding,) = judge([DOUBT], BEGAN, WITNESSES, given)
    return finding


def without(given: Log, *numbers: int) -> Log:
    left_out = {WITNESSES[n].message_id for n in numbers}
    return replace(given, traces={k: v for k, v in given.traces.items() if k not in left_out})


@pytest.mark.parametrize("verdict", [Verdict.WAITING, Verdict.DELIVERED, Verdict.RETURNED])
def test_what_the_relay_took_is_delivered_however_little_of_the_log_there_is(
    verdict: Verdict,
) -> None:
    little = without(log(verdict, first=LOST, last=LOST), 0, 1, 2, 3)

    assert found(little).decision is Decision.DELIVERED
    assert found(little).because == "Postfix log mail.log:8: so"


@pytest.mark.parametrize(
    ("verdict", "decision"),
    [
        (None, Decision.AGAIN),
        (Verdict.BROKEN_OFF, Decision.AGAIN),
        (Verdict.PUT_OFF, Decision.AGAIN),
        (Verdict.REFUSED, Decision.GIVE_UP),
        (Verdict.BEGUN, None),
    ],
)
def test_what_the_relay_did_not_take_is_decided_by_a_log_that_covers_it(
    verdict: Verdict | None, decision: Decision | None
) -> None:
    assert found(log(verdict)).decision is decision


@pytest.mark.parametrize("verdict", [None, Verdict.BROKEN_OFF, Verdict.PUT_OFF, Verdict.REFUSED])
@pytest.mark.parametrize(
    ("changes", "missing", "told"),
    [
        ({"first": BEGAN + 1}, (), "begins at .*, after the campaign; add the one before it"),
        ({"last": LOST + 59}, (), "the log ends at .*; one that goes on until .* would show it"),
        ({"first": None, "last": None}, (), "no times that can be read"),
        ({}, (0, 1, 2, 3), "is it the right relay's"),
        ({}, (2,), "lacks <s.2@example.org>, accepted at"),
    ],
)
def test_a_log_that_may_lack_the_line_decides_nothing(
    verdict: Verdict | None, changes: dict[str, float | None], missing: tuple[int, ...], told: str
) -> None:
    finding = found(without(log(verdict, **changes), *missing))

    assert finding.decision is None
    assert re.search(told, finding.because)


@pytest.mark.parametrize(("hours", "word"), [(1, "ahead of"), (-2, "behind")])
def test_a_log_in_another_time_zone_decides_nothing(hours: int, word: str) -> None:
    given = log()
    shifted = {
        name: replace(each, at=(each.at or 0) + hours * 3600) for name, each in given.traces.items()
    }

    finding = found(replace(given, traces=shifted))

    assert finding.decision is None
    assert f"clock is {abs(hours) * 60} minutes {word} this machine's" in finding.because


def test_somebody_accepted_after_the_end_of_the_log_is_not_missed() -> None:
    late = Witness(message_id="<s.99@example.org>", at=LOST + 86_400)

    (finding,) = judge([DOUBT], BEGAN, (*WITNESSES, late), log())

    assert finding.decision is Decision.AGAIN


def test_a_witness_who_was_not_accepted_in_the_log_is_missing() -> None:
    given = log()
    name = WITNESSES[1].message_id
    begun = replace(given, traces={**given.traces, name: trace(name, Verdict.BEGUN)})

    assert found(begun).decision is None
