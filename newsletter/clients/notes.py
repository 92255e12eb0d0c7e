"""Which notes on partial support concern a use: caniemail writes them for people to read.

A note is known by words of it; one that is not known concerns every use of its feature.
"""

import re
from collections.abc import Callable
from functools import cache

from newsletter.clients.uses import Use

Concerns = Callable[[Use, frozenset[str]], bool]  # the use, and facts of the whole mail


def concerns(note: str, use: Use, facts: frozenset[str]) -> bool:
    """Whether *note* says something about *use* in a mail of which *facts* are true."""
    known = _decisions(note)
    return any(decide(use, facts) for decide in known) if known else True


@cache
def _decisions(note: str) -> list[Concerns]:
    return [decide for words, decide in _KNOWN if words in note]


def _value(pattern: str) -> Concerns:
    found = re.compile(pattern)
    return lambda use, facts: found.search(use.value) is not None


def _property(pattern: str) -> Concerns:
    found = re.compile(pattern)
    return lambda use, facts: found.search(use.property) is not None


def _tag(*tags: str) -> Concerns:
    return lambda use, facts: use.place.tag in tags


def _with_attribute(name: str) -> Concerns:
    return lambda use, facts: f"attribute {name}" in use.place.facts


def _never(use: Use, facts: frozenset[str]) -> bool:
    return False


def _is_zero(use: Use) -> bool:
    return all(part in ("0", "0px", "auto") for part in use.value.split())


def _padding_in_word(use: Use, facts: frozenset[str]) -> bool:
    if use.place.tag in ("td", "th") or _is_zero(use):
        return False
    return "padded by its cell" not in use.place.facts


def _margin_of_words(use: Use, facts: frozenset[str]) -> bool:
    return use.place.tag in ("span", "body") and not _is_zero(use)


def _width_in_word(use: Use, facts: frozenset[str]) -> bool:
    if use.place.tag not in ("body", "span", "div", "p", "img"):
        return False
    excused = use.place.in_ghost or "width attribute" in use.place.facts
    return not (excused or use.value in ("auto", "100%"))


def _height_in_word(use: Use, facts: frozenset[str]) -> bool:
    return use.place.tag in ("body", "span", "div", "p") and use.value != "auto"


def _widest_in_word(use: Use, facts: frozenset[str]) -> bool:
    excused = use.place.in_ghost or "width attribute" in use.place.facts
    return use.place.tag != "table" and not excused


def _auto_in_word(use: Use, facts: frozenset[str]) -> bool:
    return "auto" in use.value and not use.place.in_ghost


def _margin_with_background(use: Use, facts: frozenset[str]) -> bool:
    return "background" in use.place.facts and not _is_zero(use)


def _border_of_words(use: Use, facts: frozenset[str]) -> bool:
    return use.place.tag in ("p", "div") and use.value not in ("0", "none")


def _thick_border(use: Use, facts: frozenset[str]) -> bool:
    return any(float(width) > 8 for width in re.findall(r"([\d.]+)px", use.value))


def _display_in_word(use: Use, facts: frozenset[str]) -> bool:
    if "display:none" in use.written:
        return use.place.tag == "img"
    if use.place.tag in ("img", "table", "tr", "td", "th"):  # a table is one; a block is no loss
        return not re.match(r"block|table", use.value)
    return not (use.place.in_ghost or "padded by its cell" in use.place.facts)


def _inner_tables(use: Use, facts: frozenset[str]) -> bool:
    here = use.place.facts
    return "none" in use.value and "holds a table" in here and "hidden from Word" not in here


def _without_space(use: Use, facts: frozenset[str]) -> bool:
    return re.search(r"[^\s]!important", use.source) is not None


def _in_capitals(use: Use, facts: frozenset[str]) -> bool:
    return re.search(r"!\s*(?!important)(?i:important)", use.source) is not None


def _inline(use: Use, facts: frozenset[str]) -> bool:
    return use.place.inline


def _line_height(use: Use, facts: frozenset[str]) -> bool:
    return "exact lines" not in facts and re.search(r"em|px", use.value) is not None


def _dots(use: Use, facts: frozenset[str]) -> bool:
    return "pixels per inch" not in facts


def _chained_attribute(use: Use, facts: frozenset[str]) -> bool:
    return re.search(r"[\w\]]\.[\w-]+\[|\]\.[\w-]|\.[\w-]+\[", use.written) is not None


def _attribute_operator(use: Use, facts: frozenset[str]) -> bool:
    return re.search(r"\[[^\]]*[*^$]=", use.written) is not None


def _align_of_table(use: Use, facts: frozenset[str]) -> bool:
    return use.place.tag == "table" and use.value in ("left", "right")


# Words of a note, and whether it concerns a use.
_KNOWN: tuple[tuple[str, Concerns], ...] = (
    # Sizes and room.
    ("Only supported on table cells", _padding_in_word),
    ("Vertical padding will be the same for all cells", _never),  # cells of a row are level
    ("Negative values are not supported", _value(r"(?<![\w)])-[\d.]")),
    ("Not supported on `<span>` and `<body>` elements", _margin_of_words),
    ("`background-color` is included inside the `margin`", _margin_with_background),
    ("`auto` value is not supported", _auto_in_word),
    ("Not supported on `<body>`, `<span>`, `<div>`, `<p>` or `<img>`", _width_in_word),
    ("Not supported on `<body>`, `<span>`, `<div>` or `<p>`", _height_in_word),
    ("Only works on `<table>` elements", _widest_in_word),
    ("Percentage width on `<img>`", _value(r"%")),
    ("Sizes set in attributes don't scale", _dots),
    ("`rem` values are not supported", _value(r"\drem\b")),
    ("`relative` and `percentage` size values", _value(r"%|smaller|larger")),
    ("Supports column-gap for flexbox", _property(r"^(gap|grid-gap|row-gap)$")),
    ("`overflow-block` & `overflow-inline`", _property(r"overflow-(block|inline)")),
    ("Cannot scroll through to hidden content", _value(r"auto|scroll")),
    ("Supports `min-content` and `fit-content` only", _value(r"max-content")),
    ("Percentages values are not supported", _value(r"%")),
    # Borders and backgrounds.
    ("A border can not be bigger than 8px", _thick_border),
    ("Unreliable if used on a `<p>` or a `<div>`", _border_of_words),
    ("Only `background-color` values are supported", _value(r"url\(|gradient\(")),
    ("Does not support multiple values", _value(r",(?![^(]*\))")),
    ("Does not support the `/ value`", _value(r" / ")),
    ("setting elliptical borders with the slash", _value(r"/")),
    ("Does not work inline in the `background-image`", _property(r"^background-image$")),
    # What is shown, and where.
    ("Only supports `display:none`", _display_in_word),
    ("does not inherit to inner tables", _inner_tables),
    ("Does not inherit onto nested", _inner_tables),
    ("Does not work when applied directly to an `<img>`", _tag("img")),
    ("`flex`, `grid`, `flow-root`", _value(r"flow-root|contents|initial|revert|unset")),
    ("`flow-root`, `inline-flex`", _value(r"flow-root|contents|inline |revert")),
    ("Supports `relative`, `absolute` but not", _value(r"sticky|fixed")),
    ("Supports `sticky` but not", _value(r"relative|absolute|fixed")),
    ("Supports `relative` but not", _value(r"absolute|sticky|fixed")),
    ("Logical property values", _value(r"inline-(start|end)")),
    # Words.
    ("between 0 and 599 are set as normal", _value(r"^[1235]00$")),
    ("any `<number>` value between 1 and 1000", _value(r"^(?![1-9]00$)\d+$")),
    ("`em` and `px` units behave weirdly", _line_height),
    ("Big negative values", _value(r"-([2-9]|\d\d)")),
    ("Values set in `em` are smaller", _value(r"\dem\b")),
    ("`overline` is not supported", _value(r"overline")),
    ("Not supported with multiple values", _value(r"\w \w")),
    ("`lowercase` value is not supported", _value(r"lowercase")),
    ("Flow-relative values", _value(r"^(start|end)$")),
    ("`match-parent` value", _value(r"match-parent")),
    ("-webkit-match-parent", _never),
    ("`pre` value is not supported", _value(r"^pre$")),
    ("Only `list-style-type` values", _value(r"url\(")),
    ("`list-style-image` values are not supported", _value(r"url\(")),
    ("Supports `system-ui` only", _value(r"ui-")),
    ("Does not support `rem` and `ch`", _value(r"\d(rem|ch)\b")),
    # Colours.
    ("hitespace syntax", _value(r"rgba?\([^,)]*\)")),
    ("Webmail rendering doesn't work in IE", _never),  # nobody has it any more
    ("Alpha value is not supported", _value(r"rgb\(([^,)]*,){3}|rgb\([^)]*/")),
    # Style sheets. What a client does with a whole sheet is said of the sheet, not of each rule.
    ("Only supported in lowercase", _in_capitals),
    ("Only supported inline when using a Non Gmail", _never),
    ("Only supported with a space before", _without_space),
    ("Removed if there is no space before", _without_space),
    ("Not supported inline.", _inline),
    ("Not supported inside the `<body>`", lambda use, facts: "in body" in use.place.facts),
    ("need to be declared before their rules", lambda use, facts: "in body" in use.place.facts),
    ("Does not support nested media queries", _value(r"@media.*@media")),
    ("Nested media queries are removed", _value(r"@media.*@media")),
    ("Only supports `screen`, `min-width`", _value(r"@media(?!( only)? screen|.*(min|max)-)")),
    ("Does not support height based", _value(r"height")),
    ("`<style>` tag not supported", lambda use, facts: not use.place.inline),
    ("Can not be used with a class selector", _chained_attribute),
    ("Only supports `[attr]`, `[attr=value]`", _attribute_operator),
    # Elements and attributes.
    ("Replaced by a `<div>` with supported attributes", _never),
    ("The `reversed` attribute", _with_attribute("reversed")),
    ("Setting the `value` attribute to an `<li>`", _with_attribute("value")),
    ("`left` and `right` do not work on `<table>`", _align_of_table),
    ("Not supported on `<td>` elements", _tag("td")),
    ("Only works on the `<table>` tag", lambda use, facts: use.place.tag != "table"),
    ("Buggy on anchor `<a>` tags", _tag("a")),
    ("`rtl` direction to the entire email", _value(r"rtl")),
    ("empty anchor with the corresponding `name`", lambda u, f: "named" not in u.place.facts),
    ("Only `<time>` is supported", lambda use, facts: use.place.tag != "time"),
    ("`<details>`, `<main>`, `<nav>` and `<summary>`", _tag("details", "main", "nav", "summary")),
    ("Unsupported opening and closing tags are stripped", _never),
    ("links always open in a new window", _never),
    ("The `title` attribute is removed", lambda use, facts: "titled" in use.place.facts),
    ("Only supported on the `<body>` element", lambda use, facts: use.place.tag != "body"),
)
