"""A mail as mail programs show it: a page to look at, and a picture of each view.

Nothing is fetched on the way: the browser is given what the message holds, and nothing else.
"""

from collections.abc import Sequence
from pathlib import Path

from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.preview import browser, page
from newsletter.preview.views import VIEWS, View, pictures, seen, with_pictures
from newsletter.rendering import STACKED

__all__ = ["PAGE", "write"]

PAGE = "preview.html"
STACKED_WIDTHS = (375, 600)


def write(
    name: str, mails: Sequence[Mail], findings: Sequence[Finding], out: Path
) -> tuple[Path, ...]:
    """Write `preview.html`, and `<name>.<language>.<view>.png` for each view, into *out*."""
    out.mkdir(parents=True, exist_ok=True)
    made = [out / PAGE]
    shown = []
    with browser.opened() as camera:
        for mail in mails:
            taken = []
            addresses = pictures(mail)
            for view in VIEWS:
                content = seen(view, mail)
                heights = camera.look(with_pictures(content, addresses))
                for width in _pictured(view, mail):
                    label = f"{width}" if view.name == "written" else view.name
                    made.append(out / f"{name}.{mail.rendering.language}.{label}.png")
                    made[-1].write_bytes(camera.picture(width))
                taken.append((view, content, heights))
            shown.append((mail, taken))
    made[0].write_text(page.page(name, shown, findings), encoding="utf-8")
    return tuple(made)


def _pictured(view: View, mail: Mail) -> tuple[int, ...]:
    """Return the widths to take pictures at; stacked, a mail shows what its languages do."""
    if mail.rendering.language == STACKED:
        return STACKED_WIDTHS if view.name == "written" else ()
    return view.pictured
