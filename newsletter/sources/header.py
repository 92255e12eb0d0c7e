"""Which column of a list is which."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from newsletter.address import INVISIBLE
from newsletter.sources.cells import shown

#: Other names for our columns, in lower case and with `_` for a space or hyphen.
ALIASES = {
    "e_mail": "email",
    "mail": "email",
    "e_mailadres": "email",
    "emailadres": "email",
    "email_address": "email",
    "e_mail_adres": "email",
    "email_adres": "email",
    "mailadres": "email",
    "adresse_e_mail": "email",
    "courriel": "email",
    "voornaam": "first_name",
    "prénom": "first_name",
    "prenom": "first_name",
    "achternaam": "last_name",
    "familienaam": "last_name",
    "nom": "last_name",
    "naam": "display_name",
    "name": "display_name",
    "taal": "language",
    "langue": "language",
}
_EITHER_NAME = ("naam", "name")  #: of the whole person, or beside a first name of the family


def columns(cells: Sequence[str]) -> tuple[str, ...]:
    """Return our name for each column; columns without a name at the end are left out.

    >>> columns(["E-mailadres", " Voornaam ", "Job Title", ""])
    ('email', 'first_name', 'job_title')
    """
    found = [_column(cell) for cell in cells]
    if "first_name" in found and "last_name" not in found:
        found = [
            "last_name" if _plain(cell) in _EITHER_NAME else column
            for cell, column in zip(cells, found, strict=True)
        ]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def has_address(cells: Sequence[str]) -> bool:
    """Say whether one of the columns holds addresses."""
    return "email" in columns(cells)


def faults(cells: Sequence[str]) -> Iterator[str]:
    """Say what is wrong with the names in *cells*."""
    found = columns(cells)
    if "email" not in found:
        yield _no_address_column(cells[: len(found)])
    for position, column in enumerate(found):
        first = found.index(column)
        if not column:
            yield f"column {position + 1} has no name: give it one, or remove the column"
        elif INVISIBLE.search(cells[position]):
            yield f"column {shown(cells[position])} has an invisible character: type it again"
        elif first < position:
            both = f"{shown(cells[first])} and {shown(cells[position])}"
            yield f"the columns {both} both mean `{column}`: remove or rename one"


def _column(cell: str) -> str:
    plain = _plain(cell)
    return ALIASES.get(plain, plain)


def _plain(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFC", cell).strip().casefold())


def _no_address_column(cells: Sequence[str]) -> str:
    if any("@" in cell for cell in cells):
        return (
            "the first row holds a person, not the names of the columns: "
            "put a row such as `email,first_name,last_name` above it"
        )
    names = ", ".join(map(shown, cells[:20]))
    return f"there is no column `email`, only {names}: rename the one with the addresses to `email`"
