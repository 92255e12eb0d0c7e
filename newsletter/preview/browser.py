"""A Chromium that is there, made to look at documents: it fetches nothing and runs nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsletter.errors import SetupError
from newsletter.preview.views import WIDTHS

if TYPE_CHECKING:
    from playwright.sync_api import Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_TALLEST = 12_000  # pixels; of a mail that is longer the picture ends there
_QUIET = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-component-update",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)


class Camera:
    """A page of the browser, and what is on it."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self._heights: dict[int, int] = {}

    def look(self, html: str) -> dict[int, int]:
        """Show *html* and return how tall it is at each width."""
        self._page.set_content(html, wait_until="load")
        self._heights = {width: self._height(width) for width in WIDTHS}
        return self._heights

    def picture(self, width: int) -> bytes:
        """Return all of what is shown at *width* as a PNG."""
        height = min(self._heights[width], _TALLEST)
        self._page.set_viewport_size({"width": width, "height": height})
        return self._page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height})

    def _height(self, width: int) -> int:
        self._page.set_viewport_size({"width": width, "height": 1})
        return int(self._page.evaluate("document.documentElement.scrollHeight"))


@contextmanager
def opened() -> Iterator[Camera]:
    """Open the browser for a while; raises `SetupError` that says how to get what is missing."""
    program = _program()
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise SetupError(
            "a preview needs playwright: install newsletter with its extra, "
            "`.venv/bin/pip install '.[preview]'` in its folder"
        ) from None
    alone = ("--no-sandbox",) if os.geteuid() == 0 else ()  # root has no sandbox to give
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=program, args=[*_QUIET, *alone])
        except Error as error:
            raise SetupError(f"{program} does not start: {error}") from error
        try:
            context = started.new_context(java_script_enabled=False, offline=True)
            context.route("**/*", lambda route: route.abort())
            yield Camera(context.new_page())
        except Error as error:
            raise SetupError(f"{program} broke off: {error}; try again") from error
        finally:
            started.close()


def _program() -> str:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise SetupError(
            "a preview needs Chromium or Chrome, and none was found; on Debian: "
            "`apt-get install chromium`, on Ubuntu: `snap install chromium`"
        )
    return found
