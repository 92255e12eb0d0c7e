"""Lists that are text: whatever encoding, separator and line ends a spreadsheet wrote."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

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


_AT_ONCE = 1_000_000  #: bytes


@dataclass(frozen=True, slots=True)
class _Text:
    """Bytes that are text in *encoding* from *start* on; they are decoded as they are read."""

    content: bytes
    encoding: str
    start: int

    def lines(self) -> Iterator[str]:
        """Give every line with its end, whichever it is."""
        file = io.BytesIO(self.content)
        file.seek(self.start)
        return io.TextIOWrapper(file, self.encoding, newline="")

    def whole(self) -> str:
        """Return all of it; UnicodeDecodeError says where it is none."""
        return self.content[self.start :].decode(self.encoding)


def read(content: bytes, *, name: str, place: str) -> RecipientList:
    """Return list *name* from the bytes of a CSV file; *place* is what faults call the file.

    It is read row by row; what is wrong with the file goes before what is wrong with a row.
    """
    text = _decoded(content, place)
    table = _table(text, place)
    head = next((row for row in table if not rows.is_blank(row)), None)
    if not head:
        raise AudienceError([Fault(place, "is empty: it needs a header row and people")])
    try:
        columns = rows.columns(head, place)
    except AudienceError:
        deque(table, maxlen=0)  # a quote that stays open is told first
        raise
    watch = _Watch(columns, place, text.encoding)
    found = rows.people(watch.over(table), columns, name=name, place=place)
    watch.refuse()
    return found


def _decoded(content: bytes, place: str) -> _Text:
    encoding, start = _marked(content)
    for candidate in [encoding] if encoding else ["utf-8", "cp1252"]:
        text = _Text(content, candidate, start)
        try:
            if _has_control_characters(text):
                raise AudienceError([_control_character(text.whole(), place)])
            return text
        except UnicodeDecodeError:
            line = _line_of_no_text(text)
    message = f"has bytes that are no text in {encoding or 'UTF-8 or cp1252'}: {_SAVE_AS}"
    raise AudienceError([Fault(f"{place}:{line}", message)])


def _has_control_characters(text: _Text) -> bool:
    """Look at all of *text*; UnicodeDecodeError when it is none."""
    decoder, found = codecs.getincrementaldecoder(text.encoding)(), False
    for start in range(text.start, len(text.content), _AT_ONCE):
        part = decoder.decode(text.content[start : start + _AT_ONCE])
        found = found or "\x00" in part or "\x1a" in part
    decoder.decode(b"", final=True)
    return found


def _line_of_no_text(text: _Text) -> int:
    try:
        return _line(text.whole())
    except UnicodeDecodeError as error:
        return _line(error.object[: error.start].decode(text.encoding, "replace"))


def _marked(content: bytes) -> tuple[str, int]:
    """Return the encoding that *content* names or clearly has, and how long its mark is."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding, len(mark)
    # UTF-16 without its mark: every other byte of a header in plain letters is NUL.
    even, odd = content[:200:2], content[1:200:2]
    if odd.count(0) > len(odd) / 2 and not even.count(0):
        return "utf-16-le", 0
    if even.count(0) > len(even) / 2 and not odd.count(0):
        return "utf-16-be", 0
    return "", 0


def _line(before: str) -> int:
    return len(_LINE_END.findall(before)) + 1


def _control_character(text: str, place: str) -> Fault:
    first = min(found for found in map(text.find, "\x00\x1a") if found >= 0)
    message = f"has a character U+{ord(text[first]):04X}, which no text has: {_SAVE_AS}"
    return Fault(f"{place}:{_line(text[:first])}", message)


def _table(text: _Text, place: str) -> Iterator[Row]:
    """Give every row, blank ones too."""
    start, separator = _separator(text.lines())
    reader = csv.reader(islice(text.lines(), start, None), delimiter=separator, strict=True)
    number = start + 1
    try:
        for cells in reader:
            after = start + reader.line_num + 1
            yield Row(number, cells, after - number)
            number = after
    except csv.Error as error:
        lines, line = list(text.lines()), start + reader.line_num
        raise AudienceError([_torn(lines, number, line, place, str(error))]) from error


def _separator(lines: Iterator[str]) -> tuple[int, str]:
    """Return how many lines to pass over, and what stands between two cells."""
    first = next(lines, "")
    if named := _SEPARATOR_LINE.fullmatch(first):
        return 1, named[1]
    filled = (line for line in chain([first], lines) if line.strip(_SEPARATORS + " \r\n"))
    sample = next(filled, "")[:10_000]

    def fit(separator: str) -> tuple[bool, int]:
        cells = next(csv.reader([sample], delimiter=separator), [])
        return header.has_address(cells), len(cells)

    return 0, max(_SEPARATORS, key=fit)


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


class _Watch:
    """What is wrong with rows that look right: it is the file that has to be mended."""

    def __init__(self, columns: Sequence[str], place: str, encoding: str) -> None:
        self._columns, self._place = columns, place
        self._may_be_strange = encoding == "cp1252"
        self._swallowed: list[Fault] = []
        self._strange: list[Fault] = []

    def over(self, table: Iterator[Row]) -> Iterator[Row]:
        """Give every row of *table*, looked at."""
        for row in table:
            if row.lines > 1 and not rows.is_blank(row):
                self._swallowed += self._swallowed_rows(row)
            if self._may_be_strange and not self._strange:
                self._strange += self._strange_names(row)
            yield row

    def refuse(self) -> None:
        """Raise `AudienceError` for what was seen."""
        if faults := self._swallowed or self._strange[:1]:
            raise AudienceError(faults)

    def _swallowed_rows(self, row: Row) -> Iterator[Fault]:
        """Tell cells over several lines that look like people behind an open quote."""
        line, columns = row.number, self._columns
        for position, cell in enumerate(row.cells):
            breaks = len(_LINE_END.findall(cell))
            if breaks and ("@" in cell or position >= len(columns) or columns[position] in OURS):
                yield Fault(f"{self._place}:{line}", _QUOTE)
            line += breaks

    def _strange_names(self, row: Row) -> Iterator[Fault]:
        """Tell names with signs that are letters in another encoding than cp1252."""
        for column, cell in zip(self._columns, row.cells, strict=False):
            if column in NAMES and _NOT_IN_NAMES.search(cell):
                message = f"column `{column}`: {shown(cell)} is read wrongly: {_SAVE_AS}"
                yield Fault(f"{self._place}:{row.number}", message)
