"""CSS, as the features that caniemail tests: of a declaration, a selector and an at-rule."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# Properties that are tested under the name of another.
_FAMILIES = {
    "css-animation": r"animation-.+",
    "css-block-inline-size": r"block-size",
    "css-border": r"border-(top|right|bottom|left|width|style|color)(-(width|style|color))?",
    "css-border-image": r"border-image-.+",
    "css-border-inline-block": r"border-(inline|block)",
    "css-border-inline-block-individual": r"border-(inline|block)-(start|end)(-.+)?",
    "css-border-inline-block-longhand": r"border-(inline|block)-(width|style|color)",
    "css-border-radius": r"border-(top|bottom)-(left|right)-radius",
    "css-border-radius-logical": r"border-(start|end)-(start|end)-radius",
    "css-column-layout-properties": r"columns|column-(width|fill|span|rule.*)",
    "css-display-flex": r"flex|flex-(grow|shrink|basis|flow)|order|align-(self|content)",
    "css-font": r"font-(family|style|variant)",
    "css-gap": r"row-gap|column-gap|grid-gap",
    "css-grid-template": r"grid|grid-(area|auto|column|row|template-).*",
    "css-left-right-top-bottom": r"left|right|top|bottom",
    "css-margin": r"margin-(top|right|bottom|left)",
    "css-margin-block-start-end": r"margin-block-(start|end)",
    "css-margin-inline-block": r"margin-(inline|block)",
    "css-margin-inline-start-end": r"margin-inline-(start|end)",
    "css-mask-image": r"mask|mask-.+",
    "css-outline": r"outline-(width|style|color)",
    "css-overflow": r"overflow-(x|y|block|inline)",
    "css-padding": r"padding-(top|right|bottom|left)",
    "css-padding-block-start-end": r"padding-block-(start|end)",
    "css-padding-inline-block": r"padding-(inline|block)",
    "css-padding-inline-start-end": r"padding-inline-(start|end)",
    "css-scroll-snap": r"scroll-snap-.+",
    "css-text-emphasis": r"text-emphasis-(color|style)",
    "css-transform": r"transform-.+|rotate|scale|translate",
    "css-transition": r"transition-.+",
    "css-variables": r"--.+",
}
_FAMILY = re.compile("|".join(f"(?P<f{n}>{each})" for n, each in enumerate(_FAMILIES.values())))
_NAMES = tuple(_FAMILIES)

_FUNCTIONS = {
    "calc": "css-unit-calc",
    "clamp": "css-function-clamp",
    "light-dark": "css-function-light-dark",
    "max": "css-function-max",
    "min": "css-function-min",
    "rgb": "css-rgb",
    "rgba": "css-rgba",
    "var": "css-variables",
    **dict.fromkeys(("lab", "lch", "oklab", "oklch", "color", "color-mix"), "css-modern-color"),
    **{
        f"{repeating}{kind}-gradient": f"css-{kind}-gradient"
        for kind in ("linear", "radial", "conic")
        for repeating in ("", "repeating-")
    },
}
_WORDS = {
    "initial": "css-unit-initial",
    **dict.fromkeys(("min-content", "max-content", "fit-content"), "css-intrinsic-size"),
    **dict.fromkeys(("system-ui", "ui-serif", "ui-sans-serif", "ui-monospace"), "css-sytem-ui"),
}
_DISPLAYS = {
    "none": "css-display-none",
    **dict.fromkeys(("flex", "inline-flex"), "css-display-flex"),
    **dict.fromkeys(("grid", "inline-grid"), "css-display-grid"),
}
_SELECTORS = {
    "css-selector-adjacent-sibling": r"\+",
    "css-selector-attribute": r"\[",
    "css-selector-chaining": r"\.[\w-]+\.[\w-]",
    "css-selector-child": r">",
    "css-selector-class": r"\.[\w-]",
    "css-selector-descendant": r"[\w\])*]\s+[\w.#\[*:]",
    "css-selector-general-sibling": r"~(?!=)",
    "css-selector-grouping": r",",
    "css-selector-id": r"#[\w-]",
    "css-selector-type": r"(?:^|[\s>+~,])[a-zA-Z]",
    "css-selector-universal": r"(?:^|[\s>+~,])\*",
}
_SELECTOR = {slug: re.compile(pattern) for slug, pattern in _SELECTORS.items()}
_PSEUDO = re.compile(r"(::?)([a-z-]+)")
_ELEMENTS_OF_OLD = {"after", "before", "first-letter", "first-line"}  # one colon was enough
_MEDIA = {
    "css-at-media-device-pixel-ratio": r"device-pixel-ratio|resolution",
    "css-at-media-hover": r"\bhover\b",
    "css-at-media-orientation": r"orientation",
    "css-at-media-prefers-color-scheme": r"prefers-color-scheme",
    "css-at-media-prefers-reduced-motion": r"prefers-reduced-motion",
}
_IN_QUOTES = re.compile(r"\"[^\"]*\"|'[^']*'")
_VENDOR = re.compile(r"-(?:webkit|moz|ms|o)-|mso-")


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration, with every feature in it."""

    property: str
    value: str  #: as written, in small letters
    features: frozenset[str]  #: but for those where an earlier one of the same property stands in

    def __str__(self) -> str:
        return f"{self.property}:{self.value}"


@dataclass(frozen=True, slots=True)
class Ruled:
    """One rule of a style sheet, and what a client must understand to apply it."""

    selector: str
    own: frozenset[str]  #: features of its selector, or of its at-rule
    conditions: frozenset[str]  #: features of the at-rules around it
    around: str  #: those at-rules: "@media print"
    declarations: tuple[Declared, ...]


@lru_cache(maxsize=4096)  # a theme repeats a few hundred style attributes in all of its mails
def declarations(style: str) -> tuple[Declared, ...]:
    """Return the declarations of a style attribute."""
    import tinycss2

    return tuple(_declared(tinycss2.parse_blocks_contents(style, skip_whitespace=True)))


@lru_cache(maxsize=4096)
def written(style: str) -> tuple[tuple[str, str], ...]:
    """Return names and values of a style attribute, `mso-` and the like among them."""
    import tinycss2

    return tuple(
        (each.lower_name, _text(each.value).strip() + (" !important" if each.important else ""))
        for each in tinycss2.parse_blocks_contents(style)
        if each.type == "declaration"
    )


@lru_cache(maxsize=64)
def rules(sheet: str) -> tuple[Ruled, ...]:
    """Return the rules of a style sheet; an at-rule without any is one with no declarations."""
    import tinycss2

    parsed = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return tuple(_rules(parsed, frozenset(), ""))


def _declared(nodes: Iterable[Any]) -> Iterator[Declared]:
    seen: dict[str, frozenset[str]] = {}
    for node in nodes:
        if node.type != "declaration" or _VENDOR.match(node.lower_name):
            continue
        features = frozenset(_of_declaration(node))
        before = seen.setdefault(node.lower_name, features)
        yield Declared(node.lower_name, _text(node.value).strip().lower(), features & before)


def _of_declaration(node: Any) -> Iterator[str]:
    name = node.lower_name
    family = _FAMILY.fullmatch(name)
    words = [token.lower_value for token in node.value if token.type == "ident"]
    if name == "display":
        yield _DISPLAYS.get(words[0] if words else "", "css-display")
    elif name == "flex-flow":
        yield from ("css-flex-direction", "css-flex-wrap")
    else:
        yield (
            _NAMES[int(str(family.lastgroup)[1:])] if family and family.lastgroup else f"css-{name}"
        )
    if node.important:
        yield "css-important"
    yield from _of_value(node.value)


def _of_value(tokens: Iterable[Any]) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "function":
                if token.lower_name in _FUNCTIONS:
                    yield _FUNCTIONS[token.lower_name]
                yield from _of_value(token.arguments)
            case "ident" if token.lower_value in _WORDS:
                yield _WORDS[token.lower_value]
            case "dimension":
                yield f"css-unit-{token.lower_unit}"
            case "percentage":
                yield "css-unit-percent"
            case "() block":
                yield from _of_value(token.content)


def _rules(nodes: Iterable[Any], conditions: frozenset[str], around: str) -> Iterator[Ruled]:
    import tinycss2

    for node in nodes:
        if node.type == "qualified-rule":
            selector = _text(node.prelude).strip()
            inner = tinycss2.parse_blocks_contents(node.content, skip_whitespace=True)
            nested = [each for each in inner if each.type in ("qualified-rule", "at-rule")]
            nests = {"css-nesting"} if nested else set()
            own = frozenset(of_selector(selector)) | nests
            yield Ruled(selector, own, conditions, around, tuple(_declared(inner)))
            yield from _rules(nested, conditions | own, around)
        elif node.type == "at-rule":
            yield from _at_rule(node, conditions, around)


def _at_rule(node: Any, conditions: frozenset[str], around: str) -> Iterator[Ruled]:
    import tinycss2

    prelude = _text(node.prelude).strip()
    query = f"@{node.lower_at_keyword} {prelude}".strip()
    own = frozenset(_of_at_rule(node.lower_at_keyword, prelude))
    within = f"{around} {query}".strip()
    yield Ruled("", own, conditions, within, ())
    if node.content is not None and node.lower_at_keyword not in ("font-face", "keyframes", "page"):
        inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
        yield from _rules(inner, conditions | own, within)


def of_selector(selector: str) -> Iterator[str]:
    """Yield the features of a selector."""
    bare = _IN_QUOTES.sub("x", selector)
    outside = re.sub(r"\[[^\]]*\]", "[]", bare)
    for slug, pattern in _SELECTOR.items():
        if pattern.search(outside):
            yield slug
    for colons, name in _PSEUDO.findall(outside):
        kind = "element" if colons == "::" or name in _ELEMENTS_OF_OLD else "class"
        yield f"css-pseudo-{kind}-{name}"


def _of_at_rule(keyword: str, prelude: str) -> Iterator[str]:
    yield f"css-at-{keyword.removeprefix('-webkit-')}"
    if keyword == "media":
        for slug, pattern in _MEDIA.items():
            if re.search(pattern, prelude.lower()):
                yield slug


def _text(nodes: Iterable[Any]) -> str:
    import tinycss2

    return str(tinycss2.serialize(nodes))
