"""Lists that are Excel workbooks: the one visible sheet with an `email` column."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from newsletter.audience import RecipientList
from newsletter.errors import AudienceError, Fault
from newsletter.sources import header, rows
from newsletter.sources.rows import Row

_MOST_PARTS = 1_000
_MOST_BYTES = 100_000_000
_MOST_RATIO = 100
_SECONDS = 120
_NO_WORKBOOK = (
    "is no Excel workbook (.xlsx) that can be read: it may be an older .xls or have a password; "
    "open it in Excel, choose Save as and then `Excel workbook (.xlsx)`"
)
_TOO_LARGE = (
    "asks for more room than a list may: something may stand far away from the list; "
    "copy the people to a new workbook"
)

Sheets = list[tuple[str, list[Row]]]


def read(content: bytes, *, name: str, place: str) -> RecipientList:
    """Return list *name* from the bytes of a workbook; *place* is what faults call the file."""
    _check_parts(content, place)
    sheets = [(title, table) for title, table in _sheets(content, place) if table]
    if not sheets:
        raise AudienceError([Fault(place, "is empty: it needs a header row and people")])
    if len(sheets) == 1:
        return _people(sheets[0][1], name, place)
    titles = [title for title, table in sheets if header.has_address(table[0].cells)]
    if len(titles) > 1:
        both = " and ".join(f"`{title}`" for title in titles[:2])
        message = f"the sheets {both} both have an `email` column: leave the people on one sheet"
        raise AudienceError([Fault(place, message)])
    title, table = next((each for each in sheets if each[0] in titles), sheets[0])
    return _people(table, name, f"{place}, sheet `{title}`")


def _check_parts(content: bytes, place: str) -> None:
    """Refuse what is no workbook, or grows out of proportion when it is unpacked."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise AudienceError([Fault(place, _NO_WORKBOOK)]) from error
    size = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS or size > min(_MOST_BYTES, _MOST_RATIO * len(content)):
        raise AudienceError([Fault(place, _TOO_LARGE)])


def _sheets(content: bytes, place: str) -> Sheets:
    """Return every visible sheet as `workbook` reads it, in its own process."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("workbook.py"))]
    try:
        # The command is ours; only its input comes from outside.
        done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise AudienceError([Fault(place, _TOO_LARGE)]) from error
    if done.returncode:
        refused = done.returncode == os.EX_DATAERR
        raise AudienceError([Fault(place, _NO_WORKBOOK if refused else _TOO_LARGE)])
    return [(title, _filled(table)) for title, table in json.loads(done.stdout)]


def _filled(table: list[tuple[int, list[str]]]) -> list[Row]:
    found = (Row(number, tuple(cells)) for number, cells in table)
    return [row for row in found if not rows.is_blank(row)]


def _people(table: list[Row], name: str, place: str) -> RecipientList:
    return rows.people(table[1:], rows.columns(table[0], place), name=name, place=place)
