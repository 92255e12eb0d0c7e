"""The message around the words: its parts in order, its headers, lines that any server takes."""

from collections.abc import Iterator

from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules

LONGEST_LINE = 998  #: octets without CRLF: RFC 5322 section 2.1.1
_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted")


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield what makes a server refuse the message, a filter doubt it, a program show it wrong."""
    for fault in (*_parts(mail), *_lines(mail.data)):
        yield Rule.MIME_PARTS.found(mail.whole, fault)
    for name in _ONCE:
        if (count := len(mail.message.get_all(name, []))) != 1:
            yield Rule.MIME_HEADERS.found(
                mail.whole,
                f"the message has {count} headers `{name}`, and needs one; this is a fault of the "
                "program, tell whoever looks after it",
            )


def _parts(mail: Mail) -> Iterator[str]:
    leaves = [part for part in mail.message.walk() if not part.is_multipart()]
    kinds = [part.get_content_type() for part in leaves]
    if kinds[:2] != ["text/plain", "text/html"]:
        yield (
            f"the message begins with {' and '.join(kinds[:2]) or 'nothing'}; it needs text/plain "
            "first and then text/html, for a program shows the last that it can"
        )
    if not any(part.get_content_type() == "multipart/alternative" for part in mail.message.walk()):
        yield "text and HTML are not alternatives of each other; a reader would see both"
    for part in leaves[:2]:
        charset = part.get_content_charset("")
        if part.get_content_maintype() == "text" and charset != "utf-8":
            yield (
                f"the {part.get_content_subtype()} part is in `{charset or 'no charset'}`; it has "
                "to be utf-8, or Gmail cuts it off"
            )
    for kind, content in (("plain", mail.text), ("html", mail.html)):
        if not content.strip():
            yield f"the {kind} part is empty; some readers see only that"


def _lines(data: bytes) -> Iterator[str]:
    if not data.isascii():
        yield "the message has 8-bit characters, which some servers refuse; encode them"
    if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        yield "the message has a line that ends in half a line break; servers refuse that"
    longest = max(map(len, data.split(b"\r\n")))
    if longest > LONGEST_LINE:
        yield f"a line of the message has {longest:,} octets; servers refuse over {LONGEST_LINE}"
