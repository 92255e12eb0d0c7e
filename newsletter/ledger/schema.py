"""The tables of the ledger, and the SQLite file that holds them.

Times are Unix seconds. SQLite runs in WAL mode with synchronous=FULL: what is committed survives
a power loss. One writer connection exists at a time, and it is the only one that checkpoints, for
SQLite before 3.51.3 can corrupt a WAL that two connections reset at once.
"""

from pathlib import Path
from urllib.parse import quote

from sqlalchemy import (
    REAL,
    URL,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from newsletter.errors import LedgerError, SetupError

VERSION = "0001"  #: the newest migration

metadata = MetaData()

campaign = Table(
    "campaign",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("announcement", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("relay", Text, nullable=False),
    Column("return_path", Text, nullable=False),
    Column("planned_at", REAL, nullable=False),
    Column("started_at", REAL),
    Column("finished_at", REAL),
    Column("halted", Text, nullable=False, server_default=""),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("content_hash", Text, nullable=False),
    Column("audience_hash", Text, nullable=False),
    Column("lists", Text, nullable=False),
    sqlite_strict=True,
)

skeleton = Table(
    "skeleton",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", Integer, ForeignKey("campaign.id"), nullable=False),
    Column("language", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("campaign_id", "language"),
    sqlite_strict=True,
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", Integer, ForeignKey("campaign.id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", REAL, nullable=False, server_default="0"),
    Column("epoch", Integer, nullable=False, server_default="0"),
    UniqueConstraint("campaign_id", "address_key"),
    Index("delivery_due", "campaign_id", "state", "not_before"),
    sqlite_strict=True,
)

# Appended to, never changed: the evidence.
attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", Integer, ForeignKey("delivery.id"), nullable=False, index=True),
    Column("at", REAL, nullable=False),
    Column("state", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("code", Integer),
    Column("status", Text, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_strict=True,
)

exclusion = Table(
    "exclusion",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", Integer, ForeignKey("campaign.id"), nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("list", Text, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_strict=True,
)


def open_for_writing(path: Path) -> Engine:
    """Return an engine on the ledger at *path*, made or brought up to date if need be.

    Transactions are begun by hand (BEGIN IMMEDIATE): see `writer`.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)), isolation_level="AUTOCOMMIT")
    event.listen(engine, "connect", _prepare)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with engine.connect() as connection:
            _bring_up_to_date(connection, path)
    except BaseException as error:
        engine.dispose()
        if isinstance(error, OSError | SQLAlchemyError):
            reason = getattr(error, "orig", error)
            raise LedgerError(f"{path}: the ledger cannot be opened: {reason}") from error
        raise
    return engine


def open_for_reading(path: Path) -> Engine:
    """Return an engine on the ledger at *path* that can change nothing."""
    url = URL.create("sqlite", database=f"file:{quote(str(path))}", query=_READ_ONLY)
    return create_engine(url, isolation_level="AUTOCOMMIT")


_READ_ONLY = {"mode": "ro", "uri": "true"}


def _prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "busy_timeout = 10000",
        "foreign_keys = ON",
        "trusted_schema = OFF",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def version(connection: Connection) -> str | None:
    """Return which step the tables are at; None where there are none yet."""
    table = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    if connection.exec_driver_sql(table).first() is None:
        return None
    found: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return found


def _bring_up_to_date(connection: Connection, path: Path) -> None:
    found = version(connection)
    if found == VERSION:
        return
    if found is not None and found > VERSION:
        raise SetupError(
            f"{path} was written by a newer newsletter; install that version to use it"
        )
    from newsletter.ledger import migrations  # alembic costs 0.2 s and is rarely needed

    migrations.upgrade(connection)
