"""Refusals that are not believed yet: of one person, or of all that we send?

A 5xx does not tell: servers use 5.7.1, 5.1.8, 5.2.0, 552 and bare 550 for both. A refusal stands
when somebody who came after it is accepted; many in a row are a refusal of us.
"""

from dataclasses import replace

from newsletter.ledger.states import Entry, State

MOST = 10  #: people refused in a row, nobody accepted between: then it is about us


class Refusals:
    """The refusals since the last acceptance, numbered in the order they came."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self.count = 0  #: all there have been

    def __bool__(self) -> bool:
        return bool(self._entries)

    def add(self, entry: Entry) -> None:
        """Take *entry* in until it is believed or taken back."""
        self._entries[self.count] = entry
        self.count += 1

    @property
    def are_too_many(self) -> bool:
        """Whether it is us that the relay refuses."""
        return len(self._entries) >= MOST

    @property
    def last(self) -> Entry:
        """Return the newest of them."""
        *_, entry = self._entries.values()
        return entry

    def believed(self, before: int) -> list[Entry]:
        """Return those that came before number *before*: they stand, and are forgotten here."""
        numbers = [number for number in self._entries if number < before]
        return [self._entries.pop(number) for number in numbers]

    def taken_back(self) -> list[Entry]:
        """Return all of them as people who wait again, uncharged, behind all the others.

        Were they first once more, ten dead addresses at the top of a list would halt every resume.
        """
        entries = [
            replace(entry, state=State.PLANNED, attempts=entry.attempts - 1, not_before=entry.at)
            for entry in self._entries.values()
        ]
        self._entries.clear()
        return entries
