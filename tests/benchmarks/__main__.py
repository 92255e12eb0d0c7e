"""How fast mail leaves, beside what else could send it: ratios, for these machines are noisy.

`make bench` measures all of it and writes the table into docs/benchmarks.md, which says how.
`python -m tests.benchmarks send rivals` measures only these, and prints them.
"""

import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import building, large, relays, sending
from tests.benchmarks.contest import Row

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PARTS: dict[str, Callable[[], list[Row]]] = {
    "send": sending.send,
    "rivals": sending.rivals,
    "postfix": relays.postfix,
    "distance": relays.distance,
    "signing": relays.signing,
    "large": large.large,
}
_HEAD = "| against, or of | to reach | found | |\n|---|---|---|---|"


def main() -> None:
    """Measure the parts that are named, or all; then the table is kept."""
    asked = sys.argv[1:]
    if unknown := set(asked) - {*PARTS, "build"}:
        raise SystemExit(f"no such part: {', '.join(unknown)}; there are build, {', '.join(PARTS)}")
    rows = []
    for name in asked or PARTS:
        if name in PARTS:
            rows += _told(PARTS[name]())
    if not asked:
        _keep(rows)
    if not asked or "build" in asked:
        building.compare()
    if missed := [row.what for row in rows if row.is_reached is False]:
        print(f"Not reached: {'; '.join(missed)}")


def _told(rows: list[Row]) -> list[Row]:
    for row in rows:
        print(f"  {row.what:55} {row.goal:10} {row.found:38} {_mark(row)}", flush=True)
    return rows


def _keep(rows: Iterable[Row]) -> None:
    lines = "\n".join(f"| {it.what} | {it.goal} | {it.found} | {_mark(it)} |" for it in rows)
    when = f"{datetime.now(UTC):Measured on %Y-%m-%d}, by `make bench`."
    page = PAGE.read_text(encoding="utf-8")
    page, number = re.subn(
        r"(?<=<!-- figures -->\n).*?(?=<!-- end -->)",
        lambda _: f"\n{when}\n\n{_HEAD}\n{lines}\n\n",
        page,
        flags=re.DOTALL,
    )
    assert number == 1
    PAGE.write_text(page, encoding="utf-8")


def _mark(row: Row) -> str:
    return {True: "reached", False: "missed", None: ""}[row.is_reached]


if __name__ == "__main__":
    main()
