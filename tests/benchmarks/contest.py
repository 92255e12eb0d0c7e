"""Several ways to do one thing, in turns, so that a busy minute of the machine meets them all."""

import os
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

ROUNDS = 5

Contender = Callable[[], float]


class Row(NamedTuple):
    """One line of the table."""

    what: str
    goal: str
    found: str
    is_reached: bool | None  #: None: no goal was set for it


@contextmanager
def apart(server: int) -> Iterator[None]:
    """Gives the process *server* a processor of its own, and those that we start the others.

    Linux often puts two processes that talk to each other on one, and then both are slow.
    """
    ours = os.sched_getaffinity(0)
    if len(ours) > 1:
        os.sched_setaffinity(server, {max(ours)})
        os.sched_setaffinity(0, ours - {max(ours)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)


def rounds(contenders: Mapping[str, Contender], number: int = ROUNDS) -> dict[str, list[float]]:
    """Lets each have its turn, *number* times; returns what each found."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(number):
        for name, contender in contenders.items():
            found[name].append(contender())
    return found


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median over the rounds of ours to theirs in the same round."""
    return statistics.median(our / their for our, their in zip(ours, theirs, strict=True))


def at_least(what: str, goal: float, found: float, more: str = "") -> Row:
    return Row(what, f"≥ {goal:g} x", f"{found:,.2f} x{more}", found >= goal)


def at_most(what: str, goal: float, found: float, unit: str, more: str = "") -> Row:
    return Row(what, f"≤ {goal:g} {unit}", f"{found:,.2f} {unit}{more}", found <= goal)
