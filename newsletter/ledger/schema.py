"""The tables of the ledger, the same in SQLite and in PostgreSQL. Times are Unix seconds."""

from sqlalchemy import (
    REAL,
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

VERSION = "0002"  #: the newest migration

metadata = MetaData()

# What each is called where the tables are strict, and what holds as much in PostgreSQL.
Seconds: TypeEngine[float] = REAL().with_variant(Double(), "postgresql")
Number = Integer().with_variant(BigInteger(), "postgresql")
Words = Text().with_variant(Text(collation="C"), "postgresql")  # in the order of its bytes

campaign = Table(
    "campaign",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", Words, nullable=False, unique=True),
    Column("announcement", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("relay", Words, nullable=False),
    Column("return_path", Words, nullable=False),
    Column("planned_at", Seconds, nullable=False),
    Column("started_at", Seconds),
    Column("finished_at", Seconds),
    Column("halted", Words, nullable=False, server_default=""),
    Column("epoch", Number, nullable=False, server_default="0"),
    Column("content_hash", Words, nullable=False),
    Column("audience_hash", Words, nullable=False),
    Column("lists", Words, nullable=False),
    Column("people", Number, nullable=False, server_default="0"),  # the frozen audience
    # Who sends it, until when that holds without a word from there; see `lease`.
    Column("sender", Words, nullable=False, server_default=""),
    Column("sender_until", Seconds, nullable=False, server_default="0"),
    sqlite_strict=True,
)

skeleton = Table(
    "skeleton",
    metadata,
    Column("id", Number, primary_key=True),
    Column("campaign_id", Number, ForeignKey("campaign.id"), nullable=False),
    Column("language", Words, nullable=False),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("campaign_id", "language"),
    sqlite_strict=True,
)

# The index on the state changes with every step of a person's way. It is worth its 4 us: counting
# a million people takes 0.1 s with it, and 0.4 s without.
delivery = Table(
    "delivery",
    metadata,
    Column("id", Number, primary_key=True),
    Column("campaign_id", Number, ForeignKey("campaign.id"), nullable=False),
    Column("address", Words, nullable=False),
    Column("address_key", Words, nullable=False),
    Column("first_name", Words, nullable=False),
    Column("last_name", Words, nullable=False),
    Column("display_name", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("message_id", Words, nullable=False, unique=True),
    Column("state", Words, nullable=False),
    Column("attempts", Number, nullable=False, server_default="0"),
    Column("not_before", Seconds, nullable=False, server_default="0"),
    Column("epoch", Number, nullable=False, server_default="0"),
    UniqueConstraint("campaign_id", "address_key"),
    sqlite_strict=True,
)
_DUE = ("campaign_id", "state", "not_before")  # and then in the order of the list
Index("delivery_due", *(delivery.c[name] for name in _DUE)).ddl_if(dialect="sqlite")  # has the id
Index("delivery_due", *(delivery.c[name] for name in (*_DUE, "id"))).ddl_if(dialect="postgresql")

# Appended to, never changed: the evidence.
attempt = Table(
    "attempt",
    metadata,
    Column("id", Number, primary_key=True),
    Column("delivery_id", Number, ForeignKey("delivery.id"), nullable=False, index=True),
    Column("at", Seconds, nullable=False),
    Column("state", Words, nullable=False),
    Column("phase", Words, nullable=False),
    Column("code", Number),
    Column("status", Words, nullable=False),
    Column("text", Words, nullable=False),
    sqlite_strict=True,
)
Index(
    "attempt_unanswered",
    attempt.c.delivery_id,
    sqlite_where=attempt.c.code.is_(None),
    postgresql_where=attempt.c.code.is_(None),
)

exclusion = Table(
    "exclusion",
    metadata,
    Column("id", Number, primary_key=True),
    Column("campaign_id", Number, ForeignKey("campaign.id"), nullable=False, index=True),
    Column("address", Words, nullable=False),
    Column("list", Words, nullable=False),
    Column("reason", Words, nullable=False),
    sqlite_strict=True,
)

# How many messages went to a relay in each second: its limits hold through restarts.
handed_over = Table(
    "handed_over",
    metadata,
    Column("relay", Words, primary_key=True),
    Column("second", Number, primary_key=True, autoincrement=False),
    Column("number", Number, nullable=False),
    sqlite_strict=True,
)

# One row: which ledger this is, where it lives and how often it was written to; see `copies`.
instance = Table(
    "instance",
    metadata,
    Column("name", Words, primary_key=True),
    Column("place", Words, nullable=False),
    Column("generation", Number, nullable=False),
    sqlite_strict=True,
)
