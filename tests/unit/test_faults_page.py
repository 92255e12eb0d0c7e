"""docs/faults.md is what `make faults` makes of the tests' marks, and no fault is passed over."""

import re
import subprocess
import sys

from tests.faults import FAULTS, NOT_HERE
from tools.faults_page import PAGE, ROOT, Proof, page

NUMBERS = [number for faults in FAULTS.values() for number in faults]


def test_every_fault_has_its_number() -> None:
    assert list(range(1, 69)) == NUMBERS
    assert set(NOT_HERE) <= set(NUMBERS)


def test_the_page_is_made_of_the_tests_as_they_are_now_and_leaves_no_fault_out() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "tools.faults_page", "--print"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert PAGE.read_text(encoding="utf-8") == made.stdout, "run `make faults`"
    untried = re.findall(r"^\| (\d+) \| .* \| not tried \| none \|$", made.stdout, re.M)
    assert untried == [], "neither a test nor a reason in tests/faults.py"


def test_a_fault_with_a_test_and_one_without_look_so() -> None:
    made = page({7: [Proof("a | b", "held", "tests/integration/test_x.py::test_it_is_so")]})
    assert (
        "\n| 7 | The line ends after MAIL, RCPT or DATA | a \\| b | held | `test_x: it is so` |"
        in made
    )
    assert f"| {NOT_HERE[67]} | none |" in made
    assert re.search(r"^\| 8 \| .* \| not tried \| none \|$", made, re.M)
