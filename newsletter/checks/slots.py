"""Placeholders that nobody filled in: of ours, of other tools, of a hasty author."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from newsletter.checks.finding import Finding, Where
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules

# What people leave to be filled in, in the languages of our readers.
_NAMES = (
    r"(?:(?:voor|achter|familie)?naam|(?:first|last|full)[ _]?name|name|pr[ée]nom|nom|datum|date|"
    r"plaats|locatie|lieu|place|uur|tijd|heure|time|titel|titre|title|link|lien|url|bedrag|"
    r"montant|amount|in te vullen|invullen|à compléter|compléter|fill in|to do|tekst|texte)"
)
_LEFTOVER = re.compile(
    r"\{\{[^{}]{0,60}\}\}|\{\{\s*\w*|\{%.{0,60}?%\}|\[\[[^\]]{1,60}\]\]|%%\w{1,40}%%"
    r"|\*?\|[A-Z_:]{2,}\|\*?"  # Markdown takes the stars of `*|NAME|*` for emphasis
    r"|<<[\w ]{1,40}>>|(?<![\w{$])\{[a-z_]{3,30}\}"
    rf"|[\[<]{_NAMES}[\]>]",
    re.IGNORECASE,
)
# «Naam» is a field of Word's mail merge; any other word between these signs is a quotation.
_UNFINISHED = re.compile(
    r"\b(?:[Ll]orem [Ii]psum|XXX+|XX(?:[ ./-]XX)+|xx(?:[ ./-]xx)+|TODO|TBD|FIXME)\b"
    rf"|«(?i:{_NAMES}|\w{{0,20}}_\w{{1,20}})»"
)
_MARKUP = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|i|img|li|ol|p|span|strong|table|td|tr|u|ul)"
    r"(?:\s+[a-z-]+=[^<>]{0,200}|\s*/)?>",
    re.IGNORECASE,
)


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield what still looks like a placeholder in the words that readers get."""
    for leftover, where in _found(mail, _LEFTOVER):
        yield Rule.LEFTOVER_SLOT.found(
            where,
            f"`{leftover}` would reach readers as it stands; fill it in, or write a personal "
            'field as `{{ first_name | "colleague" }}`',
        )
    for word, where in _found(mail, _UNFINISHED):
        yield Rule.UNFINISHED.found(
            where, f"`{word}` looks unfinished; write what belongs there, or delete it"
        )
    for tag, where in _found(mail, _MARKUP):
        yield Rule.HTML_SHOWN.found(
            where,
            f"`{tag}` is HTML, and readers would see it as it stands; take it out, or write "
            "`**words**` for bold and `*words*` for stress",
        )


def _found(mail: Mail, pattern: re.Pattern[str]) -> Iterator[tuple[str, Where]]:
    """Yield each different match once, where it is written first."""
    seen: set[str] = set()
    prose = ((each.words, each.element) for each in mail.prose)
    links = ((unquote(url), element) for element, url in mail.links)
    for words, element in (*prose, *links):
        for found in pattern.findall(words):
            if found not in seen:
                seen.add(found)
                yield found, mail.where(element, found)
    for found in pattern.findall(" ".join(f"{mail.subject}\n{mail.text}".split())):
        if found not in seen:
            seen.add(found)
            yield found, mail.whole
