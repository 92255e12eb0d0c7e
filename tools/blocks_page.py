"""Make docs/blocks.md: every block, how it is written and how it looks. `make blocks`.

Needs Chromium. The examples are those of the tests, in English.
"""

import base64
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FloatRect, sync_playwright

from newsletter import blocks, theme
from newsletter.announcement import Edition
from newsletter.rendering import Organisation, render
from tests.editions import one_of_each, sources

DOCS = Path(__file__).parent.parent / "docs"
PICTURES = DOCS / "pictures" / "blocks"
GAP, GROUND, COLOURS = 16, "#8a949e", 64

_BEGINNING = """\
# Blocks

Everything that a mail can be made of: how it is written, and how it looks in the theme `default`,
on a desktop and on a phone in the dark. [writing.md](writing.md) says more of the words in them.

This page is made by `make blocks`, from the examples that the tests render.
"""
# From the first to the last part of the sheet under the title.
_SHEET = """() => {
  const parts = [...document.querySelectorAll('.sheet')].map(e => e.getBoundingClientRect());
  const top = parts[0].top, bottom = parts.at(-1).bottom;
  return {x: 0, y: top, width: innerWidth, height: bottom - top};
}"""


def main() -> None:
    """Write the page, and photograph each block that is on it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        for kind, edition in one_of_each(Path(folder), "en").items():
            _photograph(browser, _page(edition), PICTURES / f"{kind}.png")
        browser.close()
    (DOCS / "blocks.md").write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the text of docs/blocks.md."""
    classes = {block.__name__.lower(): block for block in blocks.Block.__args__}
    parts = [
        f"## {kind.capitalize()}\n\n{classes[kind].__doc__}\n\n````markdown\n{source}````\n\n"
        f"![{kind.capitalize()}: on a desktop, on a dark phone](pictures/blocks/{kind}.png)\n"
        for kind, source in sources("en").items()
    ]
    return "\n".join((_BEGINNING, *parts))


def _page(edition: Edition) -> str:
    organisation = Organisation(name="City", contact="communication@example.org")
    rendered = render(edition, theme.load("default", [theme.shipped()]), organisation)
    html = rendered.html
    for number, slot in enumerate(rendered.slots):
        html = html.replace(blocks.marker(number), slot.fallback)
    for image in rendered.images:
        data = base64.b64encode(image.data).decode()
        html = html.replace(image.src, f"data:{image.content_type};base64,{data}")
    return html


def _photograph(browser: Browser, html: str, to: Path) -> None:
    shots = []
    for width, dark in ((600, False), (320, True)):
        view = browser.new_page(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
        )
        view.set_content(html)
        clip: FloatRect = view.evaluate(_SHEET)
        view.screenshot(path=to, full_page=True, clip=clip)
        view.close()
        with Image.open(to) as shot:
            shots.append(shot.convert("RGB"))
    size = (sum(shot.width for shot in shots) + 3 * GAP, max(s.height for s in shots) + 2 * GAP)
    picture = Image.new("RGB", size, GROUND)
    picture.paste(shots[0], (GAP, GAP))
    picture.paste(shots[1], (shots[0].width + 2 * GAP, GAP))
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(to, optimize=True)


if __name__ == "__main__":
    main()
