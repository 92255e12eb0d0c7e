"""From rows to people: every kind of list comes through here, so all are read by the same rules."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from newsletter import address
from newsletter.audience import Recipient, RecipientList, full_name
from newsletter.errors import AudienceError, Fault
from newsletter.sources import cells, header
from newsletter.sources.cells import OURS, BadCell, clean, shown


class Row(Struct, frozen=True, gc=False):
    """One row as it stands in the file."""

    number: int  #: as an editor or Excel shows it; of a row over several lines the first
    cells: Sequence[str]
    lines: int = 1  #: how many of the file it takes


def is_blank(row: Row) -> bool:
    """Say whether nothing stands in *row*."""
    return not any(map(str.strip, row.cells))


def columns(head: Row, place: str) -> tuple[str, ...]:
    """Return our names for the columns that *head* names; AudienceError when it will not do."""
    if faults := list(header.faults(head.cells)):
        raise AudienceError(Fault(f"{place}:{head.number}", fault) for fault in faults)
    return header.columns(head.cells)


def people(
    rows: Iterable[Row], columns: tuple[str, ...], *, name: str, place: str
) -> RecipientList:
    """Return list *name*: a recipient for each good one of *rows*, a fault for each bad one."""
    recipient = _maker(columns, name)
    good: list[Recipient] = []
    faults: list[Fault] = []
    for row in rows:
        try:
            good.append(recipient(row))
        except (BadCell, address.AddressError):
            if not is_blank(row):
                faults.append(Fault(f"{place}:{row.number}", _wrong(row, columns)))
    rows_read = len(good) + len(faults)
    if not rows_read:
        raise AudienceError([Fault(place, "has no people: put a row below the header for each")])
    return RecipientList(name=name, rows=tuple(good), faults=tuple(faults), rows_read=rows_read)


def _maker(columns: tuple[str, ...], name: str) -> Callable[[Row], Recipient]:
    """Return what makes a recipient of a row with these *columns*, if it can."""
    width, lists = len(columns), (name,)
    # A column that is not there has its cell behind the last one: it is empty.
    email, first_name, last_name, display_name, language = (
        columns.index(column) if column in columns else width for column in OURS
    )
    further = [(n, column) for n, column in enumerate(columns) if column not in OURS]

    def recipient(row: Row) -> Recipient:
        found = (*_fitted(row, width), "")
        first, last = cells.common_name(found[first_name]), cells.name(found[last_name])
        return Recipient(
            address=address.parse(found[email]),
            first_name=first,
            last_name=last,
            display_name=cells.name(found[display_name]) or full_name(first, last),
            language=cells.language(found[language]),
            attributes=tuple([(column, cells.words(found[n])) for n, column in further]),
            lists=lists,
            row=row.number,
        )

    return recipient


def _wrong(row: Row, columns: tuple[str, ...]) -> str:
    """Return everything that is wrong with *row*, of which no recipient can be made."""
    try:
        fitted = _fitted(row, len(columns))
    except BadCell as error:
        return str(error)
    address_first = sorted(zip(columns, fitted, strict=True), key=lambda it: it[0] != "email")
    return "; ".join(filter(None, (_wrong_cell(*each) for each in address_first)))


def _wrong_cell(column: str, cell: str) -> str:
    try:
        clean(column, cell) if column != "email" else address.parse(cell)
    except address.AddressError as error:
        return f"column `email`: {shown(cell)} cannot be used. {error}"
    except BadCell as error:
        return f"column `{column}`: {error}"
    return ""


def _fitted(row: Row, width: int) -> Sequence[str]:
    """Return exactly *width* cells; a row that was torn or that ran together has more or fewer."""
    found = row.cells
    if len(found) == width:
        return found
    if len(found) < width or any(map(str.strip, found[width:])):
        raise BadCell(
            f"has {len(found)} cell(s) where the header has {width}: "
            "is a separator missing or too many, or a line torn in two?"
        )
    return found[:width]
