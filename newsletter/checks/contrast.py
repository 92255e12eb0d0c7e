"""Whether words can be read on what is behind them: in light, in dark, and turned round."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from newsletter import colours
from newsletter.checks import cascade
from newsletter.checks.cascade import Look
from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules
from newsletter.colours import Screen

LARGE, LARGE_BOLD = 24.0, 18.66  #: pixels from which on letters need less: WCAG 2.2, 1.4.3
READABLE_LARGE = 3.0

_INVERTED = (Screen.NEGATIVE, Screen.DARKENED)


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield each pair of colours that cannot be read, where it comes first."""
    styles = "\n".join(style.text or "" for style in mail.tree.iter("style"))
    light = _pairs(cascade.looks(mail.tree, cascade.light))
    yield from _unreadable(mail, light, Rule.CONTRAST, (Screen.FAITHFUL,), "")
    failed = {pair for pair in light if _worst(pair, (Screen.FAITHFUL,)) < pair.least}
    rest = {pair: element for pair, element in light.items() if pair not in failed}
    yield from _unreadable(
        mail, rest, Rule.CONTRAST_INVERTED, _INVERTED, " where Gmail turns the colours round"
    )
    dark = _pairs(cascade.looks(mail.tree, cascade.dark(styles)))
    new = {pair: element for pair, element in dark.items() if pair not in light}
    yield from _unreadable(mail, new, Rule.CONTRAST_DARK, (Screen.FAITHFUL,), " on a dark screen")


@dataclass(frozen=True, slots=True)
class _Pair:
    """Letters of a colour on a ground, and the contrast that they need."""

    colour: str
    ground: str
    least: float


def _pairs(looks: Iterator[tuple[HtmlElement, Look]]) -> dict[_Pair, HtmlElement]:
    """Return every pair that words are shown in, with the first element that has it."""
    found: dict[_Pair, HtmlElement] = {}
    for element, look in looks:
        if not look.is_hidden and _has_words(element):
            large = look.size >= (LARGE_BOLD if look.is_bold else LARGE)
            least = READABLE_LARGE if large else colours.READABLE
            found.setdefault(_Pair(look.colour, look.ground, least), element)
    return found


def _has_words(element: HtmlElement) -> bool:
    if element.tag in ("style", "script", "title", "head", "html"):
        return False
    if element.tag == "img":
        return bool(element.get("alt"))
    return bool(_solid(element.text)) or any(_solid(child.tail) for child in element)


def _solid(text: str | None) -> str:
    return (text or "").strip(" \t\r\n\u00a0\u200c\u034f")


def _worst(pair: _Pair, screens: Sequence[Screen]) -> float:
    return min(colours.contrast(pair.colour, pair.ground, screen) for screen in screens)


def _unreadable(
    mail: Mail,
    pairs: dict[_Pair, HtmlElement],
    rule: Rule,
    screens: tuple[Screen, ...],
    where: str,
) -> Iterator[Finding]:
    for pair, element in pairs.items():
        if (contrast := _worst(pair, screens)) >= pair.least:
            continue
        words = (element.get("alt") or mail.words(element))[:40]
        near = colours.nearest(pair.colour, frozenset({pair.ground}), screens)
        yield rule.found(
            mail.where(element),
            f"`{words}` is hard to read{where}: {pair.colour} on {pair.ground} has a contrast of "
            f"{contrast:.1f}, and needs {pair.least:.1f}; change the colour in theme.toml"
            + (f", to {near} for example" if near else ""),
        )
