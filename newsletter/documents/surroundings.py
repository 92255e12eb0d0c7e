"""What of a web page is not its text: what is hidden, and the menus and boxes around it."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DROPPED = frozenset(
    "head script style noscript template svg math iframe object embed canvas audio video"
    " button input select textarea hr col colgroup area map".split()
)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)

_MENU, _HEAD, _FOOT = "a menu", "the head of the page", "the foot of the page"
_BOX, _COMMENTS = "a box beside the text", "comments"
_BY_TAG = {"header": _HEAD, "nav": _MENU, "aside": _BOX, "footer": _FOOT}
_BY_ROLE = {"banner": _HEAD, "navigation": _MENU, "complementary": _BOX, "contentinfo": _FOOT}
_BY_WORD = {
    **dict.fromkeys("nav navbar navigation menu breadcrumb breadcrumbs".split(), _MENU),
    **dict.fromkeys("sidebar related".split(), _BOX),
    **dict.fromkeys("comment comments reacties".split(), _COMMENTS),
    **dict.fromkeys("share sharing".split(), "a way to share the page"),
    **dict.fromkeys("cookie cookies".split(), "a notice about cookies"),
    "footer": _FOOT,
}
_TELLS_OF_OTHERS = frozenset("has no with without".split())  # `has-sidebar` is on the text


def is_hidden(element: "HtmlElement") -> bool:
    """Tell whether nobody who looks at the page reads *element*."""
    hidden = "hidden" in element.attrib or _HIDDEN.search(element.get("style", ""))
    return element.tag in _DROPPED or bool(hidden)


def find(page: "HtmlElement") -> "list[tuple[HtmlElement, str]]":
    """Return what stands around the text of *page*, and what it looks like: "a menu"."""
    return list(_around(page, len(page.findall(".//h1")), _length(page)))


def _around(
    element: "HtmlElement", titles: int, length: int
) -> "Iterator[tuple[HtmlElement, str]]":
    for child in element:
        if is_hidden(child):
            continue
        look = _look(child)
        if look and not _holds_text(child, titles, length):
            yield child, look
        else:
            yield from _around(child, titles, length)


def _look(element: "HtmlElement") -> str:
    tag = str(element.tag)
    if tag == "header" and next(element.iterancestors("main", "article"), None) is not None:
        return ""  # the head of an article is where its title is
    names = f"{element.get('id', '')} {element.get('class', '')}".split()
    looks = (_BY_WORD[word] for name in names for word in _words(name) if word in _BY_WORD)
    return _BY_TAG.get(tag) or _BY_ROLE.get(element.get("role", "")) or next(looks, "")


def _words(name: str) -> list[str]:
    words = re.split(r"[\W_]+", re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return [] if words[0] in _TELLS_OF_OTHERS else words


def _holds_text(element: "HtmlElement", titles: int, length: int) -> bool:
    """Tell whether this is a wrapper: it holds the title, or most words of a page without one."""
    if element.tag == "main" or element.find(".//main") is not None:
        return True
    if titles:
        return len(element.findall(".//h1")) == titles
    return element.tag not in _BY_TAG and 2 * _length(element) > length


def _length(element: "HtmlElement") -> int:
    return sum(len(text.split()) for text in element.itertext())
