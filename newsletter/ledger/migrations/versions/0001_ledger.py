"""The first ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Seconds: sa.types.TypeEngine[float] = sa.REAL().with_variant(sa.Double(), "postgresql")
Number = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
Words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "campaign",
        sa.Column("id", Number, primary_key=True),
        sa.Column("name", Words, nullable=False, unique=True),
        sa.Column("announcement", Words, nullable=False),
        sa.Column("kind", Words, nullable=False),
        sa.Column("relay", Words, nullable=False),
        sa.Column("return_path", Words, nullable=False),
        sa.Column("planned_at", Seconds, nullable=False),
        sa.Column("started_at", Seconds),
        sa.Column("finished_at", Seconds),
        sa.Column("halted", Words, nullable=False, server_default=""),
        sa.Column("epoch", Number, nullable=False, server_default="0"),
        sa.Column("content_hash", Words, nullable=False),
        sa.Column("audience_hash", Words, nullable=False),
        sa.Column("lists", Words, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "skeleton",
        sa.Column("id", Number, primary_key=True),
        sa.Column("campaign_id", Number, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("language", Words, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("campaign_id", "language"),
        sqlite_strict=True,
    )
    op.create_table(
        "delivery",
        sa.Column("id", Number, primary_key=True),
        sa.Column("campaign_id", Number, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("address", Words, nullable=False),
        sa.Column("address_key", Words, nullable=False),
        sa.Column("first_name", Words, nullable=False),
        sa.Column("last_name", Words, nullable=False),
        sa.Column("display_name", Words, nullable=False),
        sa.Column("language", Words, nullable=False),
        sa.Column("message_id", Words, nullable=False, unique=True),
        sa.Column("state", Words, nullable=False),
        sa.Column("attempts", Number, nullable=False, server_default="0"),
        sa.Column("not_before", Seconds, nullable=False, server_default="0"),
        sa.Column("epoch", Number, nullable=False, server_default="0"),
        sa.UniqueConstraint("campaign_id", "address_key"),
        sqlite_strict=True,
    )
    due = ["campaign_id", "state", "not_before"]
    if op.get_bind().dialect.name == "postgresql":
        due.append("id")  # SQLite has it in every index
    op.create_index("delivery_due", "delivery", due)
    op.create_table(
        "attempt",
        sa.Column("id", Number, primary_key=True),
        sa.Column("delivery_id", Number, sa.ForeignKey("delivery.id"), nullable=False),
        sa.Column("at", Seconds, nullable=False),
        sa.Column("state", Words, nullable=False),
        sa.Column("phase", Words, nullable=False),
        sa.Column("code", Number),
        sa.Column("status", Words, nullable=False),
        sa.Column("text", Words, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_attempt_delivery_id", "attempt", ["delivery_id"])
    op.create_table(
        "exclusion",
        sa.Column("id", Number, primary_key=True),
        sa.Column("campaign_id", Number, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("address", Words, nullable=False),
        sa.Column("list", Words, nullable=False),
        sa.Column("reason", Words, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_exclusion_campaign_id", "exclusion", ["campaign_id"])
