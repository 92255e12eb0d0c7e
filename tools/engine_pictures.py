"""Make the picture of one mail in three engines: `python -m tools.engine_pictures`.

Arguments: the announcement (else the sample), the name of the picture, the folder of the workspace.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.engines import webkit
from tests.engines.chromium import Chromium
from tests.engines.screen import Screen
from tests.engines.thunderbird import Thunderbird

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
GAP, GROUND, WORDS, TALLEST = 32, "#e3e7eb", "#24313e", 1700  #: pixels of the picture
SCALE = 0.6

Shots = list[tuple[str, Image.Image]]


def main() -> None:
    """Build the announcement, open it in each engine, and put the pictures side by side."""
    given = sys.argv[1:]
    announcement, name, root = given + ["nieuwe-ceo", "engines", str(ROOT)][len(given) :]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        command = [str(Path(sys.executable).with_name("newsletter")), "build", announcement]
        subprocess.run([*command, "--out", folder], cwd=root, check=True)
        (page,) = out.glob("*.nl.html")
        shots = [*_in_thunderbird(page.with_suffix(".eml")), *_in_browsers(page)]
        _side_by_side(shots).save(PICTURES / f"{name}.png", optimize=True)


def _in_thunderbird(mail: Path) -> Shots:
    shots = []
    with Thunderbird() as thunderbird:
        for caption, scheme in (("Thunderbird", "light"), ("Thunderbird, dark", "dark")):
            thunderbird.open(mail, scheme="dark" if scheme == "dark" else "light")
            shots.append((caption, thunderbird.picture()))
    return shots


def _in_browsers(page: Path) -> Shots:
    with Screen(800, 800) as screen:
        apple = webkit.look(screen, page, "1", width=375, scheme="light").picture
    shots = [("WebKit, as on an iPhone", apple)]
    with Chromium() as chromium:
        chromium.page.goto(page.as_uri())
        for caption, scheme in (("Chromium, as on a phone", "light"), ("the same, dark", "dark")):
            chromium.turn(width=360, scheme="dark" if scheme == "dark" else "light")
            shots.append((caption, chromium.picture()))
    return shots


def _side_by_side(shots: Shots) -> Image.Image:
    width = sum(shot.width + GAP for _, shot in shots) + GAP
    height = min(TALLEST, max(shot.height for _, shot in shots))
    picture = Image.new("RGB", (width, height + 3 * GAP), GROUND)
    draw, font, left = ImageDraw.Draw(picture), ImageFont.load_default(28), GAP
    for caption, shot in shots:
        draw.text((left, GAP // 2), caption, WORDS, font)
        picture.paste(shot.crop((0, 0, shot.width, min(shot.height, height))), (left, 2 * GAP))
        left += shot.width + GAP
    size = int(picture.width * SCALE), int(picture.height * SCALE)
    return picture.resize(size, Image.Resampling.LANCZOS).quantize(128)


if __name__ == "__main__":
    main()
