"""What some of the readers do not get, because their mail program does not support it."""

from collections.abc import Iterator

from newsletter.checks.finding import Finding, Where
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules
from newsletter.clients import support
from newsletter.clients.support import DataMissing, Level, Problem

_NAMED = 4  # mail programs in a message


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield each feature that a mail program lacks and that nothing in the mail stands in for."""
    if not mail.html.strip():
        return
    try:
        problems = list(support.unsupported(mail.html, rules.clients))
    except DataMissing as missing:
        yield Rule.CLIENT_SUPPORT.found(mail.whole, str(missing))
        return
    for problem in problems:
        yield Rule.CLIENT_SUPPORT.found(_where(mail, problem), _said(problem))


def _where(mail: Mail, problem: Problem) -> Where:
    known = problem.element < len(mail.elements)
    return mail.where(mail.elements[problem.element]) if known else mail.whole


def _said(problem: Problem) -> str:
    source = support.support().source
    how = "supported in part" if problem.level is Level.PARTIAL else "not supported"
    note = f" ({problem.note.rstrip('.')})" if problem.note else ""
    return (
        f"`{problem.written[:60]}` is {how} by {_list(problem.clients)}{note}; write it another "
        f"way in the theme, or let the mail do without (data of caniemail, {source.date})"
    )


def _list(clients: tuple[str, ...]) -> str:
    if len(clients) > _NAMED:
        return f"{', '.join(clients[:_NAMED])} and {len(clients) - _NAMED} more"
    *most, last = clients
    return f"{', '.join(most)} and {last}" if most else last
