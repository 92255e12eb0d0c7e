"""Everything worth knowing before it leaves; one file a concern, each a `check` of its own.

A new check is a new file here and its name in `_CHECKS`.
"""

from collections.abc import Callable, Iterator

from newsletter.announcement import Edition
from newsletter.checks import links, pictures, size, slots, titles
from newsletter.checks.finding import Finding, Severity
from newsletter.rendering import Rendering

Check = Callable[[Edition, Rendering], Iterator[Finding]]

_CHECKS: tuple[Check, ...] = (
    slots.check,
    titles.check,
    pictures.check,
    links.check,
    size.check,
)


def run(edition: Edition, rendering: Rendering) -> tuple[Finding, ...]:
    """Return what every check found in *edition* as it was rendered, errors first."""
    found = [finding for check in _CHECKS for finding in check(edition, rendering)]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))
