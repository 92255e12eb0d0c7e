"""WebKitGTK, the engine of Apple's mail programs: a picture of a page, and what it makes of it."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from tests.engines.screen import Screen
from tests.servers.programs import unavailable

PATIENCE = 30.0  #: seconds; a page takes one

_SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's bindings of GTK belong to Debian's Python
_PAGE = Path(__file__).with_name("webkit_page.py")


@dataclass(frozen=True, slots=True)
class Sight:
    """What a script found on the page, and how the whole of it looks."""

    found: Any
    picture: Image.Image


def look(
    screen: Screen, page: Path, script: str, *, width: int, scheme: Literal["light", "dark"]
) -> Sight:
    """Return the page at *page* as WebKit shows it, and the value of the expression *script*."""
    _require()
    picture = page.with_suffix(".webkit.png")
    own = {"DISPLAY": screen.display, "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
    if os.geteuid() == 0:  # its sandbox refuses root
        own["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"
    ran = subprocess.run(
        [_SYSTEM_PYTHON, _PAGE, page, str(width), scheme, picture],
        input=script,
        env=os.environ | own | {"HOME": str(page.parent)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0, ran.stderr
    with Image.open(picture) as shot:
        return Sight(json.loads(ran.stdout), shot.convert("RGB"))


def _require() -> None:
    asked = "import gi; gi.require_version('WebKit2', '4.1')"
    if subprocess.run([_SYSTEM_PYTHON, "-c", asked], capture_output=True).returncode:
        unavailable("needs WebKitGTK: `make engines` says how to get it")
