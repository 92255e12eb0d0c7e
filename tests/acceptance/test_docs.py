"""The documentation tells the truth: its commands run, its lists are complete."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import fields

from newsletter.announcement import FIELDS
from newsletter.config import Config
from newsletter.sources.header import ALIASES
from tests.workplace import COMMAND, INTERVIEW, Workplace

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    commands = re.findall(r"^\$ (.+)$", "\n".join(_blocks(page, "console")), re.M)
    start = tmp_path
    if page.name != "README.md":  # the others speak of a workspace in use
        workplace = Workplace(tmp_path / "workspace")
        for name in ("staff", "managers", "board"):
            workplace.add_list(name, {"staff": range(30), "managers": range(20, 40)}.get(name, [3]))
        workplace.run("send", workplace.announce(), "--list", "staff", "--yes")
        start = workplace.root
    (tmp_path / "announcement.txt").write_bytes(INTERVIEW.read_bytes())

    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(commands)],
        cwd=start,
        env={**os.environ, "HOME": str(tmp_path), "PATH": f"{COMMAND.parent}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_is_in_the_readme() -> None:
    listed = subprocess.run([COMMAND, "--help"], capture_output=True, text=True).stdout
    commands = re.findall(r"^│ (\w+)  ", listed, re.M)

    readme = PAGES[0].read_text()
    assert len(commands) == 19
    assert not [name for name in commands if not re.search(rf"`(?:newsletter )?{name}\b", readme)]


def test_every_setting_is_in_the_docs() -> None:
    operating = (ROOT / "docs" / "operating.md").read_text()
    settings = [
        f"{section.name}.{setting.encode_name}"
        for section in fields(Config)
        for setting in fields(section.type)
    ]

    assert len(settings) > 10
    assert not [
        name for name in settings if f"`{name}`" not in operating and "password" not in name
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_row_of_a_table_has_a_cell_for_each_column(page: Path) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page.read_text(), re.M):
        cells = {row: len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(set(cells.values())) == 1, [
            row for row in cells if cells[row] != min(cells.values())
        ]


def test_every_field_and_column_is_in_the_docs() -> None:
    writing, people = ((ROOT / "docs" / f"{name}.md").read_text() for name in ("writing", "people"))

    assert not [name for name in FIELDS if f"| `{name}` |" not in writing]
    plain = people.lower().replace("-", "_").replace(" ", "_")
    assert not [name for name in ALIASES if name.replace("prenom", "prénom") not in plain]


def test_the_examples_of_the_writing_page_are_an_announcement(tmp_path: Path) -> None:
    page = ROOT / "docs" / "writing.md"
    workplace = Workplace(tmp_path / "workspace")
    workplace.relay("inbox:", "[checks]", 'rules = {"date-past" = "off"}')  # its date stands still
    (front,) = _blocks(page, "yaml")
    (body,) = _blocks(page, "markdown")
    workplace.announce("example", front + "\n" + body)
    for name in ("staff", "managers"):
        workplace.add_list(name, range(2))
    for name in ("ceo.png", "team.jpg"):
        (workplace.root / "announcements" / name).write_bytes(
            (ROOT / "announcements" / "nieuwe-ceo" / "nieuwe-ceo.png").read_bytes()
        )

    found = workplace.json("check", "example")["findings"]
    assert {each["rule"] for each in found} <= {"date-past"}  # the example does not age


def test_the_map_shows_the_rooms_on_the_floors_that_the_contract_checks() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    table = (ROOT / "ARCHITECTURE.md").read_text().split("| floor |")[1].split("\n\n")[0]
    rows = [re.findall(r"`(\w+)`", row.split("|")[2]) for row in table.splitlines()[2:]]

    assert [sorted(row) for row in rows] == [sorted(layer.split(" | ")) for layer in layers]
    rooms = {path.stem for path in (ROOT / "newsletter").iterdir() if not path.name.startswith("_")}
    assert {room for row in rows for room in row} == rooms


def test_no_file_of_the_package_has_outgrown_its_room() -> None:
    lines = {path: path.read_text().count("\n") for path in (ROOT / "newsletter").rglob("*.py")}

    assert len(lines) > 50
    assert not {path.name for path, count in lines.items() if count > 400}


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.M | re.S)
