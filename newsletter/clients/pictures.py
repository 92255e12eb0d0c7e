"""A mail before its pictures are allowed, as most mail programs show it first."""

import re

from lxml import html as lxml_html
from lxml.html import HtmlElement

NO_PICTURE = "data:,"  #: fetches nothing and shows nothing, but for the alternative text

_DRAWN = re.compile(r"url\([^)]*\)")


def without_pictures(html: str) -> str:
    """Return *html* with the words that stand for each picture in its place."""
    tree: HtmlElement = lxml_html.document_fromstring(html)
    for image in tree.iter("img"):
        image.set("src", NO_PICTURE)
        image.attrib.pop("srcset", None)
    for element in tree.iter("*"):
        if "url(" in element.get("style", ""):
            element.set("style", _DRAWN.sub("none", element.get("style")))
        element.attrib.pop("background", None)
    doctype = tree.getroottree().docinfo.doctype
    return f"{doctype}\n{lxml_html.tostring(tree, encoding='unicode')}"
