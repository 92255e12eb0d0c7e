"""Make docs/faults.md: each fault, how a test brings it about, and what came of it. `make faults`.

What the tests say stands in their marks, `@pytest.mark.fault(number, injected, outcome)`; this only
collects them. `python -m tools.faults_page --print` writes nothing.
"""

import contextlib
import io
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults import FAULTS, NOT_HERE

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"

_BEGINNING = """\
# Faults

What can go wrong around a delivery, and what the engine does then. Each fault is brought about by
a test: with real servers, with one that follows a script, with a full disk, with `kill -9`.
Whatever was done to it, afterwards the books must balance (everybody is counted once) and the
relay's own books must agree with ours: nobody twice, nobody forgotten, and whoever may be either
is listed as in doubt.

This page is made by `make faults` from the marks of the tests. What the states mean is in
[delivery.md](delivery.md).
"""
_ROW = "| # | fault | how it is brought about | what happens | test |\n|---|---|---|---|---|"


class Proof(NamedTuple):
    """What one test says of one fault."""

    injected: str
    outcome: str
    test: str  #: its place, as pytest names it, without parameters


def main() -> None:
    """Write the page, or print it."""
    text = page(collected())
    if "--print" in sys.argv:
        print(text, end="")
    else:
        PAGE.write_text(text, encoding="utf-8")


def collected() -> dict[int, list[Proof]]:
    """Return what the tests say of each fault, in the order of their files; none is run."""
    files = (
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if "mark.fault(" in path.read_text(encoding="utf-8")
    )
    collector = _Collector()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        # Without syrupy, which calls every snapshot that was not looked at a failure.
        status = pytest.main(["--collect-only", "-qq", "-p", "no:syrupy", *files], [collector])
    if status:
        raise SystemExit(f"the tests cannot be collected\n{said.getvalue()[-3000:]}")
    return collector.proofs


class _Collector:
    """A plug-in of pytest that reads the marks of what was collected."""

    def __init__(self) -> None:
        self.proofs: dict[int, list[Proof]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("fault"):
                number, injected, outcome = mark.args
                proof = Proof(injected, outcome, item.nodeid.partition("[")[0])
                if proof not in self.proofs[number]:
                    self.proofs[number].append(proof)


def page(proofs: Mapping[int, Iterable[Proof]]) -> str:
    """Return the text of docs/faults.md."""
    parts = [_BEGINNING]
    for group, faults in FAULTS.items():
        rows = [
            row
            for number, name in faults.items()
            for row in _rows(number, name, proofs.get(number, ()))
        ]
        parts.append("\n".join((f"## {group}\n", _ROW, *rows, "")))
    return "\n".join(parts)


def _rows(number: int, name: str, proofs: Iterable[Proof]) -> list[str]:
    rows = [(proof.injected, proof.outcome, f"`{_short(proof.test)}`") for proof in proofs]
    rows = rows or [("", NOT_HERE.get(number, "not tried"), "none")]
    heads = [(str(number), name)] + [("", "")] * len(rows)
    return [_row(*head, *row) for head, row in zip(heads, rows, strict=False)]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _short(test: str) -> str:
    path, _, name = test.partition("::")
    return f"{Path(path).stem}: {name.removeprefix('test_').replace('_', ' ')}"


if __name__ == "__main__":
    main()
