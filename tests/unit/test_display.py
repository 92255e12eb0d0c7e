"""What the screen says of a send: why it waits, how fast it is, how long it will take."""

import threading
import time

import pytest

from newsletter.cli import display
from newsletter.cli.display import Pace, left, why_waiting
from newsletter.ledger.states import Counts
from newsletter.progress import Progress


def sending(**changes: object) -> Progress:
    progress = Progress(campaign="ceo", before=Counts(waiting=100))
    for name, value in changes.items():
        setattr(progress, name, value)
    return progress


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (sending(), ""),
        (Progress(), "Connecting to the relay"),
        (sending(trouble="421 4.3.2 Later"), "Trying again, for the relay fails (421 4.3.2 Later)"),
        (sending(is_stopping=True), "Stopping after the messages under way; a second Ctrl-C, or"),
        (sending(resting_until=1.8e9), "Waiting until 2027-01-15 "),
        (sending(limited_until=1.8e9), "for the relay's limits"),
        (sending(trouble="421", is_stopping=True), "Stopping"),
    ],
)
def test_it_says_why_nothing_much_happens(progress: Progress, said: str) -> None:
    assert said in why_waiting(progress.snapshot())
    assert bool(said) is bool(why_waiting(progress.snapshot()))


def test_speed_is_that_of_the_last_while() -> None:
    pace = Pace()
    speeds = [pace.at(10 * second, 1000.0 + second) for second in range(1, 61)]
    assert speeds[-1] == pytest.approx(10)

    slower = [pace.at(600 + second, 1060.0 + second) for second in range(1, 41)]
    assert slower[-1] == pytest.approx(1)


def test_what_came_before_the_first_message_is_no_part_of_the_speed() -> None:
    pace = Pace()
    for second in range(60):  # planning a million people
        assert pace.at(0, 1000.0 + second) == 0

    assert pace.at(50, 1060.0) == pytest.approx(50)


def test_the_time_left_goes_by_the_speed() -> None:
    assert left(sending(accepted=40).snapshot(), 100, 10.0) == ", about 6 s left"
    assert left(sending(accepted=40).snapshot(), 100, 0.0) == ""


def test_the_time_left_goes_by_the_limits_where_they_take_longer() -> None:
    progress = sending(accepted=40, ends_at=time.time() + 7200)

    assert left(progress.snapshot(), 100, 10.0) == ", about 2 hours left"


def test_lines_hide_the_addresses_that_a_relay_repeats(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "BETWEEN_LINES", 0.0)
    progress, over = sending(trouble="450 <jan@example.org> is busy"), threading.Event()
    showing = threading.Thread(target=display.show, args=(progress, 100, over))
    showing.start()
    time.sleep(0.3)
    over.set()
    showing.join()

    printed = capsys.readouterr().out
    assert "the relay fails (450 <***> is busy): accepted 0 · refused 0" in printed
