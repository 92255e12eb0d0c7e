"""Make the pictures of the README: a mail as staff see it. `make pictures`; needs Chromium."""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
GAP, GROUND, TALLEST = 24, "#8a949e", 1500  #: pixels of the picture


def main() -> None:
    """Build the announcement that was named (else the sample) and photograph it."""
    announcement = sys.argv[1] if len(sys.argv) > 1 else "nieuwe-ceo"
    name = sys.argv[2] if len(sys.argv) > 2 else "mail"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [str(Path(sys.executable).with_name("newsletter")), "build", announcement]
        subprocess.run([*command, "--out", folder], cwd=ROOT, check=True)
        (page,) = Path(folder).glob("*.nl.html")
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        shots = [
            _photograph(browser, page, Path(folder) / f"{width}-{scheme}.png", width, scheme)
            for width, scheme in ((600, "light"), (320, "light"), (320, "dark"))
        ]
        browser.close()
        _side_by_side(shots).save(PICTURES / f"{name}.png", optimize=True)


def _photograph(browser: Browser, page: Path, to: Path, width: int, scheme: str) -> Image.Image:
    view = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    view.goto(page.as_uri())
    view.screenshot(path=to, full_page=True)
    with Image.open(to) as shot:
        return shot.convert("RGB").crop((0, 0, width, min(shot.height, TALLEST)))


def _side_by_side(shots: list[Image.Image]) -> Image.Image:
    width = sum(shot.width for shot in shots) + GAP * (len(shots) + 1)
    picture = Image.new("RGB", (width, max(shot.height for shot in shots) + 2 * GAP), GROUND)
    left = GAP
    for shot in shots:
        picture.paste(shot, (left, GAP))
        left += shot.width + GAP
    return picture.quantize(128)


if __name__ == "__main__":
    main()
