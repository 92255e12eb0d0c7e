"""Limits that hold through restarts, which ledger this is, who sends, how many were planned."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Seconds: sa.types.TypeEngine[float] = sa.REAL().with_variant(sa.Double(), "postgresql")
Number = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
Words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add to the tables; whoever is in them stays."""
    for column in (
        sa.Column("people", Number, nullable=False, server_default="0"),
        sa.Column("sender", Words, nullable=False, server_default=""),
        sa.Column("sender_until", Seconds, nullable=False, server_default="0"),
    ):
        op.add_column("campaign", column)
    op.execute(
        "UPDATE campaign SET people ="
        " (SELECT count(*) FROM delivery WHERE delivery.campaign_id = campaign.id)"
    )
    unanswered = sa.text("code IS NULL")
    op.create_index(
        "attempt_unanswered",
        "attempt",
        ["delivery_id"],
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )
    op.create_table(
        "handed_over",
        sa.Column("relay", Words, primary_key=True),
        sa.Column("second", Number, primary_key=True, autoincrement=False),
        sa.Column("number", Number, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "instance",
        sa.Column("name", Words, primary_key=True),
        sa.Column("place", Words, nullable=False),
        sa.Column("generation", Number, nullable=False),
        sqlite_strict=True,
    )
