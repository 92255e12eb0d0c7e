"""Pictures as somebody meets them who does not see them."""

from collections.abc import Iterator

from newsletter import blocks
from newsletter.announcement import Edition
from newsletter.checks.finding import Finding, warning
from newsletter.rendering import Rendering


def check(edition: Edition, _rendering: Rendering) -> Iterator[Finding]:
    """Yield pictures without words, and captions without a picture."""
    if edition.image and not edition.image.source:
        yield warning(
            edition,
            edition.image.line,
            "a caption without a picture: put the picture beside this file and name it in "
            "`image:`, or delete `image_caption:`",
        )
    elif edition.image and not edition.image.alt:
        yield warning(
            edition,
            edition.image.line,
            "the picture on top has no words for who cannot see it; add `image_alt:`",
        )
    for block, line in blocks.walk(edition.body):
        if isinstance(block, blocks.Image) and not block.alt:
            yield warning(
                edition,
                line,
                f"picture `{block.source}` has no words for who cannot see it; write "
                f"`![what it shows]({block.source})`",
            )
