"""How heavy it is, and what Gmail cuts off or throws away."""

import re
from collections.abc import Iterator

from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules

# Bytes of the HTML part as it is encoded for sending; sources disagree on what Gmail counts.
HEAVY_HTML, LONGEST_HTML = 80_000, 100_000
HEAVY_MAIL = 1_000_000  #: bytes of the whole message
HEAVY_STYLE, LONGEST_STYLE = 8_000, 16_384  #: bytes in all <style>; Gmail drops what is over

_AT_RULE = re.compile(r"[{}]|(?:(?<=[\s{};])|^)@(?=[a-z-])", re.IGNORECASE)
_SPACED_COLOUR = re.compile(r"\b(?:rgb|hsl)a?\(\s*[\d.]+(?:%|deg)?\s+[\d.]", re.IGNORECASE)


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield what is too heavy for Gmail, or for a phone on the road."""
    yield from _html(mail)
    if (size := len(mail.data)) > HEAVY_MAIL:
        yield Rule.MAIL_HEAVY.found(
            mail.whole,
            f"the whole mail has {size / 1e6:.1f} MB, slow on a phone and heavy for the mail "
            "server; use fewer or smaller pictures and files, or link to them",
        )
    yield from _styles(mail)


def _html(mail: Mail) -> Iterator[Finding]:
    size = len(mail.html_part.get_payload()) if mail.html_part else 0
    if size > LONGEST_HTML:
        yield Rule.HTML_CLIPPED.found(
            mail.whole,
            f"the mail has {size:,} bytes of HTML; Gmail cuts it off at about 102,000. "
            "Shorten it, and link to the rest",
        )
    elif size > HEAVY_HTML:
        yield Rule.HTML_HEAVY.found(
            mail.whole,
            f"the mail has {size:,} bytes of HTML; at about 102,000 Gmail cuts it off, so add no "
            "more, or link to a part of it",
        )


def _styles(mail: Mail) -> Iterator[Finding]:
    sheets = [style.text or "" for style in mail.tree.iter("style")]
    size = sum(len(sheet.encode()) for sheet in sheets)
    if size > LONGEST_STYLE:
        yield Rule.STYLE_LIMIT.found(
            mail.whole,
            f"the theme leaves {size:,} bytes of style sheets in the mail; Gmail drops what is "
            f"over {LONGEST_STYLE:,}. Shorten client.css",
        )
    elif size > HEAVY_STYLE:
        yield Rule.STYLE_HEAVY.found(
            mail.whole,
            f"the theme leaves {size:,} bytes of style sheets in the mail; keep client.css under "
            f"{HEAVY_STYLE:,}, for Gmail drops what is over {LONGEST_STYLE:,}",
        )
    if any(map(_is_nested, sheets)):
        yield Rule.GMAIL_STYLE.found(
            mail.whole,
            "the theme's client.css has an @-rule inside an @-rule, and Gmail drops the whole "
            "sheet; write them one after the other",
        )
    attributes = (element.get("style", "") for element in mail.elements)
    if found := next(filter(None, map(_SPACED_COLOUR.search, (*sheets, *attributes))), None):
        yield Rule.GMAIL_STYLE.found(
            mail.whole,
            f"the theme has a colour written as `{found[0]}...)`, for which Gmail drops the whole "
            "style; write it with six digits, such as #0a5ca8",
        )


def _is_nested(sheet: str) -> bool:
    depth = 0
    for sign in _AT_RULE.findall(sheet):
        if sign == "@" and depth:
            return True
        depth += {"{": 1, "}": -1}.get(sign, 0)
    return False
