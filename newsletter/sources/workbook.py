"""A program of its own: a workbook comes in, the text of its visible sheets goes out as JSON.

A few hundred bytes of workbook can ask for more memory than there is, by one cell in the farthest
corner, and the library then ends the process it runs in. So it runs in this one, under a limit.
"""

import datetime
import io
import json
import os
import resource
import sys
from collections.abc import Iterator

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

MOST_MEMORY = 1 << 30
MOST_TEXT = 100_000_000

Cell = (
    int
    | float
    | str
    | bool
    | datetime.time
    | datetime.date
    | datetime.datetime
    | datetime.timedelta
)


def main() -> None:
    """Read from standard input; write `[[sheet, [[row number, [cell, ...]], ...]], ...]`."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        sheets = [
            (name, list(_rows(workbook.get_sheet_by_name(name)))) for name in _visible(workbook)
        ]
    except CalamineError:
        sys.exit(os.EX_DATAERR)
    json.dump(sheets, sys.stdout)


def _visible(workbook: CalamineWorkbook) -> Iterator[str]:
    for sheet in workbook.sheets_metadata:
        if (sheet.typ, sheet.visible) == (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible):
            yield sheet.name


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Give every row with the number that Excel shows."""
    first = sheet.start[0] + 1 if sheet.start else 1
    left = MOST_TEXT
    for number, cells in enumerate(sheet.to_python(), first):
        words = [_words(cell) for cell in cells]
        left -= sum(map(len, words))
        if left < 0:
            raise MemoryError
        yield number, words


def _words(cell: Cell) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime.datetime() if cell.time() == datetime.time():
            return cell.date().isoformat()
        case datetime.datetime():
            return cell.isoformat(" ")
        case datetime.date() | datetime.time():
            return cell.isoformat()
        case _:
            return str(cell)


if __name__ == "__main__":
    main()
