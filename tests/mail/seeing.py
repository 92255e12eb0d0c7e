"""Whether words stand out from what is painted behind them, in an open page."""

import re

from tests.engines.chromium import Chromium, Scheme

READABLE = 4.5  #: WCAG 2.2, 1.4.3

# Every text that is seen, its colour, and the colour that is painted behind it.
SEEN = """() => {
  const solid = colour => colour && !/, 0\\)$/.test(colour) && colour !== 'transparent';
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (solid(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = [];
  for (let node; node = walker.nextNode();) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.getClientRects().length) continue;
    seen.push([node.data.trim(), getComputedStyle(element).color, behind(element)]);
  }
  for (const image of document.images)
    seen.push([image.alt, getComputedStyle(image).color, behind(image)]);
  return seen;
}"""

Colour = tuple[int, int, int]


def faint(chromium: Chromium, scheme: Scheme, *, inverted: bool = False) -> list[str]:
    """Return the words that cannot be read; *inverted* as mail programs darken a mail unasked."""
    chromium.turn(scheme=scheme)
    seen = chromium.evaluate(SEEN)
    assert len(seen) > 4  # the title and the foot at least
    return [
        f"{words!r}: {colour} on {behind}: {_contrast(colour, behind, inverted=inverted):.2f}"
        for words, colour, behind in seen
        if _contrast(colour, behind, inverted=inverted) < READABLE
    ]


def rgb(computed: str) -> Colour:
    red, green, blue = map(int, re.findall(r"\d+", computed)[:3])
    return red, green, blue


def _contrast(one: str, other: str, *, inverted: bool) -> float:
    colours = [rgb(one), rgb(other)]
    if inverted:
        colours = [(255 - red, 255 - green, 255 - blue) for red, green, blue in colours]
    darker, lighter = sorted(map(_luminance, colours))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
