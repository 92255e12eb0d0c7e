"""How the ledger's tables came to be, step by step, with alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, begin: str, to: str = "head") -> None:
    """Apply every step that the database lacks, in a transaction that *begin* begins."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, begin=begin)
    command.upgrade(config, to)
