"""What Gmail makes of a mail at its worst: without its style sheet, or with its colours turned."""

import re

from lxml import html as lxml_html
from lxml.html import HtmlElement

from newsletter.colours import Screen, shown

_TAKEN_OUT = ("style", "link", "script", "title", "meta", "base")
_MADE_PLAIN = ("details", "main", "nav", "picture", "source", "summary", "video")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")

# What stands around a mail in Gmail: its own type, on its own ground.
_AROUND = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"></head>'
    '<body style="margin:0;background-color:{ground}">'
    '<div style="font:small/1.5 Arial,Helvetica,sans-serif;color:{ink}">{mail}</div></body></html>'
)


def without_styles(html: str) -> str:
    """Return *html* as accounts of others, forwarded mails and "view entire message" have it."""
    return _around(_bare(html), ground="#ffffff", ink="#222222")


def inverted(html: str) -> str:
    """Return *html* as programs have it that darken a mail without asking it."""
    mail = _bare(html)
    for element in mail.iter("*"):
        for name in ("style", "bgcolor", "color"):
            if value := element.get(name):
                element.set(name, _COLOUR.sub(_darkened, value))
    ground = shown("#ffffff", Screen.DARKENED)
    return _around(mail, ground=ground, ink=shown("#222222", Screen.DARKENED))


def _bare(html: str) -> HtmlElement:
    """Return the body as a division, without style sheets, comments, classes and names."""
    tree: HtmlElement = lxml_html.document_fromstring(
        re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    )
    for element in list(tree.iter(*_TAKEN_OUT)):
        element.drop_tree()
    for element in tree.iter("*"):
        for name in ("class", "id"):
            element.attrib.pop(name, None)
        if element.tag in _MADE_PLAIN:
            element.tag = "u"
    body: HtmlElement = tree.body
    body.tag = "div"
    return body


def _around(mail: HtmlElement, *, ground: str, ink: str) -> str:
    content = str(lxml_html.tostring(mail, encoding="unicode"))
    return _AROUND.format(ground=ground, ink=ink, mail=content)


def _darkened(colour: re.Match[str]) -> str:
    digits = colour[0][1:]
    full = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    return shown(f"#{full.lower()}", Screen.DARKENED)
