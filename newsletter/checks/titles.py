"""What a mailbox shows before the mail is opened: the subject, and the preheader beside it."""

from collections.abc import Iterator

from newsletter.announcement import Edition
from newsletter.checks.finding import Finding, line_of, warning
from newsletter.rendering import Rendering

LONGEST_SUBJECT = 70  #: characters; a phone shows about 40 of them
SHORTEST_PREHEADER, LONGEST_PREHEADER = 40, 110  #: characters


def check(edition: Edition, rendering: Rendering) -> Iterator[Finding]:
    """Yield what is too long to be seen, or too short to say anything."""
    if (length := len(rendering.subject)) > LONGEST_SUBJECT:
        yield warning(
            edition,
            _line(edition, "subject:", "title:"),
            f"the subject has {length} characters; mailboxes cut it after {LONGEST_SUBJECT}, "
            "phones after 40. Give a shorter one in `subject:`",
        )
    if rendering.subject.isupper() and len(rendering.subject) > 10:
        line = _line(edition, "subject:", "title:")
        yield warning(edition, line, "a subject in capitals reads as shouting, and as spam")
    length = len(edition.preheader)
    if not SHORTEST_PREHEADER <= length <= LONGEST_PREHEADER:
        yield warning(
            edition,
            _line(edition, "preheader:"),
            f"the preheader, the line beside the subject, has {length} characters; "
            f"{SHORTEST_PREHEADER} to {LONGEST_PREHEADER} work best. Set `preheader:`",
        )


def _line(edition: Edition, *fields: str) -> int:
    return next(filter(None, (line_of(edition, field) for field in fields)), 1)
