"""Everything worth knowing before it leaves: the finished mail read back, rule by rule.

A check of one mail is a file with a `check(mail, rules)`, its rules in `Rule` and docs/checks.md,
and its name in `_CHECKS`. What lays the languages of an announcement side by side is in `compare`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from newsletter.announcement import Edition
from newsletter.checks import (
    agreement,
    characters,
    clients,
    contrast,
    dates,
    envelope,
    languages,
    links,
    linktexts,
    lists,
    pictures,
    size,
    slots,
    structure,
    titles,
)
from newsletter.checks.finding import Finding, Severity
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules, rules

__all__ = [
    "Finding",
    "Mail",
    "Rule",
    "Rules",
    "Severity",
    "addressed",
    "compare",
    "in_order",
    "rules",
    "run",
]

_CHECKS: tuple[Callable[[Mail, Rules], Iterator[Finding]], ...] = (
    slots.check,
    characters.check,
    titles.check,
    dates.check,
    links.check,
    linktexts.check,
    pictures.check,
    contrast.check,
    structure.check,
    envelope.check,
    size.check,
    clients.check,
)


def run(mail: Mail, rules: Rules) -> tuple[Finding, ...]:
    """Return what every check finds in *mail*: errors first, then in the order of the file."""
    return in_order(rules.judge(found for check in _CHECKS for found in check(mail, rules)))


def compare(
    editions: Sequence[Edition], wanted: Sequence[str], rules: Rules
) -> tuple[Finding, ...]:
    """Return where *editions* do not say the same, each in its language.

    *wanted* are the languages of the organisation.
    """
    found = (*agreement.check(editions, wanted), *languages.check(editions))
    return in_order(rules.judge(found))


def addressed(
    editions: Sequence[Edition], known: Collection[str], rules: Rules
) -> tuple[Finding, ...]:
    """Return which lists *editions* name that are not among those *known*."""
    return in_order(rules.judge(lists.check(editions, known)))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return *findings*, each once: errors first, then in the order of the file."""
    unique = dict.fromkeys(findings)
    return tuple(
        sorted(unique, key=lambda each: (each.severity is not Severity.ERROR, each.path, each.line))
    )
