"""Placeholders that nobody filled in: of ours, of other tools, of a hasty author."""

import re
from collections.abc import Iterator

from newsletter.announcement import Edition
from newsletter.checks.finding import Finding, error, line_of, warning
from newsletter.rendering import Rendering

_LEFTOVER = re.compile(
    r"\{\{[^{}]{0,60}\}\}|\{\{\s*\w*|\{%.{0,60}?%\}|\[\[[^\]]{1,60}\]\]|%%\w{1,40}%%"
    r"|\*?\|[A-Z_:]{2,}\|\*?"  # Markdown takes the stars of `*|NAME|*` for emphasis
)
# «Naam» is a field of Word's mail merge, and a quotation in French.
_UNFINISHED = re.compile(r"\b(?:[Ll]orem [Ii]psum|XXX+|TODO|TBD|FIXME)\b|«\w{1,40}»")


def check(edition: Edition, rendering: Rendering) -> Iterator[Finding]:
    """Yield what still looks like a placeholder in the words that readers get."""
    words = " ".join(f"{rendering.subject}\n{rendering.text}".split())  # text is wrapped
    for leftover in dict.fromkeys(_LEFTOVER.findall(words)):
        yield error(
            edition,
            line_of(edition, leftover),
            f"`{leftover}` would reach readers as it stands; fill it in, or write a personal "
            'field as `{{ first_name | "colleague" }}`',
        )
    for word in dict.fromkeys(_UNFINISHED.findall(words)):
        yield warning(edition, line_of(edition, word), f"`{word}`: is this text finished?")
