"""The statements that run for every message, compiled once to what the driver takes.

They run with `executemany` on plain tuples: SQLAlchemy's way from a statement and its values to
the driver costs more than SQLite's work.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Dialect,
    bindparam,
    insert,
    literal_column,
    or_,
    text,
    update,
)

from newsletter.errors import LedgerError
from newsletter.ledger import schema
from newsletter.ledger.states import Entry, State

REPLACED = "another sender has taken this campaign over; this one stops"

_delivery = schema.delivery.c


# States that are part of the statement, not values that are sent along with each row.
_CLAIMED: ColumnElement[str] = literal_column(f"'{State.CLAIMED}'")
_HANDING_OVER: ColumnElement[str] = literal_column(f"'{State.HANDING_OVER}'")
_INTEND = (
    update(schema.delivery)
    .where(
        _delivery.id == bindparam("delivery_id"),
        _delivery.epoch == bindparam("own_epoch"),
        _delivery.state == _CLAIMED,
    )
    .values(state=_HANDING_OVER)
)
_SETTLE = (
    update(schema.delivery)
    .where(
        _delivery.id == bindparam("delivery_id"),
        _delivery.epoch == bindparam("own_epoch"),
        or_(
            _delivery.state == _CLAIMED,
            _delivery.state == _HANDING_OVER,
        ),
    )
    .values(
        state=bindparam("new_state"),
        attempts=bindparam("new_attempts"),
        not_before=bindparam("new_not_before"),
    )
)
_TESTIFY = (
    insert(schema.attempt)
    .values(
        {column.name: bindparam(column.name) for column in schema.attempt.c if column.name != "id"}
    )
    .inline()  # nobody asks for the new row's id
)
_COUNT = text(
    "INSERT INTO handed_over (relay, second, number) VALUES (:relay, :second, :number) "
    "ON CONFLICT (relay, second) DO UPDATE SET number = handed_over.number + excluded.number"
)


class Statements:
    """What is written for intents and outcomes, in the words of one kind of database."""

    def __init__(self, dialect: Dialect) -> None:
        self._intend = _compiled(dialect, _INTEND, "delivery_id own_epoch")
        self._settle = _compiled(
            dialect, _SETTLE, "new_state new_attempts new_not_before delivery_id own_epoch"
        )
        self._testify = _compiled(dialect, _TESTIFY, "delivery_id at state phase code status text")
        self._count = _compiled(dialect, _COUNT, "relay second number")

    def intend(self, cursor: Any, intents: Sequence[tuple[int, int]]) -> None:
        """Write down whose final dot comes next, each as the delivery's id and our epoch."""
        cursor.executemany(self._intend, intents)
        _expect(len(intents), cursor.rowcount)

    def count(self, cursor: Any, relay: str, second: int, number: int) -> None:
        """Write down that *relay* was handed so many messages in this second."""
        cursor.execute(self._count, (relay, second, number))

    def settle(self, cursor: Any, outcomes: Sequence[tuple[Entry, int]]) -> None:
        """Write down what became of attempts, each with our epoch."""
        cursor.executemany(
            self._settle,
            [
                (entry.state, entry.attempts, entry.not_before, entry.delivery_id, epoch)
                for entry, epoch in outcomes
            ],
        )
        _expect(len(outcomes), cursor.rowcount)
        cursor.executemany(self._testify, [_testimony(entry) for entry, _ in outcomes])


def _compiled(dialect: Dialect, statement: ClauseElement, names: str) -> str:
    """Return *statement* in the driver's words; its values are given in the order of *names*."""
    compiled = statement.compile(dialect=dialect)
    if (found := compiled.positiontup) != names.split():  # type: ignore[attr-defined]
        raise AssertionError(f"{statement} takes {found}")
    return str(compiled)


def _testimony(entry: Entry) -> tuple[Any, ...]:
    told = (entry.delivery_id, entry.at, entry.state, entry.phase)
    if reply := entry.reply:
        return (*told, reply.code, reply.status, reply.text)
    return (*told, None, "", entry.reason)


def _expect(meant: int, changed: int) -> None:
    """A row that another sender took over in the meantime must stop this one."""
    if meant != changed:
        raise LedgerError(REPLACED)
