"""A ledger on a PostgreSQL server: how it is opened, kept from other senders, and recognised."""

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from newsletter.errors import LedgerError, SetupError, UsageError
from newsletter.ledger.stamp import Stamp

# In each transaction, not once a connection: PgBouncer may give the next one another connection.
_BEGIN = "BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '10s'"
_ALONE = f"{_BEGIN}; SELECT pg_advisory_xact_lock(hashtext('newsletter ledger'))"
_CONNECT = {"connect_timeout": 10, "application_name": "newsletter", "prepare_threshold": None}


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a PostgreSQL server, as the workspace in *folder* uses it."""

    url: str
    folder: Path  #: where the workspace keeps what it knows of the ledger
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Postgresql:
    """The ledger on *server*."""

    server: Server
    begin = _BEGIN
    alone = _ALONE  #: nobody else makes or changes tables meanwhile
    leases = True  #: other machines may send from the same ledger
    kinds = ("server", "database")

    def __str__(self) -> str:
        return self.server.url

    @property
    def stamp(self) -> Stamp:
        """Return the file that says which generation of the ledger this workspace saw last."""
        return Stamp(self.server.folder / "ledger.stamp")

    @property
    def sender(self) -> str:
        """Return who we are to other machines. Within a workspace its own lock keeps order."""
        return f"{socket.gethostname()}:{self.server.folder.resolve()}"

    def exists(self) -> bool:
        """Whether there is a ledger: whoever cannot reach it must hear that, so it is there."""
        return True

    def for_writing(self) -> Engine:
        """Return an engine; transactions are begun by hand: see `writer`."""
        self.server.folder.mkdir(parents=True, exist_ok=True)
        return self._engine(isolation_level="AUTOCOMMIT")

    def for_reading(self) -> Engine:
        """Return an engine that can change nothing, and sees all as it was at one moment."""
        return self._engine(
            isolation_level="REPEATABLE READ", execution_options={"postgresql_readonly": True}
        )

    def _engine(self, **options: Any) -> Engine:
        try:
            return create_engine(
                self._url(),
                paramstyle="format",
                poolclass=NullPool,
                connect_args=_CONNECT,
                **options,
            )
        except ModuleNotFoundError:
            raise SetupError(
                "a ledger on PostgreSQL needs psycopg: `pip install 'newsletter[postgresql]'`"
            ) from None

    def _url(self) -> URL:
        try:
            url = make_url(self.server.url)
        except (ArgumentError, NoSuchModuleError, ValueError):  # its words might show a password
            raise SetupError(
                "database.url cannot be read; write `postgresql://user@host/database`"
            ) from None
        return url.set(
            drivername="postgresql+psycopg", password=self.server.password or url.password
        )

    def add(
        self, connection: Connection, table: Table, columns: str, rows: Iterable[Sequence[Any]]
    ) -> None:
        """Add many rows, as they come."""
        cursor: Any = connection.connection.cursor()
        with cursor.copy(f"COPY {table.name} ({', '.join(columns.split())}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {table.name}")  # else the first queries go by an empty table

    def place(self, connection: Connection) -> str:
        """Return what tells this database from a copy of it: the server's cluster, its number."""
        may_ask = "SELECT has_function_privilege('pg_control_system()', 'execute')"
        server = "unnamed"
        if connection.exec_driver_sql(may_ask).scalar():
            server = connection.exec_driver_sql(
                "SELECT system_identifier FROM pg_control_system()"
            ).scalar_one()
        database = connection.exec_driver_sql(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).scalar_one()
        return f"{server} {database}"

    def damage(self, _connection: Connection, *, thorough: bool) -> tuple[str, ...]:
        """Return nothing: the server looks after its own files."""
        return ()

    def about(self) -> str:
        """Return where it is, and which PostgreSQL keeps it."""
        engine = self.for_reading()
        try:
            with engine.connect() as connection:
                version = connection.exec_driver_sql("SHOW server_version").scalar_one()
                flushes = connection.exec_driver_sql("SHOW fsync").scalar_one()
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            raise LedgerError(f"{self}: the server does not let us in: {reason}") from error
        finally:
            engine.dispose()
        says = f"{self}, PostgreSQL {version}"
        return says if flushes == "on" else f"{says}; its `fsync` is off: a fall loses people"

    def back_up(self, target: Path) -> None:
        """Tell who does that."""
        raise UsageError(f"the ledger is on a server: `pg_dump --format=custom -f {target} ...`")
