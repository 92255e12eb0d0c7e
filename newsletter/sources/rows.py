"""From rows to people: every kind of list comes through here, so all are read by the same rules."""

from collections.abc import Iterable
from dataclasses import dataclass

from newsletter import address
from newsletter.audience import Recipient, RecipientList, full_name
from newsletter.errors import AudienceError, Fault
from newsletter.sources import header
from newsletter.sources.cells import BadCell, clean, shown


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the file."""

    number: int  #: as an editor or Excel shows it; of a row over several lines the first
    cells: tuple[str, ...]


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
    good: list[Recipient] = []
    faults: list[Fault] = []
    for row in rows:
        if is_blank(row):
            continue
        try:
            good.append(_recipient(row, columns, name))
        except BadCell as error:
            faults.append(Fault(f"{place}:{row.number}", str(error)))
    rows_read = len(good) + len(faults)
    if not rows_read:
        raise AudienceError([Fault(place, "has no people: put a row below the header for each")])
    return RecipientList(name=name, rows=tuple(good), faults=tuple(faults), rows_read=rows_read)


def _recipient(row: Row, columns: tuple[str, ...], name: str) -> Recipient:
    cells = dict(zip(columns, _fitted(row, len(columns)), strict=True))
    given, wrong = cells.pop("email"), []
    try:
        mailbox = address.parse(given)
    except address.AddressError as error:
        wrong.append(f"column `email`: {shown(given)} cannot be used. {error}")
    for column, cell in cells.items():
        try:
            cells[column] = clean(column, cell)
        except BadCell as error:
            wrong.append(f"column `{column}`: {error}")
    if wrong:
        raise BadCell("; ".join(wrong))
    return _made(mailbox, cells, name, row.number)


def _fitted(row: Row, width: int) -> tuple[str, ...]:
    """Return exactly *width* cells; a row that was torn or that ran together has more or fewer."""
    cells = row.cells
    if len(cells) < width or any(map(str.strip, cells[width:])):
        raise BadCell(
            f"has {len(cells)} cell(s) where the header has {width}: "
            "is a separator missing or too many, or a line torn in two?"
        )
    return cells[:width]


def _made(mailbox: address.Address, cells: dict[str, str], name: str, number: int) -> Recipient:
    first, last = cells.pop("first_name", ""), cells.pop("last_name", "")
    return Recipient(
        address=mailbox,
        first_name=first,
        last_name=last,
        display_name=cells.pop("display_name", "") or full_name(first, last),
        language=cells.pop("language", ""),
        attributes=tuple(cells.items()),
        lists=(name,),
        row=number,
    )
