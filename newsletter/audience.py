"""Who gets it, who does not, and why not: one copy a person, every row accounted for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from newsletter.address import Address
from newsletter.errors import AudienceError, Fault


class Recipient(Struct, frozen=True, kw_only=True, gc=False):
    """One person who can be written to.

    There may be a million of them: a `Struct` takes a tenth of the time of a dataclass to make,
    and the collector need not look at it.
    """

    address: Address
    first_name: str = ""
    last_name: str = ""
    display_name: str = ""
    language: str = ""  #: "nl"; empty where the list does not say
    attributes: tuple[tuple[str, str], ...] = ()  #: further columns: name and value
    lists: tuple[str, ...]  #: the lists that hold this person
    row: int = 0  #: its number in the list's file, if any


@dataclass(frozen=True, kw_only=True, slots=True)
class Exclusion:
    """One row that leads to no message of its own."""

    address: str  #: empty for a bad row: it may not even hold one
    reason: str
    list_name: str  #: the list that the row came from


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipientList:
    """What one list holds; *rows_read* = rows + faults, for a bad row has one fault."""

    name: str
    rows: tuple[Recipient, ...]
    faults: tuple[Fault, ...]
    rows_read: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    """Everyone who gets the message, and every row that leads to none."""

    recipients: tuple[Recipient, ...]
    exclusions: tuple[Exclusion, ...]


def assemble(
    lists: Sequence[RecipientList],
    *,
    exclude: Sequence[RecipientList] = (),
    skip_bad_rows: bool = False,
) -> Audience:
    """Return the people of *lists* less those of *exclude*, each once.

    The first row of a person counts; later ones fill in what it leaves empty. A bad row stops
    everything unless *skip_bad_rows*; one on an excluded list always does, for whoever it
    means would be written to after all.
    """
    _refuse_bad_rows(exclude if skip_bad_rows else [*lists, *exclude])
    exclusions = [_skipped(fault, each.name) for each in lists for fault in each.faults]
    unwanted = {row.address.key: each.name for each in reversed(exclude) for row in each.rows}
    known: defaultdict[str, dict[str, Recipient]] = defaultdict(dict)  # by domain, local part
    firsts: list[Recipient] = []
    merged = False
    for each in lists:
        for row in each.rows:
            people, local = known[row.address.domain], row.address.folded
            if unwanted and (key := row.address.key) in unwanted:
                exclusions.append(_exclusion(row, each, f"on excluded list `{unwanted[key]}`"))
            elif kept := people.get(local):
                exclusions.append(_exclusion(row, each, _duplicate(kept, row, each)))
                people[local], merged = _merged(kept, row), True
            else:
                people[local] = row
                firsts.append(row)
    if not firsts:
        raise AudienceError([_nobody(lists, exclusions)])
    if merged:
        firsts = [known[it.address.domain][it.address.folded] for it in firsts]
    return Audience(recipients=tuple(firsts), exclusions=tuple(exclusions))


def _refuse_bad_rows(lists: Sequence[RecipientList]) -> None:
    if faults := [fault for each in lists for fault in each.faults]:
        raise AudienceError(faults)


def _skipped(fault: Fault, list_name: str) -> Exclusion:
    row = fault.place.rpartition(":")[2]
    reason = f"row {row}: {fault.message} (bad row skipped)"
    return Exclusion(address="", reason=reason, list_name=list_name)


def _exclusion(row: Recipient, holder: RecipientList, reason: str) -> Exclusion:
    return Exclusion(address=str(row.address), reason=reason, list_name=holder.name)


def _duplicate(first: Recipient, row: Recipient, holder: RecipientList) -> str:
    if first.lists[0] != holder.name:
        return f"already in on list `{first.lists[0]}`"
    rows = f" (rows {first.row} and {row.row})" if row.row else ""
    return f"twice on list `{holder.name}`{rows}"


def _merged(kept: Recipient, later: Recipient) -> Recipient:
    first, last = kept.first_name or later.first_name, kept.last_name or later.last_name
    named = _given_display_name(kept) or _given_display_name(later)
    return replace(
        kept,
        first_name=first,
        last_name=last,
        display_name=named or full_name(first, last),
        language=kept.language or later.language,
        attributes=tuple(_attributes(kept, later)),
        lists=tuple(dict.fromkeys((*kept.lists, *later.lists))),
    )


def _attributes(kept: Recipient, later: Recipient) -> Iterator[tuple[str, str]]:
    values, more = dict(kept.attributes), dict(later.attributes)
    for name in dict.fromkeys((*values, *more)):
        yield name, values.get(name) or more.get(name, "")


def _given_display_name(recipient: Recipient) -> str:
    """Return the display name that a list gives, not the one made of first and last name."""
    made = full_name(recipient.first_name, recipient.last_name)
    return "" if recipient.display_name == made else recipient.display_name


def full_name(first_name: str, last_name: str) -> str:
    """Return both in one, whichever there are."""
    return f"{first_name} {last_name}".strip()


def _nobody(lists: Sequence[RecipientList], exclusions: Sequence[Exclusion]) -> Fault:
    names = ", ".join(f"`{each.name}`" for each in lists)
    if not names:
        return Fault("audience", "nobody is left: name at least one list")
    if not exclusions:
        return Fault(f"list {names}", "nobody is left: there is nobody on it")
    reasons = "; ".join(list(dict.fromkeys(each.reason for each in exclusions))[:5])
    count = len(exclusions)
    return Fault(f"list {names}", f"nobody is left: {count} row(s) read, none remain: {reasons}")
