"""During one run nobody moves the time: not whoever sets the machine's clock, nor summer time."""

import time

import pytest

from newsletter.clock import Clock

DAY = 86_400.0


class Machine:
    """A machine whose clock may be set."""

    def __init__(self) -> None:
        self.shown = 1_800_000_000.0
        self.up = 1_000.0

    def passes(self, seconds: float) -> None:
        self.shown += seconds
        self.up += seconds


@pytest.mark.parametrize("jump", [DAY, -DAY, 3600.0, -3600.0])
def test_setting_the_clock_of_the_machine_does_not_move_ours(jump: float) -> None:
    machine = Machine()
    clock = Clock(wall=lambda: machine.shown, steady=lambda: machine.up)

    machine.shown += jump

    assert clock() == 1_800_000_000.0
    machine.passes(300)
    assert clock() == 1_800_000_300.0


def test_a_new_run_takes_the_time_that_the_machine_shows() -> None:
    machine = Machine()
    machine.shown += DAY

    assert Clock(wall=lambda: machine.shown, steady=lambda: machine.up)() == machine.shown


def test_it_shows_unix_time_and_goes_on() -> None:
    clock = Clock()

    before = clock()
    time.sleep(0.01)

    assert abs(clock() - time.time()) < 1
    assert 0.01 <= clock() - before < 5
