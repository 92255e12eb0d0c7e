"""Golden outlines: where each kind of element stands and how it is set, as lines of text.

Pictures of pages differ from machine to machine with the fonts; places, widths, sizes and colours
do not. `make snapshots` rewrites the outlines, and the diff is the review.
"""

from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.engines.chromium import Chromium, Scheme
from tests.mail.mails import THEMES, mail

# One line for each kind of element that has words of its own, or paints something.
OUTLINE = """() => {
  const hex = colour => {
    const parts = colour.match(/[\\d.]+/g).map(Number);
    if (parts[3] === 0) return '';
    return '#' + parts.slice(0, 3).map(part => part.toString(16).padStart(2, '0')).join('');
  };
  const edge = (style, side) => parseFloat(style[`border${side}Width`])
    ? ` ${side.toLowerCase()} ${style[`border${side}Width`]} ${hex(style[`border${side}Color`])}`
    : '';
  const lines = [...document.body.querySelectorAll('*')].flatMap(element => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const says = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    const paints = hex(style.backgroundColor) ||
      ['Top', 'Left', 'Bottom'].some(side => edge(style, side)) || element.tagName === 'IMG';
    if (!box.width || !(says || paints)) return [];
    const name = [element.tagName.toLowerCase(), ...element.classList].join('.');
    // How wide these are depends on the words in them, so on the fonts.
    const loose = style.display.startsWith('inline') || element.closest('.data, .button');
    const place = loose ? '' : ` at ${Math.round(box.left)} wide ${Math.round(box.width)}`;
    const words = says ? ` ${style.fontSize}/${style.lineHeight} ${style.fontWeight}` +
      ` ${hex(style.color)} ${style.fontFamily.split(',')[0]}` : '';
    const ground = hex(style.backgroundColor) ? ` on ${hex(style.backgroundColor)}` : '';
    const edges = ['Top', 'Left', 'Bottom'].map(side => edge(style, side)).join('');
    return [name + place + words + ground + edges];
  });
  return [...new Set(lines)];
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as running:
        yield running


@pytest.mark.parametrize(("width", "scheme"), [(700, "light"), (320, "dark")])
@pytest.mark.parametrize("look", THEMES)
def test_the_outline_is_as_it_was(
    chromium: Chromium, snapshot: SnapshotAssertion, look: str, width: int, scheme: Scheme
) -> None:
    chromium.show(mail(f"blocks.nl.{look}").page, width=width, scheme=scheme)
    assert "\n".join(chromium.evaluate(OUTLINE)) == snapshot
