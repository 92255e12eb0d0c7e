"""Builds, judges, and writes docs/compared.md."""

import os
import platform
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path

from newsletter import announcement
from tests.benchmarks.rivals import building, judging
from tests.benchmarks.rivals.building import LANGUAGES, PICTURES, Tool
from tests.benchmarks.rivals.judging import Made
from tests.editions import paint
from tests.engines.chromium import Chromium
from tests.engines.packages import node

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "compared.md"
TITLES = {
    "interview": "An interview, as text only",
    "newsletter": "A newsletter with columns, a person, an event, figures and pictures",
}


def main() -> None:
    """Write the page and print its tables."""
    with tempfile.TemporaryDirectory() as folder:
        page = _page(Path(folder))
    PAGE.write_text(page, encoding="utf-8")
    print(page)


def _page(folder: Path) -> str:
    tools = building.tools(folder)
    beside = folder / "beside"
    beside.mkdir()
    for name, size in PICTURES.items():
        paint(beside / name, *size)
    tables = []
    with Chromium() as chromium:
        for newsletter, title in TITLES.items():
            seconds = building.seconds(tools, newsletter)
            made = [_made(tool, newsletter) for tool in tools]
            scores = judging.judge(made, chromium, beside)
            for tool, score in zip(tools, scores, strict=True):
                score["build, whole process"] = f"{seconds[tool.name]:.2f} s"
            tables.append(f"## {title}\n\n{_table(tools, scores)}")
    return _HEAD.format(**_versions()) + "\n\n".join(tables) + "\n\n" + _NOTES


def _made(tool: Tool, newsletter: str) -> Made:
    source = building.INTERVIEW if newsletter == "interview" else building.HERE / "newsletter"
    edition = announcement.load(source, LANGUAGES).editions[0]
    tool.build_text(newsletter)
    return Made(
        tool=tool.name,
        edition=edition,
        html=tool.made(newsletter, "nl"),
        text=tool.made_text(newsletter, "nl"),
    )


def _table(tools: list[Tool], scores: list[dict[str, str]]) -> str:
    names = [tool.name for tool in tools]
    rows = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    rows += [f"| {row} | {' | '.join(score[row] for score in scores)} |" for row in scores[0]]
    return "\n".join(rows)


def _versions() -> Mapping[str, str]:
    said = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True)
    return {
        "today": date.today().isoformat(),
        "newsletter": version("newsletter"),
        "python": platform.python_version(),
        "node": said.stdout.strip().removeprefix("v"),
        "cores": str(os.cpu_count()),
    }


_HEAD = """\
# Compared with other tools

Written by `make rivals` on {today}: the same newsletters in newsletter {newsletter} (Python
{python}), MJML 5.4.1 and react-email 6.11.13 (Node {node}), built by their own commands and held
to the same checks. Their sources are in `tests/benchmarks/rivals`, written with the components of
each tool, its `lang`, `alt` and preview text. Fewer is better in every row with a number.

Build times are medians of five, in turns, on a machine with {cores} cores: of the interview in
three languages, of the newsletter in one. Ours has the checks, the text and the .eml in it; theirs
the HTML alone. A build before these has read the theme, and kept that in `var/compiled`; where none
has, ours takes a third longer.

"""

_NOTES = """\
## Where we are not ahead, and why

- **Bytes of HTML**, of react-email: it lays nothing out for Outlook's Word engine (no ghost tables,
  no `mso-` properties), writes no colours of its own for a dark screen and nothing for phones; its
  columns do not go under each other, hence the words off the screen at 280 and 320 px. Ours stay
  under half of what Gmail shows.
- **Bytes in `<style>`**: three layers of dark mode and smaller type on phones; react-email has
  none of either, MJML only the widths of columns. Gmail takes 16,384.
- **Build, whole process**, where a newsletter has pictures and an event: about as long as MJML, for
  ours makes each picture fit for a mail and writes a file for calendars. In a process that stays,
  as the desk is, ours takes less than a third of its time (`make bench`).

## What to know about the rows

axe-core (without `region` and `landmark-one-main`, which are about pages), html-validate,
SpamAssassin and rspamd are the judgement of others; the other rows are ours. html-validate leaves
out the same rules for all, those that no mail can keep (`tests/engines/validators.py`). The mail
programs are the fourteen of `newsletter check`, by caniemail's data, with the same allowances for
what may be missing. Rows of `newsletter check` that stand apart here are not counted twice. A dark
mode can be written by hand in MJML and react-email; their components bring none.
"""

if __name__ == "__main__":
    main()
