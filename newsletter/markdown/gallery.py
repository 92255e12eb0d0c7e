"""Two to four pictures together, each on a line."""

from newsletter import blocks
from newsletter.blocks import Blocks
from newsletter.markdown.container import Container
from newsletter.markdown.words import parts

FEWEST, MOST = 2, 4


def read(container: Container) -> Blocks:
    """Read the pictures of *container*."""
    caption = container.plain_title()
    images: list[blocks.Image] = []
    for node in container.nodes:
        line = container.line_of(node)
        held = parts(node, line) if node.type == "paragraph" else []
        others = [number for part, number in held if part.type != "image"]
        if others or not held:
            container.fault(
                "a gallery holds pictures and nothing else; put this above or below it",
                min(others, default=line),
            )
        images += [container.words.image(*part) for part in held if part[0].type == "image"]
    if not FEWEST <= len(images) <= MOST:
        container.fault(
            f"a gallery of {len(images)} picture{'s' * (len(images) != 1)}; it holds two to four"
        )
    return (blocks.Gallery(tuple(images), caption, line=container.line),)
