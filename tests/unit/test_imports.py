import subprocess
import sys

import pytest


@pytest.mark.parametrize("room", ["newsletter.ledger.reading", "newsletter.ledger.book"])
def test_the_ledger_imports_nothing_that_renders(room: str) -> None:
    script = f"import sys; import {room}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    loaded = set(ran.stdout.split())
    assert room in loaded
    assert not {"jinja2", "babel", "PIL", "premailer", "lxml", "newsletter.rendering"} & loaded
