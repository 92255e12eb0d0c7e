"""Lists that are text: whatever encoding, separator and line ends a spreadsheet wrote."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from newsletter.audience import RecipientList
from newsletter.errors import AudienceError, Fault
from newsletter.sources import header, rows
from newsletter.sources.cells import NAMES, OURS, shown
from newsletter.sources.rows import Row

_SEPARATORS = ",;\t"
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|])\s*", re.IGNORECASE)  # for Excel; not part of the table
_LINE_END = re.compile(r"\r\n|\r|\n")
_SAVE_AS = "in Excel, choose Save as and then `CSV UTF-8`"
_QUOTE = (
    'has a quote (") that is not closed where its cell ends, so that rows run together: '
    'close it, and write a quote inside a cell twice ("")'
)
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Other encodings read as cp1252 have these where a Western name has letters.
_NOT_IN_NAMES = re.compile("[€‚ƒ„…†‡ˆ‰‹“”•˜™›¡¢£¤¥¦§¨©¬®¯°±²³µ¶¸¹¼½¾¿×÷]")


def read(content: bytes, *, name: str, place: str) -> RecipientList:
    """Return list *name* from the bytes of a CSV file; *place* is what faults call the file."""
    text, encoding = _decoded(content, place)
    _refuse_control_characters(text, place)
    lines = io.StringIO(text, newline="").readlines()
    start, separator = _separator(lines)
    table = [row for row in _table(lines, start, separator, place) if not rows.is_blank(row)]
    if not table:
        raise AudienceError([Fault(place, "is empty: it needs a header row and people")])
    columns = rows.columns(table[0], place)
    _refuse_swallowed_rows(table, columns, place)
    if encoding == "cp1252":
        _refuse_strange_names(table, columns, place)
    return rows.people(table[1:], columns, name=name, place=place)


def _decoded(content: bytes, place: str) -> tuple[str, str]:
    encoding, bare = _marked(content)
    for candidate in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            return bare.decode(candidate), candidate
        except UnicodeDecodeError as error:
            line = _line(error.object[: error.start].decode(candidate, "replace"))
    message = f"has bytes that are no text in {encoding or 'UTF-8 or cp1252'}: {_SAVE_AS}"
    raise AudienceError([Fault(f"{place}:{line}", message)])


def _marked(content: bytes) -> tuple[str, bytes]:
    """Return the encoding that *content* names or clearly has, and the bytes after the mark."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding, content[len(mark) :]
    # UTF-16 without its mark: every other byte of a header in plain letters is NUL.
    even, odd = content[:200:2], content[1:200:2]
    if odd.count(0) > len(odd) / 2 and not even.count(0):
        return "utf-16-le", content
    if even.count(0) > len(even) / 2 and not odd.count(0):
        return "utf-16-be", content
    return "", content


def _line(before: str) -> int:
    return len(_LINE_END.findall(before)) + 1


def _refuse_control_characters(text: str, place: str) -> None:
    if found := re.search("[\x00\x1a]", text):
        line = _line(text[: found.start()])
        message = f"has a character U+{ord(found[0]):04X}, which no text has: {_SAVE_AS}"
        raise AudienceError([Fault(f"{place}:{line}", message)])


def _separator(lines: Sequence[str]) -> tuple[int, str]:
    """Return how many lines to pass over, and what stands between two cells."""
    if lines and (named := _SEPARATOR_LINE.fullmatch(lines[0])):
        return 1, named[1]
    first = next((line for line in lines if line.strip(_SEPARATORS + " \r\n")), "")[:10_000]

    def fit(separator: str) -> tuple[bool, int]:
        cells = next(csv.reader([first], delimiter=separator), [])
        return header.has_address(cells), len(cells)

    return 0, max(_SEPARATORS, key=fit)


def _table(lines: Sequence[str], start: int, separator: str, place: str) -> Iterator[Row]:
    reader = csv.reader(lines[start:], delimiter=separator, strict=True)
    number = start + 1
    try:
        for cells in reader:
            yield Row(number, tuple(cells))
            number = start + reader.line_num + 1
    except csv.Error as error:
        line, reason = start + reader.line_num, str(error)
        raise AudienceError([_torn(lines, number, line, place, reason)]) from error


def _torn(lines: Sequence[str], first: int, last: int, place: str, reason: str) -> Fault:
    """Return the fault of the row on lines *first* to *last*, which cannot be taken apart."""
    opened = _quote_opened(lines, first, last)
    if "field larger" in reason and opened == last:
        message = f"has a cell of more than {csv.field_size_limit():,} characters: shorten it"
        return Fault(f"{place}:{last}", message)
    return Fault(f"{place}:{opened}", _QUOTE)


def _quote_opened(lines: Sequence[str], first: int, last: int) -> int:
    """Return the line of the quote that is open where line *last* begins, or else *last*."""
    quoted = (n for n in range(last - 1, first - 1, -1) if '"' in lines[n - 1].replace('""', ""))
    return next(quoted, last)


def _refuse_swallowed_rows(table: Sequence[Row], columns: Sequence[str], place: str) -> None:
    """Refuse cells over several lines that look like people behind an open quote."""
    faults = []
    for row in table[1:]:
        line = row.number
        for position, cell in enumerate(row.cells):
            breaks = len(_LINE_END.findall(cell))
            if breaks and ("@" in cell or position >= len(columns) or columns[position] in OURS):
                faults.append(Fault(f"{place}:{line}", _QUOTE))
            line += breaks
    if faults:
        raise AudienceError(faults)


def _refuse_strange_names(table: Sequence[Row], columns: Sequence[str], place: str) -> None:
    for row in table[1:]:
        for column, cell in zip(columns, row.cells, strict=False):
            if column in NAMES and _NOT_IN_NAMES.search(cell):
                message = f"column `{column}`: {shown(cell)} is read wrongly: {_SAVE_AS}"
                raise AudienceError([Fault(f"{place}:{row.number}", message)])
