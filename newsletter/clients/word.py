"""An approximation of what Outlook's Word engine makes of a mail, as HTML for a browser.

It shows what Word leaves out; it is no picture of Outlook. Not imitated are its fonts and rounding,
`mso-` properties but for two, VML, and its page breaks.
"""

import re
from collections.abc import Iterator

from lxml import html as lxml_html
from lxml.html import HtmlElement

from newsletter.clients import css

_NOT_FOR_WORD = re.compile(
    r"<!--\[if !mso[^\]]*\]>\s*<!--\s*-->.*?<!--\s*<!\[endif\]-->|<!--\[if !mso[^\]]*\]><!-->.*?"
    r"<!--<!\[endif\]-->",
    re.DOTALL | re.IGNORECASE,
)
_FOR_WORD = re.compile(
    r"<!--\[if [^\]!]*mso[^\]]*\]>(.*?)<!\[endif\]-->", re.DOTALL | re.IGNORECASE
)
_DOCTYPE = re.compile(r"^\s*<!doctype[^>]*>", re.IGNORECASE)  # without it a browser has quirks too

#: Properties that Word passes over wherever they stand.
DROPPED = frozenset(
    """
    align-items animation background-image background-origin background-position background-repeat
    background-size border-radius border-spacing box-shadow box-sizing caption-side clear clip-path
    column-count filter flex-direction flex-wrap float gap grid-template justify-content
    list-style-image list-style-position max-height min-height min-width object-fit object-position
    opacity outline outline-offset overflow overflow-wrap position table-layout text-overflow
    text-shadow transform transition visibility white-space word-spacing word-wrap writing-mode
    z-index
    """.split()
)
_CELLS = ("td", "th")
_LISTS = ("ul", "ol")  # a browser pads them by itself, and Word does not
_SIZED_BY_ATTRIBUTE = ("div", "p", "span", "img", "body", "a")
_UNDERSTOOD = {
    *("css-selector-class", "css-selector-descendant", "css-selector-grouping"),
    *("css-selector-id", "css-selector-type"),
}


def approximated(html: str) -> str:
    """Return *html* without what Word does not support, and with what it alone sees."""
    seen = _FOR_WORD.sub(r"\1", _NOT_FOR_WORD.sub("", html))
    tree: HtmlElement = lxml_html.document_fromstring(_DOCTYPE.sub("", seen))
    for settings in list(tree.iter("xml")):
        settings.drop_tree()  # no words
    for element in list(tree.iter("*")):
        if element.tag == "style":
            element.text = "\n".join(_sheet(element.text or ""))
        elif style := element.get("style"):
            element.set("style", ";".join(_understood(element, style)))
    return str(lxml_html.tostring(tree, encoding="unicode"))


def _sheet(sheet: str) -> Iterator[str]:
    for rule in css.rules(sheet):
        if rule.conditions or not rule.selector or not rule.own <= _UNDERSTOOD:
            continue
        kept = (
            f"{each}{' !important' * ('css-important' in each.features)}"
            for each in rule.declarations
            if each.property not in DROPPED
        )
        yield f"{rule.selector}{{{';'.join(kept)}}}"


def _understood(element: HtmlElement, style: str) -> Iterator[str]:
    for name, value in css.written(style):
        small = value.lower()
        if name == "mso-hide" and small == "all":
            yield "display:none"
        elif name == "mso-padding-alt" and element.tag in _CELLS:
            yield f"padding:{value}"
        elif _is_understood(element.tag, name, small):
            yield f"{name}:{_without_auto(value) if name.startswith('margin') else value}"


def _is_understood(tag: str, name: str, value: str) -> bool:
    if name in DROPPED or "!important" in value or "var(" in value or "calc(" in value:
        return False
    if name.startswith("padding"):
        return tag in _CELLS or (tag in _LISTS and value == "0")
    if name.startswith("margin"):
        return "-" not in value
    if name.startswith("overflow"):
        return False
    if name == "max-width":
        return tag == "table"
    if name in ("width", "height"):
        return tag not in _SIZED_BY_ATTRIBUTE
    if name == "display":
        return value == "none" and tag != "img"
    return name != "background" or not re.search(r"url\(|gradient\(", value)


def _without_auto(margin: str) -> str:
    return re.sub(r"\bauto\b", "0", margin)
