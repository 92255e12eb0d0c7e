"""The statements that run for every group of messages, each one statement for the whole group.

The rows of a group go along as one JSON value. A row at a time (`executemany`) costs the sender
more than SQLite's work: around each row the driver gives up Python's lock, and waits to get it back
from the thread that speaks to the relay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import json
from sqlalchemy import Dialect

from newsletter.errors import LedgerError
from newsletter.ledger.states import Entry, State

REPLACED = "another sender has taken this campaign over; this one stops"

_WHOSE = "delivery.id = {0:bigint} AND delivery.epoch = {1:bigint}"
_INTEND = (
    f"UPDATE delivery SET state = '{State.HANDING_OVER}' FROM {{rows}} "  # noqa: S608 - our words
    f"WHERE {_WHOSE} AND delivery.state = '{State.CLAIMED}'"
)
_SETTLE = (
    "UPDATE delivery SET state = {2:text}, attempts = {3:int}, not_before = {4:float8} "  # noqa: S608 - our words
    f"FROM {{rows}} WHERE {_WHOSE} "
    f"AND delivery.state IN ('{State.CLAIMED}', '{State.HANDING_OVER}')"
)
_TESTIFY = (
    "INSERT INTO attempt (delivery_id, at, state, phase, code, status, text) SELECT {0:bigint}, "
    "{1:float8}, {2:text}, {3:text}, {4:int}, {5:text}, {6:text} FROM {rows} WHERE true"
)
_COUNT = (
    "INSERT INTO handed_over (relay, second, number) VALUES ({value}, {value}, {value}) "
    "ON CONFLICT (relay, second) DO UPDATE SET number = handed_over.number + excluded.number"
)

# All rows as one value, a value, and field {0} of a row as a {1}.
_SQLITE = "json_each(?) AS it", "?", "json_extract(it.value, '$[{0}]')"
_POSTGRESQL = "jsonb_array_elements(%s::jsonb) AS it(value)", "%s", "(it.value ->> {0})::{1}"


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of the rows that go along: `{2:text}` in a statement."""

    words: str
    number: int

    def __format__(self, kind: str) -> str:
        return self.words.format(self.number, kind)


class Statements:
    """What is written for intents and outcomes, in the words of one kind of database."""

    def __init__(self, dialect: Dialect) -> None:
        rows, value, field = _SQLITE if dialect.name == "sqlite" else _POSTGRESQL
        fields = [_Field(field, number) for number in range(7)]
        self._intend, self._settle, self._testify, self._count = (
            each.format(*fields, rows=rows, value=value)
            for each in (_INTEND, _SETTLE, _TESTIFY, _COUNT)
        )

    def intend(self, cursor: Any, intents: Sequence[tuple[int, int]]) -> None:
        """Write down whose final dot comes next, each as the delivery's id and our epoch."""
        cursor.execute(self._intend, (_rows(intents),))
        _expect(len(intents), cursor.rowcount)

    def count(self, cursor: Any, relay: str, second: int, number: int) -> None:
        """Write down that *relay* was handed so many messages in this second."""
        cursor.execute(self._count, (relay, second, number))

    def settle(self, cursor: Any, outcomes: Sequence[tuple[Entry, int]]) -> None:
        """Write down what became of attempts, each with our epoch."""
        for each in _rounds(outcomes):
            settled = [
                (entry.delivery_id, epoch, entry.state, entry.attempts, entry.not_before)
                for entry, epoch in each
            ]
            cursor.execute(self._settle, (_rows(settled),))
            _expect(len(each), cursor.rowcount)
            testimony = [_testimony(entry) for entry, _ in each]
            cursor.execute(self._testify, (_rows(testimony),))


def _rows(rows: Sequence[tuple[Any, ...]]) -> str:
    return json.encode(rows).decode()


def _rounds(
    outcomes: Sequence[tuple[Entry, int]],
) -> Iterator[list[tuple[Entry, int]]]:
    """Yield *outcomes* in their order, nobody twice in one round: a statement sees a row once."""
    round_: dict[int, tuple[Entry, int]] = {}
    for each in outcomes:
        if each[0].delivery_id in round_:
            yield list(round_.values())
            round_ = {}
        round_[each[0].delivery_id] = each
    yield list(round_.values())


def _testimony(entry: Entry) -> tuple[Any, ...]:
    told = (entry.delivery_id, entry.at, entry.state, entry.phase)
    if reply := entry.reply:
        return (*told, reply.code, reply.status, reply.text)
    return (*told, None, "", entry.reason)


def _expect(meant: int, changed: int) -> None:
    """A row that another sender took over in the meantime must stop this one."""
    if meant != changed:
        raise LedgerError(REPLACED)
