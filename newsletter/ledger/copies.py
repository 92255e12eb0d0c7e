"""Which ledger this is, and whether it is still the one that was sent from: a copy may not send.

A copy does not know to whom the original wrote since it was made, so it would write to them again.
Three things give it away: it lives elsewhere; it was put back, and a small file beside it knows a
later generation; it was made by `newsletter ledger backup`, which says so in the copy.
"""

import secrets
from typing import Protocol

from sqlalchemy import Connection, insert, select, update

from newsletter.errors import LedgerError
from newsletter.ledger import schema
from newsletter.ledger.stamp import Stamp

BACKUP = "backup -"  #: where a backup lives: nowhere yet

_instance = schema.instance.c


class Home(Protocol):
    """What can be seen of where a ledger lives."""

    @property
    def alone(self) -> str: ...

    @property
    def stamp(self) -> Stamp: ...

    @property
    def kinds(self) -> tuple[str, str]: ...

    def place(self, connection: Connection) -> str: ...


def settle_in(connection: Connection, home: Home) -> None:
    """Give a ledger that is new, or older than this, its name and its place."""
    if connection.execute(select(schema.instance)).first():
        return
    connection.exec_driver_sql(home.alone)
    if not connection.execute(select(schema.instance)).first():  # nobody was faster
        connection.execute(
            insert(schema.instance).values(
                name=secrets.token_hex(8), place=home.place(connection), generation=0
            )
        )
    connection.exec_driver_sql("COMMIT")


def refuse(connection: Connection, home: Home) -> None:
    """Raise `LedgerError` where this is a copy."""
    if how := difference(connection, home):
        raise LedgerError(
            f"{home} is a copy: {how}. Nothing leaves from it, for whoever was written to since it "
            "was made is not known here. If it takes the place of the original for good, run "
            "`newsletter ledger adopt`"
        )


def difference(connection: Connection, home: Home) -> str:
    """Return in words by what this is seen to be a copy; "" where it is none."""
    row = connection.execute(select(schema.instance)).one_or_none()
    if row is None:  # ended while it was made
        return ""
    if row.place == BACKUP:
        return "`newsletter ledger backup` made it"
    for kind, then, now in zip(
        home.kinds, row.place.split(), home.place(connection).split(), strict=True
    ):
        if then != now:
            return f"when mail was last sent from it, it was another {kind}"
    if home.stamp.generation(row.name) > row.generation:
        return f"it was put back, for {home.stamp.path} knows of a later one"
    return ""


def renew(connection: Connection) -> tuple[str, int]:
    """Begin the next generation, with whatever this transaction does; return it with the name."""
    row = connection.execute(
        update(schema.instance)
        .values(generation=_instance.generation + 1)
        .returning(_instance.name, _instance.generation)
    ).one()
    return row.name, row.generation


def take_in(connection: Connection, home: Home) -> None:
    """Make this the original: it lives here, under a name of its own."""
    connection.execute(
        update(schema.instance).values(name=secrets.token_hex(8), place=home.place(connection))
    )
