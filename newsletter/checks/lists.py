"""Lists that an announcement names and nobody has made."""

from collections.abc import Collection, Iterator, Sequence

from newsletter.announcement import Edition
from newsletter.checks.finding import Finding
from newsletter.checks.passages import fields
from newsletter.checks.rules import Rule
from newsletter.errors import suggest


def check(editions: Sequence[Edition], known: Collection[str]) -> Iterator[Finding]:
    """Yield each of the lists in `lists:` that is not among those *known*."""
    for edition in editions:
        for name in edition.lists:
            if name not in known:
                yield Rule.UNKNOWN_LIST.at(
                    edition,
                    fields(edition).get("lists", 0),
                    f"there is no list `{name}` to send to{suggest(name, known)}; correct it, or "
                    f"put {name}.csv into recipients/",
                )
