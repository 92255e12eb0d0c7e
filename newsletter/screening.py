"""What is not even read as an announcement: characters no mail carries, and text without end."""

import re
from collections.abc import Iterator

from newsletter.errors import Fault

MOST_COLUMNS = 20  #: of a table
MOST_MARKS = 20_000  #: signs, line ends and cells; all that is read, inlined and shown costs time

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\uf8ff\ufeff\ufffe\uffff]"
)
_ENTITY = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));", re.IGNORECASE)
_MARKS = re.compile(r"[|*_`\[\]<>&\\{}]")
_TABLE = re.compile(r"(?<!-)-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+")


def faults(source: str, place: str, first_line: int) -> list[Fault]:
    """Return why *source*, which begins on *first_line* of the file *place*, is not to be read."""
    return [
        *forbidden_characters(source, place, first_line),
        *_excess(source.replace("\r\n", "\n").replace("\r", "\n"), place, first_line),
    ]


def forbidden_characters(source: str, place: str, first_line: int = 1) -> Iterator[Fault]:
    """Yield a fault for every character that no mail should carry (control, private use)."""
    for number, line in enumerate(source.split("\n"), first_line):
        for column, code in sorted(_forbidden(line))[:1]:
            yield Fault(
                f"{place}:{number}",
                f"the character U+{code:04X} at column {column + 1} cannot go into a mail; "
                "type it again or delete it",
            )


def _forbidden(line: str) -> Iterator[tuple[int, int]]:
    """Yield where a forbidden character stands in *line*, itself or as `&#146;`, and its number."""
    for found in FORBIDDEN.finditer(line):
        yield found.start(), ord(found[0])
    for found in _ENTITY.finditer(line):
        code = int(found[1], 16) if found[1] else int(found[2])
        if code > 0x10FFFF or FORBIDDEN.match(chr(code)):
            yield found.start(), code


def _excess(source: str, place: str, first_line: int) -> Iterator[Fault]:
    """Yield what would take long to read, and is no mail: a table too wide, too many marks."""
    columns = marks = 0
    for number, line in enumerate(source.split("\n"), first_line):
        here = found[0].count("|") + 1 if (found := _TABLE.search(line)) else 0
        if here > MOST_COLUMNS:
            yield Fault(
                f"{place}:{number}",
                f"a table of {here:,} columns fits on no screen; keep at most {MOST_COLUMNS}, "
                "or link to it",
            )
        columns = max(columns, here) if line.strip() else 0  # a row is filled up to its table's
        marks += max(columns, len(_MARKS.findall(line)) + 1)
        if marks > MOST_MARKS:
            yield Fault(
                f"{place}:{number}",
                f"more than {MOST_MARKS:,} lines, cells and signs such as `*`; shorten it, or "
                "link to what is long",
            )
            return
