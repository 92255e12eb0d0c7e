"""What the build puts into the wheel; each builds one, for which pip fetches the backend."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".*", "var", "tests", "__pycache__", "support.json", "LICENSE-caniemail.txt"
)

pytestmark = pytest.mark.slow


def build(folder: Path, **environment: str) -> tuple[ZipFile, str]:
    """Return the wheel of a fresh copy of the tree, and what pip said on the way."""
    shutil.copytree(ROOT, folder / "tree", ignore=LEFT_OUT)
    command = [sys.executable, "-m", "pip", "wheel", "-v", "--no-deps", "--build-constraint"]
    done = subprocess.run(
        [*command, ROOT / "constraints.txt", "-w", folder, folder / "tree"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    return ZipFile(wheel), done.stdout + done.stderr


def test_the_wheel_knows_what_mail_programs_support_and_under_which_licence(tmp_path: Path) -> None:
    wheel, _ = build(tmp_path)

    data = json.loads(wheel.read("newsletter/clients/support.json"))
    assert len(data["features"]) > 300
    assert "outlook-windows" in data["clients"]
    licence = wheel.read("newsletter/clients/LICENSE-caniemail.txt").decode()
    assert "Permission is hereby granted, free of charge" in licence
    held = wheel.namelist()
    for name in (
        "clients/progressive.toml",
        "preview/page.html.j2",
        "preview/page.css",
        "preview/page.js",
    ):
        assert f"newsletter/{name}" in held


def test_where_npm_reaches_nothing_the_rest_is_built_and_the_reason_said(tmp_path: Path) -> None:
    wheel, said = build(tmp_path, npm_config_registry="http://127.0.0.1:1/")

    assert "newsletter/clients/support.json" not in wheel.namelist()
    assert "newsletter/clients/support.py" in wheel.namelist()
    assert "newsletter/clients/support.json is not made" in said
    assert "Install again where npm reaches its registry" in said
