"""The figures for Prometheus are what its own parser reads, and what the ledger will say."""

from prometheus_client.parser import text_string_to_metric_families

from newsletter.ledger.states import Counts, State
from newsletter.metrics.exposition import exposition
from newsletter.progress import Progress


def samples(progress: Progress) -> dict[tuple[str, str], float]:
    """Return every figure by its name and its label, if it has one beside the campaign."""
    text = exposition(progress.snapshot())
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type in ("counter", "gauge", "summary")
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("campaign") == progress.campaign
            found[sample.name, "".join(labels.values())] = sample.value
    assert text.endswith("\n")
    return found


def progress_of(**changes: object) -> Progress:
    progress = Progress(campaign="ceo", before=Counts(waiting=10, accepted=5, refused=1))
    for state in (State.ACCEPTED, State.ACCEPTED, State.REFUSED, State.IN_DOUBT, State.PLANNED):
        progress.count(state)
    for name, value in changes.items():
        setattr(progress, name, value)
    return progress


def test_every_attempt_of_this_run_is_counted_by_what_came_of_it() -> None:
    found = samples(progress_of())

    outcomes = {label: value for (name, label), value in found.items() if "messages" in name}
    assert outcomes == {"accepted": 2, "refused": 1, "in_doubt": 1, "deferred": 1}


def test_everybody_of_the_campaign_is_in_one_state_with_those_of_earlier_runs() -> None:
    found = samples(progress_of())

    people = {label: value for (name, label), value in found.items() if "people" in name}
    assert people == {
        "waiting": 6,
        "accepted": 7,
        "refused": 2,
        "in_doubt": 1,
        "suppressed": 0,
        "cancelled": 0,
    }


def test_what_it_waits_for_shows() -> None:
    well = samples(progress_of(connections=8, places=10))
    ill = samples(progress_of(trouble="421 no", resting_until=1.8e9, limited_until=1795471200.25))

    assert well["newsletter_connections", ""] == 8
    assert well["newsletter_connections_allowed", ""] == 10
    assert well["newsletter_relay_failing", ""] == 0
    assert well["newsletter_resting_until_timestamp_seconds", ""] == 0
    assert ill["newsletter_relay_failing", ""] == 1
    assert ill["newsletter_resting_until_timestamp_seconds", ""] == 1.8e9
    assert ill["newsletter_limited_until_timestamp_seconds", ""] == 1795471200.25


def test_how_long_the_relay_takes_for_its_replies_is_a_sum_and_a_count() -> None:
    progress = progress_of()
    for seconds in (0.25, 0.5):
        progress.answered(seconds)

    found = samples(progress)
    assert found["newsletter_reply_seconds_sum", ""] == 0.75
    assert found["newsletter_reply_seconds_count", ""] == 2


def test_a_run_that_is_over_says_so() -> None:
    assert samples(progress_of())["newsletter_sending", ""] == 1
    assert samples(progress_of(is_over=True))["newsletter_sending", ""] == 0


def test_no_name_of_a_campaign_breaks_the_format() -> None:
    name = 'odd "name" \\ with\nlines\\n'

    assert samples(progress_of(campaign=name))["newsletter_sending", ""] == 1


def test_large_numbers_are_exact() -> None:
    progress = Progress(before=Counts(waiting=2**40 + 1))

    assert samples(progress)["newsletter_people", "waiting"] == 2**40 + 1
