"""The page that shows every view of every language with what the checks found beside it."""

import base64
import hashlib
import html as markup
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from newsletter.checks.finding import Finding, Severity
from newsletter.checks.mail import Mail
from newsletter.checks.size import LONGEST_HTML
from newsletter.clients import support
from newsletter.preview.views import VIEWS, WIDTHS, View, pictures
from newsletter.rendering import STACKED

HERE = Path(__file__).parent
Taken = Sequence[tuple[View, str, Mapping[int, int]]]  #: a view, its document, and its heights


def page(name: str, shown: Sequence[tuple[Mail, Taken]], findings: Sequence[Finding]) -> str:
    """Return the page as one file that needs nothing else."""
    script = (HERE / "page.js").read_text("utf-8")
    languages = {mail.rendering.language for mail, _ in shown}
    return str(
        _template().render(
            name=name,
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            style=(HERE / "page.css").read_text("utf-8"),
            views=VIEWS,
            widths=WIDTHS,
            languages=[_language(mail, findings, languages) for mail, _ in shown],
            data=_as_data({mail.rendering.language: _data(mail, taken) for mail, taken in shown}),
            source=_source(),
        )
    )


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["coded"] = _coded
    return environment.get_template("page.html.j2")


def _coded(message: str) -> Markup:
    """Return *message* with what stands between backquotes as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(Markup.escape(message))))  # noqa: S704  # escaped


def _language(mail: Mail, findings: Sequence[Finding], shown: set[str]) -> dict[str, Any]:
    language = mail.rendering.language
    of_all = [each for each in findings if each.language not in shown]
    found = [each for each in findings if each.language == language] + of_all
    return {
        "code": language,
        "name": _name(language),
        "sender": str(mail.message["From"]).split("<")[0].strip().strip('"'),
        "subject": mail.subject,
        "preheader": mail.editions[0].preheader,
        "findings": found,
        "errors": sum(each.severity is Severity.ERROR for each in found),
        "facts": _facts(mail),
        **_weight(mail),
    }


def _name(language: str) -> str:
    if language == STACKED:
        return "All in one"
    try:
        return (Locale.parse(language, sep="-").get_display_name() or language).capitalize()
    except UnknownLocaleError:  # a territory that Babel does not know
        return language


def _facts(mail: Mail) -> list[tuple[str, str]]:
    weight = sum(map(len, mail.images.values()))
    return [
        ("Subject", f"{len(mail.subject)} characters"),
        ("Preheader", f"{len(mail.editions[0].preheader)} characters"),
        ("Pictures", f"{len(mail.images)} ({weight / 1000:,.0f} KB)" if mail.images else "none"),
        ("Attached", f"{len(mail.rendering.attachments) or 'nothing'}"),
        ("Whole mail", f"{len(mail.data) / 1000:,.0f} KB"),
    ]


def _weight(mail: Mail) -> dict[str, Any]:
    size = len(mail.html_part.get_payload()) if mail.html_part else 0
    return {
        "size": f"{size / 1000:,.0f} of {LONGEST_HTML / 1000:,.0f} KB",
        "share": min(100, round(100 * size / LONGEST_HTML)),
    }


def _data(mail: Mail, taken: Taken) -> dict[str, Any]:
    return {
        "views": {
            view.name: {"html": content, "heights": heights} for view, content, heights in taken
        },
        "pictures": {markup.escape(source): each for source, each in pictures(mail).items()},
    }


def _as_data(value: Any) -> str:
    """Return JSON that ends no element of the page."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _source() -> str:
    try:
        return str(support.support().source)
    except support.DataMissing:
        return ""
