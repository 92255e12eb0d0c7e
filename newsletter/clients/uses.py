"""What a mail uses: every feature of its elements, attributes and styles, and where."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lxml import html as lxml_html
from lxml.html import HtmlElement

from newsletter.clients import css

WORD = "outlook-windows"  #: the one client that reads what stands in `<!--[if mso]>`

_TAGS = {
    **{f"h{level}": "html-h1-h6" for level in range(1, 7)},
    **dict.fromkeys(("ul", "ol", "li", "dl", "dt", "dd"), "html-lists"),
    **dict.fromkeys(
        (
            *("article", "aside", "details", "figcaption", "figure", "footer", "header"),
            *("main", "mark", "nav", "section", "summary", "time"),
        ),
        "html-semantics",
    ),
    **dict.fromkeys(("map", "area"), "html-image-maps"),
    "s": "html-strike",
}
_ATTRIBUTES = {
    **{
        name: f"html-{name}"
        for name in (
            *("align", "background", "cellpadding", "cellspacing", "dir", "height", "hidden"),
            *("lang", "popover", "required", "role", "srcset", "target", "valign", "width"),
            *("aria-describedby", "aria-hidden", "aria-label", "aria-labelledby", "aria-live"),
        )
    },
    "loading": "html-loading-attribute",
    "sizes": "html-srcset",
}
_BUTTONS = {"input": {"checkbox", "hidden", "radio", "reset", "submit"}, "button": {"reset"}}
_ELSE = {"input": "text", "button": "submit"}
_TYPES = {"jpeg": "jpg", "tif": "tiff", "heic": "heif", "svg+xml": "svg", "x-icon": "ico"}
_EXTENSION = re.compile(r"\.([a-z0-9]+)(?:[?#]|$)")
Spot = tuple[int, int]  #: the number of an element in the document, and its line

_CONDITION = re.compile(r"\[if ([^\]]*)\]>(.*)<!\[endif\]$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """What of its surroundings decides whether a partly supported feature works."""

    tag: str
    inline: bool = True  #: in a style attribute, or an attribute; not in a style sheet
    in_ghost: bool = False  #: in a table that only Word sees and that is as wide as it should be
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Use:
    """One feature as it is used."""

    feature: str
    written: str  #: "display:flex", "<video>"
    property: str
    value: str
    place: Place
    source: str  #: the style attribute or sheet that it stands in
    conditions: frozenset[str] = frozenset()  #: features without which the rule is not applied
    only: str = ""  #: the one client that sees it; empty: all but those in *hidden*
    hidden: str = ""  #: the client that does not see it


@dataclass(slots=True)
class Walk:
    """All uses in a mail, each with the elements that have it."""

    uses: dict[Use, list[Spot]] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()  #: of the whole mail


_SHEET = Place("style", inline=False)
_OF_WHOLE = (
    ("mso-line-height-rule", "exact lines"),
    ("PixelsPerInch", "pixels per inch"),
    (" style=", "styles inline"),
)


def walk(html: str, features: frozenset[str]) -> Walk:
    """Return which of *features* are used; elements count as in `rendering.Rendering.places`."""
    walked = Walk(facts=frozenset(_of_whole(html)))
    styles: dict[tuple[str, Place, str], list[Spot]] = {}
    names = frozenset(re.findall(r"<a\b[^>]* name=\"([^\"]+)\"", html))
    number, ghosts, hidden = -1, 0, ""
    for element in lxml_html.document_fromstring(html).iter():
        if not isinstance(element.tag, str):
            text = element.text or ""
            ghosts += _opened(text)
            hidden = _hidden(text, hidden)
            uses: Iterable[Use] = _in_condition(text, features)
        else:
            number += 1
            place = _place(element, ghosts > 0)
            uses = _of_element(element, place, hidden, names)
        spot = (max(number, 0), _line(element))
        for use in uses:
            if use.feature in features:
                walked.uses.setdefault(use, []).append(spot)
        if style := element.get("style"):
            styles.setdefault((style, place, hidden), []).append(spot)
    for (style, place, hidden), spots in styles.items():
        for use in _in_style(style, place, hidden):
            if use.feature in features:
                walked.uses.setdefault(use, []).extend(spots)
    return walked


def _line(element: HtmlElement) -> int:
    return element.sourceline if isinstance(element.sourceline, int) else 0


def _of_whole(html: str) -> Iterator[str]:
    for words, fact in _OF_WHOLE:
        if words in html:
            yield fact


def _opened(comment: str) -> int:
    """Return how many tables for Word a comment opens, less those it closes."""
    return comment.count("<table") - comment.count("</table") if "[if mso" in comment else 0


def _hidden(comment: str, before: str) -> str:
    """Return which client does not see what follows *comment*."""
    if comment.startswith("[if !mso"):
        return WORD
    return "" if comment.startswith("<![endif]") else before


@lru_cache(maxsize=512)
def _in_condition(comment: str, features: frozenset[str]) -> tuple[Use, ...]:
    """Return what Word sees in a comment; a table that another comment closes is one too."""
    condition = _CONDITION.match(comment)
    if condition is None or "!" in condition[1] or "<" not in condition[2]:
        return ()
    inner = walk(f"<body>{condition[2]}</body>", features)
    ghost = {use: replace(use.place, in_ghost=True) for use in inner.uses}
    return tuple(replace(use, only=WORD, place=place) for use, place in ghost.items())


def _place(element: HtmlElement, in_ghost: bool) -> Place:
    return Place(element.tag, True, in_ghost, frozenset(_facts(element)))


def _facts(element: HtmlElement) -> Iterator[str]:
    if (element.get("width") or "").isdigit():
        yield "width attribute"
    if element.get("title"):
        yield "titled"
    if element.tag in ("ol", "li"):
        yield from (f"attribute {name}" for name in ("reversed", "value") if name in element.attrib)
    if element.tag == "style" and next(element.iterancestors("body"), None) is not None:
        yield "in body"
    if style := element.get("style"):
        yield from _facts_of_style(element, style)


def _facts_of_style(element: HtmlElement, style: str) -> Iterator[str]:
    if "background" in style:
        yield "background"
    if "mso-hide" in style:
        yield "hidden from Word"
    if "none" in style and element.find(".//table") is not None:
        yield "holds a table"
    parent = element.getparent()
    if parent is not None and "mso-padding-alt" in (parent.get("style") or ""):
        yield "padded by its cell"


def _of_element(
    element: HtmlElement, place: Place, hidden: str, names: frozenset[str]
) -> Iterator[Use]:
    tag = element.tag
    yield Use(_tag_feature(element), f"<{tag}>", "", "", place, "", hidden=hidden)
    for name, value in element.attrib.items():
        for feature in _of_attribute(tag, name, value):
            if feature == "html-anchor-links" and value[1:] in names:
                place = replace(place, facts=place.facts | {"named"})
            yield Use(feature, f'{name}="{value[:60]}"', name, value, place, "", hidden=hidden)
    if tag == "style" and element.text:
        yield from _in_sheet(element.text, hidden)
    if tag == "html" and element.getroottree().docinfo.doctype.lower() == "<!doctype html>":
        yield Use("html-doctype", "<!doctype html>", "", "", place, "", hidden=hidden)


def _in_style(style: str, place: Place, hidden: str) -> Iterator[Use]:
    if "/*" in style:
        yield Use("css-comments", "/* */", "", "", place, style, hidden=hidden)
    for each in css.declarations(style):
        for feature in each.features:
            yield Use(feature, str(each), each.property, each.value, place, style, hidden=hidden)


def _in_sheet(sheet: str, hidden: str) -> Iterator[Use]:
    if "/*" in sheet:
        yield Use("css-comments", "/* */", "", "", _SHEET, "", hidden=hidden)
    for rule in css.rules(sheet):
        words = rule.selector or rule.around
        for feature in rule.own:
            yield Use(
                feature, words, "", rule.around, _SHEET, words, rule.conditions, hidden=hidden
            )
        conditions = rule.conditions | rule.own
        for each in rule.declarations:
            for feature in each.features:
                yield Use(
                    feature, str(each), each.property, each.value, _SHEET, sheet, conditions,
                    hidden=hidden,
                )  # fmt: skip


def _tag_feature(element: HtmlElement) -> str:
    tag, kind = element.tag, (element.get("type") or "").lower()
    if tag in _BUTTONS:
        return f"html-{tag}-{kind if kind in _BUTTONS[tag] else _ELSE[tag]}"
    if tag == "meta" and (element.get("name") or "").lower() == "color-scheme":
        return "html-meta-color-scheme"
    return _TAGS.get(tag, f"html-{tag}")


def _of_attribute(tag: str, name: str, value: str) -> Iterator[str]:
    if name == "href" and tag in ("a", "area"):
        if value.startswith("#"):
            yield "html-anchor-links"
        elif value.lower().startswith("mailto:"):
            yield "html-mailto-links"
    elif name == "src" and tag == "img":
        yield from _of_image(value.lower())
    elif name == "inert":
        yield "css-inert-attribute"
    elif name in _ATTRIBUTES:
        yield _ATTRIBUTES[name]


def _of_image(source: str) -> Iterator[str]:
    if source.startswith("data:"):
        yield "image-base64"
        kind = re.split("[;,]", source[:40].removeprefix("data:image/"))[0]
    else:
        extension = _EXTENSION.search(source)
        kind = extension[1] if extension else ""
    if kind:
        yield f"image-{_TYPES.get(kind, kind)}"
