"""Finished mails for the checks: of an announcement, or of HTML that was never ours."""

import dataclasses
import datetime
from pathlib import Path

from newsletter import announcement, checks, message, rendering, theme
from newsletter.address import Address
from newsletter.announcement import Edition
from newsletter.audience import Recipient
from newsletter.checks import Finding, Mail, Rules
from newsletter.message import Letterhead, Mailbox
from newsletter.rendering import Organisation, Rendering

THEME = theme.load("default", [theme.shipped()])
ORGANISATION = Organisation(name="Stad", contact="communicatie@example.org")
TODAY = datetime.date(2026, 2, 9)  # a Monday
RULES = Rules(today=TODAY)
HEAD = """\
title: De kantine is vrijdag dicht
preheader: Breng vrijdag je boterhammen mee, want de vloer wordt vernieuwd.
greeting: Dag {{ first_name | "collega" }},"""

_READER = Recipient(address=Address("lezer", "example.org"), lists=())
_LETTERHEAD = Letterhead(
    sender=Mailbox("Stad", Address("stad", "example.org")),
    reply_to=None,
    list_id="newsletter.example.org",
    date=datetime.datetime(2026, 2, 9, 9, 30, tzinfo=datetime.UTC),
)
_PAGE = """\
<!DOCTYPE html><html lang="nl" dir="ltr"><head><meta charset="utf-8"><title>{subject}</title>{style}
</head><body><div lang="nl" dir="ltr"><h1>Titel</h1>
{body}
</div></body></html>"""


def written(folder: Path, body: str, head: str = HEAD, language: str = "nl") -> Edition:
    """Write an announcement and read it."""
    path = folder / "kantine.md"
    path.write_text(f"---\n{head}\n---\n\n{body}\n", encoding="utf-8")
    (edition,) = announcement.load(path, (language,)).editions
    return edition


def mail(edition: Edition, **changes: object) -> Mail:
    """Return the finished mail of *edition*, its rendering changed before it is composed."""
    rendered = rendering.render(edition, THEME, ORGANISATION)
    return composed((edition,), dataclasses.replace(rendered, **changes))  # type: ignore[arg-type]


def composed(editions: tuple[Edition, ...], rendered: Rendering) -> Mail:
    """Return *rendered* as the message that leaves."""
    skeleton = message.skeleton(rendered, _LETTERHEAD)
    data = message.compose(skeleton, _READER, "<een@example.org>")
    return Mail(editions=editions, rendering=rendered, data=data)


def foreign(folder: Path, body: str, style: str = "", **changes: object) -> Mail:
    """Return a mail with *body* in its HTML, though no theme of ours would write that."""
    edition = written(folder, "Dag.")
    html = _PAGE.format(subject=edition.subject, body=body, style=style)
    rendered = Rendering(
        language="nl",
        languages=("nl",),
        subject=edition.subject,
        html=html,
        text="Titel",
        images=(),
        slots=(),
    )
    return composed((edition,), dataclasses.replace(rendered, **changes))  # type: ignore[arg-type]


def findings(folder: Path, body: str, head: str = HEAD, rules: Rules = RULES) -> list[Finding]:
    """Return what the checks find in the mail of an announcement."""
    return list(checks.run(mail(written(folder, body, head)), rules))


def named(found: list[Finding] | tuple[Finding, ...], *rules: str) -> list[tuple[str, int]]:
    """Return rule and line of what was found; only that of *rules*, if there are any."""
    return [(each.rule, each.line) for each in found if not rules or each.rule in rules]
