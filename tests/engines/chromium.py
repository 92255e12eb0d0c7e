"""Chromium, the engine of webmail and of the new Outlook: one page that documents are laid in."""

import io
import re
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Request, sync_playwright

from tests.engines.packages import package
from tests.servers.programs import require

Scheme = Literal["light", "dark"]

# A mail stands in the page of a mail program, which has these.
NOT_A_PAGE = {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}

_AXE = """async rules => {
  const found = await axe.run(document, {resultTypes: ['violations'], rules});
  return found.violations.flatMap(violation => violation.nodes.map(node =>
    `${violation.id}: ${node.html} ${node.any.map(check => check.message).join(' ')}`));
}"""
_COMPUTED = """names => [...document.body.querySelectorAll('*')].map(element => {
  const style = getComputedStyle(element);
  return [element.tagName, names.map(name => style.getPropertyValue(name))];
})"""


class Chromium:
    """One browser for a module, without a network; `requests` is what pages asked of it."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    def __enter__(self) -> "Chromium":
        program = require("chromium")
        with ExitStack() as starting:
            playwright = starting.enter_context(sync_playwright())
            browser = playwright.chromium.launch(
                executable_path=program,
                args=["--no-sandbox"],
                proxy={"server": "http://127.0.0.1:9"},  # where nobody listens
            )
            starting.callback(browser.close)
            self.page = browser.new_page()
            self.page.on("request", self._note)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def show(self, html: str, *, width: int = 700, scheme: Scheme = "light") -> None:
        self.turn(width=width, scheme=scheme)
        self.page.set_content(html)

    def turn(self, *, width: int = 700, scheme: Scheme = "light") -> None:
        """Show the same document on a screen *width* wide."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size({"width": width, "height": 800})

    def evaluate(self, script: str, *arguments: object) -> Any:
        return self.page.evaluate(script, *arguments)

    def overflow(self, width: int, scheme: Scheme = "light") -> int:
        """Return by how many pixels the document is wider than a screen of *width*."""
        self.turn(width=width, scheme=scheme)
        wide: int = self.page.evaluate("document.documentElement.scrollWidth")
        return wide - width

    def violations(self, scheme: Scheme, width: int = 700) -> list[str]:
        """Return what axe-core has against the document, but for `NOT_A_PAGE`."""
        self.turn(width=width, scheme=scheme)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(package("axe-core/axe.min.js").read_text(encoding="utf-8"))
        found: list[str] = self.page.evaluate(_AXE, NOT_A_PAGE)
        return found

    def computed(self, properties: Sequence[str]) -> list[tuple[str, list[str]]]:
        """Return, for every element of the body, its tag and its *properties*."""
        found: list[tuple[str, list[str]]] = self.page.evaluate(_COMPUTED, list(properties))
        return found

    def picture(self) -> Image.Image:
        with Image.open(io.BytesIO(self.page.screenshot(full_page=True))) as shot:
            return shot.convert("RGB")

    def _note(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self.requests.append(request.url)


def without_style(html: str) -> str:
    """Return *html* as webmail at its worst leaves it: no style sheet, no class, no comment."""
    bare = re.sub(r"<style.*?</style>|<!--.*?-->|<title.*?</title>", "", html, flags=re.DOTALL)
    return re.sub(r' (class|id)="[^"]*"', "", bare)
