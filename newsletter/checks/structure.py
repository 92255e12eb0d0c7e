"""What a screen reader goes by: language, tables, headings; and nothing that runs."""

from collections.abc import Iterator

from lxml.html import HtmlElement

from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules

_LAYOUT = ("presentation", "none")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ACTIVE = frozenset(
    "script iframe frame object embed applet form input button select textarea link base audio "
    "video svg".split()
)


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield what makes a mail hard to listen to, and what a mail may not hold."""
    yield from _language(mail)
    yield from _tables(mail)
    yield from _headings(mail)
    yield from _active(mail)
    title = " ".join((mail.tree.findtext("head/title") or "").split())
    if title != mail.subject:
        yield Rule.TITLE_SUBJECT.found(
            mail.whole,
            f"the page is called `{title}`, and the subject is `{mail.subject}`; the theme's "
            "<title> has to be the subject, for spam filters compare them",
        )


def _language(mail: Mail) -> Iterator[Finding]:
    body = mail.tree.find("body")
    around = [] if body is None else [child for child in body if isinstance(child.tag, str)][:1]
    for element, name in ((mail.tree, "<html>"), *((each, "the first <div>") for each in around)):
        for attribute in ("lang", "dir"):
            if not element.get(attribute):
                yield Rule.LANG_ATTRIBUTE.found(
                    mail.whole,
                    f"{name} does not say its {attribute}, and a screen reader guesses how to "
                    f"read it out; put `{attribute}` there in the theme's mail.html.j2",
                )
    said = {element.get("lang") for element in mail.elements if element.get("lang")}
    for edition in mail.editions:
        if said and edition.language not in said:
            yield Rule.LANG_ATTRIBUTE.at(
                edition,
                0,
                f"the mail says that it is in `{sorted(said)[0]}`, and this is in "
                f"`{edition.language}`; put the right `lang` in the theme's mail.html.j2",
            )


def _tables(mail: Mail) -> Iterator[Finding]:
    for table in mail.tree.iter("table"):
        if table.get("role") in _LAYOUT:
            continue
        heads = [cell for cell in table.iter("th") if _table_of(cell) is table]
        if not heads:
            yield Rule.TABLE_ROLE.found(
                mail.where(table),
                'this table has no header cells; give it some, or role="presentation" in the '
                "theme if it is only there for the layout",
            )
        elif not all(cell.get("scope") for cell in heads):
            yield Rule.TABLE_HEAD.found(
                mail.where(table),
                "a header cell of this table does not say what it heads; give it "
                '`scope="col"` or `scope="row"` in the theme',
            )


def _table_of(cell: HtmlElement) -> HtmlElement | None:
    return next(cell.iterancestors("table"), None)


def _headings(mail: Mail) -> Iterator[Finding]:
    found = [element for element in mail.elements if element.tag in _HEADINGS]
    titles, wanted = sum(each.tag == "h1" for each in found), len(mail.editions)
    if titles != wanted:
        yield Rule.HEADING_ONE.found(
            mail.whole,
            f"the mail has {titles} headings of the first level, and needs {wanted}, the title; "
            "write those in the text with `##`",
        )
    before = 0
    for element in found:
        level = int(element.tag[1])
        if level > before + 1:
            yield Rule.HEADING_ORDER.found(
                mail.where(element, mail.words(element)),
                f"the heading `{mail.words(element)[:60]}` is of level {level} and the one before "
                f"of level {before}; a level was skipped, use {before + 1}",
            )
        before = level
        if not mail.words(element):
            yield Rule.HEADING_EMPTY.found(
                mail.where(element), "this heading has no words; write some, or take it out"
            )


def _active(mail: Mail) -> Iterator[Finding]:
    for element in mail.elements:
        found = f"<{element.tag}>" if element.tag in _ACTIVE else ""
        for name, value in element.attrib.items():
            if name.startswith("on") or "".join(value.split()).lower().startswith("javascript:"):
                found = name
        if found:
            yield Rule.ACTIVE_CONTENT.found(
                mail.where(element),
                f"{found} does nothing in a mail, or has it taken for an attack; take it out",
            )
