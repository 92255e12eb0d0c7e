"""Holds one finished mail to the same checks, whoever made it."""

import base64
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from PIL import Image

from newsletter import checks
from newsletter.announcement import Edition
from newsletter.checks import Mail, Severity
from newsletter.checks.rules import Rule, Rules
from newsletter.rendering import Rendering
from tests.engines import validators
from tests.engines.chromium import Chromium, without_style
from tests.engines.spam import Rspamd, Verdict, spamassassin
from tests.mail.seeing import faint

SENDER, READER = "communicatie@example.org", "anais.peeters@example.org"
TODAY = date(2026, 11, 20)
NARROW = (280, 320, 600)

_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_GHOST = re.compile(r"<!--\[if mso[^\]]*\]>\s*<table")
_HEADERS = {
    "From": f"Interne communicatie <{SENDER}>",
    "To": READER,
    "Message-ID": "<1@example.org>",
    "List-Id": "<newsletter.example.org>",
    "List-Unsubscribe": f"<mailto:{SENDER}?subject=uitschrijven>",
    "Auto-Submitted": "auto-generated",
    "Precedence": "bulk",
}


@dataclass(frozen=True)
class Made:
    """What a tool made of a newsletter."""

    tool: str
    edition: Edition  #: what it says, as we have it
    html: str
    text: str  #: empty: the tool makes none


def mime(made: Made) -> bytes:
    """Return *made* as a message, with the same headers for all."""
    message = EmailMessage(policy=policy.SMTP)
    for name, value in _HEADERS.items():
        message[name] = value
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Subject"] = made.edition.subject
    if made.text:
        message.set_content(made.text, cte="quoted-printable")
        message.add_alternative(made.html, subtype="html", cte="quoted-printable")
    else:
        message.set_content(made.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def judge(made: Sequence[Made], chromium: Chromium, folder: Path) -> list[dict[str, str]]:
    """Return what each of *made* scores, by the name of the row."""
    mails = [mime(each) for each in made]
    valid = _validated(made, folder)
    spam = [spamassassin([mail])[0] for mail in mails]
    with Rspamd() as rspamd:
        verdicts = [rspamd.ask(mail, SENDER, READER) for mail in mails]
    return [
        {
            **_in_a_browser(each, chromium, folder),
            **_checked(each, mail),
            "html-validate: faults": str(valid[each.tool]),
            "SpamAssassin, local rules": _score(assassin),
            "rspamd, local rules": _score(verdict),
        }
        for each, mail, assassin, verdict in zip(made, mails, spam, verdicts, strict=True)
    ]


def _validated(made: Sequence[Made], folder: Path) -> Counter[str]:
    pages = [folder / f"{each.tool}.html" for each in made]
    for each, page in zip(made, pages, strict=True):
        page.write_text(each.html, encoding="utf-8")
    return Counter(found.split(".html:")[0] for found in validators.html_validate(pages))


def _score(verdict: Verdict) -> str:
    return f"{verdict.score:.1f}"


def _in_a_browser(made: Made, chromium: Chromium, folder: Path) -> dict[str, str]:
    html = with_pictures(made.html, folder)
    chromium.page.goto("about:blank")  # a document that is written over keeps its colour scheme
    chromium.show(html)
    violations = (chromium.violations("light"), chromium.violations("dark"))
    wide = _widest(chromium)
    unread = (
        faint(chromium, "light"),
        faint(chromium, "dark"),
        faint(chromium, "light", inverted=True),
    )
    chromium.show(with_pictures(without_style(made.html), folder))
    return {
        "axe: violations, light / dark": " / ".join(str(len(found)) for found in violations),
        "wider than the screen at 280, 320, 600 px": _pixels(wide),
        "the same without `<style>`": _pixels(_widest(chromium)),
        "words under 4.5:1, light / dark / inverted": " / ".join(str(len(w)) for w in unread),
        "dark mode designed": "yes" if "prefers-color-scheme" in made.html else "no",
        "laid out for Outlook's Word engine": "yes" if _GHOST.search(made.html) else "no",
    }


def _widest(chromium: Chromium) -> list[int]:
    return [max(0, chromium.overflow(width)) for width in NARROW]


def _pixels(wide: Sequence[int]) -> str:
    return f"{', '.join(map(str, wide))} px" if any(wide) else "no"


def _checked(made: Made, mail: bytes) -> dict[str, str]:
    rendering = Rendering(
        language=made.edition.language,
        languages=(made.edition.language,),
        subject=made.edition.subject,
        html=made.html,
        text=made.text,
        images=(),
        slots=(),
    )
    read = Mail(editions=(made.edition,), rendering=rendering, data=mail)
    findings = checks.run(read, Rules(today=TODAY))
    other = Counter(finding.severity for finding in findings if finding.rule not in _ROWS)
    unsupported = sum(finding.rule == Rule.CLIENT_SUPPORT for finding in findings)
    return {
        "other rules of `newsletter check`: errors / warnings": (
            f"{other[Severity.ERROR]} / {other[Severity.WARNING]}"
        ),
        "features that one of 14 mail programs lacks": str(unsupported),
        "`role`, `alt`, `lang`, `dir` missing": str(_missing(read)),
        "encoded HTML, bytes": f"{len(_part(read)):,}",
        "`<style>`, bytes": f"{sum(len(s.encode()) for s in _STYLE.findall(made.html)):,}",
        "text part": "yes" if made.text else "no",
    }


# Rules that have a row of their own here, and one that is about what the author left out.
_ROWS = (Rule.CLIENT_SUPPORT, Rule.LANG_ATTRIBUTE, Rule.MIME_PARTS, Rule.CAPTION_ALONE)


def _part(mail: Mail) -> str:
    assert mail.html_part
    return str(mail.html_part.get_payload())


def _missing(mail: Mail) -> int:
    """Return how many layout tables have no role, pictures no alt, and mails no language."""
    tables = sum(
        not table.get("role") and not list(table.iter("th")) for table in mail.tree.iter("table")
    )
    pictures = sum(image.get("alt") is None for image in mail.tree.iter("img"))
    return tables + pictures + sum(not _says(mail, name) for name in ("lang", "dir"))


def _says(mail: Mail, name: str) -> bool:
    """Whether the document has attribute *name*, and, for webmail, an element around the words."""
    body = mail.tree.find("body")
    all_words = len(mail.words(mail.tree if body is None else body))
    inside = (element for element in mail.elements if element.tag not in ("html", "body"))
    around = (each for each in inside if each.get(name) and len(mail.words(each)) > all_words * 0.7)
    return bool(mail.tree.get(name)) and next(around, None) is not None


_PICTURE = re.compile(r'src="[^"]*?(zwembad|nora|bad|tegels)[-.][^"]*"')


def with_pictures(html: str, folder: Path) -> str:
    """Return *html* with its pictures inside, for a browser without a network."""
    return _PICTURE.sub(lambda found: f'src="{_inside(folder / f"{found[1]}.jpg")}"', html)


def _inside(path: Path) -> str:
    data = io.BytesIO()
    with Image.open(path) as picture:
        picture.save(data, "JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
