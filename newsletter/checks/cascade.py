"""The colours that a program gives each element, from style attributes and the dark rules."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from lxml.html import HtmlElement
from tinycss2.color3 import RGBA, parse_color

_Style = Mapping[str, str]

_DARK = re.compile(r"@media[^{]*prefers-color-scheme\s*:\s*dark[^{]*\{", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SIMPLE = re.compile(r"([a-z][a-z0-9]*)?((?:\.[\w-]+)*)", re.IGNORECASE)
_BOLD_TAGS = frozenset("b strong th h1 h2 h3 h4 h5 h6".split())


@dataclass(frozen=True, slots=True)
class Look:
    """How the words in an element look."""

    colour: str = "#000000"
    ground: str = "#ffffff"
    size: float = 16.0  #: pixels
    is_bold: bool = False
    is_hidden: bool = False


_Said = tuple[tuple[str, str], ...]
Sheet = Callable[[HtmlElement], _Said]  #: what a style sheet says of an element


def light(element: HtmlElement) -> _Said:
    """Return what no style sheet says of *element*: all is in its style attribute."""
    return ()


def looks(tree: HtmlElement, sheet: Sheet) -> Iterator[tuple[HtmlElement, Look]]:
    """Yield every element with its look, in the order of the document."""
    seen: dict[HtmlElement, Look] = {}
    for element in tree.iter("*"):
        around = seen.get(element.getparent(), Look())
        own = (str(element.tag), element.get("style", ""), element.get("bgcolor", ""))
        seen[element] = look = _look(around, *own, sheet(element))
        yield element, look


@lru_cache(4096)
def _look(around: Look, tag: str, style_attribute: str, bgcolor: str, said: _Said) -> Look:
    style = {**declared(style_attribute), **dict(said)}
    ground = parsed(style.get("background-color", style.get("background", ""))) or parsed(bgcolor)
    colour = parsed(style.get("color", "")) or ("#0000ee" if tag == "a" else "")
    weight = style.get("font-weight", "bold" if tag in _BOLD_TAGS else "")
    return replace(
        around,
        colour=colour or around.colour,
        ground=ground or around.ground,
        size=_pixels(style.get("font-size", "")) or around.size,
        is_bold=weight in ("bold", "bolder", "600", "700", "800", "900")
        if weight
        else around.is_bold,
        is_hidden=around.is_hidden or style.get("display") == "none",
    )


@lru_cache(4096)
def declared(style: str) -> _Style:
    """Return what a style attribute declares, by property."""
    return {name: value for name, value, _ in _declarations(style)}


def _declarations(style: str) -> Iterator[tuple[str, str, bool]]:
    for declaration in style.split(";"):
        name, colon, value = declaration.partition(":")
        value = value.strip().lower()
        important = value.endswith("!important")
        if colon:
            value = value.removesuffix("!important").strip()
            yield name.strip().lower(), value, important


@lru_cache(4096)
def parsed(colour: str) -> str:
    """Return *colour* with six digits; empty where it is none, or lets through what is under it."""
    found = parse_color(colour)
    if not isinstance(found, RGBA) or found.alpha < 1:
        return ""
    return "#" + "".join(f"{round(255 * min(1, max(0, part))):02x}" for part in found[:3])


def _pixels(size: str) -> float:
    found = re.fullmatch(r"([\d.]+)px", size)
    return float(found[1]) if found else 0.0


# -- the rules for a dark screen


@dataclass(frozen=True, slots=True)
class _Compound:
    """A tag, classes, or both."""

    tag: str
    classes: frozenset[str]

    def matches(self, element: HtmlElement) -> bool:
        return (not self.tag or element.tag == self.tag) and (
            not self.classes or self.classes <= set(element.get("class", "").split())
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    around: tuple[_Compound, ...]  #: what the element stands in, the outermost first
    own: _Compound
    important: _Style
    other: _Style

    @property
    def weight(self) -> tuple[int, int]:
        parts = (*self.around, self.own)
        return sum(len(part.classes) for part in parts), sum(bool(part.tag) for part in parts)

    def matches(self, element: HtmlElement) -> bool:
        if not self.own.matches(element):
            return False
        wanted = list(self.around)
        for ancestor in element.iterancestors() if wanted else ():
            if wanted and wanted[-1].matches(ancestor):
                wanted.pop()
        return not wanted


def dark(styles: str) -> Sheet:
    """Return what the rules for dark screens in *styles* say of an element.

    Only selectors of tags and classes are read; an important declaration goes before the style
    attribute, another one after it.
    """
    rules = sorted(_rules(_dark_part(styles)), key=lambda rule: rule.weight)
    alone = all(not rule.around for rule in rules)
    known: dict[tuple[str, str, str], _Said] = {}

    def said(element: HtmlElement) -> _Said:
        key = (str(element.tag), element.get("class", ""), element.get("style", ""))
        if alone and key in known:
            return known[key]
        matching = [rule for rule in rules if rule.matches(element)]
        own = declared(key[2])
        found: dict[str, str] = {}
        for rule in matching:
            found |= {name: value for name, value in rule.other.items() if name not in own}
        for rule in matching:
            found |= rule.important
        return known.setdefault(key, tuple(found.items())) if alone else tuple(found.items())

    return said


def _dark_part(styles: str) -> str:
    """Return what stands inside the media queries for dark screens."""
    styles = _COMMENT.sub("", styles)
    inside = []
    for found in _DARK.finditer(styles):
        depth, end = 1, found.end()
        while end < len(styles) and depth:
            depth += {"{": 1, "}": -1}.get(styles[end], 0)
            end += 1
        inside.append(styles[found.end() : end - 1])
    return "\n".join(inside)


def _rules(part: str) -> Iterator[_Rule]:
    for selectors, body in _RULE.findall(part):
        declarations = list(_declarations(body))
        important, other = (
            {name: value for name, value, is_important in declarations if is_important is wanted}
            for wanted in (True, False)
        )
        for selector in selectors.split(","):
            found = [_SIMPLE.fullmatch(word) for word in selector.replace(">", " ").split()]
            compounds = [
                _Compound((each[1] or "").lower(), frozenset(each[2].split(".")[1:]))
                for each in found
                if each
            ]
            if compounds and len(compounds) == len(found):
                yield _Rule(tuple(compounds[:-1]), compounds[-1], important, other)
