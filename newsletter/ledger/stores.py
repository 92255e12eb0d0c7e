"""Where a ledger is, in a file or on a server, and how it is opened there."""

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Table, inspect
from sqlalchemy.exc import SQLAlchemyError

from newsletter.errors import LedgerError, SetupError
from newsletter.ledger import copies, schema
from newsletter.ledger.postgresql import Postgresql, Server
from newsletter.ledger.sqlite import Sqlite


class Store(copies.Home, Protocol):
    """What differs between one kind of database and another."""

    @property
    def begin(self) -> str: ...

    @property
    def sender(self) -> str: ...

    @property
    def leases(self) -> bool: ...

    def exists(self) -> bool: ...

    def for_writing(self) -> Engine: ...

    def for_reading(self) -> Engine: ...

    def add(
        self, connection: Connection, table: Table, columns: str, rows: Iterable[Sequence[Any]]
    ) -> None: ...

    def place(self, connection: Connection) -> str: ...

    def damage(self, connection: Connection, *, thorough: bool) -> tuple[str, ...]: ...

    def back_up(self, target: Path) -> None: ...

    def about(self) -> str: ...


Place = Path | Server


def at(place: Place) -> Store:
    """Return the store of the ledger at *place*."""
    return Postgresql(place) if isinstance(place, Server) else Sqlite(place)


def open_for_writing(store: Store, *, adopting: bool = False) -> Connection:
    """Return a connection to the ledger, made or brought up to date if need be.

    A copy is refused, but for somebody who is *adopting* it.
    """
    connection: Connection | None = None
    try:
        connection = store.for_writing().connect()
        _bring_up_to_date(connection, store)
        copies.settle_in(connection, store)
        if not adopting:
            copies.refuse(connection, store)
    except BaseException as error:
        if connection:
            close(connection)
        if isinstance(error, OSError | SQLAlchemyError):
            raise LedgerError(f"{store}: the ledger cannot be opened: {reason(error)}") from error
        raise
    return connection


def close(connection: Connection) -> None:
    """Let go of the ledger; one that is gone already is no harm."""
    with contextlib.suppress(SQLAlchemyError):
        connection.close()
    connection.engine.dispose()


def reason(error: Exception) -> str:
    """Return why, in the database's own words, on one line: the rest may be about a person."""
    return next(iter(str(getattr(error, "orig", error)).splitlines()), type(error).__name__)


def refuse_damage(connection: Connection, store: Store) -> None:
    """Raise `LedgerError` where the file is damaged."""
    if damage := store.damage(connection, thorough=False):
        raise LedgerError(
            f"{store} is damaged: {damage[0]}. Nothing leaves; put your last backup of it back, "
            "then `newsletter ledger check`"
        )


def version(connection: Connection) -> str | None:
    """Return which step the tables are at; None where there are none yet."""
    if not inspect(connection).has_table("alembic_version"):  # it may have been cut short
        return None
    found: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return found


def _bring_up_to_date(connection: Connection, store: Store) -> None:
    found = version(connection)
    if found == schema.VERSION:
        return
    if found is not None and found > schema.VERSION:
        raise SetupError(
            f"{store} was written by a newer newsletter; install that version to use it"
        )
    from newsletter.ledger import migrations  # alembic costs 0.2 s and is rarely needed

    migrations.upgrade(connection, store.alone)
