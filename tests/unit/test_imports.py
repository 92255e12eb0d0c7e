import subprocess
import sys
from pathlib import Path

import pytest

from tests.workplace import Workplace


@pytest.mark.parametrize("room", ["newsletter.ledger.reading", "newsletter.ledger.book"])
def test_the_ledger_imports_nothing_that_renders(room: str) -> None:
    script = f"import sys; import {room}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    loaded = set(ran.stdout.split())
    assert room in loaded
    assert not {"jinja2", "babel", "PIL", "premailer", "lxml", "newsletter.rendering"} & loaded


@pytest.mark.parametrize("room", ["newsletter.campaign.sending", "newsletter.campaign.examining"])
def test_cryptography_is_loaded_only_where_a_key_is_set(room: str) -> None:
    script = f"import sys; import {room}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    loaded = set(ran.stdout.split())
    assert room in loaded
    assert not {"cryptography", "newsletter.dkim"} & loaded


def test_a_build_loads_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path / "workspace")
    workplace.announce()
    workplace.run("build", "kantine")  # and keeps what it made of the theme
    script = (
        "import sys, newsletter.cli; sys.argv[:] = ['newsletter', 'build', 'kantine']\n"
        "try: newsletter.cli.main()\n"
        "finally: print(*sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=workplace.root,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(ran.stdout.split())
    assert {"premailer", "jinja2", "newsletter.checks"} <= loaded
    sending = {"sqlalchemy", "alembic", "aiosmtplib", "asyncio", "newsletter.ledger"}
    seldom = {"PIL", "email_validator", "icalendar", "cssutils.css", "rich", "cryptography"}
    assert not (sending | seldom) & loaded
