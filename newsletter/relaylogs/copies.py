"""The copies of wanted messages that a log speaks of, each under the relay's own name for it."""

from collections.abc import Hashable
from typing import TypeVar

from newsletter.relaylogs.trace import Trace

MOST_KEPT = 100_000  #: a log that names more at once is hostile, or has lost the ends

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Copies:
    """Those under way, to which later lines add, and what counted of those before them."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, Trace] = {}
        self._earlier: dict[str, Trace] = {}

    def get(self, key: Hashable) -> Trace | None:
        """Return what is known of the copy under this name."""
        return self._under_way.get(key)

    def put(self, key: Hashable, trace: Trace) -> None:
        """Keep what is known of a copy."""
        if key not in self._under_way and len(self._under_way) >= MOST_KEPT:
            self.retire(next(iter(self._under_way)))
        self._under_way[key] = trace

    def retire(self, key: Hashable) -> None:
        """Let later lines under this name be about another message."""
        if trace := self._under_way.pop(key, None):
            weigh(self._earlier, trace)

    def heaviest(self) -> dict[str, Trace]:
        """Return what counts, by Message-ID."""
        found = dict(self._earlier)
        for trace in self._under_way.values():
            weigh(found, trace)
        return found


def weigh(found: dict[str, Trace], trace: Trace) -> None:
    """Keep *trace* if it weighs as much as what was found before of the same Message-ID."""
    earlier = found.get(trace.message_id)
    if not earlier or trace.verdict.weight >= earlier.verdict.weight:
        found[trace.message_id] = trace


def keep(kept: dict[Key, Value], key: Key, value: Value) -> None:
    """Keep *value*, and forget the oldest where there are too many."""
    if len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]
    kept[key] = value
