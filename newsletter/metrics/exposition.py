"""How far a run is, in the text format of Prometheus (0.0.4). Pure; no figure names a person."""

from collections.abc import Mapping
from dataclasses import asdict

from newsletter.progress import Snapshot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(now: Snapshot) -> str:
    """Return all figures of *now*."""
    outcomes = ("accepted", "refused", "in_doubt", "deferred")
    return "".join(
        (
            _family(
                "newsletter_messages_total",
                "counter",
                "Attempts that this run settled, by what came of them.",
                {_labels(now, outcome=each): getattr(now, each) for each in outcomes},
            ),
            _family(
                "newsletter_people",
                "gauge",
                "People of the campaign, each in one state.",
                {_labels(now, state=name): value for name, value in asdict(now.counts).items()},
            ),
            _replies(now),
            *(
                _family(f"newsletter_{name}", "gauge", meaning, {_labels(now): value})
                for name, meaning, value in _gauges(now)
            ),
        )
    )


def _replies(now: Snapshot) -> str:
    name, labels = "newsletter_reply_seconds", _labels(now)
    return (
        _family(name, "summary", "From a final dot to its reply, in this run.", {})
        + f"{name}_sum{labels} {now.reply_seconds:.17g}\n{name}_count{labels} {now.replies}\n"
    )


def _gauges(now: Snapshot) -> tuple[tuple[str, str, float], ...]:
    return (
        ("sending", "1 while this run is at work, 0 when it is over.", not now.is_over),
        ("connections", "Open connections to the relay.", now.connections),
        ("connections_allowed", "As many as the relay bears at present.", now.places),
        ("relay_failing", "1 while the relay fails and is tried again.", now.trouble != ""),
        (
            "resting_until_timestamp_seconds",
            "When the next person is due; 0 while somebody is.",
            now.resting_until or 0,
        ),
        (
            "limited_until_timestamp_seconds",
            "When the limits of the relay let the next message go; 0 while they do.",
            now.limited_until or 0,
        ),
    )


def _family(name: str, kind: str, meaning: str, samples: Mapping[str, float]) -> str:
    head = f"# HELP {name} {meaning}\n# TYPE {name} {kind}\n"
    return head + "".join(f"{name}{labels} {value:.17g}\n" for labels, value in samples.items())


def _labels(now: Snapshot, **more: str) -> str:
    labels = {"campaign": now.campaign, **more}
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
