"""How heavy it is: Gmail cuts a mail off after about 102 KB of HTML, styles and footer with it."""

import quopri
from collections.abc import Iterator

from newsletter.announcement import Edition
from newsletter.checks.finding import Finding, error, warning
from newsletter.rendering import Rendering

# Bytes of the HTML part as it is encoded for sending; sources disagree on what Gmail counts.
HEAVY_HTML, LONGEST_HTML = 80_000, 100_000
HEAVY_IMAGES = 1_000_000  #: bytes of all pictures together


def check(edition: Edition, rendering: Rendering) -> Iterator[Finding]:
    """Yield what is too heavy for Gmail, or for a phone on the road."""
    size = len(quopri.encodestring(rendering.html.encode()))
    if size > LONGEST_HTML:
        yield error(
            edition,
            0,
            f"the mail has {size:,} bytes of HTML; Gmail cuts it off at about 102,000. "
            "Shorten it, and link to the rest",
        )
    elif size > HEAVY_HTML:
        yield warning(
            edition, 0, f"the mail has {size:,} bytes of HTML; at about 102,000 Gmail cuts it off"
        )
    if (weight := sum(len(image.data) for image in rendering.images)) > HEAVY_IMAGES:
        yield warning(edition, 0, f"the pictures weigh {weight / 1e6:.1f} MB; use fewer or smaller")
