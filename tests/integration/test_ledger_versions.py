"""How the tables of a ledger come to be, and come up to date."""

import contextlib
import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.engine.interfaces import ReflectedIndex

from newsletter.errors import LedgerError, SetupError
from newsletter.ledger import keeping, migrations, reading, schema, stores
from newsletter.ledger.book import Book
from newsletter.ledger.states import State
from newsletter.ledger.stores import Place
from tests.integration.campaigns import everybody, run
from tests.integration.ledgers import make, open_ledger
from tests.servers.postgresql import Postgresql


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "ledger.db"


def test_the_steps_lead_to_the_schema_in_the_code(path: Path, tmp_path: Path) -> None:
    make(path)
    written = create_engine(f"sqlite:///{tmp_path / 'written.db'}")
    schema.metadata.create_all(written)
    stepped = create_engine(f"sqlite:///{path}")
    try:
        assert shape(stepped) == shape(written)
    finally:
        written.dispose()
        stepped.dispose()


def test_the_steps_lead_to_the_schema_on_a_server(postgresql: Postgresql, tmp_path: Path) -> None:
    places = [postgresql.database(tmp_path) for _ in range(2)]
    make(places[0])
    stepped, written = (stores.at(place).for_writing() for place in places)
    schema.metadata.create_all(written)
    assert shape(stepped) == shape(written)


def shape(engine: Engine) -> dict[str, object]:
    """All that reflection can see of every table."""
    looked = inspect(engine)
    return {
        table: {
            "columns": [
                {**column, "type": str(column["type"])} for column in looked.get_columns(table)
            ],
            "key": looked.get_pk_constraint(table),
            "foreign": looked.get_foreign_keys(table),
            "unique": sorted(map(str, looked.get_unique_constraints(table))),
            "indexes": sorted(f"{_only(each)} {each}" for each in looked.get_indexes(table)),
            "options": looked.get_table_options(table),
        }
        for table in looked.get_table_names()
        if table != "alembic_version"
    }


def _only(index: ReflectedIndex) -> dict[str, str]:
    """For which rows an index is."""
    return {name: str(which) for name, which in index.pop("dialect_options", {}).items()}


def test_the_version_in_the_code_is_the_newest_step() -> None:
    [folder] = migrations.__path__
    assert ScriptDirectory(folder).get_heads() == [schema.VERSION]


OLD_ROWS = """
INSERT INTO campaign (id, name, announcement, kind, relay, return_path, planned_at, started_at,
  halted, epoch, content_hash, audience_hash, lists)
 VALUES (1, 'ceo', 'ceo', 'live', 'smtp://relay', 'ceo@example.org', 1000.5, 1001.25, 'stopped', 3,
  'hash', '{audience}', '["staff"]');
INSERT INTO skeleton (campaign_id, language, data) VALUES (1, 'nl', {data});
INSERT INTO delivery (id, campaign_id, address, address_key, first_name, last_name, display_name,
  language, message_id, state, attempts, not_before, epoch) VALUES
 (1, 1, 'A@b.c', 'a@b.c', 'A', '', 'A', 'nl', '<1@b.c>', 'accepted', 1, 0, 3),
 (2, 1, 'b@b.c', 'b@b.c', 'B', '', 'B', 'nl', '<2@b.c>', 'handing_over', 0, 0, 3),
 (3, 1, 'c@b.c', 'c@b.c', 'C', '', 'C', 'nl', '<3@b.c>', 'planned', 1, 1763900000.25, 2);
INSERT INTO attempt (delivery_id, at, state, phase, code, status, text) VALUES
 (1, 1002.5, 'accepted', 'dot', 250, '2.0.0', 'Ok'),
 (3, 1003.5, 'planned', 'rcpt', 450, '4.2.0', 'later');
INSERT INTO exclusion (campaign_id, address, list, reason) VALUES (1, 'x@b.c', 'staff', 'twice');
"""


def write_old(place: Place) -> None:
    """Make a ledger as the first version did, with a campaign in the middle of it."""
    audience = hashlib.sha256(b"a@b.c\nb@b.c\nc@b.c").hexdigest()
    store = stores.at(place)
    engine = store.for_writing()
    with engine.connect() as connection:
        migrations.upgrade(connection, store.alone, "0001")
        data = "x'5b5d'" if isinstance(place, Path) else r"'\x5b5d'"
        rows = OLD_ROWS.replace("{audience}", audience).replace("{data}", data)
        for statement in rows.strip().split(";\n"):
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_ledger_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it(
    place: Place,
) -> None:
    write_old(place)
    with pytest.raises(LedgerError, match="another version"), reading.reading(place):
        pass

    async def work() -> None:
        async with Book(place) as book:
            epoch = await book.start(1, 1763899000.0, lost=State.IN_DOUBT)
            assert epoch == 4
            assert await book.claim(1, epoch, 10, 1763899999.0) == ()
            [third] = await book.claim(1, epoch, 10, 1763900001.0)
            assert (str(third.recipient.address), third.attempts) == ("c@b.c", 1)

    run(work())
    assert keeping.damage(place) == ()
    with reading.reading(place) as ledger:
        [campaign] = reading.campaigns(ledger)
        assert [each.address for each in reading.exclusions(ledger, 1)] == ["x@b.c"]
    assert (campaign.people, campaign.planned_at, campaign.started_at) == (3, 1000.5, 1001.25)
    states = [(each.state, str(each.reply or "")) for each in everybody(place)]
    assert states == [
        (State.ACCEPTED, "250 2.0.0 Ok"),
        (State.IN_DOUBT, ""),
        (State.CLAIMED, "450 4.2.0 later"),
    ]


def test_a_ledger_of_a_newer_program_is_refused_and_left_alone(place: Place) -> None:
    set_version(place, "0999")
    with pytest.raises(SetupError, match="newer newsletter"):
        open_ledger(place)
    with pytest.raises(LedgerError, match="another version"), reading.reading(place):
        pass


def set_version(place: Place, version: str) -> None:
    connection = open_ledger(place)
    connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
    stores.close(connection)


def test_a_step_that_fails_leaves_nothing_behind(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE attempt (id INTEGER)")  # in the way of the third step
    with pytest.raises(LedgerError, match="already exists"):
        open_ledger(path)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        tables = raw.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("attempt",)]


def test_programs_that_open_it_at_once_make_one_ledger(place: Place) -> None:
    code = "import sys, pathlib; from newsletter.ledger import postgresql, stores;"
    code += "folder = pathlib.Path(sys.argv[1]);"
    code += "place = postgresql.Server(sys.argv[2], folder) if sys.argv[2:] else folder;"
    code += "stores.close(stores.open_for_writing(stores.at(place)))"
    where = [place] if isinstance(place, Path) else [place.folder, place.url]
    programs = [
        subprocess.Popen([sys.executable, "-c", code, *where], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    errors = [program.communicate(timeout=30)[1] for program in programs]
    assert [program.returncode for program in programs] == [0, 0, 0], errors
    with reading.reading(place) as ledger:
        for table in ("alembic_version", "instance"):
            assert ledger.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 1


def test_a_ledger_whose_making_was_cut_short_has_no_campaigns(
    postgresql: Postgresql, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.db"
    sqlite3.connect(path).close()
    path.touch()
    for place in (path, postgresql.database(tmp_path)):
        with reading.reading(place) as ledger:
            assert reading.campaigns(ledger) == ()
